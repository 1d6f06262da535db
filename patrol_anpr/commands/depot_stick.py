"""`patrol-anpr depot stick take`: what cars put on a USB stick goes in, receipts and lists go back."""

import getpass
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, progress_bar, say
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sticks import Sticks
from patrol_anpr.domain.errors import BadInput, RecordsFault


def take_stick(folder: Path, drive: Path, car_id: str) -> int:
    """Take a stick in and answer it; returns 1 where something of it was not taken, or does not fit on it."""
    if not drive.is_dir():
        raise BadInput(f"There is no folder {drive}. Name the folder or the drive letter of the stick.")
    with closing(DepotDatabase(there(folder), Role.INGEST)) as database, progress_bar() as bar:
        sticks = Sticks(folder, database, pictures_in(folder, database), f"operator {getpass.getuser()}")
        task = bar.add_task("bytes", total=None)
        try:
            became = sticks.take(drive.absolute(), car_id, lambda done, of: bar.update(task, completed=done, total=of))
        except (OSError, SQLAlchemyError) as error:
            raise RecordsFault(
                f"The depot could not keep what is on the stick ({type(error).__name__}). Nothing is lost: the car "
                "still holds it. Look at the depot's disk and database, then take the stick in again."
            ) from error
    for one in became:
        if one.answered:
            say(
                f"{one.car_id}: {one.records:,} records and {one.shifts:,} closed shifts are held, "
                f"{one.refused:,} refused. Lists put on the stick: {one.lists:,}."
            )
        for problem in one.problems:
            complain(f"{one.car_id}: {problem}")
    return 1 if any(one.problems for one in became) else 0
