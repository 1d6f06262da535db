"""What each list brings in the shift under way: whether a list is worth its noise, counted from the events."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import Event, HitChanged, HitRaised
from patrol_anpr.domain.hit import Hit, HitState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import TEN_MINUTES, ListCounts


@dataclass(slots=True)
class _List:
    """One list; `recent` are the monotonic seconds of its hits in the last ten minutes."""

    name: str
    states: dict[str, HitState] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=deque)
    peak: int = 0

    def add(self, hit: Hit, at: float) -> None:
        self.name = hit.match.hotlist.name
        self.states[hit.hit_id] = hit.state
        self.recent.append(at)
        self.peak = max(self.peak, self.lately(at))

    def lately(self, now: float) -> int:
        while self.recent and now - self.recent[0] > TEN_MINUTES:
            self.recent.popleft()
        return len(self.recent)


class ListTally:
    """Counts the hits of the shift under way by list, in memory; SILENT ones are no matter of the crew.

    Any thread may call; nothing waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._shift_id: str | None = None
        self._lists: dict[str, _List] = {}

    def begin(self, shift_id: str | None, hits: Sequence[Hit] = ()) -> None:
        """Begin a shift, None for no shift; one that goes on brings the `hits` it had before the program was cut off.

        The age of those hits goes by the records' own time: monotonic seconds of another run mean nothing now.
        """
        now, monotonic = self._clock.utc(), self._clock.monotonic()
        with self._lock:
            self._shift_id, self._lists = shift_id, {}
            for hit in sorted(hits, key=lambda hit: hit.raised_at):
                self._add(hit, monotonic - (now - hit.raised_at).total_seconds())

    def take(self, event: Event) -> None:
        """Take an event; hits of another shift, or of none, are not counted."""
        match event:
            case HitRaised(hit=hit) if hit.shift_id is not None:
                with self._lock:
                    if hit.shift_id == self._shift_id:
                        self._add(hit, hit.raised_monotonic)
            case HitChanged(hit=hit):
                with self._lock:
                    found = self._lists.get(hit.match.hotlist.list_id)
                    if found is not None and hit.hit_id in found.states:
                        found.states[hit.hit_id] = hit.state
            case _:
                pass

    def counts(self) -> Sequence[ListCounts]:
        """What each list brought, the one with the most hits first."""
        now = self._clock.monotonic()
        with self._lock:
            counts = [
                ListCounts(
                    list_id=list_id,
                    name=found.name,
                    hits=len(found.states),
                    dismissed=list(found.states.values()).count(HitState.DISMISSED),
                    lately=found.lately(now),
                    peak=found.peak,
                )
                for list_id, found in self._lists.items()
            ]
        return sorted(counts, key=lambda one: (-one.hits, one.name))

    def _add(self, hit: Hit, at: float) -> None:
        if hit.tier is not Tier.SILENT:
            self._lists.setdefault(hit.match.hotlist.list_id, _List(hit.match.hotlist.name)).add(hit, at)
