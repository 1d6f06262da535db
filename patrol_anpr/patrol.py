"""The use cases: what the screen and the command line call, and what a Read sets off.

`Patrol` owns no device and no thread but the depot link's. It is called from the recogniser thread (`read_made`), from
the camera, health and writer threads (lamps, `saved`) and from the screen (everything an officer does).
"""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from patrol_anpr.domain.clock import Clock, ClockState
from patrol_anpr.domain.errors import BadInput, KnownError
from patrol_anpr.domain.events import (
    CameraChanged,
    Event,
    HitChanged,
    HitRaised,
    LampChanged,
    ReadMade,
    Saved,
    ShiftChanged,
    SyncProgress,
)
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hit import Disposition, Hit, HitState, Match, MatchKind, Outcome, Verification
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.mailbox import Latest
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Crew, Officer, Shift, ShiftSummary
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.pins import PinGate
from patrol_anpr.ports import Alerting, DepotLink, Matching, Recording, Service

log = logging.getLogger(__name__)

NO_ONE = "nobody"
NO_DEPOT = "No depot is set up for this car. The records stay here."
LONGEST_SHIFT = timedelta(hours=16)
"""A shift that was cut off goes on at the next sign-on of the same officer, unless it is older than this."""
FLUSH_SECONDS = 10.0
"""How long an upload waits for what is still being written; what is not written by then goes next time."""
SETTLED_SECONDS = 3.0
"""Records that are not all written within this are not purged now."""

LOCAL_OFFICER = Officer("LOCAL", "This car's crew", pin_hash="")
"""Signs on where no depot was ever set up, so that the product can be tried without one."""

MOVING_SPEED = 2.0
"""Metres a second above which the car moves; GPS at rest wanders below it."""
FIX_STALE_SECONDS = 5.0

