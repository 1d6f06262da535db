"""`patrol-anpr depot verify`, `retry-closed`, `purge`, `hold`, `release`: looking after what a depot holds."""

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, progress_bar, say
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.body import Limits
from patrol_anpr.depot.closed import ClosedRecords
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.depot.keeping.holds import LONGEST_REVIEW, Holding, open_holds
from patrol_anpr.depot.keeping.items import delete_copies
from patrol_anpr.depot.keeping.running import purge
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.care import UNPROTECTED, ends_soon, unprotected_roles, wrong_lists
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.pictures import DepotPictures, pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.scrub import Scrub
from patrol_anpr.depot.settings import retention_days
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.domain.errors import BadInput


@contextmanager
def opened(folder: Path) -> Iterator[tuple[DepotDatabase, DepotPictures]]:
    """Lend the depot in `folder`. Raises BadInput where there is none, RecordsFault."""
    with closing(DepotDatabase(there(folder), Role.RETENTION)) as database:
        yield database, pictures_in(folder, database)


def verify_depot(folder: Path) -> int:
    """Print what is wrong with a depot; returns 1 when anything is."""
    with opened(folder) as (database, pictures), progress_bar() as bar:
        tasks = {what: bar.add_task(what, total=None) for what in ("items", "pictures", "segments")}
        scrubbed = Scrub(
            database,
            pictures.segments,
            datetime.now(UTC),
            lambda what, done, of: bar.update(tasks[what], completed=done, total=of),
        ).run()
    lists = repository_of(folder)
    wrong_files = list(wrong_lists(lists))
    for sentence in (*scrubbed.findings, *wrong_files, *ends_soon(lists, datetime.now(UTC))):
        say(sentence)
    if open_to_all := unprotected_roles(lists):
        say(UNPROTECTED.format(roles=", ".join(open_to_all)))
    say(
        f"{scrubbed.items:,} records, {scrubbed.pictures:,} pictures, {scrubbed.segments:,} segments and "
        f"{scrubbed.audit_rows:,} rows of the audit trail looked at. Epoch {scrubbed.epoch}."
    )
    wrong = scrubbed.wrong + len(wrong_files)
    if not wrong:
        say("Everything is there, and as it was received.")
        note_done(folder, "verify", datetime.now(UTC))
        return 0
    complain(f"{wrong:,} things are wrong. Put back a copy, or ask the cars that still hold the records.")
    return 1


def purge_depot(folder: Path, before: str, today: str) -> int:
    """Erase what is past its date, or only what is of the days before `before` (2026-11-30).

    `today` is the day that a person says it is, where no car tells the time any more.
    """
    now = datetime.now(UTC)
    with opened(folder) as (database, pictures):
        erased = purge(
            database,
            pictures,
            retention_days(folder),
            now,
            _actor(),
            before=_day(before) if before else None,
            said=_day(today) if today else None,
        )
        with database.reading() as connection:
            overdue = sum(hold.is_overdue(now.date()) for hold in open_holds(connection))
    copies = delete_copies(folder, now)
    if not before:  # a day that somebody named is no daily job
        note_done(folder, "purge", now)
    say(f"Days purged: {erased.days:,}. Pictures that nobody can read any more: {erased.pictures:,}.")
    say(f"Records erased: {erased.items:,}; other rows about them: {erased.others:,}.")
    if copies:
        say(f"Old copies of the database deleted: {copies}.")
    if erased.clocks.trouble:
        complain(erased.clocks.trouble)
    if overdue:
        complain(f"{overdue:,} holds of evidence are past their review: see `patrol-anpr depot holds`.")
    return 0


def retry_closed(folder: Path) -> int:
    """Try again to take in what is left over of closed records; returns 1 while anything is."""
    with closing(DepotDatabase(there(folder), Role.INGEST)) as database:
        ingest = Ingest(database, pictures_in(folder, database), Limits().picture_bytes)
        with database.writing() as connection:
            add_audit(connection, _actor(), "closed records tried again")
        left = ClosedRecords(folder, database, ingest, DepotKeys(folder).sealing).retry(datetime.now(UTC))
    for one in left:
        say(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.car_id}  {one.closed_id}: {one.why}")
    say("They are kept as they came." if left else "Nothing is left over of closed records.")
    return 1 if left else 0


def hold_record(folder: Path, car: str, item: str, reason: str, owner: str, review: str) -> int:
    """Hold a record and its pictures."""
    now = datetime.now(UTC)
    review_on = _day(review) if review else (now + LONGEST_REVIEW).date()
    with opened(folder) as (database, pictures):
        try:
            count = Holding(database, pictures).hold(car, item, reason, owner, review_on, now, _actor())
        except Unreadable as fault:
            raise BadInput(
                f"A picture of this record cannot be held: {fault}. See `patrol-anpr depot verify`."
            ) from None
    say(f"The record and its {count} pictures are held until they are released. Review on {review_on}.")
    return 0


def release_record(folder: Path, car: str, item: str, reason: str) -> int:
    """Release a record and its pictures."""
    with opened(folder) as (database, pictures):
        Holding(database, pictures).release(car, item, reason, datetime.now(UTC), _actor())
    say("They are held no longer, and stay as long as others of their day do.")
    return 0


def show_holds(folder: Path) -> int:
    """Print what is on hold, the next review first; returns 1 where one is overdue."""
    today = datetime.now(UTC).date()
    with opened(folder) as (database, _), database.reading() as connection:
        found = open_holds(connection)
    for hold in found:
        late = "OVERDUE  " if hold.is_overdue(today) else ""
        say(
            f"{late}{hold.review_on or 'never'}  {hold.car_id}  {hold.item_id}  {hold.owner or 'nobody'}: {hold.reason}"
        )
    if not found:
        say("Nothing is on hold.")
    return 1 if any(hold.is_overdue(today) for hold in found) else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("A day is written like 2026-11-30.") from None


def _actor() -> str:
    """Who says so, for the audit: the account at this machine."""
    return f"operator {getpass.getuser()}"
