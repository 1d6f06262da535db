"""The use cases: what the screen and the command line call, and what a Read sets off.

`Patrol` owns no device and no thread: its desks do the work (hits.py, lamps.py, depot_jobs.py), the rooms lie
behind `Parts`. It is called from the recogniser thread (`read_made`), from the camera, health and writer threads
(lamps, `saved`) and from the screen (everything an officer does).
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from patrol_anpr.domain.clock import Clock, ClockState, CorrectedClock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import Event, HitRaised, ReadMade, Saved, ShiftChanged
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.hit import Disposition, Hit, Verification
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import NO_ONE, Crew, Officer, Shift, ShiftSummary
from patrol_anpr.patrol.depot_jobs import DepotJobs
from patrol_anpr.patrol.hits import Hits
from patrol_anpr.patrol.lamps import Lamps
from patrol_anpr.patrol.pins import PinGate
from patrol_anpr.patrol.ports import Alerting, DepotLink, Matching, Recording, Service
from patrol_anpr.plumbing.mailbox import Latest

LONGEST_SHIFT = timedelta(hours=16)
"""A shift that was cut off goes on at the next sign-on of the same officer, unless it is older than this."""

LOCAL_OFFICER = Officer("LOCAL", "This car's crew", pin_hash="")
"""Signs on where no depot was ever set up, so that the product can be tried without one."""

MOVING_SPEED = 2.0
"""Metres a second above which the car moves; GPS at rest wanders below it."""
FIX_STALE_SECONDS = 5.0


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
        self._shift: Shift | None = None
        self._fix: Fix | None = None
        self._pins = PinGate(parts.clock)
        self._judging = CorrectedClock(parts.clock, parts.clock_state)
        self._lamps = Lamps(
            parts.matching, parts.alerting, self._judging, self._publish, list_amber_after=parts.list_amber_after
        )
        self._hits = Hits(parts.alerting, parts.recording, parts.clock, self._publish, lambda: self.shift)
        self._depot_jobs = DepotJobs(
            parts.depot_link, parts.recording, parts.clock, self._publish, keep_days=parts.keep_days
        )

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
        with self._lock:
            shift, fix = self._shift, self._fix
        read = self._stamped(read, fix)
        hits = self._hits.sound(read, self._parts.matching.match(read.vrm, self._judging.utc()), shift)
        self._hits.keep(hits, evidence)
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

    def saved(self, read_id: str) -> None:
        """Take word that a Read is on the disk for good."""
        self._hits.saved(read_id)
        self._publish(Saved(read_id))

    def fix_received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost: the last Fix stays, its age grows."""
        if fix is not None:
            with self._lock:
                self._fix = fix

    def stood_still(self, began: datetime, ended: datetime) -> None:
        """Take word that the program did not run: nothing was read in between, and the audit trail says so."""
        shift = self.shift
        if shift is not None:
            span = f"{began:%Y-%m-%d %H:%M:%S} to {ended:%H:%M:%S} UTC"
            self._parts.recording.audit(NO_ONE, "no_coverage", shift.shift_id, f"asleep or stopped from {span}")

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part; tell it, aloud where it stopped or came back."""
        self._lamps.lamp_changed(lamp)

    def camera_changed(self, status: CameraStatus) -> None:
        """Take the state of a camera and make its lamp of it."""
        self._lamps.camera_changed(status)

    def list_damaged(self, head: Hotlist) -> None:
        """Take word that the file of a list turned out to be damaged: it is out of force until the next sync."""
        self._lamps.list_damaged(head)

    def list_lamp(self) -> Lamp:
        """The age of the oldest list in force as a lamp; a list that is missing or damaged comes first."""
        return self._lamps.list_lamp()

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
        if cut_off is not None:
            self._hits.sound_again()
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
        self._hits.acknowledge(hit_id)

    def confirm(self, hit_id: str, disposition: Disposition | None = None) -> None:
        """The picture says what the list says."""
        self._hits.confirm(hit_id, disposition)

    def dismiss(self, hit_id: str, verification: Verification = Verification.COULD_NOT_VERIFY) -> None:
        """It does not, or cannot be told. The hit is kept as unconfirmed."""
        self._hits.dismiss(hit_id, verification)

    def correct(self, hit_id: str, vrm: str) -> None:
        """A misread: the officer says what the plate really is. The original stays."""
        self._hits.correct(hit_id, vrm)

    def later(self, hit_id: str) -> None:
        """Put the hit back into the queue: nothing is decided."""
        self._hits.acknowledge(hit_id)

    def undo(self, hit_id: str) -> None:
        """Take the last outcome back by appending one that says so."""
        self._hits.undo(hit_id)

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift that still want an outcome, most urgent first; SILENT ones are not shown."""
        return self._hits.open_hits()

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
        """Take the officer's answer: a voice that nobody hears is a lamp, whatever the sound device says.

        The lamp is the announcer's: a yes makes nothing good that it knows to be bad.
        """
        self._parts.alerting.heard(heard)
        officer = self.shift.officer_id if self.shift else NO_ONE
        self._parts.recording.audit(officer, "voice_heard" if heard else "voice_not_heard", "")

    def moving(self) -> bool | None:
        """Whether the car moves, by GPS; None when that is not known."""
        with self._lock:
            fix = self._fix
        if fix is None or fix.speed is None or fix.age(self._parts.clock.monotonic()) > FIX_STALE_SECONDS:
            return None
        return fix.speed > MOVING_SPEED

    def lamps(self) -> Sequence[Lamp]:
        """The present state of every part that has reported."""
        return self._lamps.lamps()

    def cameras(self) -> Sequence[str]:
        """The ids of this car's cameras."""
        return tuple(self._parts.live)

    def camera_statuses(self) -> Sequence[CameraStatus]:
        """What each camera last reported."""
        return self._lamps.camera_statuses()

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """The mailbox with a camera's newest frame for the screen."""
        return self._parts.live[camera_id]

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
        return self._depot_jobs.start_sync(self._lamps.lists_synced)

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold yet. The result: how many records still wait."""
        return self._depot_jobs.start_upload()

    def close(self) -> None:
        """Wait for the depot link's thread; the rooms are closed by whoever built them."""
        self._depot_jobs.close()
