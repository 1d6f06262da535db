"""The proof run at sign-on: a TEST plate goes the way of every Read, from each camera to the records and back.

It is found, read, matched, sounded, tapped, stored and read back by the parts that do so on patrol; but what comes of
it stays here and in a table of its own. A joint that fails is named, with what to do. Nothing waits for ever: each
joint has its deadline, and a tap or an answer that comes late still counts.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from typing import TypeVar

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import ProofChanged
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.proof import TEST_VRM, Joint, JointResult, JointState, ProofRun, Sight, Tap
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.patrol import joints
from patrol_anpr.patrol.course import Course
from patrol_anpr.patrol.joints import Verdict
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.proof_parts import DRAWN, ProofParts, drawn_read

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RAN, WENT_ON, LATER = "proof.run", "proof.went_on", "proof.answered_late"
"""What the audit trail calls the result of a run, the crew that goes on all the same, and what came after."""
_MOST_WORDS = 1000
"""Characters of a reason in the audit trail, as the wire takes them."""
_OF_THE_START = (Joint.KEY, Joint.CLOCK, Joint.GPS_TIME)
_OF_THE_HIT = (Joint.SOUND, Joint.TOUCH, Joint.DISK)


class Proof:
    """Owns the proof run; satisfies window_ports.Proving. Any thread may call; no call waits.

    Its state changes under `listeners.order`, as each change is told.
    """

    def __init__(self, parts: ProofParts, listeners: Listeners, disk: Executor) -> None:
        self._parts, self._listeners, self._disk = parts, listeners, disk
        self._run = ProofRun()
        self._course: Course | None = None  # of a run that may still change
        self._frames_before: Mapping[str, int] = {}
        self._fresh: dict[str, bool] = {}  # cameras of which two frames were compared: whether their picture lives
        self._has_hit = self._told = False
        self._played: bool | None = None
        self._heard: bool | None = None
        self._stored: Future[int] | None = None

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
            number, now = self._run.number + 1, parts.clock.monotonic()
            course = self._course = Course(number, cameras, now)
            self._frames_before = {name: status.offered for name, status in statuses.items()}
            self._has_hit = self._told = False
            self._played = self._heard = None
            self._fresh = {}
            for camera in cameras:
                course.attempt(Joint.CAMERA, camera, now)
            for joint in _OF_THE_START:
                course.attempt(joint, "", now)
            if parts.plates is not None:
                parts.plates.begin(cameras, partial(self._seen, number))
            self._ask_disk(parts.recording.key_fault, partial(self._key_looked_at, number))
            if not cameras:
                self._go_on_with(course, drawn_read(parts.clock), DRAWN)
            self._publish(course)
        self.look()

    def end(self) -> None:
        """The shift is over: nothing is proven any more."""
        with self._listeners.order:
            self._leave()
            self._run = ProofRun(self._run.number)
            if joints.OF_NO_PATROL.key in self._lamps():
                self._parts.tell_lamp(joints.OF_NO_PATROL)

    def say_again(self) -> None:
        """Sound the TEST hit once more; the answer is asked for anew."""
        with self._listeners.order:
            course = self._course
            if course is not None and self._has_hit:
                self._played = self._heard = None
                course.attempt(Joint.SOUND, "", self._parts.clock.monotonic())
                self._sound(course)
                self._publish(course)

    def heard(self, was_heard: bool) -> None:
        """Take the answer to "Did you hear this?", also after the deadline."""
        with self._listeners.order:
            if (course := self._course) is not None and self._has_hit:
                self._heard = was_heard
                self._judge_sound(course)

    def tapped(self, how: Tap) -> None:
        """Take a tap on the TEST target, also after the deadline."""
        with self._listeners.order:
            course = self._course
            if course is not None and self._has_hit and course.run.of(Joint.TOUCH).state is not JointState.PASSED:
                self._settle(course, Joint.TOUCH, "", joints.of_tap(how))
                self._publish(course)

    def go_on(self) -> None:
        """Record what the officer knows not to be proven, and prove nothing more."""
        with self._listeners.order:
            course = self._course
            if course is None:
                return
            self._tell_result(course)
            if open_ends := course.open_ends:
                self._audit(WENT_ON, ", ".join(one.key for one in open_ends))
            self._parts.tell_lamp(joints.unproven(open_ends) if open_ends else joints.ALL_PROVEN)
            self._leave()

    # -- what comes of it ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """Judge what is to be seen from here, and end what has waited too long; called once a second, and more."""
        with self._listeners.order:
            course = self._course
            if course is None:
                return
            now, lamps = self._parts.clock.monotonic(), self._lamps()
            for result in course.tried:
                if course.tries(result.joint, result.camera_id) is None:
                    continue  # another one settled it
                verdict = self._seen_from_here(result, now, lamps)
                if verdict is None and course.is_overdue(result, now):
                    verdict = self._late(course, result, lamps)
                if verdict is not None:
                    self._settle(course, result.joint, result.camera_id, verdict)
            self._publish(course)

    def _seen_from_here(self, result: JointResult, now: float, lamps: Mapping[str, Lamp]) -> Verdict | None:
        if result.joint is Joint.CAMERA:
            verdict = self._of_camera(result.camera_id, lamps)
            is_good = verdict is not None and verdict.state is JointState.PASSED
            return None if is_good and not self._fresh.get(result.camera_id) else verdict
        if result.joint is Joint.CLOCK:
            return joints.of_clock(lamps.get("clock"))
        if result.joint is Joint.GPS_TIME:
            return joints.of_gps_time(self._parts.fix(), now, lamps.get("gps"))
        return None

    def _of_camera(self, camera_id: str, lamps: Mapping[str, Lamp]) -> Verdict | None:
        status = next((one for one in self._parts.statuses() if one.camera_id == camera_id), None)
        return joints.of_camera(status, self._frames_before.get(camera_id, 0), lamps.get(f"camera:{camera_id}"))

    def _late(self, course: Course, result: JointResult, lamps: Mapping[str, Lamp]) -> Verdict:
        """Name who is late: frames that come and are not read are no fault of their camera, one that stopped is."""
        camera = self._of_camera(result.camera_id, lamps) if result.camera_id else None
        if result.joint is Joint.CAMERA and camera is not None:
            return joints.STUCK if result.camera_id in self._fresh else camera
        if camera is not None and camera.state is JointState.FAILED:
            self._settle(course, Joint.CAMERA, result.camera_id, camera)
            return joints.NOT_TRIED
        if result.joint is Joint.DISK and course.run.of(Joint.KEY).state is JointState.FAILED:
            return joints.NOT_TRIED
        return joints.too_late(result.joint, lamps)

    def _seen(self, number: int, sight: Sight) -> None:
        """Take what a frame showed, on the thread that reads."""
        with self._listeners.order:
            if self._course_of(number) is not None and sight.fresh is not None:
                self._fresh[sight.camera_id] = sight.fresh or self._fresh.get(sight.camera_id, False)
        self.look()
        matched = self._matched() if sight.made is not None else joints.NO_MATCH
        with self._listeners.order:
            if (course := self._course_of(number)) is not None:
                self._take(course, sight, matched)
                self._publish(course)

    def _take(self, course: Course, sight: Sight, matched: Verdict) -> None:
        camera = sight.camera_id
        if sight.found and course.tries(Joint.DETECTOR, camera):
            self._settle(course, Joint.DETECTOR, camera, joints.PASSED)
        failing = Joint.OCR if sight.found else Joint.DETECTOR
        if sight.problem and course.tries(failing, camera):
            self._settle(course, failing, camera, joints.reading_failed(sight.problem))
        if sight.made is None or not course.tries(Joint.OCR, camera):
            return
        read, evidence = sight.made
        if read.vrm != TEST_VRM:
            self._settle(course, Joint.OCR, camera, joints.MISREAD)
            return
        self._go_on_with(course, read, evidence)
        self._settle(course, Joint.OCR, camera, joints.PASSED)
        self._settle(course, Joint.LIST, camera, matched)

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

    def _go_on_with(self, course: Course, read: Read, evidence: Evidence) -> None:
        """Sound the hit, have it tapped, and store it: once, for the first camera that brings one."""
        if self._has_hit:
            return
        self._has_hit = True
        for joint in _OF_THE_HIT:
            course.attempt(joint, "", self._parts.clock.monotonic())
        self._sound(course)
        try:
            stored = self._stored = self._parts.recording.keep_test(read, evidence)
        except KnownError as error:
            self._settle(course, Joint.DISK, "", joints.not_stored(str(error)))
            return
        stored.add_done_callback(partial(self._was_stored, course.run.number, read, evidence))

    def _was_stored(self, number: int, read: Read, evidence: Evidence, stored: "Future[int]") -> None:
        if stored.cancelled():
            return
        if stored.exception() is not None:
            self._read_back(number, False)
            return
        self._ask_disk(partial(self._parts.recording.holds_test, read, evidence), partial(self._read_back, number))

    def _read_back(self, number: int, is_there: bool) -> None:
        self._answered(number, Joint.DISK, joints.PASSED if is_there else joints.NOT_STORED)

    def _key_looked_at(self, number: int, fault: str) -> None:
        self._answered(number, Joint.KEY, joints.of_key(fault))

    def _answered(self, number: int, joint: Joint, verdict: Verdict) -> None:
        with self._listeners.order:
            course = self._course_of(number)
            if course is not None and course.tries(joint):
                self._settle(course, joint, "", verdict)
                self._publish(course)

    def _sound(self, course: Course) -> None:
        number, sound = course.run.number, self._parts.alerting.sound_test

        def play() -> None:
            played = sound()
            with self._listeners.order:
                if (sounded := self._course_of(number)) is not None:
                    self._played = played
                    self._judge_sound(sounded)

        threading.Thread(target=play, name="voice-test", daemon=True).start()

    def _judge_sound(self, course: Course) -> None:
        verdict = joints.of_sound(played=self._played, heard=self._heard, lamp=self._lamps().get("voice"))
        if verdict is not None:
            self._settle(course, Joint.SOUND, "", verdict)
            self._publish(course)

    # -- with `order` held -----------------------------------------------------------------------------------------

    def _lamps(self) -> Mapping[str, Lamp]:
        return {lamp.key: lamp for lamp in self._parts.lamps()}

    def _course_of(self, number: int) -> Course | None:
        """The run of this number, unless another has begun since, or the crew went on."""
        return self._course if number == self._run.number else None

    def _settle(self, course: Course, joint: Joint, camera_id: str, verdict: Verdict) -> None:
        course.settle(joint, camera_id, verdict, self._parts.clock.monotonic())
        if joint is Joint.DISK and verdict.state is JointState.FAILED and self._stored is not None:
            self._stored.cancel()  # a disk that works again later must not be given it then
        if course.cameras_are_over:
            self._go_on_with(course, drawn_read(self._parts.clock), DRAWN)
        if self._told:
            self._audit(LATER, f"{joint} {verdict.state}")
        elif course.run.is_over:
            self._tell_result(course)

    def _tell_result(self, course: Course) -> None:
        """Put the result into the audit trail, once; and lay no more plates."""
        if self._told:
            return
        self._told = True
        if self._parts.plates is not None:
            self._parts.plates.end()
        self._audit(RAN, "; ".join(map(_as_audited, course.run.results)))

    def _leave(self) -> None:
        if self._parts.plates is not None:
            self._parts.plates.end()
        if self._stored is not None:
            self._stored.cancel()
        self._course = None

    def _audit(self, action: str, reason: str) -> None:
        officer, shift_id = self._parts.about()
        with suppress(KnownError):  # records that are closed: the program ends
            self._parts.recording.audit(officer, action, shift_id, reason[:_MOST_WORDS])

    def _publish(self, course: Course) -> None:
        if course.run != self._run:
            self._run = course.run
            self._listeners.publish(ProofChanged(course.run))

    def _ask_disk(self, ask: Callable[[], Answer], answer: Callable[[Answer], None]) -> None:
        """Ask on the thread that may wait for the disk. A question that fails goes unanswered: the deadline tells."""

        def work() -> None:
            try:
                answer(ask())
            except KnownError as error:
                log.warning("the proof run could not ask the records: %s", type(error).__name__)

        with suppress(RuntimeError):  # the program ends
            self._disk.submit(work)


def _as_audited(result: JointResult) -> str:
    """One joint in the audit trail: "detector:front passed 0.6 s"."""
    after = "" if result.seconds is None else f" {result.seconds:.1f} s"
    return f"{result.key} {result.state}{after}"
