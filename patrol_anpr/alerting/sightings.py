"""Which hits are worth another sound: one sound a vehicle and encounter, and no storm from one bad entry. Pure."""

from collections import deque
from enum import Enum, auto

from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.vrm import fold

STORM_WINDOW = 300.0
"""Seconds."""
STORM_LIMIT = 3
"""Sounds one entry of a list may cause in STORM_WINDOW seconds; exact hits of the IMMEDIATE tier are not limited."""

_Key = tuple[str, str]


class Verdict(Enum):
    """SOUND it; AGAIN: this vehicle sounded a moment ago; STORM: this entry has made enough noise."""

    SOUND = auto()
    AGAIN = auto()
    STORM = auto()


class Sightings:
    """Remembers what sounded lately.

    `re_alert`: seconds within which a vehicle sounds once, whatever camera reads it; with 0 each hit sounds.
    """

    def __init__(self, re_alert: float) -> None:
        self._re_alert = re_alert
        self._sounded: dict[_Key, tuple[Tier, float]] = {}
        self._storms: dict[_Key, deque[float]] = {}
        self._swept_at = 0.0

    def judge(self, hit: Hit, now: float) -> Verdict:
        """Tell whether to sound a hit, and remember it when so. `now` in monotonic seconds."""
        self._sweep(now)
        if any(self._is_recent(key, hit.tier, now) for key in _same_vehicle(hit)):
            return Verdict.AGAIN
        if hit.tier is not Tier.IMMEDIATE or hit.match.kind is MatchKind.CHECK:
            times = self._storms.setdefault(_entry(hit), deque())
            while times and now - times[0] > STORM_WINDOW:
                times.popleft()
            if len(times) >= STORM_LIMIT:
                return Verdict.STORM
            times.append(now)
        self._sounded[_same_vehicle(hit)[-1]] = (hit.tier, now)
        return Verdict.SOUND

    def forget(self, hit: Hit) -> None:
        """Take a hit back that did not sound after all, so that the next look at it does."""
        self._sounded.pop(_same_vehicle(hit)[-1], None)
        if times := self._storms.get(_entry(hit)):
            times.pop()

    def _is_recent(self, key: _Key, tier: Tier, now: float) -> bool:
        if key not in self._sounded:
            return False
        sounded_tier, at = self._sounded[key]
        return now - at < self._re_alert and tier >= sounded_tier  # a lower number is more urgent: the tier rose

    def _sweep(self, now: float) -> None:
        """Keep the memory small over a long shift."""
        if now - self._swept_at < STORM_WINDOW:
            return
        self._swept_at = now
        self._sounded = {key: (tier, at) for key, (tier, at) in self._sounded.items() if now - at < self._re_alert}
        self._storms = {key: times for key, times in self._storms.items() if times and now - times[-1] <= STORM_WINDOW}


def _same_vehicle(hit: Hit) -> tuple[_Key, ...]:
    """The keys under which this vehicle may have sounded; the last is its own.

    An EXACT hit silences later CHECKs of its entry (the same car misread by the other camera), never the reverse. Two
    CHECKs of one entry with different texts may be two cars.
    """
    exact = ("", fold(hit.match.voi.vrm))
    return (exact,) if hit.match.kind is MatchKind.EXACT else (exact, (fold(hit.vrm), fold(hit.match.voi.vrm)))


def _entry(hit: Hit) -> _Key:
    return hit.match.hotlist.list_id, hit.match.voi.vrm