_OPEN = (HitState.RAISED, HitState.ACKNOWLEDGED)
_CAMERA_LAMPS = {
    CameraState.STARTING: (LampState.UNKNOWN, "{} starting", ""),
    CameraState.SEEN: (LampState.GOOD, "{}", ""),
    CameraState.LOST: (LampState.BAD, "{} lost", "Check the camera's cable. It is tried again all the time."),
    CameraState.FROZEN: (LampState.BAD, "{} frozen", "Unplug the camera and plug it in again."),
    CameraState.GARBAGE: (LampState.BAD, "{} unusable", "Clean the lens and check the camera's cable."),
    CameraState.ENDED: (LampState.WARN, "{} ended", "The video file has been played to its end."),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The rooms a Patrol is made of.

    `depot_link` is None in a car without a depot; `reading` runs during a shift; `unit` is the car's own call sign.
    """

    matching: Matching
    alerting: Alerting
    recording: Recording
    clock: Clock
    depot_link: DepotLink | None = None
    reading: Service | None = None
    live: Mapping[str, Latest[LiveFrame]] = field(default_factory=dict)
    unit: str = "CAR1"
    list_amber_after: timedelta = timedelta(hours=12)
    keep_days: float = 7
    clock_state: Callable[[], ClockState] = lambda: ClockState("system", None)


class Patrol:
    """One car, from sign-on to sign-off. Every public method may be called from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.RLock()
        self._signing_off = threading.Lock()
        self._listeners: list[Callable[[Event], None]] = []
        self._lamps: dict[str, Lamp] = {}
        self._cameras: dict[str, CameraStatus] = {}
        self._hits: dict[str, Hit] = {}
        self._unsaved: dict[str, Evidence] = {}  # of Reads with hits, by read id, until they are on the disk
        self._undo: dict[str, HitState] = {}
        self._shift: Shift | None = None
        self._fix: Fix | None = None
        self._damaged_list = ""
        self._pins = PinGate(parts.clock)
        self._link_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="depot-link")

    @property
    def clock(self) -> Clock:
        """The one clock of the program."""
        return self._parts.clock

    # -- listening -----------------------------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, from whatever thread it happens on. It must not block."""
        with self._lock:
            self._listeners.append(listener)

    def _publish(self, event: Event) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(event)

    # -- what the engine reports ---------------------------------------------------------------------------------

    def read_made(self, read: Read, evidence: Evidence) -> Sequence[Hit]:
        """Take a Read from the recogniser: match it, sound its hits, record it, tell the screen; in that order.

        Nothing a hit needs to be heard comes before the sound.
        """
        clock = self._parts.clock
        with self._lock:
            shift, fix = self._shift, self._fix
        read = self._stamped(read, fix)
        hits = [self._raise(read, match, shift) for match in self._parts.matching.match(read.vrm, clock.utc())]
        for hit in hits:
            self._parts.alerting.hit(hit)
        with self._lock:
            self._hits.update((hit.hit_id, hit) for hit in hits)
            if hits:
                self._unsaved[read.read_id] = evidence
        self._parts.recording.keep_read(read, evidence, hits, shift.shift_id if shift else None)
        self._publish(ReadMade(read, evidence))
        for hit in hits:
            self._publish(HitRaised(hit, evidence))
        return hits

    def _stamped(self, read: Read, fix: Fix | None) -> Read:
        """Add what the car knew when the Read was made: where it was, how good its clock is, which lists it held."""
        state = self._parts.clock_state()
        return replace(
            read,
            fix=fix,
            fix_age=None if fix is None else fix.age(read.captured_monotonic),
            clock_source=state.source,
            clock_offset=None if state.offset is None else state.offset.total_seconds(),
            lists=tuple((head.list_id, head.revision) for head in self._parts.matching.hotlists),
        )

    def _raise(self, read: Read, match: Match, shift: Shift | None) -> Hit:
        return Hit(
            hit_id=str(uuid.uuid4()),
            read=read,
            match=match,
            raised_at=self._parts.clock.utc(),
            raised_monotonic=self._parts.clock.monotonic(),
            shift_id=shift.shift_id if shift else None,
        )

    def saved(self, read_id: str) -> None:
        """Take word that a Read is on the disk for good."""
        with self._lock:
            self._unsaved.pop(read_id, None)
        self._publish(Saved(read_id))

    def fix_received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost: the last Fix stays, its age grows."""
        if fix is not None:
            with self._lock:
                self._fix = fix

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part; tell it, aloud where it stopped or came back."""
        with self._lock:
            if self._lamps.get(lamp.key) == lamp:
                return
            before = self._lamps.get(lamp.key)
            self._lamps[lamp.key] = lamp
        if before is None or before.state is not lamp.state:
            log.info("lamp %s is %s", lamp.key, lamp.state.value)
            self._parts.alerting.lamp(lamp)
        self._publish(LampChanged(lamp))

    def camera_changed(self, status: CameraStatus) -> None:
        """Take the state of a camera and make its lamp of it."""
        state, word, advice = _CAMERA_LAMPS[status.state]
        name = status.camera_id.capitalize()
        self.lamp_changed(Lamp(f"camera:{status.camera_id}", state, word.format(name), advice))
        with self._lock:
            self._cameras[status.camera_id] = status
        self._publish(CameraChanged(status))

    def list_damaged(self, head: Hotlist) -> None:
        """Take word that the file of a list turned out to be damaged: it is out of force until the next sync."""
        with self._lock:
            self._damaged_list = head.name
        self.lamp_changed(self.list_lamp())

    def list_lamp(self) -> Lamp:
        """The age of the oldest list in force as a lamp; a list that is missing or damaged comes first."""
        heads = self._parts.matching.hotlists
        with self._lock:
            damaged = self._damaged_list
        if damaged:
            return Lamp("list", LampState.BAD, "List damaged", f"{damaged} is out of force. Sync with the depot.")
        if not heads:
            return Lamp("list", LampState.BAD, "No list", "Sync with the depot, or import a list.")
        now = self._parts.clock.utc()
        oldest = min(heads, key=lambda head: head.issued_at)
        age = now - oldest.issued_at
        hours = max(0, int(age.total_seconds() // 3600))
        word = f"List {oldest.issued_at.astimezone():%H:%M}" if age < timedelta(hours=24) else f"List {hours} h"
        if any(head.valid_until is not None and head.valid_until < now for head in heads):
            return Lamp("list", LampState.WARN, f"List expired, {hours} h", "Alerts go on. Sync with the depot.")
        if age > self._parts.list_amber_after:
            return Lamp("list", LampState.WARN, f"List {hours} h", "Sync with the depot when you can.")
        return Lamp("list", LampState.GOOD, word)

    # -- who is in the car ---------------------------------------------------------------------------------------

    @property
    def shift(self) -> Shift | None:
        """The shift under way."""
        with self._lock:
            return self._shift

    def units(self) -> Sequence[str]:
        """The call signs this car may run under, its own first."""
        return (self._parts.unit,)

    def roster(self) -> Sequence[Officer]:
        """Who may sign on. A car that has never had a depot offers its own crew, without a PIN."""
        officers = self._parts.recording.roster()
        return officers if officers or self._parts.depot_link else (LOCAL_OFFICER,)

    def check_pin(self, officer_id: str, pin: str) -> bool:
        """Tell whether the PIN is right; raises BadInput after too many wrong ones. Each try is audited."""
        right = self._pins.check(self._officer(officer_id), pin)
        self._parts.recording.audit(officer_id, "pin_accepted" if right else "pin_refused", officer_id)
        return right

    def _officer(self, officer_id: str) -> Officer:
        for officer in self.roster():
            if officer.officer_id == officer_id:
                return officer
        raise BadInput("This officer is not on the roster of this car. Sync with the depot.")

    def sign_on(self, officer_id: str, unit: str, crew: Crew) -> Shift:
        """Begin a shift: from here on reads are made and belong to it. The PIN was checked before."""
        self._officer(officer_id)
        with self._lock:
            if self._shift is not None:
                raise BadInput("Someone is signed on already. Sign off first.")
            cut_off = self._close_cut_off_shifts(officer_id, unit)
            shift = cut_off or Shift(str(uuid.uuid4()), officer_id, unit, crew, self._parts.clock.utc())
            self._shift = shift
        if cut_off is None:
            self._parts.recording.start_shift(shift)
        self._parts.recording.audit(officer_id, "sign_on" if cut_off is None else "sign_on_again", shift.shift_id)
        if self._parts.reading is not None:
            self._parts.reading.start()
        self._publish(ShiftChanged(shift))
        return shift

    def _close_cut_off_shifts(self, officer_id: str, unit: str) -> Shift | None:
        """End the shifts the program was cut off in, but for this officer's own, which goes on with its open hits."""
        now = self._parts.clock.utc()
        goes_on: Shift | None = None
        for shift in self._parts.recording.unfinished_shifts():
            own = (shift.officer_id, shift.unit) == (officer_id, unit) and now - shift.started_at < LONGEST_SHIFT
            if own and goes_on is None:
                goes_on = shift
            else:
                self._parts.recording.end_shift(replace(shift, ended_at=now))
                self._parts.recording.audit(NO_ONE, "shift_closed", shift.shift_id, "cut off without a sign-off")
        return goes_on

    def sign_off(self) -> "Future[int]":
        """End the shift and start the upload. The result is how many records still wait; 0: safe to switch off.

        Progress comes as SyncProgress events; a depot that cannot be reached is one of them, and loses nothing.
        """
        with self._signing_off:
            shift = self.shift
            if shift is None:
                raise BadInput("Nobody is signed on.")
            if self._parts.reading is not None:  # before the shift ends: the vehicles still in view belong to it
                self._parts.reading.stop()
            with self._lock:
                self._shift = None
        ended = replace(shift, ended_at=self._parts.clock.utc())
        self._parts.recording.end_shift(ended)
        self._parts.recording.audit(shift.officer_id, "sign_off", shift.shift_id)
        self._publish(ShiftChanged(ended))
        return self.start_upload()

    # -- what an officer does with a hit -------------------------------------------------------------------------

    def acknowledge(self, hit_id: str) -> None:
        """The officer has seen the card: stop talking about it."""
        self._parts.alerting.acknowledge(hit_id)
        if self._hit(hit_id).state is HitState.RAISED:
            self._record(hit_id, HitState.ACKNOWLEDGED)

    def confirm(self, hit_id: str, disposition: Disposition | None = None) -> None:
        """The picture says what the list says."""
        self._parts.alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.ACTIONED, Verification.CORRECT, disposition)

    def dismiss(self, hit_id: str, verification: Verification = Verification.COULD_NOT_VERIFY) -> None:
        """It does not, or cannot be told. The hit is kept as unconfirmed."""
        self._parts.alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.DISMISSED, verification)

    def correct(self, hit_id: str, vrm: str) -> None:
        """A misread: the officer says what the plate really is. The original stays."""
        corrected = normalise(vrm)
        if not corrected:
            raise BadInput("Enter the letters and digits that are on the plate.")
        self._parts.alerting.acknowledge(hit_id)
        self._record(hit_id, HitState.DISMISSED, Verification.MISREAD, corrected_vrm=corrected)

    def later(self, hit_id: str) -> None:
        """Put the hit back into the queue: nothing is decided."""
        self.acknowledge(hit_id)

    def undo(self, hit_id: str) -> None:
        """Take the last outcome back by appending one that says so."""
        with self._lock:
            before = self._undo.pop(hit_id, None)
        if before is None:
            raise BadInput("There is nothing to undo for this hit.")
        self._record(hit_id, before, undone=True)

    def _hit(self, hit_id: str) -> Hit:
        with self._lock:
            hit = self._hits.get(hit_id)
            shift = self._shift
        if hit is None and shift is not None:  # from before a restart within the shift
            for stored, _ in self._parts.recording.open_hits(shift.shift_id):
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
            officer = self._shift.officer_id if self._shift else NO_ONE
        outcome = Outcome(
            outcome_id=str(uuid.uuid4()),
            hit_id=hit_id,
            officer_id=officer,
            at=self._parts.clock.utc(),
            state=state,
            verification=verification,
            disposition=disposition,
            corrected_vrm=corrected_vrm,
            undone=undone,
        )
        self._parts.recording.keep_outcome(outcome)
        self._publish(HitChanged(changed, outcome))

    # -- the rest of the screen ----------------------------------------------------------------------------------

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute; the IMMEDIATE tier always sounds. Audited."""
        self._parts.alerting.set_muted(muted)
        officer = self.shift.officer_id if self.shift else NO_ONE
        self._parts.recording.audit(officer, "muted" if muted else "unmuted", "")

    def test_voice(self) -> None:
        """Say a sentence, for the question "did you hear this voice?"; returns at once."""
        threading.Thread(target=self._parts.alerting.self_test, name="voice-test", daemon=True).start()

    def voice_heard(self, heard: bool) -> None:
        """Take the officer's answer: a voice that nobody hears is a lamp, whatever the sound device says."""
        officer = self.shift.officer_id if self.shift else NO_ONE
        self._parts.recording.audit(officer, "voice_heard" if heard else "voice_not_heard", "")
        if heard:
            self.lamp_changed(Lamp("voice", LampState.GOOD, "Voice"))
        else:
            self.lamp_changed(Lamp("voice", LampState.BAD, "Voice not heard", "Check the volume and the loudspeaker."))

    def moving(self) -> bool | None:
        """Whether the car moves, by GPS; None when that is not known."""
        with self._lock:
            fix = self._fix
        if fix is None or fix.speed is None or fix.age(self._parts.clock.monotonic()) > FIX_STALE_SECONDS:
            return None
        return fix.speed > MOVING_SPEED

    def lamps(self) -> Sequence[Lamp]:
        """The present state of every part that has reported."""
        with self._lock:
            return tuple(self._lamps.values())

    def cameras(self) -> Sequence[str]:
        """The ids of this car's cameras."""
        return tuple(self._parts.live)

    def camera_statuses(self) -> Sequence[CameraStatus]:
        """What each camera last reported."""
        with self._lock:
            return tuple(self._cameras.values())

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """The mailbox with a camera's newest frame for the screen."""
        return self._parts.live[camera_id]

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift that still want an outcome, most urgent first; SILENT ones are not shown.

        A hit counts from when it was raised, not from when the disk had time for it.
        """
        shift = self.shift
        if shift is None:
            return ()
        with self._lock:  # before the records are asked: what is saved meanwhile is then in both, not in neither
            raised, unsaved = dict(self._hits), dict(self._unsaved)
        found = {hit.hit_id: (hit, evidence) for hit, evidence in self._parts.recording.open_hits(shift.shift_id)}
        for hit_id, hit in raised.items():
            if hit.read.read_id in unsaved and hit.shift_id == shift.shift_id and hit.tier is not Tier.SILENT:
                found.setdefault(hit_id, (hit, unsaved[hit.read.read_id]))
        pairs = ((raised.get(hit_id, hit), evidence) for hit_id, (hit, evidence) in found.items())
        still_open = [(hit, evidence) for hit, evidence in pairs if hit.state in _OPEN]
        return sorted(still_open, key=lambda pair: (pair[0].tier, pair[0].match.kind is MatchKind.CHECK))

    def recent_reads(self, limit: int = 50) -> Sequence[Read]:
        """The newest Reads of this shift."""
        shift = self.shift
        return self._parts.recording.recent_reads(shift.shift_id, limit) if shift else ()

    def evidence(self, read_id: str) -> Evidence | None:
        """The pictures of a stored Read; None when they are missing."""
        return self._parts.recording.evidence_of(read_id)

    def summary(self) -> ShiftSummary | None:
        """The counts of the shift under way."""
        shift = self.shift
        return self._parts.recording.summary(shift.shift_id) if shift else None

    # -- the depot -----------------------------------------------------------------------------------------------

    def start_sync(self) -> "Future[bool]":
        """Fetch roster and lists on the depot link's thread. The result: True when all are up to date."""
        return self._link_thread.submit(self._download)

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold yet. The result: how many records still wait."""
        return self._link_thread.submit(self._upload)

    def _download(self) -> bool:
        link = self._parts.depot_link
        if link is None:
            self._publish(SyncProgress("Lists", 0, 0, finished=True, problem=NO_DEPOT))
            return False
        try:
            up_to_date = link.download(self._publish)
        except KnownError:  # the link has told it as the problem of its last progress
            up_to_date = False
        if up_to_date:
            with self._lock:
                self._damaged_list = ""
        self.lamp_changed(self.list_lamp())
        if link.depot_time is not None:
            self._purge(link.depot_time)
        return up_to_date

    def _purge(self, depot_now: datetime) -> None:
        """Erase what the depot has held long enough. On a disk that takes no writes just now, nobody waits for that."""
        recording = self._parts.recording
        try:
            if recording.flush(SETTLED_SECONDS):
                recording.purge(self._parts.clock.utc(), depot_now, keep_days=self._parts.keep_days)
        except KnownError as fault:
            log.warning("nothing erased: %s", type(fault).__name__)

    def _upload(self) -> int:
        if self._parts.depot_link is None:
            waiting = self._parts.recording.waiting()
            problem = NO_DEPOT if waiting else ""
            self._publish(SyncProgress("Records", 0, waiting, finished=True, problem=problem))
            return waiting
        self._parts.recording.flush(FLUSH_SECONDS)
        try:
            return self._parts.depot_link.upload(self._publish)
        except KnownError:  # told, as above
            return self._parts.recording.waiting()

    def close(self) -> None:
        """Wait for the depot link's thread; the rooms are closed by whoever built them."""
        self._link_thread.shutdown(wait=True, cancel_futures=True)
