"""`patrol-anpr depot figures`, `public`, `dpia`: what is counted of what cars sent, and what is told of it."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.reports.facts_of_depot import facts_of_depot
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.reports.pack import BLANK, as_markdown
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import write_whole


def count_figures(folder: Path) -> int:
    """Count all that has come since the last time."""
    now = datetime.now(UTC)
    with closing(DepotDatabase(there(folder), Role.FIGURES)) as database:
        count = fold(database, now)
    note_done(folder, "figures", now)
    say(f"Records counted: {count:,}. What came in the last quarter of an hour is counted the next time.")
    return 0


def write_public_page(folder: Path, file: Path) -> int:
    """Write the public page as a file that needs nothing else."""
    from patrol_anpr.console.pages.public import public_file

    with closing(DepotDatabase(there(folder), Role.REPORTS)) as database:
        html = public_file(folder, database, datetime.now(UTC))
    _write(file, html)
    file.chmod(0o644)  # a web server reads it
    say(f"The public page is in {file}. It needs no other file.")
    return 0


def write_pack(folder: Path, file: Path) -> int:
    """Write the pack for an impact assessment."""
    pack = as_markdown(facts_of_depot(there(folder), datetime.now(UTC)))
    _write(file, pack)
    blanks = pack.count(BLANK)
    say(f"The pack is in {file}. {blanks} blanks in it are for the force to fill in: look for {BLANK}.")
    return 0


def _write(file: Path, text: str) -> None:
    try:
        write_whole(file, text.encode())
    except OSError as error:
        raise BadInput(f"{file} cannot be written. Check that its folder exists, and its rights.") from error
