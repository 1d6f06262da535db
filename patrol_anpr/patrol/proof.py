"""The proof run at sign-on: a TEST plate goes the way of every Read, from each camera to the records and back.

It is found, read, matched, sounded, tapped, stored and read back by the parts that do so on patrol; but what comes of
it stays here and in a table of its own. A joint that fails is named, with what to do. Nothing waits for ever: each
joint has its deadline, and a tap or an answer that comes late still counts.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import ProofChanged
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.proof import OF_A_CAMERA, TEST_VRM, Joint, JointResult, JointState, ProofRun, Sight, Tap, begun
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.patrol import joints
from patrol_anpr.patrol.joints import DEADLINES, Verdict
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.ports import Alerting, Matching, PlateLaying, Recording

log = logging.getLogger(__name__)

RAN, WENT_ON, LATER = "proof.run", "proof.went_on", "proof.answered_late"
"""What the audit trail calls the result of a run, the crew that goes on all the same, and what came after."""
_MOST_WORDS = 1000
"""Characters of a reason in the audit trail, as the wire takes them."""
_OF_THE_START = (Joint.CAMERA, Joint.KEY, Joint.CLOCK, Joint.GPS_TIME)
_OF_THE_HIT = (Joint.SOUND, Joint.TOUCH, Joint.DISK)

_State = JointState
DRAWN = Evidence(b"TEST", b"TEST")
"""Stands for the pictures where no camera made any."""


@dataclass(frozen=True, slots=True)
class ProofParts:
    """What a proof run goes through. `plates` None: nothing is read in this program, and cameras cannot be proven.

    `lists` are those in force, `test_list` a matcher with the one entry TEST_VRM. `lamps`, `statuses` (of the cameras)
    and `fix` tell how things stand; `about` gives the officer and the shift, for the audit trail.
    """

    clock: Clock
    plates: PlateLaying | None
    lists: Matching
    test_list: Matching | None
    alerting: Alerting
    recording: Recording
    statuses: Callable[[], Sequence[CameraStatus]]
    lamps: Callable[[], Sequence[Lamp]]
    fix: Callable[[], Fix | None]
    about: Callable[[], tuple[str, str]]


@dataclass(slots=True)
class _Course:
    """What one run has come to know, beside its results. Times in monotonic seconds."""

    began: float
    offered: Mapping[str, int]
    since: dict[str, float] = field(default_factory=dict)
    played: bool | None = None
    heard: bool | None = None
    has_hit: bool = False
    stored: "Future[int] | None" = None
    told: bool = False
    closed: bool = False


class Proof:
    """Owns the proof run; satisfies window_ports.Proving. Any thread may call; no call waits.

    Its state changes under `listeners.order`, as each change is told.
    """

    def __init__(self, parts: ProofParts, listeners: Listeners, disk: Executor) -> None:
        self._parts, self._listeners, self._disk = parts, listeners, disk
        self._run = ProofRun()
        self._course = _Course(0.0, {}, closed=True)

    @property
    def run(self) -> ProofRun:
        """The last run as it stands."""
        return self._run

    # -- what the crew does --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin anew, whatever became of the run before."""
        parts = self._parts
        with self._listeners.order:
            self._leave()
            statuses = {status.camera_id: status for status in parts.statuses()}
            named = [key.partition(":")[2] for key in self._lamps() if key.startswith("camera:")]
            cameras = list(dict.fromkeys([*statuses, *named]))
            self._run = begun(self._run.number + 1, cameras)
            offered = {name: status.offered for name, status in statuses.items()}
            self._course = _Course(parts.clock.monotonic(), offered)
            for result in self._run.results:
                if result.joint in _OF_THE_START:
                    self._try(result)
            if parts.plates is not None:
                parts.plates.begin(cameras, partial(self._seen, self._run.number))
            self._ask_disk(parts.recording.key_fault, partial(self._key_looked_at, self._run.number))
            if not cameras:
                self._go_on_with(_drawn_read(parts.clock), DRAWN)
            self._publish()
        self.look()

    def end(self) -> None:
        """The shift is over: nothing is proven any more."""
        with self._listeners.order:
            self._leave()
            self._run = ProofRun(self._run.number)

    def say_again(self) -> None:
        """Sound the TEST hit once more; the answer is asked for anew."""
        with self._listeners.order:
            if self._course.closed or not self._course.has_hit:
                return
            self._course.played = self._course.heard = None
            self._try(self._run.of(Joint.SOUND))
            self._sound()
            self._publish()

    def heard(self, was_heard: bool) -> None:
        """Take the answer to "Did you hear this?", also after the deadline."""
        with self._listeners.order:
            if self._course.closed:
                return
            self._course.heard = was_heard
            self._judge_sound()
            self._publish()

    def tapped(self, how: Tap) -> None:
        """Take a tap on the TEST target, also after the deadline."""
        with self._listeners.order:
            touch = None if self._course.closed else self._run.of(Joint.TOUCH)
            if touch is None or touch.state in (_State.WAITING, _State.PASSED):
                return
            self._settle(touch, joints.of_tap(how))
            self._publish()

    def go_on(self) -> None:
        """Record what the officer knows not to be proven, and prove nothing more."""
        with self._listeners.order:
            if self._course.closed:
                return
            self._tell_result()
            open_ends = [one.key for one in self._run.results if one.state in (_State.FAILED, _State.RUNNING)]
            if open_ends:
                self._audit(WENT_ON, ", ".join(open_ends))
            self._leave()

    # -- what comes of it ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """Judge what is to be seen from here, and end what has waited too long; called once a second, and more."""
        with self._listeners.order:
            if self._course.closed:
                return
            before, now, lamps = self._run, self._parts.clock.monotonic(), self._lamps()
            for result in before.results:
                if self._run.of(result.joint, result.camera_id).state is not _State.RUNNING:
                    continue
                verdict = self._seen_from_here(result, now, lamps)
                if verdict is None and now - self._course.since[result.key] > DEADLINES[result.joint]:
                    verdict = self._late(result, lamps)
                if verdict is not None:
                    self._settle(result, verdict)
            if self._run != before:
                self._publish()

    def _seen_from_here(self, result: JointResult, now: float, lamps: Mapping[str, Lamp]) -> Verdict | None:
        if result.joint is Joint.CAMERA:
            return self._of_camera(result.camera_id, lamps)
        if result.joint is Joint.CLOCK:
            return joints.of_clock(lamps.get("clock"))
        if result.joint is Joint.GPS_TIME:
            return joints.of_gps_time(self._parts.fix(), now, lamps.get("gps"))
        return None

    def _of_camera(self, camera_id: str, lamps: Mapping[str, Lamp]) -> Verdict | None:
        status = next((one for one in self._parts.statuses() if one.camera_id == camera_id), None)
        return joints.of_camera(status, self._course.offered.get(camera_id, 0), lamps.get(f"camera:{camera_id}"))

    def _late(self, result: JointResult, lamps: Mapping[str, Lamp]) -> Verdict:
        """Whether a plate was not found since its camera has stopped meanwhile, is for the camera to say."""
        if result.joint in (Joint.DETECTOR, Joint.OCR):
            camera = self._of_camera(result.camera_id, lamps)
            if camera is not None and camera.state is _State.FAILED:
                self._settle(self._run.of(Joint.CAMERA, result.camera_id), camera)
                return joints.NOT_TRIED
        return joints.too_late(result.joint, lamps)

    def _seen(self, number: int, sight: Sight) -> None:
        """Take what a frame showed, on the thread that reads."""
        self.look()
        verdict = self._matched() if sight.made is not None else None
        with self._listeners.order:
            if number != self._run.number or self._course.closed:
                return
            before = self._run
            self._take(sight, verdict)
            if self._run != before:
                self._publish()

    def _take(self, sight: Sight, matched: Verdict | None) -> None:
        detector, ocr, listed = (self._run.of(joint, sight.camera_id) for joint in OF_A_CAMERA[1:])
        if sight.found and detector.state is _State.RUNNING:
            self._settle(detector, joints.PASSED)
            ocr = self._run.of(Joint.OCR, sight.camera_id)
        failing = ocr if sight.found else detector
        if sight.problem and failing.state is _State.RUNNING:
            self._settle(failing, Verdict(_State.FAILED, "Reading failed.", sight.problem))
        if sight.made is None or ocr.state is not _State.RUNNING:
            return
        read, evidence = sight.made
        if read.vrm != TEST_VRM:
            self._settle(ocr, joints.MISREAD)
            return
        self._go_on_with(read, evidence)
        self._settle(ocr, joints.PASSED)
        if matched is not None:
            self._settle(listed, matched)

    def _matched(self) -> Verdict:
        """Match the TEST plate; in the lists of the depot as well, so that all of them have been looked up in once."""
        parts, at = self._parts, self._parts.clock.utc()
        try:
            parts.lists.match(TEST_VRM, at)
            found = parts.test_list.match(TEST_VRM, at) if parts.test_list is not None else ()
        except Exception:  # whatever it is, it is this joint that failed
            log.exception("the TEST plate could not be matched")
            return joints.NO_MATCH
        exact = any(match.kind is MatchKind.EXACT and match.voi.vrm == TEST_VRM for match in found)
        return joints.of_list(matched=exact, lamp=self._lamps().get("list"))

    # -- from the hit on: sound, touch, disk -----------------------------------------------------------------------

    def _go_on_with(self, read: Read, evidence: Evidence) -> None:
        """Sound the hit, have it tapped, and store it: once, for the first camera that brings one."""
        if self._course.has_hit:
            return
        self._course.has_hit = True
        for joint in _OF_THE_HIT:
            self._try(self._run.of(joint))
        self._sound()
        try:
            stored = self._course.stored = self._parts.recording.keep_test(read, evidence)
        except KnownError as error:
            self._settle(self._run.of(Joint.DISK), Verdict(_State.FAILED, str(error)))
            return
        number = self._run.number
        stored.add_done_callback(lambda done: self._was_stored(number, done, read, evidence))

    def _was_stored(self, number: int, stored: "Future[int]", read: Read, evidence: Evidence) -> None:
        if stored.cancelled() or number != self._run.number:
            return
        if stored.exception() is not None:
            self._read_back(False, number=number)
            return
        holds = partial(self._parts.recording.holds_test, read, evidence)
        self._ask_disk(holds, partial(self._read_back, number=number))

    def _read_back(self, is_there: bool, *, number: int) -> None:
        with self._listeners.order:
            disk = self._open(number, Joint.DISK)
            if disk is not None:
                self._settle(disk, joints.PASSED if is_there else joints.NOT_STORED)
                self._publish()

    def _key_looked_at(self, number: int, fault: str) -> None:
        with self._listeners.order:
            key = self._open(number, Joint.KEY)
            if key is not None:
                self._settle(key, Verdict(_State.FAILED, "The records' key.", fault) if fault else joints.PASSED)
                self._publish()

    def _sound(self) -> None:
        number, sound = self._run.number, self._parts.alerting.sound_test

        def play() -> None:
            played = sound()
            with self._listeners.order:
                if number == self._run.number and not self._course.closed:
                    self._course.played = played
                    self._judge_sound()
                    self._publish()

        threading.Thread(target=play, name="voice-test", daemon=True).start()

    def _judge_sound(self) -> None:
        course = self._course
        verdict = joints.of_sound(played=course.played, heard=course.heard, lamp=self._lamps().get("voice"))
        if verdict is not None:
            self._settle(self._run.of(Joint.SOUND), verdict)

    # -- with `order` held -----------------------------------------------------------------------------------------

    def _lamps(self) -> Mapping[str, Lamp]:
        return {lamp.key: lamp for lamp in self._parts.lamps()}

    def _open(self, number: int, joint: Joint) -> JointResult | None:
        """The joint's result, when this run still waits for it."""
        if number != self._run.number or self._course.closed:
            return None
        result = self._run.of(joint)
        return result if result.state is _State.RUNNING else None

    def _try(self, result: JointResult) -> None:
        self._course.since[result.key] = self._parts.clock.monotonic()
        self._run = self._run.having(replace(result, state=_State.RUNNING, sentence="", advice="", seconds=None))

    def _settle(self, result: JointResult, verdict: Verdict) -> None:
        """Note what came of a joint, and begin with what comes after it."""
        seconds = self._parts.clock.monotonic() - self._course.began
        settled = replace(
            result, state=verdict.state, sentence=verdict.sentence, advice=verdict.advice, seconds=seconds
        )
        self._run = self._run.having(settled)
        if settled.joint is Joint.DISK and verdict.state is not _State.PASSED and self._course.stored is not None:
            self._course.stored.cancel()  # a disk that works again later must not be given it then
        if settled.joint in OF_A_CAMERA:
            self._after(settled)
        if self._course.told:
            self._audit(LATER, f"{settled.key} {settled.state}")
        elif self._run.is_over:
            self._tell_result()

    def _after(self, settled: JointResult) -> None:
        """The next joint of a camera; after the last one of all cameras without a hit, one is made for the rest."""
        for joint in OF_A_CAMERA[OF_A_CAMERA.index(settled.joint) + 1 :]:
            following = self._run.of(joint, settled.camera_id)
            if following.state not in (_State.WAITING, _State.RUNNING):
                continue
            if settled.state is _State.PASSED:
                self._try(following)
                return
            self._run = self._run.having(replace(following, state=_State.SKIPPED, sentence=joints.NOT_TRIED.sentence))
        of_cameras = [one for one in self._run.results if one.joint in OF_A_CAMERA]
        if all(one.state.is_over for one in of_cameras):
            self._go_on_with(_drawn_read(self._parts.clock), DRAWN)

    def _tell_result(self) -> None:
        """Put the result into the audit trail, once; and lay no more plates."""
        if self._course.told:
            return
        self._course.told = True
        if self._parts.plates is not None:
            self._parts.plates.end()
        self._audit(RAN, "; ".join(map(_told, self._run.results)))

    def _leave(self) -> None:
        if self._parts.plates is not None:
            self._parts.plates.end()
        if self._course.stored is not None:
            self._course.stored.cancel()
        self._course.closed = True

    def _audit(self, action: str, reason: str) -> None:
        officer, shift_id = self._parts.about()
        with suppress(KnownError):  # records that are closed; the program ends
            self._parts.recording.audit(officer, action, shift_id, reason[:_MOST_WORDS])

    def _publish(self) -> None:
        self._listeners.publish(ProofChanged(self._run))

    def _ask_disk(self, ask: Callable[[], object], answer: Callable[..., None]) -> None:
        """Ask on the thread that may wait for the disk. A question that fails goes unanswered: the deadline tells."""

        def work() -> None:
            try:
                answer(ask())
            except KnownError as error:
                log.warning("the proof run could not ask the records: %s", type(error).__name__)

        with suppress(RuntimeError):  # the program ends
            self._disk.submit(work)


def _told(result: JointResult) -> str:
    """One joint in the audit trail: "detector:front passed 0.6 s"."""
    after = "" if result.seconds is None else f" {result.seconds:.1f} s"
    return f"{result.key} {result.state}{after}"


def _drawn_read(clock: Clock) -> Read:
    """A TEST Read that no camera made: for what comes after the cameras, when none of them brought one."""
    now = clock.utc()
    return Read(
        read_id=str(uuid.uuid4()),
        vrm=TEST_VRM,
        confidence=100,
        chars=(1.0,) * len(TEST_VRM),
        camera_id="",
        captured_at=now,
        captured_monotonic=clock.monotonic(),
        first_seen=now,
        last_seen=now,
        frames=1,
        box=Box(0, 0, 1, 1),
        colour=PlateColour.YELLOW,
        candidates=(TEST_VRM,),
        format_flag="other",
        models="drawn",
    )
