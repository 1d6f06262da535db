"""A look at everything that has no thread of its own, once a second."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import joined, sentence
from patrol_anpr.plumbing.disk import filling
from patrol_anpr.plumbing.worker import Worker, described
from patrol_anpr.vehicle.disk_rate import DiskRate

log = logging.getLogger(__name__)

Probe = Callable[[], Lamp | None]
"""Tells the lamp of a part; None where it has nothing to say."""

STOP_SECONDS = 5.0
"""So long may a look take that is under way at the end; then it is left behind (judged)."""
PROMPT_SECONDS = 0.5
"""So long is a probe waited for that asks the world: half of the second between two looks."""
GAP_SECONDS = 10.0
"""Between two looks that are a second apart: so long the program did not run, the computer slept as a rule."""

DISK_LATE = Lamp(
    "disk", LampState.BAD, "Disk does not answer", "What is read may not be saved. Check the disk's cable."
)


class Health:
    """Calls its probes at 1 Hz and passes on what they say. A probe that fails leaves its part's lamp empty, not green.

    `probes` are named by the keys of their lamps. `on_gap` is told from when to when (UTC) the program stood still.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        on_lamp: Callable[[Lamp], None],
        clock: Clock,
        on_gap: Callable[[datetime, datetime], None],
        seconds: float = 1.0,
    ) -> None:
        self._probes = dict(probes)
        self._on_lamp = on_lamp
        self._clock = clock
        self._on_gap = on_gap
        self._seconds = seconds
        self._turned_at = clock.monotonic()
        self._has_failed = False
        self._worker = Worker("health", self._run, self._failed)

    def start(self) -> None:
        """Start looking; the first look is before this returns, so that the screen never starts without lamps."""
        self.look()
        self._worker.start()

    def stop(self) -> None:
        """Stop; a look that hangs is left behind."""
        self._worker.stop(STOP_SECONDS)

    def look(self) -> None:
        """Call every probe once; one that fails is told, and the others are called all the same."""
        failed = [key for key, probe in self._probes.items() if not self._asked(key, probe)]
        if failed:
            advice = sentence(
                "Not looked at: {parts}. It is tried again all the time. Tell IT.", parts=", ".join(failed)
            )
            self._on_lamp(Lamp("health", LampState.BAD, "Health check failed", advice))
        elif self._has_failed:
            self._on_lamp(Lamp("health", LampState.GOOD, "Health check"))
        self._has_failed = bool(failed)

    def _asked(self, key: str, probe: Probe) -> bool:
        """Pass on what a probe says. Where it fails nothing is known of the part: its lamp must not stay green."""
        try:
            lamp = probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, it becomes a lamp
            log.error("the health probe of %s failed: %s", key, described(error))  # noqa: TRY400 - no text
            self._on_lamp(Lamp(key, LampState.UNKNOWN, sentence("{part} not checked", part=sentence(key.capitalize()))))
            return False
        if lamp is not None:
            self._on_lamp(lamp)
        return True

    def turn(self) -> None:
        """What the thread does every second: look, or say that the program stood still.

        Right after a gap everything would seem to hang, so that the look is left to the next turn. The gap is measured
        from the end of one turn to the next: a probe that is slow makes none.
        """
        idle = self._clock.monotonic() - self._turned_at
        if idle < GAP_SECONDS:
            self.look()
        else:
            log.warning("the program stood still for %.0f s", idle)
            utc = self._clock.utc()
            self._on_gap(utc - timedelta(seconds=idle), utc)
        self._turned_at = self._clock.monotonic()

    def _run(self, stopping: threading.Event) -> None:
        self._turned_at = self._clock.monotonic()
        while not stopping.wait(self._seconds):
            self.turn()

    def _failed(self, _: BaseException) -> None:
        self._has_failed = True
        self._on_lamp(Lamp("health", LampState.BAD, "Health check failed", "It is tried again all the time. Tell IT."))


class Prompt:
    """A probe that may have to wait for the world, asked on a thread of its own: it says `late` where that takes long.

    The health thread looks at everything else too, and must not wait for a disk that is gone.
    """

    def __init__(self, name: str, probe: Probe, late: Lamp, seconds: float = PROMPT_SECONDS) -> None:
        self._name, self._probe, self._late, self._seconds = name, probe, late, seconds
        self._asked: tuple[threading.Thread, Future[Lamp | None]] | None = None

    def __call__(self) -> Lamp | None:
        """Ask, unless the last question is not answered yet. Raises what the probe raises."""
        thread, answer = self._asked = self._asked or self._ask()
        thread.join(self._seconds)
        if thread.is_alive():
            return self._late
        self._asked = None
        return answer.result()

    def _ask(self) -> tuple[threading.Thread, "Future[Lamp | None]"]:
        answer: Future[Lamp | None] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._probe())
            except BaseException as error:  # noqa: BLE001 - raised where it was asked for
                answer.set_exception(error)

        thread = threading.Thread(target=ask, name=self._name, daemon=True)
        thread.start()
        return thread, answer


def disk_probe(folder: Path, amber_percent: int, red_percent: int, clock: Clock) -> Callable[[], Lamp]:
    """Make a probe of how full the disk under `folder` is, by its bytes and by the number of files it can hold.

    A good disk says how much is free, and for how many hours that is enough at the rate it filled lately.
    """
    rate = DiskRate()

    def probe() -> Lamp:
        found = filling(folder)
        hours, percent = rate.hours_left(found.free, clock.monotonic()), found.percent
        why = "Its limit is the number of files, not their size." if found.by_files > found.by_bytes else ""
        if percent >= red_percent:
            advice = joined("Upload at the depot, then records are deleted by themselves.", why)
            return Lamp("disk", LampState.BAD, "Disk full", advice)
        if percent >= amber_percent:
            return Lamp(
                "disk",
                LampState.WARN,
                sentence("Disk {percent:.0f} %", percent=percent),
                joined("Upload at the depot when you can.", why),
            )
        return Lamp("disk", LampState.GOOD, "Disk", _room(found.free, hours))

    return probe


def _room(free: int, hours: int | None) -> str:
    told = sentence("{gigabytes} GB free.", gigabytes=free // 10**9)
    if hours is None:
        return told
    return joined(told, sentence("At this rate that is enough for about {hours} h.", hours=hours))
