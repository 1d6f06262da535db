"""The owner of the coverage record: it looks at every camera once a second of a shift, and keeps each minute."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import (
    LEAST_READ_RATE,
    Blind,
    CoverageMinute,
    Tally,
    blind_because,
    joined,
    minute_of,
    together,
)
from patrol_anpr.domain.health import CameraStatus
from patrol_anpr.domain.optics import reach
from patrol_anpr.domain.outlook import Outlook
from patrol_anpr.domain.rig import MUCH_MASKED, masked_share
from patrol_anpr.patrol.eyes import Eyes
from patrol_anpr.patrol.ports import Recording

STOOD_STILL_SECONDS = 5.0
"""Between two looks that are a second apart: after longer the program did not run, and nobody watched (judged)."""
_SMOOTH = 0.3
"""Weight of the newest second in the rate that is shown."""


@dataclass(slots=True)
class _Watched:
    """One camera: what had been counted of it at the last look, and the part of a minute under way."""

    offered: int
    tally: Tally
    reconnects: int
    fps_read: float = 0.0
    part: CoverageMinute | None = None


@dataclass(slots=True)
class _ShiftWatch:
    """One shift: when it was last looked at (monotonic seconds), its cameras, and its minutes that are over."""

    shift_id: str
    looked: float
    cameras: dict[str, _Watched] = field(default_factory=dict)
    kept: list[CoverageMinute] = field(default_factory=list)


class Coverage:
    """Satisfies window_ports.Covering. `look` is called at 1 Hz by the health thread, `begin` and `end` with a shift.

    Only what was looked at counts: while the program stood still, the computer slept or nobody was signed on there are
    no seconds, neither usable nor blind. A minute that such a gap, a restart or another shift cuts is kept in parts.
    A cut of the power loses the part under way: it then counts as not covered, never the other way round.
    """

    def __init__(self, eyes: Eyes, recording: Recording, clock: Clock) -> None:
        self._eyes, self._recording, self._clock = eyes, recording, clock
        self._lock = threading.Lock()
        self._watch: _ShiftWatch | None = None

    def begin(self, shift_id: str, stored: Iterable[CoverageMinute] = ()) -> None:
        """Watch from now on; `stored` are the minutes of a shift that goes on."""
        counted = {
            status.camera_id: _Watched(status.offered, self._eyes.tally(status.camera_id), status.reconnects)
            for status in self._eyes.statuses
        }
        with self._lock:
            self._watch = _ShiftWatch(shift_id, self._clock.monotonic(), counted, list(stored))

    def end(self) -> None:
        """Keep the parts of the minute under way, and watch no longer."""
        self.look()
        with self._lock:
            watch, self._watch = self._watch, None
        if watch is not None:
            self._recording.keep_coverage([one.part for one in watch.cameras.values() if one.part], last=True)

    def look(self) -> None:
        """Look at every camera, once a second: a probe of the health thread, which has no lamp of its own."""
        statuses, rigs = self._eyes.statuses, self._eyes.rigs
        masked = {name for name, rig in rigs.items() if masked_share(rig.mask) > MUCH_MASKED}
        with self._lock:
            watch, now, minute = self._watch, self._clock.monotonic(), minute_of(self._clock.utc())
            if watch is None:
                return
            seconds, watch.looked = now - watch.looked, now
            seconds = seconds if seconds <= STOOD_STILL_SECONDS else 0.0
            over: list[CoverageMinute] = []
            for status in statuses:
                over += self._look_at(watch, status, minute, seconds, masked=status.camera_id in masked)
            watch.kept += over
        if over:
            self._recording.keep_coverage(over, last=False)

    def _look_at(
        self, watch: _ShiftWatch, status: CameraStatus, minute: datetime, seconds: float, *, masked: bool
    ) -> Sequence[CoverageMinute]:
        """Count the seconds since the last look; returns the part of a minute that is over with it."""
        camera_id, tally = status.camera_id, self._eyes.tally(status.camera_id)
        seen = watch.cameras.setdefault(camera_id, _Watched(status.offered, tally, status.reconnects))
        empty = CoverageMinute(camera_id, minute, watch.shift_id)
        second = _second(status, seen, tally, seconds, empty, masked=masked)
        if seconds:
            seen.fps_read += _SMOOTH * (second.read / seconds - seen.fps_read)
        seen.offered, seen.tally = status.offered, tally
        over = [seen.part] if seen.part is not None and seen.part.minute != minute else []
        if over:
            seen.part = None
        if seconds:
            seen.part = second if seen.part is None else together([seen.part, second])
        return over

    def minutes(self) -> Sequence[CoverageMinute]:
        """The minutes of the shift under way, that under way among them, the earliest first; from memory."""
        with self._lock:
            if self._watch is None:
                return ()
            parts = [one.part for one in self._watch.cameras.values() if one.part is not None]
            return joined([*self._watch.kept, *parts])

    def outlooks(self) -> Sequence[Outlook]:
        """What is to be said of each camera now; from memory."""
        with self._lock:
            watched = self._watch.cameras if self._watch is not None else {}
            counted = {camera_id: (one.fps_read, one.reconnects) for camera_id, one in watched.items()}
        return [
            self._outlook(status, *counted.get(status.camera_id, (0.0, status.reconnects)))
            for status in self._eyes.statuses
        ]

    def _outlook(self, status: CameraStatus, fps_read: float, reconnects: int) -> Outlook:
        camera_id, tally = status.camera_id, self._eyes.tally(status.camera_id)
        degrees, rig = self._eyes.field_of_view(camera_id), self._eyes.rigs.get(camera_id)
        lies = rig is not None and rig.turn.rotate % 180
        across = status.height if lies else status.width
        metres = reach(across, degrees) if degrees and across else None
        again = max(0, status.reconnects - reconnects)
        return Outlook(status, fps_read, tally.widths, tally.burnt, metres, again)


def _second(
    status: CameraStatus, seen: _Watched, tally: Tally, seconds: float, empty: CoverageMinute, *, masked: bool
) -> CoverageMinute:
    """What was counted of a camera since the last look, as a part of a minute."""
    read = tally.frames - seen.tally.frames
    reasons = [status.blind] if status.blind is not None else []
    reasons += [Blind.MASKED] if masked else []
    reasons += [Blind.SKIPPED] if read < LEAST_READ_RATE * seconds else []
    reasons += [Blind.TOO_WIDE] if tally.widths.are_too_small else []
    reason = blind_because(reasons)
    ended = tally.vehicles - seen.tally.vehicles
    return replace(
        empty,
        seconds=seconds,
        blind={} if reason is None else {reason: seconds},
        offered=max(0, status.offered - seen.offered),  # a file that plays anew begins at nothing
        read=read,
        reads=tally.reads - seen.tally.reads,
        unread=tally.unread - seen.tally.unread,
        widest=max(tally.widths.widest_of_each[-ended:], default=0.0) if ended else 0.0,
    )
