"""What a shift brought, hour by hour and camera by camera. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourCell:
    """The Reads that one camera made in one hour, and the hits among them; `hour` is its beginning, in UTC."""

    hour: datetime
    camera_id: str
    reads: int
    hits: int = 0


@dataclass(frozen=True, slots=True)
class HourCounts:
    """All cameras in one hour."""

    hour: datetime
    reads: int
    hits: int


@dataclass(frozen=True, slots=True)
class CameraCounts:
    """One camera in the whole shift."""

    camera_id: str
    reads: int
    hits: int

    @property
    def hits_in_a_hundred(self) -> float:
        """Hits in a hundred Reads."""
        return 100 * self.hits / self.reads if self.reads else 0.0


@dataclass(frozen=True, slots=True)
class ShiftChart:
    """The cells that are not empty, in no order."""

    cells: tuple[HourCell, ...] = ()

    def hours(self) -> tuple[HourCounts, ...]:
        """Every hour from the first to the last that has something, those between without anything among them."""
        found: dict[datetime, tuple[int, int]] = {}
        for cell in self.cells:
            reads, hits = found.get(cell.hour, (0, 0))
            found[cell.hour] = (reads + cell.reads, hits + cell.hits)
        if not found:
            return ()
        first, last = min(found), max(found)
        every = (first + number * HOUR for number in range((last - first) // HOUR + 1))
        return tuple(HourCounts(hour, *found.get(hour, (0, 0))) for hour in every)

    def cameras(self) -> tuple[CameraCounts, ...]:
        """Every camera that has made a Read, the one with the most first."""
        found: dict[str, tuple[int, int]] = {}
        for cell in self.cells:
            reads, hits = found.get(cell.camera_id, (0, 0))
            found[cell.camera_id] = (reads + cell.reads, hits + cell.hits)
        counts = (CameraCounts(camera_id, *both) for camera_id, both in found.items())
        return tuple(sorted(counts, key=lambda one: (-one.reads, one.camera_id)))


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour of a moment, in UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def merged(cells: Iterable[HourCell]) -> tuple[HourCell, ...]:
    """Cells of the same hour and camera made one."""
    found: dict[tuple[datetime, str], tuple[int, int]] = {}
    for cell in cells:
        reads, hits = found.get((cell.hour, cell.camera_id), (0, 0))
        found[cell.hour, cell.camera_id] = (reads + cell.reads, hits + cell.hits)
    return tuple(HourCell(hour, camera_id, *both) for (hour, camera_id), both in found.items())
