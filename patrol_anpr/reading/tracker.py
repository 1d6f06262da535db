"""Joining the plates of successive frames of one camera by geometry alone, never by text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from patrol_anpr.domain.plate import Box, Plate

# Judged, and held by the tests of this room: one Read a vehicle on drawn roads, at 2 to 30 pictures a second.
_MOMENT = 0.001
"""Seconds; over less than this no motion can be told."""
_LEFT_AFTER = 0.15
"""Seconds unseen, where the plate should be outside the picture by now: some four frames, so that one miss is none."""
_SMOOTH = 0.6
"""Weight (0 to 1) of the newest motion against what was known."""
_REACH, _REACH_PER_SECOND = 1.2, 6.0
"""Plate widths that a plate may lie from where it was expected, and by how many this grows in a second unseen."""
_MOST_REACH = 3.0
"""Plate widths: vehicles side by side have their plates further apart than this (a lane is 3.5 m, a plate 0.52 m)."""
_MOST_GROWTH = 1.8
"""Factor in size between two sightings."""
_MOST_SHOWN = 2.6
"""Factor in width between two sightings, when a part of the plate was hidden in one."""


@dataclass(slots=True, eq=False)
class Track:
    """One physical plate as one camera sees it. Times in seconds (monotonic), motion in pixels a second."""

    box: Box
    seen_at: float
    sightings: int = 1
    motion: tuple[float, float] = (0.0, 0.0)
    growth: float = 0.0  # of the size, logarithm a second
    widest: float = field(init=False)  # pixels

    def __post_init__(self) -> None:
        self.widest = self.box.width

    def expected(self, at: float) -> Box:
        """Where the plate should be at `at`, going on as it did; growth is believed for half a second."""
        passed = max(0.0, at - self.seen_at)
        factor = math.exp(max(-0.5, min(0.5, self.growth * min(passed, 0.5))))
        x, y = self.box.centre
        x, y = x + self.motion[0] * passed, y + self.motion[1] * passed
        half_width, half_height = self.box.width * factor / 2, self.box.height * factor / 2
        return Box(x - half_width, y - half_height, x + half_width, y + half_height)

    def follow(self, box: Box, at: float) -> None:
        """Take `box` as the plate at `at`."""
        passed = at - self.seen_at
        if passed > _MOMENT:
            (x, y), (old_x, old_y) = box.centre, self.box.centre
            share = _SMOOTH if self.sightings > 1 else 1.0
            self.motion = (
                share * (x - old_x) / passed + (1 - share) * self.motion[0],
                share * (y - old_y) / passed + (1 - share) * self.motion[1],
            )
            self.growth = share * _grown(self.box, box) / passed + (1 - share) * self.growth
        self.box, self.seen_at = box, at
        self.widest = max(self.widest, box.width)
        self.sightings += 1


@dataclass(slots=True)
class Tracker:
    """The tracks of one camera. A track ends when its plate was not seen for `gap` seconds."""

    gap: float
    tracks: list[Track] = field(default_factory=list)

    def follow(self, plates: Sequence[Plate], at: float) -> list[Track]:
        """Return the track of each plate, in the order of `plates`; new plates begin new tracks."""
        pairs = sorted(
            (
                (closeness, track, place)
                for place, plate in enumerate(plates)
                for track in self.tracks
                if (closeness := _closeness(track, plate.box, at)) > 0
            ),
            key=lambda pair: -pair[0],
        )
        found: dict[int, Track] = {}
        taken: set[int] = set()
        for _, track, place in pairs:
            if place not in found and id(track) not in taken:
                track.follow(plates[place].box, at)
                found[place] = track
                taken.add(id(track))
        for place, plate in enumerate(plates):
            if place not in found:
                found[place] = Track(plate.box, at)
                self.tracks.append(found[place])
        return [found[place] for place in range(len(plates))]

    def ended(self, at: float, frame: tuple[int, int]) -> list[Track]:
        """Remove and return the tracks that are over at `at`, in a frame of (width, height).

        A plate that drove out of the picture is gone almost at once, so that its alert does not wait; one that vanished
        within the picture may come back, and has `gap` seconds for it.
        """
        gone = [track for track in self.tracks if at - track.seen_at > self.gap or _has_left(track, at, frame)]
        self.tracks = [track for track in self.tracks if track not in gone]
        return gone

    def finish(self) -> list[Track]:
        """Remove and return all tracks."""
        gone, self.tracks = self.tracks, []
        return gone


def _has_left(track: Track, at: float, frame: tuple[int, int]) -> bool:
    x, y = track.expected(at).centre
    inside = 0 <= x <= frame[0] and 0 <= y <= frame[1]
    return not inside and at - track.seen_at > _LEFT_AFTER


def _grown(before: Box, after: Box) -> float:
    """How much nearer a plate came (logarithm of a factor): the lesser of its growth in width and in height.

    A plate that comes out from behind something gets wider and no higher; it is no nearer for that.
    """
    return min(math.log(after.width / before.width), math.log(after.height / before.height), key=abs)


def _closeness(track: Track, box: Box, at: float) -> float:
    """How well `box` goes on with `track`: 0 not at all, up to 2 (IoU plus nearness of the centres)."""
    expected = track.expected(at)
    shown = box.width / expected.width
    if abs(_grown(expected, box)) > math.log(_MOST_GROWTH) or not 1 / _MOST_SHOWN <= shown <= _MOST_SHOWN:
        return 0.0
    reach = min(_MOST_REACH, _REACH + _REACH_PER_SECOND * max(0.0, at - track.seen_at)) * max(expected.width, box.width)
    # A plate that was seen once has no known motion: it is looked for where it was, as far as that reaches.
    nearness = 1 - math.dist(expected.centre, box.centre) / reach
    return nearness + expected.iou(box) if nearness > 0 else 0.0
