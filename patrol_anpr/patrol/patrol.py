"""The use cases: what the screen and the command line call, and what a Read sets off.

`Patrol` ties the owners together: intake.py (what a Read sets off), hits.py (hits), shifts.py (sign-on), reads.py,
lamps.py, depot_jobs.py. It is called from the recogniser thread (`read_made`), from the camera, health and writer
threads (lamps, coverage, `saved`) and from the screen (everything an officer does).
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from patrol_anpr.domain.choices import Choices, SettingShown
from patrol_anpr.domain.clock import Clock, ClockState, CorrectedClock
from patrol_anpr.domain.disposition import BUILT_IN, Disposition
from patrol_anpr.domain.entry import entry_of
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.events import ListChanged, Saved, ShiftChanged
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.hotlist import ListChange, ListDoubt
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.route import Route
from patrol_anpr.domain.sentences import Sentence
from patrol_anpr.domain.shift import NO_ONE, Crew, ListCounts, Officer, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import ShiftChart
from patrol_anpr.patrol.background_upload import BackgroundUpload
from patrol_anpr.patrol.by_hand import ByHand
from patrol_anpr.patrol.choices import Chooser
from patrol_anpr.patrol.coverage import Coverage
from patrol_anpr.patrol.daylight import Daylight
from patrol_anpr.patrol.depot_jobs import DepotJobs
from patrol_anpr.patrol.export import Exports
from patrol_anpr.patrol.eyes import Eyes, NoEyes
from patrol_anpr.patrol.hits import Hits
from patrol_anpr.patrol.intake import Intake, IntakeParts
from patrol_anpr.patrol.lamps import Lamps
from patrol_anpr.patrol.list_tally import ListTally
from patrol_anpr.patrol.list_watch import USUAL_SECONDS, ListWatch
from patrol_anpr.patrol.listeners import Listener, Listeners
from patrol_anpr.patrol.lock import ScreenLock
from patrol_anpr.patrol.movement import Movement
from patrol_anpr.patrol.muted_entries import MutedEntries
from patrol_anpr.patrol.pairs import Pairs
from patrol_anpr.patrol.past_reads import PastReads
from patrol_anpr.patrol.ports import (
    Alerting,
    DepotLink,
    EvidenceWriting,
    Matching,
    OwnList,
    PlateLaying,
    Recording,
    Service,
    Shelf,
    StickRoad,
)
from patrol_anpr.patrol.proof import Proof
from patrol_anpr.patrol.proof_parts import ProofParts
from patrol_anpr.patrol.reads import IN_MEMORY, ShiftReads
from patrol_anpr.patrol.rig import Forgetful, KeepsRigs, Rigs
from patrol_anpr.patrol.search import Search
from patrol_anpr.patrol.shift_route import ShiftRoute
from patrol_anpr.patrol.shift_tally import ShiftTally
from patrol_anpr.patrol.shifts import LOCAL_OFFICER, PINS_VALID, Session, Shifts
from patrol_anpr.patrol.sticks import Sticks
from patrol_anpr.plumbing.futures import after
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.plumbing.steps import EveryStep

log = logging.getLogger(__name__)

LOCK_AFTER_SLEEP = timedelta(seconds=30)
"""A program that stood still for less was held up, as a rule: that must not blind a crew on the move (judged)."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The rooms a Patrol is made of.

    `depot_link` and `stick_road` are None in a car without a depot, `evidence` where nothing is handed out; `reading`
    runs during a shift; `unit` is the car's own call sign; within `again_after` the same vehicle is still about;
    every `look_every` seconds the depot is asked for changes of the lists, 0: never.
    """

    matching: Matching
    alerting: Alerting
    recording: Recording
    clock: Clock
    depot_link: DepotLink | None = None
    shelf: Shelf | None = None
    own_list: OwnList | None = None
    reading: Service | None = None
    live: Mapping[str, Latest[LiveFrame]] = field(default_factory=dict)
    evidence: EvidenceWriting | None = None
    stick_road: StickRoad | None = None
    unit: str = field(kw_only=True)
    list_amber_after: timedelta = field(kw_only=True)
    keep_days: float = field(kw_only=True)
    again_after: timedelta = timedelta(0)
    pins_valid: timedelta = PINS_VALID
    look_every: float = USUAL_SECONDS
    clock_state: Callable[[], ClockState] = lambda: ClockState("system", None)
    picture_moves: Callable[[], bool] = lambda: False
    eyes: Eyes = field(default_factory=NoEyes)
    keeps_rigs: KeepsRigs = field(default_factory=Forgetful)
    camera_names: Mapping[str, str] = field(default_factory=dict)
    camera_statuses: Callable[[], Sequence[CameraStatus]] = tuple
    plates: PlateLaying | None = None
    test_list: Matching | None = None
    choices: Choices = field(default_factory=Choices)
    choices_file: Path | None = None
    settings_shown: Sequence[SettingShown] = ()
    place: tuple[float, float] = (52.5, -1.5)


class Patrol:
    """One car, from sign-on to sign-off; satisfies window_ports.Patrolling.

    Every public method may be called from any thread. None waits for a disk: what must, runs on a thread of its own and
    returns a Future.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._listeners = Listeners()
        self._shift: Shift | None = None
        self._session: Session | None = None
        self._movement = Movement(parts.clock)
        self._judging = CorrectedClock(parts.clock, parts.clock_state)
        self._daylight = Daylight(parts.place)
        self._lamps = Lamps(
            parts.matching,
            parts.shelf,
            parts.alerting,
            self._judging,
            self._listeners,
            list_amber_after=parts.list_amber_after,
        )
        self._hits = Hits(parts.alerting, parts.recording, parts.clock, self._listeners)
        self._muted = MutedEntries(self._hits, parts.alerting, parts.recording, self._listeners)
        self._exports = Exports(parts.recording, parts.evidence, self.moving)
        self._pairs = Pairs()
        self._reads = ShiftReads()
        self._lists = ListTally(parts.clock)
        self._listeners.add(self._lists.take, tuple)
        self._intake = Intake(self._intake_parts())
        self._tally, self._route = ShiftTally(), ShiftRoute()
        self._listeners.add(self._tally.take, tuple)
        self._shifts = Shifts(parts.recording, parts.clock, self.units(), self.roster, pins_valid=parts.pins_valid)
        self._depot_jobs = DepotJobs(
            parts.depot_link, parts.recording, parts.clock, self._listeners.publish, keep_days=parts.keep_days
        )
        self.sticks = Sticks(
            parts.stick_road,
            parts.recording,
            self._depot_jobs,
            self._listeners.publish,
            self._lamps.lists_synced,
            self._officer,
        )
        self._coverage = Coverage(parts.eyes, parts.recording, parts.clock)
        self._sign_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-on-off")
        self._disk_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="records-reader")
        self.lock = ScreenLock(parts.alerting, parts.recording, self._shifts, self._sign_thread, self.lamp_changed)
        self.choices = Chooser(
            parts.alerting,
            self._sign_thread,
            lambda what: parts.recording.audit(self._officer(), "set", "", what),
            file=parts.choices_file,
            choices=parts.choices,
            others=parts.settings_shown,
        )
        self.search = Search(
            parts.recording,
            parts.matching,
            parts.own_list,
            self._judging,
            self._disk_thread,
            self._reads,
            lambda: self.shift,
        )
        self._by_hand = ByHand(
            self,
            parts.recording,
            parts.own_list,
            self._listeners,
            parts.clock,
            self._judging,
            self._disk_thread,
            self._intake.is_under_way,
        )
        self._past_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="past-reads")
        self._past = PastReads(
            self._intake,
            parts.recording,
            parts.matching,
            self._judging,
            self._past_thread,
            self._intake.is_under_way,
            self._lamps.lamp_changed,
        )
        self._rigs = Rigs(
            parts.eyes,
            parts.keeps_rigs,
            parts.camera_names,
            parts.recording,
            self._officer,
            self._disk_thread.submit,
        )
        self.proof = Proof(self._proof_parts(), self._listeners, self._disk_thread)
        self.background_upload = BackgroundUpload(
            self._depot_jobs, parts.recording, self._movement.moving, self._listeners.publish, self.lamp_changed
        )
        self.list_watch = ListWatch(
            self._depot_jobs,
            lambda: parts.depot_link is not None and self.shift is not None,
            parts.clock,
            self.lamp_changed,
            seconds=parts.look_every,
        )

    def _intake_parts(self) -> IntakeParts:
        parts = self._parts
        return IntakeParts(
            matching=parts.matching,
            alerting=parts.alerting,
            recording=parts.recording,
            judging=self._judging,
            clock_state=parts.clock_state,
            again_after=parts.again_after,
            shift=self._shift_of_reads,
            listeners=self._listeners,
            movement=self._movement,
            hits=self._hits,
            muted=self._muted,
            pairs=self._pairs,
            reads=self._reads,
        )

    def _shift_of_reads(self) -> Shift | None:
        """The shift that Reads belong to: until reading has stopped it goes on, though its officer is signed off."""
        with self._lock:
            return self._shift

    def _proof_parts(self) -> ProofParts:
        parts = self._parts
        return ProofParts(
            clock=parts.clock,
            plates=parts.plates,
            lists=parts.matching,
            test_list=parts.test_list,
            alerting=parts.alerting,
            recording=parts.recording,
            statuses=parts.camera_statuses,
            lamps=self._lamps.lamps,
            fix=lambda: self._movement.fix,
            about=lambda: (self._officer(), self.shift.shift_id if self.shift else ""),
            tell_lamp=self.lamp_changed,
        )

    @property
    def clock(self) -> Clock:
        """The one clock of the program."""
        return self._parts.clock

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with the present lamps and cameras, then with every event, from whatever thread.

        It must not block.
        """
        self._listeners.add(listener, self._lamps.present)

    # -- what the engine reports ---------------------------------------------------------------------------------

    def read_made(self, read: Read, evidence: Evidence) -> Sequence[Hit]:
        """Take a Read from the recogniser, with all that it sets off; returns its hits."""
        return self._intake.read_made(read, evidence)

    def matched_again(self, read: Read, evidence: Evidence, corrected_vrm: str, shift: Shift) -> Sequence[Hit]:
        """Match a Read that is kept already by the officer's correction, with all that it sets off."""
        return self._intake.matched_again(read, evidence, corrected_vrm, shift)

    def entries_added(self, list_ids: Sequence[str]) -> "Future[int] | None":
        """Take word that lists have new entries: the Reads of the shift under way are matched with them.

        Returns at once; the result, some time later, is how many hits of the past were raised. None without a shift.
        """
        shift = self.shift
        return self._past.look(list_ids, shift) if shift is not None else None

    def list_changed(self, change: ListChange) -> None:
        """Take word that a list has changed: what was added is looked for, what was cancelled alarms no more."""
        self._hits.look_whether_listed(self._is_listed)
        self.entries_added((change.list_id,))  # also where only SILENT ones were, which are not counted
        if self.shift is not None and (change.added, change.cancelled) != (0, 0):
            self._listeners.publish(ListChanged(change, self._parts.clock.utc()))

    def _is_listed(self, hit: Hit) -> bool:
        """Whether the list still has the entry of a hit. Of one that is missed nobody knows: what was known stays."""
        list_id, shelf = hit.match.hotlist.list_id, self._parts.shelf
        in_force = any(head.list_id == list_id for head in self._parts.matching.hotlists)
        if not in_force and (shelf is None or shelf.faults):
            return not hit.cancelled
        found = self._parts.matching.match(hit.match.voi.vrm, self._judging.utc())
        return any(entry_of(match) == entry_of(hit.match) for match in found)

    def saved(self, read_id: str) -> None:
        """Take word that a Read is on the disk for good."""
        self._listeners.publish(Saved(read_id))

    def fix_received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost: the last Fix stays, its age grows."""
        self._movement.received(fix)
        self._route.received(fix)

    def stood_still(self, began: datetime, ended: datetime) -> None:
        """Take word that the program did not run: nothing was read in between, and the audit trail says so.

        Whoever wakes the computer may be somebody else: the screen is locked.
        """
        shift = self.shift
        span = f"{began:%Y-%m-%d %H:%M:%S} to {ended:%Y-%m-%d %H:%M:%S} UTC"
        object_id = shift.shift_id if shift else ""
        self._parts.recording.audit(NO_ONE, "no_coverage", object_id, f"asleep or stopped from {span}")
        if ended - began >= LOCK_AFTER_SLEEP:
            self.lock.lock()

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part; tell it, aloud where it stopped or came back."""
        self._lamps.lamp_changed(lamp)

    def camera_changed(self, status: CameraStatus) -> None:
        """Take the state of a camera and make its lamp of it."""
        self._lamps.camera_changed(status)

    def lists_changed(self) -> None:
        """Take word that a list went out of force: its lamp is told at once."""
        self._lamps.lamp_changed(self._lamps.list_lamp())

    def list_lamp(self) -> Lamp:
        """The age of the oldest list in force as a lamp; a list that is missing or damaged comes first."""
        return self._lamps.list_lamp()

    # -- who is in the car ---------------------------------------------------------------------------------------

    @property
    def shift(self) -> Shift | None:
        """The shift under way; None from the moment of signing off."""
        with self._lock:
            return self._session.shift if self._session else None

    def units(self) -> Sequence[str]:
        """The call signs this car may run under, its own first."""
        return (self._parts.unit,)

    def roster(self) -> Sequence[Officer]:
        """Who may sign on. A car that has never had a depot offers its own crew, without a PIN."""
        roster = self._parts.recording.roster()  # from memory; records that open late bring theirs then
        return roster if roster or self._parts.depot_link else (LOCAL_OFFICER,)

    def roster_fetched(self, officers: Sequence[Officer]) -> None:
        """Take the roster of the depot in place of the one before it."""
        self._parts.recording.keep_roster(officers)

    def sign_on(self, officer_id: str, pin: str, unit: str, crew: Crew) -> "Future[Session]":
        """Check the PIN and begin a shift: from then on Reads are made and belong to it.

        A shift that the program was cut off in goes on, with its open hits. The Future raises BadInput as Shifts.admit
        does, and where somebody is signed on already.
        """
        return self._sign_thread.submit(self._sign_on, officer_id, pin, unit, crew)

    def _sign_on(self, officer_id: str, pin: str, unit: str, crew: Crew) -> Session:
        if self.shift is not None:
            raise BadInput("Someone is signed on already. Sign off first.")
        officer = self._shifts.admit(officer_id, pin, unit)
        shift, goes_on = self._shifts.begin(officer, unit, crew)
        recording = self._parts.recording
        counts = recording.summary(shift.shift_id) if goes_on else ShiftSummary(0, 0, 0, 0, 0, 0)
        hits = recording.hits(shift.shift_id) if goes_on else ()
        opened = recording.open_hits(shift.shift_id) if goes_on else ()
        self._hits.begin(hits, {hit.hit_id: evidence for hit, evidence in opened})
        newest = recording.recent_reads(shift.shift_id, IN_MEMORY) if goes_on else ()
        self._reads.begin(newest, counts.reads)
        self._route.begin(runs=True, reads=newest)
        self._lists.begin(shift.shift_id, hits)
        self._tally.begin(shift.shift_id, recording.read_hours(shift.shift_id) if goes_on else (), hits)
        self._muted.begin(hits, recording.entry_mutes(shift.shift_id) if goes_on else ())
        self._end_entries(shift)
        covered = recording.coverage(shift.shift_id) if goes_on else ()
        self.lock.begin(officer)
        session = Session(shift, self._hits, self._muted, self._by_hand, self._exports)
        with self._lock:
            self._shift, self._session = shift, session
        try:
            if self._parts.reading is not None:
                self._parts.reading.start()
        except BaseException:  # nobody gets this session: the next try must not find somebody signed on
            with self._lock:
                self._shift = self._session = None
            raise
        self._coverage.begin(shift.shift_id, covered)
        self._listeners.publish(ShiftChanged(shift))
        if goes_on:
            self._hits.look_whether_listed(self._is_listed)
            self._hits.sound_again(self._muted.is_muted)
        return session

    def sign_off(self) -> "Future[int]":
        """End the shift, then upload. The result is how many records still wait; 0: safe to switch off.

        Progress comes as SyncProgress events; a depot that cannot be reached is one of them, and loses nothing.

        Raises:
            BadInput: nobody is signed on.
        """
        with self._lock:
            session, self._session = self._session, None
        if session is None:
            raise BadInput("Nobody is signed on.")
        session.end()
        self.proof.end()
        return after(self._sign_thread.submit(self._end_shift, session.shift), self.start_upload)

    def _end_shift(self, shift: Shift) -> None:
        """Stop reading before the shift ends: the vehicles still in view belong to it. A failure ends the shift too."""
        with EveryStep() as steps:
            if self._parts.reading is not None:
                steps.take(self._parts.reading.stop)
            steps.take(self._coverage.end)
            with self._lock:
                self._shift = None
            steps.take(self.lock.end)
            ended = steps.take(self._shifts.end, shift)
            if ended is not None and (counts := self._lists.counts()):
                steps.take(self._parts.recording.keep_list_counts, ended, counts)
            steps.take(self._hits.end)
            steps.take(self._muted.begin)
            steps.take(self._pairs.begin)
            steps.take(self._reads.begin)
            steps.take(self._lists.begin, None)
            steps.take(self._tally.begin, None)
            self._route.begin(runs=False)
            self._end_entries(None)
            if ended is not None:
                steps.take(self._listeners.publish, ShiftChanged(ended))

    def _end_entries(self, under_way: Shift | None) -> None:
        """End the car's own entries that were made for another shift; a disk that refuses keeps nobody from theirs."""
        try:
            self._by_hand.end_entries(under_way)
        except RecordsFault as fault:
            log.warning("entries of a shift that is over stay in force until their time: %s", type(fault).__name__)

    # -- what the screen shows -----------------------------------------------------------------------------------

    def open_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of this shift that still want a decision, most urgent first; SILENT ones are not shown."""
        return self._hits.open_hits()

    def shift_hits(self) -> Sequence[tuple[Hit, Evidence]]:
        """All hits of this shift that the crew may see, most urgent first; no pictures of those decided long ago."""
        return self._hits.shift_hits()

    def recent_reads(self, limit: int = IN_MEMORY) -> Sequence[Read]:
        """The newest Reads of this shift, the newest first; from memory."""
        return self._reads.newest(limit)

    def evidence(self, read_id: str) -> "Future[Evidence | None]":
        """The pictures of a stored Read, from the disk; None when they are missing."""
        return self._disk_thread.submit(self._parts.recording.evidence_of, read_id)

    def summary(self) -> ShiftSummary | None:
        """The counts of the shift under way; from memory."""
        if self.shift is None:
            return None
        hits = self._hits.counts()
        training_ended, policy_ended = self._ended(self.shift.officer_id)
        return ShiftSummary(
            reads=self._reads.count,
            hits=hits.hits,
            confirmed=hits.confirmed,
            dismissed=hits.dismissed,
            unresolved=hits.unresolved,
            waiting=self._parts.recording.waiting(),
            parked=self.parked(),
            training_ended=training_ended,
            policy_ended=policy_ended,
        )

    def _ended(self, officer_id: str) -> tuple[date | None, date | None]:
        """On which days the training and the policy of an officer ended; None: they have not, or nobody says."""
        today = self.clock.utc().date()
        officer = next((one for one in self.roster() if one.officer_id == officer_id), None)
        ends = (officer.training_ends, officer.policy_ends) if officer else (None, None)
        training, policy = (day if day is not None and day < today else None for day in ends)
        return training, policy

    def parked(self) -> int:
        """How many records in the car the depot refused; from memory."""
        return self._parts.recording.parked()

    def shift_chart(self) -> ShiftChart:
        """Reads and hits of the shift under way by hour and camera; from memory."""
        return self._tally.chart()

    def route(self) -> Route:
        """Where the car has been in the shift under way; from memory."""
        return self._route.route()

    def list_counts(self) -> Sequence[ListCounts]:
        """What each list brought in the shift under way, the one with the most hits first; from memory."""
        return self._lists.counts()

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute; the IMMEDIATE tier always sounds. Audited."""
        self._parts.alerting.set_muted(muted)
        self._parts.recording.audit(self._officer(), "muted" if muted else "unmuted", "")

    @property
    def export(self) -> Exports:
        """Where evidence may be written to."""
        return self._exports

    def dispositions(self) -> Sequence[Disposition]:
        """What may be done about a hit: the depot's table, or the one built in."""
        return self._parts.recording.dispositions() or BUILT_IN

    @property
    def muted(self) -> MutedEntries:
        """The entries muted for this shift."""
        return self._muted

    def replay(self, hit_id: str) -> None:
        """Say the sentence of a hit once more: the officer asked for it, so that no mute and no limit keeps it back.

        Raises:
            BadInput: nobody is signed on, or the hit is not of the shift under way.
        """
        shift = self.shift
        if shift is None:
            raise BadInput("Nobody is signed on.")
        self._parts.alerting.replay(self._hits.of(hit_id, shift))

    def test_voice(self) -> None:
        """Say a sentence, for the question "did you hear this voice?"; returns at once."""
        threading.Thread(target=self._parts.alerting.self_test, name="voice-test", daemon=True).start()

    def voice_heard(self, heard: bool) -> None:
        """Take the officer's answer: a voice that nobody hears is a lamp, whatever the sound device says.

        The lamp is the announcer's: a yes makes nothing good that it knows to be bad.
        """
        self._parts.alerting.heard(heard)
        self.proof.heard(heard)
        self._parts.recording.audit(self._officer(), "voice_heard" if heard else "voice_not_heard", "")

    def _officer(self) -> str:
        """The id of whoever is signed on, for the audit trail."""
        shift = self.shift
        return shift.officer_id if shift else NO_ONE

    def moving(self) -> bool | None:
        """Whether the car moves, by GPS; None when that is not known."""
        return self._movement.moving()

    def is_dark(self) -> bool:
        """Whether it is dark outside, by where the sun stands over the car."""
        return self._daylight.is_dark(self._judging.utc(), self._movement.fix)

    def picture_moves(self) -> bool:
        """Whether the cameras' pictures show that the car moves; False too where they show nothing."""
        return self._parts.picture_moves()

    def lamps(self) -> Sequence[Lamp]:
        """The present state of every part that has reported."""
        return self._lamps.lamps()

    @property
    def fix(self) -> Fix | None:
        """The newest position there was; None before the first."""
        return self._movement.fix

    @property
    def coverage(self) -> Coverage:
        """What the cameras see, and could see in this shift."""
        return self._coverage

    @property
    def rig(self) -> Rigs:
        """How the cameras are set up."""
        return self._rigs

    def cameras(self) -> Sequence[str]:
        """The ids of this car's cameras."""
        return tuple(self._parts.live)

    def live(self, camera_id: str) -> Latest[LiveFrame]:
        """The mailbox with a camera's newest frame for the screen."""
        return self._parts.live[camera_id]

    # -- the depot -----------------------------------------------------------------------------------------------

    def start_sync(self) -> "Future[bool]":
        """Fetch roster and lists on the depot link's thread. The result: True when all are up to date."""
        return self._depot_jobs.start_sync(self._lamps.lists_synced)

    def not_updated(self) -> Sentence:
        """What a crew has to know that goes on without an update of the lists: how old they are."""
        return self._lamps.not_updated()

    def go_on_without_update(self) -> None:
        """The officer begins the patrol and knows that the lists were not updated, and how old they are."""
        self._parts.recording.audit(self._officer(), "list.not_updated", "", str(self.not_updated()))

    def accept_list(self, doubt: ListDoubt) -> None:
        """Have the next sync put a list in force that shrank or grew as a mistake would, in the officer's name.

        Raises BadInput where nobody is signed on.
        """
        officer = self._officer()
        if officer == NO_ONE:
            raise BadInput("Sign on before you accept a list: the records keep who did.")
        change = f"revision {doubt.revision}: {doubt.now} entries instead of {doubt.before}"
        self._parts.recording.audit(officer, "list.accepted", doubt.list_id, change)
        self._depot_jobs.accept_list(doubt)
        self.sticks.accept_list(doubt)

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold yet. The result: how many records still wait."""
        return self._depot_jobs.start_upload()

    def close(self) -> None:
        """Wait for the threads of its own; the rooms are closed by whoever built them."""
        self._coverage.end()
        self._sign_thread.shutdown(wait=True)  # a shift that is being ended is ended
        self._disk_thread.shutdown(wait=True, cancel_futures=True)
        self._past.close()
        self._past_thread.shutdown(wait=True, cancel_futures=True)
        self._depot_jobs.close()
        self.sticks.close()  # the last two: a stick that hangs holds up nothing else
        self._exports.close()
