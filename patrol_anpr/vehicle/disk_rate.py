"""How long the disk will last at the rate it filled lately. Pure, told the time with each look."""

from collections import deque

_EVERY_SECONDS = 60.0
_LATELY_SECONDS = 3600.0
"""What is looked back at: long enough that one erasing or one upload is not the rate (judged)."""
_LEAST_SECONDS = 600.0
"""Before this much was seen there is no rate."""
MOST_HOURS = 999


class DiskRate:
    """Told how much is free, a look a minute is kept."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()

    def hours_left(self, free: int, now: float) -> int | None:
        """Hours until `free` bytes are used up, at most MOST_HOURS, in one or two figures.

        None while too little was seen, and where the disk does not fill. `now` is in monotonic seconds.
        """
        if not self._looks or now - self._looks[-1][0] >= _EVERY_SECONDS:
            self._looks.append((now, free))
        while now - self._looks[0][0] > _LATELY_SECONDS:
            self._looks.popleft()
        began, then = self._looks[0]
        if now - began < _LEAST_SECONDS or then <= free:
            return None
        hours = free * (now - began) / (then - free) / 3600
        return min(MOST_HOURS, int(round(hours, -1)) if hours >= 100 else round(hours))
