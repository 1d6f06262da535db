"""Sticks that nothing is written to: for reference screenshots and tests."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick

STICKS = (
    Stick(Path("/media/officer/PATROL 3"), writable=True, free=29_100_000_000),
    Stick(Path("/media/officer/HOLIDAY"), writable=True, free=1_200_000_000),
)


@dataclass
class SampleSticks:
    """Satisfies window_ports.Sticking; a trip ends when told, by `running`."""

    can_be_used: bool = True
    found: Sequence[Stick] = STICKS
    running: "Future[Any]" = field(default_factory=Future)
    asked: list[tuple[str, Path]] = field(default_factory=list)

    def plugged_in(self) -> "Future[Sequence[Stick]]":
        """The same two."""
        future: Future[Sequence[Stick]] = Future()
        future.set_result(self.found)
        return future

    def put(self, folder: Path) -> "Future[PutOnStick]":
        """Write down what is asked for."""
        return self._begun("put", folder)

    def take(self, folder: Path) -> "Future[TakenFromStick]":
        """Write down what is asked for."""
        return self._begun("take", folder)

    def _begun(self, what: str, folder: Path) -> "Future[Any]":
        self.asked.append((what, folder))
        self.running = Future()
        return self.running
