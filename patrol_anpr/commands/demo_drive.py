"""The demo drive without a window: an officer of few words confirms what is exact and dismisses what is not."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from patrol_anpr.commands.headless import Tally, drive
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.hit import MatchKind, Verification
from patrol_anpr.domain.shift import Crew, ShiftSummary
from patrol_anpr.patrol.car import Car


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """Who drives: the officer's id and PIN, and the unit."""

    officer_id: str
    pin: str
    unit: str


def drive_shift(
    car: Car,
    who: DemoOfficer,
    tally: Tally,
    ended: threading.Event,
    on_start: Callable[[float, float], None] = lambda _lists, _frame: None,
) -> tuple[ShiftSummary | None, int]:
    """Sync, sign on, drive to the end of the clips or until `ended`, sign off; return the summary and what waits still.

    `on_start` is told the seconds from the start of this process until the lists were in force, and until the first
    frame was read. Raises DepotFault when the depot does not answer.
    """
    patrol = car.patrol
    car.open()
    if not patrol.start_sync().result():
        raise DepotFault("The demo's own depot did not answer. Start the demo again.")
    lists = seconds_running()
    session = patrol.sign_on(who.officer_id, who.pin, who.unit, Crew.SINGLE).result()
    _wait_for_a_frame(car, ended)
    on_start(lists, seconds_running())
    drive(car, tally, ended)
    for hit, _ in patrol.open_hits():
        if hit.match.kind is MatchKind.EXACT:
            session.confirm(hit.hit_id)
        else:
            session.dismiss(hit.hit_id, Verification.MISREAD)
    car.records.flush(30)
    summary = patrol.summary()
    return summary, patrol.sign_off().result()


def seconds_running() -> float:
    """Seconds since this process was started."""
    return time.time() - psutil.Process().create_time()


def _wait_for_a_frame(car: Car, ended: threading.Event) -> None:
    """Wait until the first frame is read, or there is none."""
    while not ended.is_set() and not any(one.offered > one.skipped for one in car.engine.statuses):
        if car.engine.wait_ended(timeout=0.02):
            return
