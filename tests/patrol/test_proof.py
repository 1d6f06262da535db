"""The proof run by the clock, with fakes around it: deadlines, late answers, and who is named for what."""

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from patrol_anpr.domain.events import Event, ProofChanged
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.proof import OF_A_CAMERA, TEST_VRM, Joint, JointState, Sight, Tap
from patrol_anpr.patrol.joints import DEADLINES
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.proof import Proof
from patrol_anpr.patrol.proof_parts import ProofParts
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeRecording
from tests.integration.cars import until
from tests.made import EVIDENCE, a_match, a_read

GOOD, BAD, WARN = LampState.GOOD, LampState.BAD, LampState.WARN
WAITING, RUNNING, PASSED = JointState.WAITING, JointState.RUNNING, JointState.PASSED
FAILED, SKIPPED = JointState.FAILED, JointState.SKIPPED


@dataclass
class Plates:
    """Tells what a test says was seen."""

    tell: Callable[[Sight], object] | None = None
    cameras: Collection[str] = ()

    def begin(self, cameras: Collection[str], tell: Callable[[Sight], object]) -> None:
        self.cameras, self.tell = cameras, tell

    def end(self) -> None:
        self.tell = None


@dataclass
class Car:
    clock: FakeClock
    recording: FakeRecording = field(default_factory=FakeRecording)
    alerting: FakeAlerting = field(default_factory=FakeAlerting)
    plates: Plates = field(default_factory=Plates)
    lists: FakeMatching = field(default_factory=FakeMatching)
    lamps: dict[str, Lamp] = field(default_factory=lambda: {"clock": Lamp("clock", GOOD, "Clock")})
    statuses: list[CameraStatus] = field(default_factory=lambda: [CameraStatus("front", CameraState.SEEN, offered=7)])
    fix: Fix | None = None
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fix = Fix(51.5, -0.1, self.clock.monotonic(), datetime(2026, 11, 30, tzinfo=UTC))
        self.listeners = Listeners()
        self.listeners.add(self.events.append, tuple)
        self.disk = ThreadPoolExecutor(max_workers=1)
        parts = ProofParts(
            clock=self.clock,
            plates=self.plates,
            lists=self.lists,
            test_list=FakeMatching({TEST_VRM: [a_match(TEST_VRM)]}),
            alerting=self.alerting,
            recording=self.recording,
            statuses=lambda: self.statuses,
            lamps=lambda: tuple(self.lamps.values()),
            fix=lambda: self.fix,
            about=lambda: ("4821", "shift-1"),
            tell_lamp=lambda lamp: self.lamps.update({lamp.key: lamp}),
        )
        self.proof = Proof(parts, self.listeners, self.disk)

    def state(self, joint: Joint, camera: str = "") -> JointState:
        return self.proof.run.of(joint, camera).state

    def said(self, joint: Joint, camera: str = "") -> str:
        result = self.proof.run.of(joint, camera)
        return f"{result.sentence} {result.advice}"

    def begin(self) -> None:
        """Start, with frames coming from now on; the disk's thread has had its say about the key."""
        self.proof.start()
        self.settled(Joint.KEY)
        self.statuses = [CameraStatus(one.camera_id, one.state, one.detail, offered=99) for one in self.statuses]

    def see(self, camera: str = "front", **sight: object) -> None:
        assert self.plates.tell is not None
        self.plates.tell(Sight(camera, **({"fresh": True} | sight)))  # type: ignore[arg-type]

    def read(self, camera: str = "front", vrm: str = TEST_VRM) -> None:
        self.see(camera, found=True, made=(a_read(vrm, camera_id=camera), EVIDENCE))

    def later(self, joint: Joint) -> None:
        self.clock.advance(DEADLINES[joint] + 0.1)
        self.proof.look()

    def settled(self, joint: Joint) -> None:
        until(lambda: self.state(joint) not in (WAITING, RUNNING))

    def crew(self) -> None:
        self.proof.tapped(Tap.FINGER)
        self.proof.heard(True)
        for joint in (Joint.SOUND, Joint.DISK, Joint.KEY):
            self.settled(joint)


@pytest.fixture
def car(clock: FakeClock):
    car = Car(clock)
    yield car
    car.disk.shutdown()


