"""How many routine hits are spoken: more than a few in ten minutes are noise, and noise gets switched off. Pure.

Lists of untaxed or uninsured vehicles raise dozens of hits an hour. Alarm practice (IEC 62682) calls more than ten
alarms in ten minutes a flood: people stop to listen. So at most `limit` routine hits sound in any ten minutes, and the
others are told as a number. Only the sound is limited: every hit is on the screen and in the records. More urgent tiers
are no matter of this rule.
"""

from collections import deque
from collections.abc import Sequence

from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.wording import why_listed

WINDOW = 600.0
"""Seconds: the ten minutes in which alarm practice counts."""
TELL_AFTER = 180.0
"""Seconds after the first hit held back when their number is told (judged): six hits and the numbers are no flood."""


class Governor:
    """Counts the routine hits that sounded, and holds the others back until their number is told.

    `limit` routine hits sound in any WINDOW seconds; None: all do; 0: none does, and no number is told either. `now` is
    always in monotonic seconds.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._sounded: deque[float] = deque()
        self._held: dict[str, str] = {}  # hit id -> why it is listed
        self._tell_at = 0.0

    def allows(self, hit: Hit, now: float) -> bool:
        """Whether this hit may sound now."""
        if hit.tier is not Tier.ROUTINE or self._limit is None:
            return True
        while self._sounded and now - self._sounded[0] > WINDOW:
            self._sounded.popleft()
        return len(self._sounded) < self._limit

    def sounded(self, hit: Hit, now: float) -> None:
        """Take word that a hit began to sound; one that was cut off and begins again counts again."""
        if hit.tier is Tier.ROUTINE:
            self._sounded.append(now)

    def hold(self, hit: Hit, now: float) -> None:
        """Take a hit that may not sound now: it is in the number that is told next."""
        if not self._limit:
            return
        if not self._held:
            self._tell_at = now + TELL_AFTER
        self._held[hit.hit_id] = why_listed(hit.match)

    def forget(self, hit_id: str) -> None:
        """Take a hit out of the number: the officer has seen it."""
        self._held.pop(hit_id, None)

    def mute(self) -> None:
        """Take all out: what is muted is not told later."""
        self._held.clear()

    def due(self, now: float) -> Sequence[str]:
        """Why each hit held back is listed, when it is time to tell how many they are; each is returned once."""
        if not self._held or now < self._tell_at:
            return ()
        reasons = tuple(self._held.values())
        self._held.clear()
        return reasons
