"""`patrol-anpr hotlist`: check a list file, put one in force on this car, take one out of force."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from patrol_anpr.build import shelf_of
from patrol_anpr.commands.terminal import complain, progress_bar
from patrol_anpr.domain.clock import Clock, can_be
from patrol_anpr.domain.hotlist import Hotlist, ImportReport, Tier, list_id_of
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import Shelf, try_out
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock, lone_clock


def check_list(file: Path, tier: Tier) -> int:
    """Print what importing `file` would do, line by bad line; returns what the import would return."""
    with progress_of_lines() as progress:
        report = try_out(file, tier, _clock(), progress)
    print_lines(report)
    typer.echo(_sum(report, "entries"))
    return exit_code(report)


def import_list(file: Path, name: str, owner: str, tier: Tier, settings: Settings) -> int:
    """Put `file` in force on this car and print what became of each bad line; returns 1 when there is one, else 0."""
    list_id, clock = list_id_of(name), _clock()
    with _loaded(settings, clock) as shelf:
        head = Hotlist(list_id, name, owner, shelf.next_revision(list_id), tier, clock.utc())
        with progress_of_lines() as progress:
            report = shelf.put_in_force(head, file, progress)
        shelf.settle()
    print_lines(report)
    typer.echo(
        f"{name}, revision {head.revision}: {_sum(report, 'entries in force')} "
        "A patrol that is running takes it at its next start."
    )
    return exit_code(report)


def remove_list(name: str, settings: Settings) -> int:
    """Take a list out of force on this car for good; returns 0."""
    with _loaded(settings, SystemClock()) as shelf:
        shelf.forget(list_id_of(name))
    typer.echo(f"{name} is out of force. A patrol that is running keeps it until its next start.")
    return 0


def print_lines(report: ImportReport) -> None:
    """Print the lines of a list file that a person should look at."""
    for line in report.rejected:
        typer.echo(f"line {line.number}: {line.reason}")
    if report.rejected_count > len(report.rejected):
        typer.echo(f"... and {report.rejected_count - len(report.rejected)} more lines that are refused.")
    if report.ignored:
        lines = "line" if report.ignored == 1 else "lines"
        typer.echo(f"{report.ignored} {lines} passed over, as the mapping says.")
    for doubted in report.doubted:
        typer.echo(f"line {doubted.number}: taken, but {doubted.doubt}.")


def exit_code(report: ImportReport) -> int:
    """1 where a line was refused, so that a script sees that not all of the file is in force."""
    return 1 if report.rejected_count else 0


def _sum(report: ImportReport, what: str) -> str:
    return f"{report.entries} {what}, {report.weeded} past their weed date, {report.rejected_count} refused."


def _clock() -> Clock:
    """The computer's clock; a time that cannot be is told, and ends no entry."""
    clock = SystemClock()
    if not can_be(clock.utc()):
        complain(
            f"The computer's clock says {clock.utc():%d.%m.%Y}, which cannot be. Set it, then import again: until then "
            "weed dates are hardly looked at."
        )
    return lone_clock()


@contextmanager
def _loaded(settings: Settings, clock: Clock) -> Iterator[Shelf]:
    matcher = Matcher()
    try:
        shelf = shelf_of(settings, matcher, clock)
        for fault in shelf.load():
            complain(fault.sentence)
        yield shelf
    finally:
        matcher.close()


@contextmanager
def progress_of_lines() -> Iterator[Callable[[int], None]]:
    """Show how many lines of a list file are done; lends what is to be told of it."""
    with progress_bar() as bar:
        task = bar.add_task("Lines", total=None)
        yield lambda done: bar.update(task, completed=done)
