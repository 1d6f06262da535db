"""The hits of one car: which are open, and what an officer says of each. An outcome is appended, never changed."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import Event, HitChanged
from patrol_anpr.domain.hit import Disposition, Hit, HitState, Match, MatchKind, Outcome, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import NO_ONE, Shift
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.patrol.ports import Alerting, Recording

_STILL_NEWS = timedelta(minutes=5)
_OPEN = (HitState.RAISED, HitState.ACKNOWLEDGED)


class Hits:
    """The hits since the program started, and those of the shift on the disk.

    `shift` tells the shift under way. Every method may be called from any thread.
    """

    def __init__(
        self,
        alerting: Alerting,
        recording: Recording,
        clock: Clock,
        publish: Callable[[Event], None],
        shift: Callable[[], Shift | None],
    ) -> None:
        self._alerting, self._recording, self._clock = alerting, recording, clock
        self._publish, self._shift = publish, shift
        self._lock = threading.RLock()
        self._hits: dict[str, Hit] = {}
        self._unsaved: dict[str, Evidence] = {}  # of Reads with hits, by read id, until they are on the disk
        self._undo: dict[str, HitState] = {}

    def sound(self, read: Read, matches: Sequence[Match], shift: Shift | None) -> Sequence[Hit]:
        """Raise a hit for each match and sound it; nothing else, since nothing may come before the sound."""
        hits = [self._raise(read, match, shift) for match in matches]
        for hit in hits:
            self._alerting.hit(hit)
        return hits

    def _raise(self, read: Read, match: Match, shift: Shift | None) -> Hit:
        return Hit(
            hit_id=str(uuid.uuid4()),
            read=read,
            match=match,
            raised_at=self._clock.utc(),
            raised_monotonic=self._clock.monotonic(),
            shift_id=shift.shift_id if shift else None,
        )

    def sound_again(self) -> None:
        """After a cut within a shift: sound what nobody has seen yet and is still about, most urgent first.

        What is older is on the screen with its time; said now it would sound as if the vehicle were here now.
        """
        now = self._clock.utc()
        for hit, _ in self.open_hits():
            if hit.state is HitState.RAISED and now - hit.raised_at < _STILL_NEWS:
                self._alerting.hit(hit)

    def keep(self, hits: Sequence[Hit], evidence: Evidence) -> None:
        """Hold the hits of one Read open, and its pictures until they are on the disk."""
        with self._lock:
            self._hits.update((hit.hit_id, hit) for hit in hits)
            self._unsaved.update((hit.read.read_id, evidence) for hit in hits)

    def saved(self, read_id: str) -> None:
        """Take word that a Read is on the disk for good."""
        with self._lock:
            self._unsaved.pop(read_id, None)

    def acknowledge(self, hit_id: str) -> None:
        """The officer has seen the card: stop talking about it."""
        self._alerting.acknowledge(hit_id)
        if self._hit(hit_id).state is HitState.RAISED:
            self._record(hit_id, HitState.ACKNOWLEDGED)

    def confirm(self, hit_id: str, disposition: Disposition | None = None) -> None:
        """The picture says what the list says."""
        self._alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.ACTIONED, Verification.CORRECT, disposition)

    def dismiss(self, hit_id: str, verification: Verification = Verification.COULD_NOT_VERIFY) -> None:
        """It does not, or cannot be told. The hit is kept as unconfirmed."""
        self._alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.DISMISSED, verification)

    def correct(self, hit_id: str, vrm: str) -> None:
        """A misread: the officer says what the plate really is. The original stays.

        Raises:
            BadInput: `vrm` has no letter or digit.
        """
        corrected = normalise(vrm)
        if not corrected:
            raise BadInput("Enter the letters and digits that are on the plate.")
        self._alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.DISMISSED, Verification.MISREAD, corrected_vrm=corrected)

    def undo(self, hit_id: str) -> None:
        """Take the last outcome back by appending one that says so.

        Raises:
            BadInput: there is none to take back.
        """
        with self._lock:
            before = self._undo.pop(hit_id, None)
        if before is None:
            raise BadInput("There is nothing to undo for this hit.")
        self._record(hit_id, before, undone=True)

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift that still want an outcome, most urgent first; SILENT ones are not shown.

        A hit counts from when it was raised, not from when the disk had time for it.
        """
        shift = self._shift()
        if shift is None:
            return ()
        with self._lock:  # before the records are asked: what is saved meanwhile is then in both, not in neither
            raised, unsaved = dict(self._hits), dict(self._unsaved)
        found = {hit.hit_id: (hit, evidence) for hit, evidence in self._recording.open_hits(shift.shift_id)}
        for hit_id, hit in raised.items():
            if hit.read.read_id in unsaved and hit.shift_id == shift.shift_id and hit.tier is not Tier.SILENT:
                found.setdefault(hit_id, (hit, unsaved[hit.read.read_id]))
        pairs = ((raised.get(hit_id, hit), evidence) for hit_id, (hit, evidence) in found.items())
        still_open = [(hit, evidence) for hit, evidence in pairs if hit.state in _OPEN]
        return sorted(still_open, key=lambda pair: (pair[0].tier, pair[0].match.kind is MatchKind.CHECK))

    def _hit(self, hit_id: str) -> Hit:
        with self._lock:
            hit = self._hits.get(hit_id)
        shift = self._shift()
        if hit is None and shift is not None:  # from before a restart within the shift
            for stored, _ in self._recording.open_hits(shift.shift_id):
                if stored.hit_id == hit_id:
                    return stored
        if hit is None:
            raise BadInput("This hit is not of the shift under way.")
        return hit

    def _record(
        self,
        hit_id: str,
        state: HitState,
        verification: Verification | None = None,
        disposition: Disposition | None = None,
        *,
        corrected_vrm: str | None = None,
        undone: bool = False,
    ) -> None:
        with self._lock:
            hit = self._hit(hit_id)
            changed = replace(hit, state=state)
            self._hits[hit_id] = changed
            if state in (HitState.ACTIONED, HitState.DISMISSED) and hit.state is not state:
                self._undo[hit_id] = hit.state
            shift = self._shift()
        outcome = Outcome(
            outcome_id=str(uuid.uuid4()),
            hit_id=hit_id,
            officer_id=shift.officer_id if shift else NO_ONE,
            at=self._clock.utc(),
            state=state,
            verification=verification,
            disposition=disposition,
            corrected_vrm=corrected_vrm,
            undone=undone,
        )
        self._recording.keep_outcome(outcome)
        self._publish(HitChanged(changed, outcome))
