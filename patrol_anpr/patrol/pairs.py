"""The Reads of the last seconds, and whether a new one is of the same vehicle as one of the car's other end."""

import threading
from collections import deque
from dataclasses import replace
from datetime import timedelta

from patrol_anpr.domain.pairing import LONGEST, pair_of, together
from patrol_anpr.domain.read import Read

_MOST = 200
"""Reads looked at: more than pass in LONGEST seconds."""


class Pairs:
    """Every method may be called from any thread; none waits. Each takes microseconds: it comes before the sound."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: deque[Read] = deque(maxlen=_MOST)

    def begin(self) -> None:
        """A shift begins or ends: no Read of another one is near."""
        with self._lock:
            self._before.clear()

    def compared(self, read: Read) -> Read:
        """Return a new Read with what the camera of the other end says of it.

        The Read before stays as it was published: the new one names it.
        """
        with self._lock:
            since = read.captured_at - timedelta(seconds=LONGEST)
            before = [one for one in self._before if one.captured_at >= since]
            pair = pair_of(read, before)
            if pair is not None:
                other = next(one for one in before if one.read_id == pair.other_id)
                confidence = read.confidence if pair.differs else together(read.confidence, other.confidence)
                paired = replace(read, confidence=confidence, paired_with=pair.other_id, plates_differ=pair.differs)
            else:
                paired = read
            self._before.append(read)
            return paired
