"""What waits to be written, in two lanes: facts in their order, and beside them what makes room."""

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

from patrol_anpr.records.jobs import Job

GROUP_JOBS = 64
"""Facts that are written in one transaction. What makes room is written one by one: room is what is short then."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job, whoever waits for its result, and since when it waits (monotonic seconds)."""

    job: Job
    ordinary: bool
    result: "Future[int]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)

    def answer(self, result: int | Exception) -> None:
        """Give the result to whoever waits for it, unless nobody does any more."""
        if not self.result.set_running_or_notify_cancel():
            return
        if isinstance(result, Exception):
            self.result.set_exception(result)
        else:
            self.result.set_result(result)


@dataclass(slots=True)
class Lane:
    """Jobs in the order they are written, `most` at once. After a failure none is tried before `not_before`."""

    most: int
    jobs: deque[Waiting] = field(default_factory=deque)
    pause: float = 0.0
    not_before: float = 0.0

    def due(self, now: float) -> bool:
        """Tell whether something is to be written now."""
        return bool(self.jobs) and now >= self.not_before

    def group(self) -> Sequence[Waiting]:
        """What comes next; it leaves the lane only once it is written. What nobody waits for any more is dropped."""
        while self.jobs and self.jobs[0].result.cancelled():
            self.jobs.popleft()
        return tuple(islice(self.jobs, self.most))


class Lanes:
    """Both lanes, and whose turn it is. Not for several threads: its owner holds a lock."""

    def __init__(self) -> None:
        self.facts, self.room = Lane(GROUP_JOBS), Lane(1)
        self._order = [self.room, self.facts]

    @property
    def empty(self) -> bool:
        """True when nothing waits."""
        return not (self.facts.jobs or self.room.jobs)

    def next_due(self, now: float) -> Lane | None:
        """Return a lane with something due. The other one is asked first next time: neither keeps the other waiting."""
        for lane in self._order:
            if lane.due(now):
                self._order.sort(key=lambda one: one is lane)
                return lane
        return None

    def next_moment(self) -> float | None:
        """When something is due; None when nothing waits."""
        return min((lane.not_before for lane in self._order if lane.jobs), default=None)

    def hurry(self) -> None:
        """Try everything again at once."""
        self.facts.not_before = self.room.not_before = 0.0

    def left_over(self) -> Sequence[Waiting]:
        """All that waits."""
        return (*self.facts.jobs, *self.room.jobs)
