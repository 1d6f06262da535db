"""`patrol-anpr depot send-national`: the reads for the national system, by the adapter that comes with the depot."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, say
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.interchange.adapter import AdapterFault
from patrol_anpr.depot.interchange.sending import Progress, progress_of, send_reads
from patrol_anpr.depot.interchange.spool import Spool
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import national_setting
from patrol_anpr.domain.errors import BadInput

_LOCK = "national.lock"


def send_national(folder: Path, *, only_show: bool, now_at_once: bool, now: datetime | None = None) -> int:
    """Send what waits, or `only_show` how far it is; returns 1 while the last try failed.

    After a failure nothing is tried until its wait is over, but with `now_at_once`. Raises BadInput where depot.toml
    names no spool folder, or another run is at it.
    """
    now = now or utc_now()
    setting = national_setting(there(folder))
    if setting is None:
        raise BadInput(f"{folder / 'depot.toml'} has no [national] with a spool folder. See docs/interchange.md.")
    adapter = Spool(Path(setting.spool))
    with closing(DepotDatabase(folder, Role.INTERCHANGE)) as database:
        before = progress_of(database, adapter.name, now)
        if only_show:
            return _show(before)
        if before.next_at is not None and now < before.next_at and not now_at_once:
            complain(_failing(before))
            return 1
        try:
            with FileLock(folder / _LOCK, timeout=0):
                sent = send_reads(database, pictures_in(folder, database), adapter, setting.feed_id, lambda: now)
        except Timeout:
            raise BadInput("Another run is sending reads. Wait until it is done.") from None
        except AdapterFault as fault:
            after = progress_of(database, adapter.name, now)
            complain(f"{fault} Reads that wait: {after.waiting:,}; the next try is at {_minute(after.next_at)}.")
            return 1
    say(f"Reads handed over: {sent.reads:,}, in {sent.batches:,} batches. Those of the last quarter of an hour wait.")
    for why, count in sorted(sent.left_out.items()):
        say(f"Left out: {count:,}, {why}")
    return 0


def _show(progress: Progress) -> int:
    last = f", the last at {_minute(progress.last_at)}" if progress.last_at else ""
    say(f"Reads handed over: {progress.sent:,}{last}. Left out: {progress.left_out:,}. Waiting: {progress.waiting:,}.")
    if progress.failures:
        complain(_failing(progress))
    return 1 if progress.failures else 0


def _failing(progress: Progress) -> str:
    times = "once" if progress.failures == 1 else f"{progress.failures} times"
    return f"{progress.why} Tried {times} in vain; the next try is at {_minute(progress.next_at)}."


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "once it runs"
