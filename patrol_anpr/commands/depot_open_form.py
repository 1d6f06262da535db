"""`patrol-anpr depot export` and `import`: everything out in an open form, and in again."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, progress_bar, say
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.open_form.exporting import export_depot
from patrol_anpr.depot.open_form.importing import import_depot
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.errors import BadInput


def export_all(folder: Path, out: Path, why: str) -> int:
    """Write everything; returns 1 when pictures are missing in the depot."""
    with closing(DepotDatabase(there(folder), Role.MIGRATION)) as database, progress_bar() as bar:
        task = bar.add_task("pictures", total=None)
        done = export_depot(
            database,
            pictures_in(folder, database),
            out,
            _actor(),
            why,
            datetime.now(UTC),
            lambda number, of: bar.update(task, completed=number, total=of),
        )
    say(f"{done.rows:,} rows and {done.pictures:,} pictures are in {out}, in the clear. Guard it.")
    if done.missing:
        complain(f"{done.missing:,} pictures are missing in the depot. Run `patrol-anpr depot verify`.")
    return 1 if done.missing else 0


def import_all(source: Path, folder: Path, settings: Path | None) -> int:
    """Make a depot of an export; returns 1 when its audit trail is not whole."""
    if settings is not None and not settings.is_file():
        raise BadInput(f"There is no file {settings}. Check the path.")
    with progress_bar() as bar:
        task = bar.add_task("pictures", total=None)
        done = import_depot(
            source,
            folder,
            datetime.now(UTC),
            _actor(),
            lambda number, of: bar.update(task, completed=number, total=of),
            settings,
        )
    say(f"{done.rows:,} rows and {done.pictures:,} pictures are in the depot in {folder}. What is left to do:")
    say("`depot roster` and `depot hotlist` anew, `depot enrol` for each car, `depot staff reset` for each person.")
    if not done.trail_whole:
        complain("The audit trail that came is not whole: it was changed before it was handed out, or since.")
    return 0 if done.trail_whole else 1


def _actor() -> str:
    return f"operator {getpass.getuser()}"
