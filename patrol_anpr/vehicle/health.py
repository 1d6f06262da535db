"""A look at everything that has no thread of its own, once a second."""

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_anpr.domain.health import Lamp, LampState

log = logging.getLogger(__name__)

Probe = Callable[[], Lamp | None]
"""Tells the lamp of a part; None where it has nothing to say."""


class Health:
    """Calls its probes at 1 Hz and passes on what they say. A probe that fails is a lamp too, never silence."""

    def __init__(self, probes: Sequence[Probe], on_lamp: Callable[[Lamp], None], seconds: float = 1.0) -> None:
        self._probes = tuple(probes)
        self._on_lamp = on_lamp
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start looking; the first look is before this returns, so that the screen never starts without lamps."""
        self.look()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop and join."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)

    def look(self) -> None:
        """Call every probe once."""
        for probe in self._probes:
            try:
                lamp = probe()
            except Exception as error:  # the thread's top: a broken probe shows
                log.exception("a health probe failed")
                lamp = Lamp("health", LampState.BAD, "Health check failed", type(error).__name__)
            if lamp is not None:
                self._on_lamp(lamp)

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            self.look()


def disk_usage(folder: Path) -> "shutil._ntuple_diskusage":
    """The total, used and free bytes of the disk under `folder`, which need not be made yet."""
    return shutil.disk_usage(next(path for path in (folder, *folder.absolute().parents) if path.exists()))


def disk_probe(folder: Path, amber_percent: int, red_percent: int) -> Callable[[], Lamp]:
    """Make a probe of how full the disk under `folder` is."""

    def probe() -> Lamp:
        usage = disk_usage(folder)
        percent = 100 * (usage.total - usage.free) / usage.total
        if percent >= red_percent:
            return Lamp(
                "disk", LampState.BAD, "Disk full", "Upload at the depot, then records are deleted by themselves."
            )
        if percent >= amber_percent:
            return Lamp("disk", LampState.WARN, f"Disk {percent:.0f} %", "Upload at the depot when you can.")
        return Lamp("disk", LampState.GOOD, "Disk")

    return probe
