"""What the absence of a Read means: when each camera could have read a plate, and when not and why. Pure.

A minute that no row tells of is not covered: the program did not run, slept, or nobody was signed on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from patrol_anpr.domain.optics import PlateWidths

MINUTE = timedelta(minutes=1)
LEAST_READ_RATE = 2.0
"""Frames a second: with fewer a vehicle that comes towards us at 60 mph is seen too seldom for a vote (judged)."""


class Blind(StrEnum):
    """Why a camera could not have read a plate. The first that holds counts, in this order."""

    LOST = "lost"
    FROZEN = "frozen"
    GARBLED = "garbled"
    BLOCKED = "blocked"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    SMALL = "small"
    MASKED = "masked"
    SKIPPED = "skipped"
    TOO_WIDE = "too_wide"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one camera's frames since the start: frames read, Reads made, vehicles followed and not read.

    `vehicles` counts those that went by, read or not, `widths` are the plates of the last of them; `burnt` is the
    share, 0 to 1, of the plates looked at lately that were so bright that their letters are gone.
    """

    frames: int = 0
    reads: int = 0
    unread: int = 0
    vehicles: int = 0
    widths: PlateWidths = field(default_factory=PlateWidths)
    burnt: float = 0.0


def blind_because(reasons: Iterable[Blind]) -> Blind | None:
    """The one reason that is told of several; None of none."""
    given = set(reasons)
    return next((reason for reason in Blind if reason in given), None)


@dataclass(frozen=True, slots=True)
class CoverageMinute:
    """What one camera could see in one minute, or in the part of it that was watched.

    `minute` is its start (UTC); `seconds` of it were watched, `blind` says how many of these for what reason, the rest
    were usable. Frames and vehicles are counts; `unread` are vehicles that were followed and made no Read, `widest` is
    the widest plate of the minute in pixels, 0 where none was seen. `shift_id` is the shift it belongs to.
    """

    camera_id: str
    minute: datetime
    shift_id: str
    seconds: float = 0.0
    blind: Mapping[Blind, float] = field(default_factory=dict)
    offered: int = 0
    read: int = 0
    reads: int = 0
    unread: int = 0
    widest: float = 0.0

    @property
    def blind_seconds(self) -> float:
        """The seconds in which no plate could have been read."""
        return sum(self.blind.values())

    @property
    def usable_seconds(self) -> float:
        """The seconds in which a plate could have been read."""
        return max(0.0, self.seconds - self.blind_seconds)

    @property
    def reason(self) -> Blind | None:
        """Why the minute counts as blind: the longest reason; None where half of what was watched was usable."""
        if not self.seconds or 2 * self.blind_seconds <= self.seconds:
            return None
        return max(self.blind, key=lambda reason: (self.blind[reason], -list(Blind).index(reason)))


def together(minutes: Sequence[CoverageMinute]) -> CoverageMinute:
    """Several minutes, or parts of one, as one of the camera, the minute and the shift of the first; at least one."""
    blind: dict[Blind, float] = {}
    for one in minutes:
        for reason, seconds in one.blind.items():
            blind[reason] = blind.get(reason, 0.0) + seconds
    return replace(
        minutes[0],
        seconds=sum(one.seconds for one in minutes),
        blind=blind,
        offered=sum(one.offered for one in minutes),
        read=sum(one.read for one in minutes),
        reads=sum(one.reads for one in minutes),
        unread=sum(one.unread for one in minutes),
        widest=max(one.widest for one in minutes),
    )


def minute_of(moment: datetime) -> datetime:
    """The start of the minute a moment lies in."""
    return moment.replace(second=0, microsecond=0)


def joined(minutes: Iterable[CoverageMinute]) -> Sequence[CoverageMinute]:
    """Put the parts of each camera's minutes together (a restart or another shift cuts one), the earliest first."""
    parts: dict[tuple[datetime, str], list[CoverageMinute]] = {}
    for part in minutes:
        parts.setdefault((part.minute, part.camera_id), []).append(part)
    return [parts[key][0] if len(parts[key]) == 1 else together(parts[key]) for key in sorted(parts)]


@dataclass(frozen=True, slots=True)
class Bar:
    """Some minutes of one camera as one bar of its strip: `covered`, `usable` and `blind` are shares of its time.

    `minutes` are what it is made of, put together; None where nothing was watched.
    """

    begin: datetime
    end: datetime
    minutes: CoverageMinute | None

    @property
    def usable(self) -> float:
        """The share in which a plate could have been read, 0 to 1."""
        return self._share(self.minutes.usable_seconds) if self.minutes else 0.0

    @property
    def blind(self) -> float:
        """The share that was watched, and no plate could have been read, 0 to 1."""
        return self._share(self.minutes.blind_seconds) if self.minutes else 0.0

    def _share(self, seconds: float) -> float:
        return min(1.0, seconds / (self.end - self.begin).total_seconds())


def bars(minutes: Iterable[CoverageMinute], begin: datetime, end: datetime, most: int) -> Sequence[Bar]:
    """Lay one camera's minutes over the time from `begin` to `end`, in at most `most` bars of whole minutes."""
    begin = minute_of(begin)
    count = max(1, -int((begin - end) // MINUTE))
    abreast = -(-count // max(1, most))
    found: dict[int, list[CoverageMinute]] = {}
    for one in minutes:
        found.setdefault(int((one.minute - begin) // MINUTE) // abreast, []).append(one)
    return [
        Bar(
            begin + place * abreast * MINUTE,
            begin + (place + 1) * abreast * MINUTE,
            together(found[place]) if place in found else None,
        )
        for place in range(-(-count // abreast))
    ]


@dataclass(frozen=True, slots=True)
class MinuteCounts:
    """How many minutes of one camera counted as usable and as blind, and how many vehicles were followed, not read."""

    usable: int = 0
    blind: int = 0
    unread: int = 0


def count(minutes: Iterable[CoverageMinute]) -> MinuteCounts:
    """Count minutes by their verdict."""
    given = list(minutes)
    blind = sum(one.reason is not None for one in given)
    return MinuteCounts(len(given) - blind, blind, sum(one.unread for one in given))
