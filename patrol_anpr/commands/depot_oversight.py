"""`patrol-anpr depot oversight`, `check-audit`, `staff-vehicles`, `staff-times`: looking after those who search."""

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, say
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.oversight.checks import begin_check, do_check
from patrol_anpr.depot.oversight.gathering import keep_times, keep_vehicles
from patrol_anpr.depot.oversight.job import oversee
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import evidence_setting


def oversee_months(folder: Path) -> int:
    """Look at each month that has ended and was not looked at."""
    now = datetime.now(UTC)
    with _opened(folder) as database:
        quota = evidence_setting(folder).exports_a_day
        done = oversee(database, DepotKeys(folder).sealing, now, _actor(), exports_a_day=quota)
    note_done(folder, "oversight", now)
    for month in done:
        late = " Late." if month.late else ""
        say(f"{month.month}: {month.findings} findings, {month.sampled} searches drawn for review.{late}")
        for sentence in month.unchecked:
            complain(f"{month.month}: {sentence}")
    if not done:
        say("Every month that has ended was looked at already.")
    return 0


def check_audit(folder: Path) -> int:
    """Check the audit; returns 1 where something is wrong."""
    with _opened(folder) as database:
        with database.writing() as connection:
            check_id = begin_check(connection, _actor(), _now())
        check = do_check(database, check_id, _now)
    for finding in check.findings:
        say(finding)
    say(f"{check.rows:,} rows of the audit looked at.")
    if check.findings:
        complain("The audit is not what it was. Keep the folder as it is, restore a copy beside it, compare.")
        return 1
    say("It is whole, and what cars have signed.")
    return 0


def load_vehicles(folder: Path, file: Path) -> int:
    """Replace the vehicles of staff by a CSV file."""
    with _opened(folder) as database, database.writing() as connection:
        kept = keep_vehicles(connection, file, DepotKeys(folder).sealing.public_key, _actor())
    say(f"{kept} vehicles of staff, sealed. Destroy the file.")
    return 0


def load_times(folder: Path, file: Path) -> int:
    """Replace the duty times of staff by a CSV file."""
    with _opened(folder) as database, database.writing() as connection:
        kept = keep_times(connection, file, _actor())
    say(f"{kept} duty times and leaves of staff.")
    return 0


@contextmanager
def _opened(folder: Path) -> Iterator[DepotDatabase]:
    with closing(DepotDatabase(there(folder), Role.AUDITOR)) as database:
        yield database


def _now() -> datetime:
    return datetime.now(UTC)


def _actor() -> str:
    """Who says so, for the audit: the account at this machine."""
    return f"operator {getpass.getuser()}"
