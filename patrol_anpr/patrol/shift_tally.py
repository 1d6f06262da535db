"""Reads and hits of the shift under way by hour and camera, counted from the events."""

import threading
from collections.abc import Sequence
from datetime import datetime

from patrol_anpr.domain.events import Event, HitRaised, ReadMade
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.shift_chart import HourCell, ShiftChart, hour_of


class ShiftTally:
    """Counts in memory; SILENT hits are no matter of the crew. Any thread may call; nothing waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shift_id: str | None = None
        self._reads: dict[tuple[datetime, str], int] = {}
        self._hits: dict[tuple[datetime, str], int] = {}

    def begin(self, shift_id: str | None, reads: Sequence[HourCell] = (), hits: Sequence[Hit] = ()) -> None:
        """Begin a shift, None for no shift; one that goes on brings its Reads as counted, and its hits."""
        with self._lock:
            self._shift_id = shift_id
            self._reads = {(cell.hour, cell.camera_id): cell.reads for cell in reads}
            self._hits = {}
            for hit in hits:
                self._add_hit(hit)

    def take(self, event: Event) -> None:
        """Take an event; what is of another shift, or of none, is not counted."""
        match event:
            case ReadMade(read=read, shift_id=shift_id) if shift_id is not None:
                with self._lock:
                    if shift_id == self._shift_id:
                        self._reads[_cell(read)] = self._reads.get(_cell(read), 0) + 1
            case HitRaised(hit=hit) if hit.shift_id is not None:
                with self._lock:
                    if hit.shift_id == self._shift_id:
                        self._add_hit(hit)
            case _:
                pass

    def chart(self) -> ShiftChart:
        """What the shift has brought so far."""
        with self._lock:
            cells = self._reads.keys() | self._hits.keys()
            return ShiftChart(
                tuple(HourCell(*cell, self._reads.get(cell, 0), self._hits.get(cell, 0)) for cell in cells)
            )

    def _add_hit(self, hit: Hit) -> None:
        if hit.tier is not Tier.SILENT:
            self._hits[_cell(hit.read)] = self._hits.get(_cell(hit.read), 0) + 1


def _cell(read: Read) -> tuple[datetime, str]:
    return hour_of(read.captured_at), read.camera_id
