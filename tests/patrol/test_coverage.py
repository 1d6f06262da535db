"""The coverage record of a shift: each minute of each camera, whatever cuts it, and nothing that nobody watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from patrol_anpr.domain.coverage import Blind, CoverageMinute, Tally
from patrol_anpr.domain.health import CameraState, CameraStatus, Sight
from patrol_anpr.domain.optics import Lens, PlateWidths
from patrol_anpr.domain.outlook import Exposure, Focus
from patrol_anpr.domain.rig import Area, Rig, Turn
from patrol_anpr.patrol.coverage import Coverage
from tests.conftest import FakeClock
from tests.fakes import FakeRecording

SHARP = Sight(0.8, 90.0, 180.0, 0.0)


@dataclass
class FakeEyes:
    """Cameras whose states and counts a test sets; the Engine is the real one."""

    cameras: dict[str, CameraStatus] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    rigs: Mapping[str, Rig] = field(default_factory=dict)
    default_rigs: Mapping[str, Rig] = field(default_factory=dict)
    degrees: float = 0.0

    @property
    def statuses(self) -> Sequence[CameraStatus]:
        return tuple(self.cameras.values())

    def tally(self, camera_id: str) -> Tally:
        return self.tallies[camera_id]

    def field_of_view(self, camera_id: str) -> float:
        return self.degrees

    def set_up(self, camera_id: str, rig: Rig) -> None:
        raise NotImplementedError

    def swap(self, one: str, other: str) -> None:
        raise NotImplementedError


@dataclass
class Car:
    clock: FakeClock
    eyes: FakeEyes = field(default_factory=FakeEyes)
    recording: FakeRecording = field(default_factory=FakeRecording)

    def __post_init__(self) -> None:
        self.coverage = Coverage(self.eyes, self.recording, self.clock)
        for name in ("front", "rear"):
            self.eyes.cameras[name] = CameraStatus(name, CameraState.SEEN, width=1920, height=1080, sight=SHARP)
            self.eyes.tallies[name] = Tally()

    def run(self, seconds: int, *, read: int = 15, **rear: object) -> None:
        """Let time pass, a look a second; the front camera is read well, the rear one is as given."""
        self.eyes.cameras["rear"] = replace(self.eyes.cameras["rear"], **rear)  # type: ignore[arg-type]
        for _ in range(seconds):
            self.clock.advance(1)
            for name, frames in (("front", 15), ("rear", read)):
                status, tally = self.eyes.cameras[name], self.eyes.tallies[name]
                self.eyes.cameras[name] = replace(status, offered=status.offered + 30)
                self.eyes.tallies[name] = replace(tally, frames=tally.frames + frames)
            self.coverage.look()

    def count(self, name: str, **more: object) -> None:
        self.eyes.tallies[name] = replace(self.eyes.tallies[name], **more)  # type: ignore[arg-type]

    def of(self, camera_id: str) -> list[CoverageMinute]:
        return [one for one in self.coverage.minutes() if one.camera_id == camera_id]


@pytest.fixture
def car(clock: FakeClock) -> Car:
    clock.now = clock.now.replace(second=0, microsecond=0)
    made = Car(clock)
    made.coverage.begin("shift-1")
    return made


def test_each_minute_of_each_camera_is_kept_once_it_is_over(car: Car) -> None:
    start = car.clock.now
    car.run(59)
    assert car.recording.minutes == []
    car.run(1)
    assert [(one.camera_id, one.minute, one.seconds) for one in car.recording.minutes] == [
        ("front", start, 59.0),
        ("rear", start, 59.0),
    ]
    car.run(60)
    assert [one.seconds for one in car.recording.minutes[2:]] == [60.0, 60.0]
    front = car.of("front")
    assert [(one.seconds, one.usable_seconds, one.offered, one.read) for one in front] == [
        (59.0, 59.0, 1770, 885),
        (60.0, 60.0, 1800, 900),
        (1.0, 1.0, 30, 15),
    ]


@pytest.mark.parametrize(
    ("rear", "reason"),
    [
        ({"state": CameraState.LOST}, Blind.LOST),
        ({"state": CameraState.STARTING}, Blind.LOST),
        ({"state": CameraState.ENDED}, Blind.LOST),
        ({"state": CameraState.FROZEN}, Blind.FROZEN),
        ({"state": CameraState.GARBAGE, "why": Blind.GARBLED}, Blind.GARBLED),
        ({"state": CameraState.GARBAGE, "why": Blind.BLOCKED}, Blind.BLOCKED),
        ({"why": Blind.DARK}, Blind.DARK),
        ({"why": Blind.BLURRED}, Blind.BLURRED),
        ({"read": 1}, Blind.SKIPPED),
        ({"read": 1, "why": Blind.DARK}, Blind.DARK),
    ],
)
def test_a_blind_second_has_its_reason(car: Car, rear: Mapping[str, object], reason: Blind) -> None:
    car.run(10)
    car.run(20, **rear)  # type: ignore[arg-type]
    (minute,) = car.of("rear")
    assert (minute.seconds, dict(minute.blind), minute.reason) == (30.0, {reason: 20.0}, reason)
    assert car.of("front")[0].blind == {}


def test_plates_that_are_all_too_small_are_the_lenss_fault(car: Car) -> None:
    car.run(10)
    car.count("rear", widths=PlateWidths((30.0,) * 6))
    car.run(20)
    assert dict(car.of("rear")[0].blind) == {Blind.TOO_WIDE: 20.0}


def test_a_camera_most_of_whose_picture_is_masked_is_blind_however_well_it_sees(car: Car) -> None:
    """No plate there is read: silence from it is no word that nothing passed."""
    car.run(10)
    car.eyes.rigs = {"rear": Rig(mask=(Area(0.0, 0.0, 1.0, 0.5),))}
    car.run(10)
    car.eyes.rigs = {"rear": Rig(mask=(Area(0.0, 0.0, 1.0, 0.75),))}
    car.run(20)
    assert dict(car.of("rear")[0].blind) == {Blind.MASKED: 20.0}
    assert car.of("front")[0].blind == {}


def test_vehicles_are_counted_in_the_minute_they_passed(car: Car) -> None:
    car.run(10)
    car.count("front", reads=2, unread=1, vehicles=3, widths=PlateWidths((50.0, 120.0, 80.0), 2))
    car.run(60)
    car.count("front", reads=2, unread=2, vehicles=4, widths=PlateWidths((50.0, 120.0, 80.0, 40.0), 2))
    car.run(1)
    first, second = car.of("front")
    assert (first.reads, first.unread, first.widest) == (2, 1, 120.0)
    assert (second.reads, second.unread, second.widest) == (0, 1, 40.0)


def test_what_was_counted_before_the_shift_is_not_its_own(car: Car) -> None:
    car.count("front", reads=9, unread=9, vehicles=18)
    car.coverage.end()
    car.coverage.begin("shift-2")
    car.run(5)
    assert [(one.shift_id, one.seconds, one.reads, one.unread) for one in car.of("front")] == [("shift-2", 5.0, 0, 0)]


def test_a_sleep_is_no_coverage_and_the_minute_it_cuts_keeps_its_seconds(car: Car) -> None:
    car.run(20)
    car.clock.advance(3 * 3600 - 20 + 40)
    car.run(10)
    assert [(one.minute.minute, one.seconds) for one in car.of("front")] == [
        (car.clock.now.minute, 20.0),
        (car.clock.now.minute, 9.0),  # the first look after it only says that there was one
    ]
    assert sum(one.seconds for one in car.recording.minutes) == 40.0


def test_a_sleep_within_a_minute_leaves_one_with_fewer_seconds(car: Car) -> None:
    car.run(10)
    car.clock.advance(30)
    car.run(10)
    assert [one.seconds for one in car.of("front")] == [19.0]


def test_signing_off_keeps_the_part_under_way_and_tells_the_depot(car: Car) -> None:
    car.run(23)
    car.clock.advance(0.5)
    car.coverage.end()
    assert [one.seconds for one in car.recording.minutes] == [23.5, 23.5]
    assert car.recording.ends == 1
    assert car.coverage.minutes() == ()
    car.run(60)
    car.coverage.end()
    assert len(car.recording.minutes) == 2


def test_after_a_restart_within_a_minute_its_parts_are_one(car: Car) -> None:
    car.run(20)
    car.coverage.end()
    again = Coverage(car.eyes, car.recording, car.clock)
    again.begin("shift-1", car.recording.coverage("shift-1"))
    car.coverage = again
    car.run(10)
    assert [one.seconds for one in car.of("front")] == [30.0]


def test_a_camera_that_comes_later_is_watched_from_then_on(car: Car) -> None:
    late = car.eyes.cameras.pop("rear")
    car.eyes.cameras = {"front": car.eyes.cameras["front"]}
    for _ in range(5):
        car.clock.advance(1)
        car.coverage.look()
    assert car.of("rear") == []
    car.eyes.cameras["rear"] = late
    car.run(5)
    assert sum(one.seconds for one in car.of("rear")) == 5.0


def test_a_clock_that_is_set_back_begins_another_part(car: Car) -> None:
    car.run(70)
    car.clock.now -= timedelta(minutes=30)
    car.run(10)
    assert sum(one.seconds for one in car.of("front")) == 80.0


def test_the_outlook_of_a_camera(car: Car) -> None:
    car.eyes.degrees = 120.0
    car.count("front", widths=PlateWidths((90.0, 70.0), 2), burnt=0.8)
    car.run(10)
    front, rear = car.coverage.outlooks()
    assert 14.0 < front.fps_read <= 15.0
    assert front.metres == pytest.approx(4.5, abs=0.01)
    assert (front.lens, front.focus, front.exposure) == (Lens.TOO_WIDE, Focus.GOOD, Exposure.BURNING)
    assert rear.exposure is Exposure.GOOD
    car.eyes.rigs = {"front": Rig(Turn(rotate=90))}  # the lens lies on its side: its width is the picture's height
    car.eyes.cameras["front"] = replace(car.eyes.cameras["front"], width=1080, height=1920)
    assert car.coverage.outlooks()[0].metres == pytest.approx(4.5, abs=0.01)
    car.eyes.degrees = 0.0
    assert car.coverage.outlooks()[0].metres is None


@pytest.mark.parametrize(
    ("sight", "focus", "exposure"),
    [
        (None, Focus.UNKNOWN, Exposure.UNKNOWN),
        (Sight(0.3, 90, 100, 0), Focus.BLURRED, Exposure.GOOD),
        (Sight(0.45, 90, 100, 0), Focus.SOFT, Exposure.GOOD),
        (Sight(0.8, 9, 100, 0), Focus.GOOD, Exposure.DARK),
        (Sight(0.8, 220, 100, 0.5), Focus.GOOD, Exposure.BRIGHT),
    ],
)
def test_hints_for_focus_and_exposure(car: Car, sight: Sight | None, focus: Focus, exposure: Exposure) -> None:
    car.eyes.cameras["front"] = replace(car.eyes.cameras["front"], sight=sight)
    front = car.coverage.outlooks()[0]
    assert (front.focus, front.exposure) == (focus, exposure)


def test_of_a_camera_without_pictures_nothing_is_said(car: Car) -> None:
    car.count("front", burnt=0.9)
    car.eyes.cameras["front"] = replace(car.eyes.cameras["front"], state=CameraState.LOST)
    front = car.coverage.outlooks()[0]
    assert (front.focus, front.exposure) == (Focus.UNKNOWN, Exposure.UNKNOWN)
