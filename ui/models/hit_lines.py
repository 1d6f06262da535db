"""Hits as the officer sees them in a list: the same car again is one line with a count. Pure: no Qt, no clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.domain.hit import Hit, urgency
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.sighting import Sighting, sighting_of


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with the pictures of its Read."""

    hit: Hit
    evidence: Evidence

    @property
    def hit_id(self) -> str:
        """The hit's id."""
        return self.hit.hit_id


@dataclass(frozen=True, slots=True)
class HitLine:
    """The hits of one Sighting, the one that the line opens, how many there are, and when it was last seen.

    It opens the newest that is open. Once all are decided, it opens the one whose picture was looked at: what control
    said and what was done stand there.

    `since` orders the lines: when the first of the open ones was raised.
    """

    shown: ShownHit
    times: int
    last: datetime
    since: datetime
    muted: bool = False

    @property
    def hit(self) -> Hit:
        """The hit that the line opens."""
        return self.shown.hit

    @property
    def hit_id(self) -> str:
        """Its id."""
        return self.shown.hit_id

    @property
    def urgency(self) -> tuple[Tier, bool, datetime]:
        """As of hits: by tier, EXACT before CHECK, then the one that waits longest."""
        return (*urgency(self.hit)[:2], self.since)


def lines_of(hits: Iterable[ShownHit], is_muted: Callable[[Hit], bool] = lambda _: False) -> list[HitLine]:
    """Put hits into lines, in no order."""
    found: dict[Sighting, list[ShownHit]] = {}
    for one in sorted(hits, key=lambda one: one.hit.read.captured_at):
        found.setdefault(sighting_of(one.hit), []).append(one)
    return [_line(same, is_muted) for same in found.values()]


def line_of_one(hit: Hit) -> HitLine:
    """A line of its own for one hit, where each is a record by itself."""
    return HitLine(ShownHit(hit, Evidence(b"", b"")), 1, hit.read.captured_at, hit.raised_at, hit.muted)


def _line(same: list[ShownHit], is_muted: Callable[[Hit], bool]) -> HitLine:
    open_ones = [one for one in same if one.hit.is_open] or [one for one in same if one.hit.look] or same
    shown = open_ones[-1]
    muted = is_muted(shown.hit) or shown.hit.muted
    since = min(one.hit.raised_at for one in open_ones)
    return HitLine(shown, len(same), same[-1].hit.read.captured_at, since, muted)
