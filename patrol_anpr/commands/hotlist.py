"""`patrol-anpr hotlist`: check a list file, put one in force on this car."""

from pathlib import Path

import typer

from patrol_anpr.commands.terminal import complain, progress_bar
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Hotlist, RejectedLine, Tier
from patrol_anpr.hotlists.importer import Entry, ListLine, WeededLine, read_entries
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import Shelf, list_id_of
from patrol_anpr.records.keys import find_key
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock


def check_list(file: Path, tier: Tier) -> int:
    """Print what loading `file` would do, line by bad line; returns 1 when there are bad lines, else 0."""
    counts: dict[type[ListLine], int] = {Entry: 0, WeededLine: 0, RejectedLine: 0}
    with progress_bar() as bar:
        task = bar.add_task("Lines", total=None)
        for line in read_entries(file, tier, SystemClock().utc().date()):
            counts[type(line)] += 1
            if isinstance(line, RejectedLine):
                typer.echo(f"line {line.number}: {line.reason}")
            if sum(counts.values()) % 1000 == 0:
                bar.update(task, completed=sum(counts.values()))
    typer.echo(f"{counts[Entry]} entries, {counts[WeededLine]} past their weed date, {counts[RejectedLine]} refused.")
    return 1 if counts[RejectedLine] else 0


def import_list(file: Path, name: str, owner: str, tier: Tier, settings: Settings) -> int:
    """Put `file` in force on this car and print what became of each bad line; returns 0."""
    if not file.is_file():
        raise BadInput(f"There is no file {file}. Check the path.")
    clock = SystemClock()
    matcher = Matcher()
    lists = Shelf(settings.hotlists.folder, find_key(settings.records.folder).derived("hotlists"), matcher, clock)
    for problem in lists.load():
        complain(problem)
    list_id = list_id_of(name)
    head = Hotlist(list_id, name, owner, lists.next_revision(list_id), tier, clock.utc())
    try:
        with progress_bar() as bar:
            task = bar.add_task("Lines", total=None)
            report = lists.put_in_force(head, file, lambda done: bar.update(task, completed=done))
    finally:
        matcher.close()
    for line in report.rejected:
        typer.echo(f"line {line.number}: {line.reason}")
    typer.echo(
        f"{name}, revision {head.revision}: {report.entries} entries in force, {report.weeded} past their weed date,"
        f" {report.rejected_count} refused. A patrol that is running takes it at its next start."
    )
    return 0
