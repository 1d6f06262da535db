"""What a receiver has been sending, and the lamp that follows. Pure: the time is given in, in monotonic seconds."""

import math
from dataclasses import dataclass
from enum import Enum

from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import sentence

STARTING = Lamp("gps", LampState.UNKNOWN, "GPS starting")
FOUND = Lamp("gps", LampState.GOOD, "GPS")
FAILED = Lamp("gps", LampState.BAD, "GPS lost", "Reading positions failed. It is tried again all the time. Tell IT.")
LEAST_SATELLITES = 4
_LATELY = 2.5
"""Seconds: slow receivers send every other second."""


class Sign(Enum):
    """What a line can be besides a believed fix. The first one that was heard lately is the one that is told."""

    NO_FIX = "the receiver says that it has no place"
    DOUBTFUL = "a place that cannot be"
    NO_PLACE = "a good sentence, but none that gives a place"
    UNCHECKED = "a sentence without a checksum"
    BYTES = "something, whatever it is"


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where it depends on how the receiver is connected: nothing comes; what comes makes no sense.

    `noise` is "" where somebody else tells noise from sense.
    """

    silent: str
    noise: str = ""


class Reception:
    """What one receiver sent lately. It is lost when nothing was heard of a place for `lost_after` seconds."""

    def __init__(self, advice: Advice, lost_after: float) -> None:
        self._advice = advice
        self._lost_after = lost_after
        self._opened = math.inf
        self._since = math.inf  # the last fix; before the first one, when it was opened first
        self._has_place = False
        self._gone: str | None = None
        self._heard_at: dict[Sign, float] = {}
        self._lack: str | None = None
        self.satellites: int | None = None
        """How many the receiver last said that it uses, or sees; None when it said nothing of them."""

    def opened(self, now: float) -> None:
        """The receiver could be opened."""
        self._opened, self._gone = now, None
        self._since = min(self._since, now)

    def gone(self, advice: str) -> None:
        """The receiver cannot be opened; `advice` says why and what to do."""
        self._gone = advice

    def fix(self, now: float) -> None:
        """A fix came, and is believed."""
        self._since, self._has_place, self._lack = now, True, None

    def sign(self, sign: Sign, now: float) -> None:
        """Something else came."""
        self._heard_at[sign] = now

    def lacks(self, advice: str | None) -> None:
        """There can be no places from there, and why; None when that is over."""
        self._lack = advice

    def lamp(self, now: float) -> Lamp | None:
        """The lamp of what is known; None while it is too early to say."""
        if self._gone is not None:
            return _lost(self._gone)
        is_quiet = now - self._since >= self._lost_after
        if self._has_place and not is_quiet:
            return FOUND
        if self._lack is not None:
            return _lost(self._lack)
        for sign in Sign:
            if self._is_heard(sign, now) and (is_quiet or sign is Sign.NO_FIX):
                return self._lamp_of(sign)
        return _lost(self._advice.silent) if is_quiet else None

    def _is_heard(self, sign: Sign, now: float) -> bool:
        """Tell whether it comes now: lately, and when the fixes had stopped already, not along with the last one."""
        at = self._heard_at.get(sign)
        if sign is Sign.BYTES and not self._advice.noise:
            return False
        if at is None or now - at >= max(_LATELY, 0.6 * self._lost_after):
            return False
        if sign is not Sign.NO_FIX and now - self._opened < self._lost_after:
            return False  # half a line may be all there was
        return not self._has_place or at - self._since >= self._lost_after / 2

    def _searching(self) -> str:
        if self.satellites is None:
            return "The receiver has no place yet. It needs a free view of the sky."
        if self.satellites < LEAST_SATELLITES:
            return sentence(
                "Too few satellites: {count}. The receiver needs a free view of the sky.", count=self.satellites
            )
        return sentence("The receiver has {count} satellites, but gives no place yet.", count=self.satellites)

    def _lamp_of(self, sign: Sign) -> Lamp:
        if sign is Sign.NO_FIX:
            return Lamp("gps", LampState.WARN, "GPS searching", self._searching())
        if sign is Sign.DOUBTFUL:
            advice = "The receiver's places jump or cannot be, so none is taken. Check its aerial."
            return Lamp("gps", LampState.WARN, "GPS doubtful", advice)
        if sign is Sign.NO_PLACE:
            advice = "The receiver sends, but no place. Set it to send RMC, or GGA and VTG."
            return Lamp("gps", LampState.BAD, "GPS gives no place", advice)
        if sign is Sign.UNCHECKED:
            advice = (
                "The receiver's sentences have no checksums, so a wrong place would not be noticed. Switch them on."
            )
            return Lamp("gps", LampState.BAD, "GPS unreadable", advice)
        return Lamp("gps", LampState.BAD, "GPS unreadable", self._advice.noise)


def _lost(advice: str) -> Lamp:
    return Lamp("gps", LampState.BAD, "GPS lost", advice)
