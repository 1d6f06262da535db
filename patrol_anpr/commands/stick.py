"""`patrol-anpr stick`: put this car's records on a USB stick, take the depot's answer off one; while no patrol runs."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from patrol_anpr.build import parked_road
from patrol_anpr.commands.terminal import complain, progress_bar, say
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.settings import Settings


def put_on_stick(settings: Settings, drive: Path) -> int:
    """Put what the depot does not hold on a stick; returns 1 where some of it did not go on it."""
    with parked_road(settings) as (road, records), _told() as tell:
        put = road.put(_there(drive), tell)
        records.audit(_actor(), "stick.put", "", f"{put.records} records and {put.shifts} closed shifts")
    say(f"On the stick: {put.records:,} records and {put.shifts:,} closed shifts, which only the depot can open.")
    say("They stay in the car until the depot's receipts are back. At the depot: `patrol-anpr depot stick take`.")
    return 1 if put.left else 0


def take_off_stick(settings: Settings, drive: Path) -> int:
    """Take receipts and lists off a stick; returns 1 where a list was not updated."""
    with parked_road(settings) as (road, records), _told() as tell:
        taken = road.take(_there(drive), tell)
        records.audit(_actor(), "stick.taken", "", f"receipts for {taken.settled} records")
    say(f"The depot holds {taken.settled:,} more records and {taken.shifts:,} more closed shifts of this car.")
    say("All lists are up to date." if taken.up_to_date else "Not all lists were updated: those before stay in force.")
    return 0 if taken.up_to_date else 1


def _there(drive: Path) -> Path:
    if not drive.is_dir():
        raise BadInput(f"There is no folder {drive}. Name the folder or the drive letter of the stick.")
    return drive.absolute()


@contextmanager
def _told() -> Iterator[Callable[[SyncProgress], None]]:
    """Show how far it has come; what went wrong is said at the end."""
    last: dict[str, SyncProgress] = {}
    with progress_bar() as bar:
        tasks = {}

        def tell(progress: SyncProgress) -> None:
            last[progress.what] = progress
            if progress.what not in tasks:
                tasks[progress.what] = bar.add_task(progress.what)
            of = progress.total_bytes or progress.total
            bar.update(tasks[progress.what], completed=progress.sent_bytes or progress.done, total=of or None)

        yield tell
    for progress in last.values():
        if progress.problem:
            complain(progress.problem)
        if progress.news:
            say(progress.news)


def _actor() -> str:
    return f"IT {getpass.getuser()}"
