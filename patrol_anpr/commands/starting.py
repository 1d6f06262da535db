"""Safe mode: after three crashes in a row the program starts with its standard settings and says so (ADR 0033)."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from patrol_anpr.commands.loading import LoadedSettings
from patrol_anpr.domain.errors import KnownError, RecordsFault
from patrol_anpr.domain.health import Lamp
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.lamps import safe_mode
from patrol_anpr.plumbing.files import made_folder
from patrol_anpr.plumbing.starts import StartNote
from patrol_anpr.plumbing.worker import Worker
from patrol_anpr.reading.model_shelf import CRASHED
from patrol_anpr.records.records import ACTOR
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock

log = logging.getLogger(__name__)

CRASHES = 3
"""After so many starts in a row that crashed within GOOD_SECONDS the next one is in safe mode."""
GOOD_SECONDS = 60.0
"""A program that has run for so long runs well."""
STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CountedStart:
    """What to start with: `settings` are the safest ones after `crashes` in a row, and `lamps` say so."""

    settings: Settings
    lamps: Sequence[Lamp]
    crashes: int

    def put_on_record(self, car: Car) -> None:
        """Have the depot know of a start in safe mode: the audit trail travels. Its models may be what crashed."""
        if self.lamps:
            reason = f"{self.crashes} crashes in a row; the settings file is not used"
            car.records.audit(ACTOR, "started_in_safe_mode", "", reason)
            try:
                car.models.give_up(CRASHED)
            except RecordsFault:  # safe mode reads without them, and a full disk keeps no patrol from starting
                log.warning("that the models of the depot are given up could not be noted")


@contextmanager
def counted_start(loaded: LoadedSettings, *, good_seconds: float = GOOD_SECONDS) -> Iterator[CountedStart]:
    """Count this start until it has run well or ended as it should; whatever else ends the program leaves it counted.

    Raises:
        RecordsFault: the folder of the records cannot be made.
    """
    note = StartNote(made_folder(loaded.settings.records.folder, "records.folder"), SystemClock().monotonic)
    crashes = note.begin()

    def wait(stopping: threading.Event) -> None:
        if not stopping.wait(good_seconds):
            note.ran_well()
            stopping.wait()

    minute = Worker("start-note", wait, lambda _: None)
    minute.start()
    crashed = True
    try:
        yield _start(loaded, crashes)
        crashed = False
    except (KnownError, KeyboardInterrupt, SystemExit):
        crashed = False
        raise
    finally:
        minute.stop(STOP_SECONDS)
        if not crashed:
            note.ended()


def _start(loaded: LoadedSettings, crashes: int) -> CountedStart:
    if crashes < CRASHES:
        return CountedStart(loaded.settings, (), crashes)
    log.error("safe mode: %d starts in a row crashed", crashes)
    file = str(loaded.file) if loaded.file else ""
    return CountedStart(loaded.settings.safest(), (safe_mode(crashes, file),), crashes)