def test_each_joint_is_tried_after_the_one_before_it(car: Car) -> None:
    car.begin()
    assert [car.state(joint, "front") for joint in OF_A_CAMERA] == [RUNNING, WAITING, WAITING, WAITING]
    car.see(fresh=None)
    assert car.state(Joint.CAMERA, "front") is RUNNING  # the first picture may be an old one
    car.see()
    assert [car.state(joint, "front") for joint in OF_A_CAMERA] == [PASSED, RUNNING, WAITING, WAITING]
    car.see(found=True)
    assert car.state(Joint.OCR, "front") is RUNNING
    assert car.state(Joint.TOUCH) is WAITING
    car.read()
    assert car.state(Joint.LIST, "front") is PASSED
    assert car.state(Joint.TOUCH) is RUNNING
    car.crew()
    assert car.proof.run.everything_works
    assert car.plates.tell is None  # nothing is laid into anything any more
    car.proof.go_on()
    assert car.lamps["proof"].state is GOOD
    assert [action for _, action in car.recording.audits] == ["proof.run"]
    assert isinstance(car.events[-1], ProofChanged)


@pytest.mark.parametrize(
    ("joint", "steps", "named"),
    [
        (Joint.DETECTOR, 1, ["detector:front"]),
        (Joint.OCR, 2, ["ocr:front"]),
    ],
)
def test_what_does_not_come_in_time_is_named_and_the_rest_is_proven(
    car: Car, joint: Joint, steps: int, named: list[str]
) -> None:
    car.begin()
    for found in (False, True)[:steps]:
        car.see(found=found)
    car.later(joint)
    assert [fault.key for fault in car.proof.run.faults] == named
    assert car.state(Joint.LIST, "front") is SKIPPED
    car.crew()
    assert car.proof.run.is_over
    assert {car.state(one) for one in (Joint.SOUND, Joint.TOUCH, Joint.DISK)} == {PASSED}


def test_frames_that_come_and_are_not_read_are_no_fault_of_their_camera(car: Car) -> None:
    car.begin()
    car.lamps["reading"] = Lamp("reading", BAD, "Not reading", "Reading hangs. Start again.")
    car.later(Joint.CAMERA)
    assert car.state(Joint.CAMERA, "front") is PASSED
    car.later(Joint.DETECTOR)
    assert car.said(Joint.DETECTOR, "front") == "Not reading. Reading hangs. Start again."


def test_one_picture_in_all_that_time_is_a_slow_computer_and_no_picture_that_stands_still(car: Car) -> None:
    car.begin()
    car.see(fresh=None)
    car.later(Joint.CAMERA)
    assert car.state(Joint.CAMERA, "front") is PASSED
    car.later(Joint.DETECTOR)
    assert [fault.key for fault in car.proof.run.faults] == ["detector:front"]


def test_a_camera_that_stops_on_the_way_is_named_and_not_the_detector(car: Car) -> None:
    car.begin()
    car.see()
    car.statuses = [CameraStatus("front", CameraState.LOST)]
    car.later(Joint.DETECTOR)
    assert [fault.key for fault in car.proof.run.faults] == ["camera:front"]


def test_a_camera_that_gives_the_same_picture_again_and_again_is_named(car: Car) -> None:
    car.begin()
    car.see(fresh=False)
    car.see(fresh=False)
    car.later(Joint.CAMERA)
    assert "same picture" in car.said(Joint.CAMERA, "front")


def test_a_camera_that_could_not_be_set_up_is_named(car: Car) -> None:
    car.lamps["camera:rear"] = Lamp("camera:rear", BAD, "Rear not set up", "There is no such device.")
    car.begin()
    assert car.said(Joint.CAMERA, "rear") == "Rear not set up. There is no such device."


@pytest.mark.parametrize(("found", "named"), [(False, "detector:front"), (True, "ocr:front")])
def test_a_model_that_fails_is_named_in_its_own_words(car: Car, found: bool, named: str) -> None:
    car.begin()
    car.see(found=found)
    car.see(found=found, problem="The model gave no numbers. Install it again.")
    [fault] = car.proof.run.faults
    assert (fault.key, fault.advice) == (named, "The model gave no numbers. Install it again.")


def test_another_text_is_a_misreading(car: Car) -> None:
    car.begin()
    car.see(found=True)
    car.read(vrm="8TE5T8")
    assert car.state(Joint.OCR, "front") is FAILED
    assert "8TE5T8" not in car.said(Joint.OCR, "front")


