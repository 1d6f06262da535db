"""What a Read sets off: it is matched, its hits sound, are recorded and are told; in that order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from patrol_anpr.domain.clock import Clock, ClockState
from patrol_anpr.domain.events import HitRaised, ReadMade
from patrol_anpr.domain.hit import Hit, Match
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Shift
from patrol_anpr.patrol.hits import Hits
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.movement import Movement
from patrol_anpr.patrol.muted_entries import MutedEntries
from patrol_anpr.patrol.pairs import Pairs
from patrol_anpr.patrol.ports import Alerting, Matching, Recording
from patrol_anpr.patrol.reads import ShiftReads
from patrol_anpr.plumbing.steps import EveryStep


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What it takes. `judging` is the clock to match by; within `again_after` the same vehicle is still about.

    `shift` is the shift that Reads belong to now.
    """

    matching: Matching
    alerting: Alerting
    recording: Recording
    judging: Clock
    clock_state: Callable[[], ClockState]
    again_after: timedelta
    shift: Callable[[], Shift | None]
    listeners: Listeners
    movement: Movement
    hits: Hits
    muted: MutedEntries
    pairs: Pairs
    reads: ShiftReads


class Intake:
    """Every method may be called from any thread; none waits for a disk.

    Nothing a hit needs to be heard comes before the sound. No step that fails keeps the next from happening: the first
    failure is raised once all were taken.
    """

    def __init__(self, parts: IntakeParts) -> None:
        self._parts = parts

    def read_made(self, read: Read, evidence: Evidence) -> Sequence[Hit]:
        """Take a new Read: match it, sound its hits, record it, tell the screen."""
        parts, shift = self._parts, self._parts.shift()
        shift_id = shift.shift_id if shift else None
        with EveryStep() as steps:
            read = steps.take(self._stamped, read) or read
            read = steps.take(parts.pairs.compared, read) or read
            matches = steps.take(self._matches, read.vrm) or ()
            hits = self._sounded(steps, parts.hits.made(read, matches, shift))
            again = self._seen_before(steps, hits)
            if self.is_under_way(shift):
                steps.take(parts.hits.keep, hits, evidence)
            steps.take(parts.recording.keep_read, read, evidence, hits, shift_id)
            if self.is_under_way(shift):
                steps.take(parts.reads.add, read)
            steps.take(parts.listeners.publish, ReadMade(read, evidence, shift_id))
            self._tell(steps, hits, evidence, again)
        return hits

    def matched_again(self, read: Read, evidence: Evidence, corrected_vrm: str, shift: Shift) -> Sequence[Hit]:
        """Match a Read that is kept already by the officer's correction: sound, record and tell its hits, as above.

        They are of the past: the camera saw the vehicle when the Read was made, however long ago that is.
        """
        return self.raise_past(read, evidence, self._matches(corrected_vrm), shift, corrected_vrm)

    def raise_past(
        self, read: Read, evidence: Evidence, matches: Sequence[Match], shift: Shift, corrected_vrm: str | None
    ) -> Sequence[Hit]:
        """Take matches of a Read that is kept already: sound, record and tell them as hits of the past."""
        parts = self._parts
        with EveryStep() as steps:
            hits = self._sounded(steps, parts.hits.made(read, matches, shift, corrected_vrm, past=True))
            again = self._seen_before(steps, hits)
            steps.take(parts.hits.keep, hits, evidence)
            steps.take(parts.recording.keep_hits, hits)
            self._tell(steps, hits, evidence, again)
        return hits

    def is_under_way(self, shift: Shift | None) -> bool:
        """Whether the screen shows this shift: a reader that hung over a sign-off makes Reads of the one before."""
        return shift is not None and shift is self._parts.shift()

    def _matches(self, vrm: str) -> Sequence[Match]:
        return self._parts.matching.match(vrm, self._parts.judging.utc())

    def _sounded(self, steps: EveryStep, hits: Sequence[Hit]) -> Sequence[Hit]:
        hits = steps.take(self._parts.muted.marked, hits) or hits
        for hit in hits:
            if not hit.muted:
                steps.take(self._parts.alerting.hit, hit)
        return hits

    def _seen_before(self, steps: EveryStep, hits: Sequence[Hit]) -> frozenset[str]:
        if not hits:
            return frozenset()
        return steps.take(self._parts.hits.seen_before, hits, self._parts.again_after) or frozenset()

    def _tell(self, steps: EveryStep, hits: Sequence[Hit], evidence: Evidence, again: frozenset[str]) -> None:
        for hit in hits:
            steps.take(self._parts.listeners.publish, HitRaised(hit, evidence, again=hit.hit_id in again))

    def _stamped(self, read: Read) -> Read:
        """Add what the car knew when the Read was made: where it was, how good its clock is, which lists it held."""
        state, fix = self._parts.clock_state(), self._parts.movement.fix
        return replace(
            read,
            fix=fix,
            fix_age=None if fix is None else fix.age(read.captured_monotonic),
            clock_source=state.source,
            clock_offset=None if state.offset is None else state.offset.total_seconds(),
            lists=tuple((head.list_id, head.revision) for head in self._parts.matching.hotlists),
        )
