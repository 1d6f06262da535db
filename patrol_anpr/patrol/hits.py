"""The one owner of a hit: it takes what an officer says of it, and knows which hits of the shift are open."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.entry import ListEntry, entry_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import HitCancelled, HitChanged
from patrol_anpr.domain.hit import (
    Hit,
    HitState,
    Match,
    Outcome,
    after,
    urgency,
)
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import NO_PICTURES, Evidence, Read
from patrol_anpr.domain.shift import NO_ONE, Shift
from patrol_anpr.domain.sighting import Sighting, decided_with, sighting_of
from patrol_anpr.patrol.decisions import Decision, complete, decide, is_new_stop
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.ports import Alerting, Recording

STOPPED_WITHOUT = "stopped_without_look_or_control"
"""The audit trail's word for a stop by override."""
STILL_NEWS = timedelta(minutes=5)
"""A hit nobody saw before the program was cut off is said again while it is younger than this."""


@dataclass(frozen=True, slots=True)
class HitCounts:
    """The hits of a shift the crew may see."""

    confirmed: int = 0
    dismissed: int = 0
    unresolved: int = 0

    @property
    def hits(self) -> int:
        """All of them."""
        return self.confirmed + self.dismissed + self.unresolved


class Hits:
    """The hits of the shift under way, in memory. Every method may be called from any thread; none waits for a disk."""

    def __init__(self, alerting: Alerting, recording: Recording, clock: Clock, listeners: Listeners) -> None:
        self._alerting, self._recording, self._clock, self._listeners = alerting, recording, clock, listeners
        self._lock = threading.Lock()
        self._hits: dict[str, Hit] = {}
        self._evidence: dict[str, Evidence] = {}  # by hit id
        self._decided_with: dict[str, str] = {}  # by hit id, the hit whose decision closed it

    def begin(self, stored: Sequence[Hit] = (), evidence: Mapping[str, Evidence] = MappingProxyType({})) -> None:
        """Begin a shift. One that goes on brings its hits, and by hit id the pictures of those that are open."""
        with self._lock:
            self._hits = {hit.hit_id: hit for hit in stored}
            self._evidence = dict(evidence)
            self._decided_with = {}

    def end(self) -> None:
        """The shift is over: the next officer sees and hears nothing of it."""
        for hit, _ in self.open_hits():
            self._alerting.acknowledge(hit.hit_id)
        self.begin()

    def made(
        self,
        read: Read,
        matches: Sequence[Match],
        shift: Shift | None,
        corrected_vrm: str | None = None,
        *,
        past: bool = False,
    ) -> Sequence[Hit]:
        """Raise a hit for each match; nothing else, since nothing may come before the sound."""
        return [self._raise(read, match, shift, corrected_vrm, past=past) for match in matches]

    def _raise(self, read: Read, match: Match, shift: Shift | None, corrected_vrm: str | None, *, past: bool) -> Hit:
        return Hit(
            hit_id=str(uuid.uuid4()),
            read=read,
            match=match,
            raised_at=self._clock.utc(),
            raised_monotonic=self._clock.monotonic(),
            shift_id=shift.shift_id if shift else None,
            corrected_vrm=corrected_vrm,
            past=past,
        )

    def seen_before(self, hits: Sequence[Hit], within: timedelta) -> frozenset[str]:
        """The ids of those new hits whose vehicle has had a hit `within` a span before: it is still about."""
        with self._lock:
            last: dict[Sighting, datetime] = {}
            for one in self._hits.values():
                line = sighting_of(one)
                last[line] = max(last.get(line, one.raised_at), one.raised_at)
        return frozenset(
            hit.hit_id
            for hit in hits
            if (before := last.get(sighting_of(hit))) is not None and hit.raised_at - before < within
        )

    def keep(self, hits: Sequence[Hit], evidence: Evidence) -> None:
        """Hold the hits of one Read open until they are decided."""
        with self._lock:
            self._hits.update((hit.hit_id, hit) for hit in hits)
            self._evidence.update((hit.hit_id, evidence) for hit in hits)

    def of(self, hit_id: str, shift: Shift) -> Hit:
        """A hit of `shift` that the crew may see.

        Raises:
            BadInput: there is none.
        """
        with self._lock:
            hit = self._hits.get(hit_id)
        if hit is None or hit.shift_id != shift.shift_id or hit.tier is Tier.SILENT:
            raise BadInput("This hit is not of the shift under way.")
        return hit

    def of_entry(self, entry: ListEntry) -> Sequence[Hit]:
        """The hits of one entry, the oldest first."""
        with self._lock:
            return [hit for hit in self._hits.values() if entry_of(hit.match) == entry]

    def look_whether_listed(self, is_listed: Callable[[Hit], bool]) -> None:
        """Mark the open hits whose entry is on its list no more, and stop talking about them; they stay open.

        The mark goes where the entry is there again.
        """
        with self._listeners.order:
            with self._lock:
                opened = [hit for hit in self._hits.values() if hit.is_open]
            changed = [replace(hit, cancelled=not hit.cancelled) for hit in opened if is_listed(hit) is hit.cancelled]
            for hit in changed:
                with self._lock:
                    if hit.hit_id in self._hits:
                        self._hits[hit.hit_id] = hit
                if hit.cancelled:
                    self._alerting.acknowledge(hit.hit_id)
                self._recording.audit(NO_ONE, "entry_cancelled" if hit.cancelled else "entry_listed_again", hit.hit_id)
                self._listeners.publish(HitCancelled(hit))

    def sound_again(self, is_muted: Callable[[Hit], bool] = lambda _: False) -> None:
        """After a cut within a shift: sound what nobody has seen yet and is still about, most urgent first.

        What is older is on the screen with its time; said now it would sound as if the vehicle were here now.
        """
        now = self._clock.utc()
        for hit, _ in self.open_hits():
            if (
                hit.state is HitState.RAISED
                and not hit.cancelled
                and now - hit.raised_at < STILL_NEWS
                and not is_muted(hit)
            ):
                self._alerting.hit(hit)

    def decide(self, hit_id: str, decision: Decision, shift: Shift) -> None:
        """Take what the officer of `shift` says of a hit: record it, tell it, and stop talking about the hit.

        That a hit was seen is recorded once. What is decided, or taken back, is so for the other sightings of the
        vehicle that domain/sighting.py names.

        Raises:
            BadInput: as `decide`; or the hit is not of the shift under way.
        """
        with self._listeners.order:  # one decision after the other
            with self._lock:
                hit = self._hits.get(hit_id)
            if hit is None:
                raise BadInput("This hit is not of the shift under way.")
            decision = complete(hit, decision)
            changed = decide(hit, decision, shift, self._clock.monotonic())
            outcome = None
            if changed != hit or decision.state is not HitState.ACKNOWLEDGED:
                outcome = self._outcome(hit_id, decision, shift)
                changed = after(changed, outcome)
                self._recording.keep_outcome(outcome)  # without the lock: it may tell of a lamp
                if outcome.override is not None and is_new_stop(hit, decision):
                    self._recording.audit(shift.officer_id, STOPPED_WITHOUT, hit_id, outcome.override)
                with self._lock:
                    if hit_id in self._hits:  # the shift may have ended meanwhile
                        self._hits[hit_id] = changed
            self._alerting.acknowledge(hit_id)
            if outcome is not None:
                self._listeners.publish(HitChanged(changed, outcome))
            if changed.is_open is not hit.is_open:
                self._decide_sightings(changed, decision, shift)

    def _decide_sightings(self, hit: Hit, decision: Decision, shift: Shift) -> None:
        """Close the other sightings that a decision is about; or open them again, where it is taken back.

        Each says with which hit it was decided: only that one's picture was looked at, and what was done stands there.
        """
        said = Decision(decision.state, undone=decision.undone)
        for one in self._decided_beside(hit, decision):
            outcome = replace(self._outcome(one.hit_id, said, shift), with_hit=hit.hit_id)
            changed = after(replace(one, decided_monotonic=hit.decided_monotonic), outcome)
            self._recording.keep_outcome(outcome)
            with self._lock:
                if one.hit_id in self._hits:
                    self._hits[one.hit_id] = changed
            self._alerting.acknowledge(one.hit_id)
            self._listeners.publish(HitChanged(changed, outcome))

    def _decided_beside(self, hit: Hit, decision: Decision) -> Sequence[Hit]:
        """The other hits that this decision is about; which they were is remembered for UNDO."""
        with self._lock:
            self._decided_with.pop(hit.hit_id, None)
            if not decision.undone:
                found = decided_with(hit, decision.state, self._hits.values())
                self._decided_with.update((one.hit_id, hit.hit_id) for one in found)
                return found
            ids = [one for one, with_hit in self._decided_with.items() if with_hit == hit.hit_id]
            for one in ids:
                del self._decided_with[one]
            return [self._hits[one] for one in ids if one in self._hits]

    def _outcome(self, hit_id: str, decision: Decision, shift: Shift) -> Outcome:
        return Outcome(
            outcome_id=str(uuid.uuid4()),
            hit_id=hit_id,
            officer_id=shift.officer_id,
            at=self._clock.utc(),
            state=decision.state,
            verification=decision.verification,
            disposition=decision.disposition,
            corrected_vrm=decision.corrected_vrm,
            undone=decision.undone,
            looked=decision.looked,
            look_choice=decision.look_choice,
            control=decision.control,
            override=decision.override,
        )

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift that still want a decision, most urgent first; SILENT ones are not shown."""
        with self._lock:
            shown = [hit for hit in self._hits.values() if hit.is_open and hit.tier is not Tier.SILENT]
            return [(hit, self._evidence.get(hit.hit_id, NO_PICTURES)) for hit in sorted(shown, key=urgency)]

    def shift_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """All hits of this shift that the crew may see, most urgent first.

        NO_PICTURES for those that were decided before the program was cut off.
        """
        with self._lock:
            shown = [hit for hit in self._hits.values() if hit.tier is not Tier.SILENT]
            return [(hit, self._evidence.get(hit.hit_id, NO_PICTURES)) for hit in sorted(shown, key=urgency)]

    def counts(self) -> HitCounts:
        """Count the shift's hits; SILENT ones are no matter of the crew."""
        with self._lock:
            states = [hit.state for hit in self._hits.values() if hit.tier is not Tier.SILENT]
        actioned, dismissed_ = states.count(HitState.ACTIONED), states.count(HitState.DISMISSED)
        return HitCounts(
            confirmed=actioned,
            dismissed=dismissed_,
            unresolved=len(states) - actioned - dismissed_,
        )