def test_a_list_that_breaks_under_the_question_is_named(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(vrm: str, at: datetime) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(car.lists, "match", broken)
    car.begin()
    car.see(found=True)
    car.read()
    assert car.state(Joint.LIST, "front") is FAILED


def test_an_old_list_passes_and_is_told(car: Car) -> None:
    car.lamps["list"] = Lamp("list", WARN, "List 14 h", "Sync when you can.")
    car.begin()
    car.see(found=True)
    car.read()
    assert car.state(Joint.LIST, "front") is PASSED
    assert car.said(Joint.LIST, "front") == "List 14 h. Sync when you can."


@pytest.mark.parametrize("joint", [Joint.SOUND, Joint.TOUCH])
def test_the_crew_is_waited_for_to_a_deadline_and_may_answer_after_it(car: Car, joint: Joint) -> None:
    car.begin()
    car.see(found=True)
    car.read()
    car.settled(Joint.DISK)
    car.settled(Joint.KEY)
    car.later(joint)
    assert car.proof.run.is_over
    assert [fault.key for fault in car.proof.run.faults] == ["sound", "touch"]
    car.crew()
    assert car.proof.run.everything_works
    assert [action for _, action in car.recording.audits] == ["proof.run", "proof.answered_late", "proof.answered_late"]


def test_a_disk_that_does_not_answer_is_named_and_is_not_given_the_row_later(
    car: Car, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: Future[int] = Future()
    monkeypatch.setattr(car.recording, "keep_test", lambda read, evidence: stored)
    car.begin()
    car.see(found=True)
    car.read()
    car.later(Joint.DISK)
    assert car.state(Joint.DISK) is FAILED
    assert stored.cancelled()


def test_a_row_that_is_not_read_back_is_named(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(car.recording, "holds_test", lambda read, evidence: False)
    car.begin()
    car.see(found=True)
    car.read()
    car.settled(Joint.DISK)
    assert "read back" in car.said(Joint.DISK)


def test_a_clock_and_a_receiver_are_judged_at_once_or_at_their_deadline(car: Car) -> None:
    del car.lamps["clock"]
    car.fix = None
    car.begin()
    assert car.state(Joint.CLOCK) is RUNNING
    car.later(Joint.GPS_TIME)
    assert {car.state(Joint.CLOCK), car.state(Joint.GPS_TIME)} == {FAILED}


@pytest.mark.parametrize(
    ("at_utc", "age", "state"),
    [
        (datetime(2026, 11, 30, tzinfo=UTC), timedelta(0), PASSED),
        (datetime(2026, 11, 30, tzinfo=UTC), timedelta(seconds=6), RUNNING),
        (None, timedelta(0), FAILED),
        (datetime(2007, 4, 1, tzinfo=UTC), timedelta(0), FAILED),
    ],
)
def test_only_a_fresh_place_with_a_time_that_can_be_proves_gps(
    car: Car, at_utc: datetime | None, age: timedelta, state: JointState
) -> None:
    car.fix = Fix(51.5, -0.1, car.clock.monotonic() - age.total_seconds(), at_utc)
    car.begin()
    assert car.state(Joint.GPS_TIME) is state


def test_a_run_that_is_begun_anew_hears_nothing_of_the_one_before(car: Car) -> None:
    car.begin()
    old = car.plates.tell
    assert old is not None
    car.begin()
    old(Sight("front", fresh=True, found=True))
    assert car.state(Joint.DETECTOR, "front") is WAITING
    assert car.proof.run.number == 2


def test_a_crew_that_goes_on_leaves_on_record_what_is_not_proven(car: Car) -> None:
    car.begin()
    car.see()
    car.proof.go_on()
    assert [action for _, action in car.recording.audits] == ["proof.run", "proof.went_on"]
    assert car.lamps["proof"].state is WARN
    assert "Plate found (Front)" in car.lamps["proof"].advice
    run = car.proof.run
    car.later(Joint.TOUCH)
    car.proof.tapped(Tap.FINGER)
    car.proof.heard(True)
    assert car.proof.run == run
    assert car.plates.tell is None


def test_what_a_patrol_began_without_is_not_said_of_the_next_one(car: Car) -> None:
    car.proof.end()
    assert "proof" not in car.lamps
    car.begin()
    car.proof.go_on()
    assert car.lamps["proof"].state is WARN
    car.proof.end()
    assert (car.lamps["proof"].state, car.lamps["proof"].advice) == (LampState.UNKNOWN, "")


def test_a_yes_before_anything_was_to_be_heard_counts_nothing(car: Car) -> None:
    car.begin()
    car.proof.heard(True)
    car.proof.tapped(Tap.FINGER)
    car.proof.say_again()
    assert {car.state(Joint.SOUND), car.state(Joint.TOUCH)} == {WAITING}


def test_without_a_camera_the_rest_is_proven(car: Car) -> None:
    car.statuses = []
    car.proof.start()
    car.crew()
    assert car.proof.run.everything_works
