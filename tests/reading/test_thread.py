import threading
from collections.abc import Iterator, Sequence

import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Frame, Pixels, Plate
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.reading.thread import RecogniserThread
from tests.conftest import FakeClock
from tests.reading.made import ScriptedDetector, ScriptedOcr, frame_at, plate_box

LONG = 20.0  # seconds a test waits for a thread before it fails


class Listener:
    """Notes what the thread says; `wait` blocks until a condition on it holds."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.frames: list[tuple[str, int]] = []
        self.failures: list[Exception] = []
        self._changed = threading.Condition()

    def on_read(self, read: Read, evidence: Evidence) -> None:
        assert evidence.patch
        with self._changed:
            self.reads.append(read)
            self._changed.notify_all()

    def on_plates(self, camera_id: str, frame: Frame, plates: Sequence[PlateSeen]) -> None:
        del plates
        with self._changed:
            self.frames.append((camera_id, frame.number))
            self._changed.notify_all()

    def on_failure(self, error: Exception) -> None:
        with self._changed:
            self.failures.append(error)
            self._changed.notify_all()

    def wait(self, what: str, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(getattr(self, what)) >= count, LONG)


class Rig:
    """A recogniser thread over two cameras whose detector can be held."""

    def __init__(self, clock: FakeClock) -> None:
        self.detector = ScriptedDetector()
        self.detector.show(plate_box(640, 400, 90))
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.slots: dict[str, Latest[Frame]] = {"front": Latest(), "rear": Latest()}
        self.heard = Listener()
        recogniser = Recogniser(self, ScriptedOcr(), clock)
        self.thread = RecogniserThread(
            recogniser, self.slots, self.heard.on_read, self.heard.on_plates, self.heard.on_failure, clock
        )

    def find(self, pixels: Pixels) -> list[Plate]:
        self.entered.set()
        assert self.gate.wait(LONG)
        return self.detector.find(pixels)

    def put(self, number: int, camera_id: str = "front") -> None:
        self.slots[camera_id].put(frame_at(number / 10, camera_id=camera_id, number=number))


@pytest.fixture
def rig(clock: FakeClock) -> Iterator[Rig]:
    made = Rig(clock)
    made.thread.start()
    yield made
    made.gate.set()
    made.thread.stop()


def test_frames_become_reads(rig: Rig) -> None:
    for number in range(3):
        rig.put(number)
        rig.heard.wait("frames", number + 1)
    rig.heard.wait("reads", 1)
    assert rig.heard.reads[0].vrm == "AB12CDE"


def test_stopping_gives_out_what_was_seen_and_joins(rig: Rig) -> None:
    rig.put(0)
    rig.heard.wait("frames", 1)
    rig.thread.stop()
    assert [read.frames for read in rig.heard.reads] == [1]
    assert "recogniser" not in {thread.name for thread in threading.enumerate()}


def test_when_behind_the_newest_frame_is_next_and_the_slot_counts(rig: Rig) -> None:
    rig.gate.clear()
    rig.put(0)
    assert rig.entered.wait(LONG)
    for number in range(1, 11):
        rig.put(number)
    rig.gate.set()
    rig.heard.wait("frames", 2)
    assert rig.heard.frames == [("front", 0), ("front", 10)]
    assert rig.slots["front"].overwritten == 9


def test_cameras_take_turns(rig: Rig) -> None:
    rig.gate.clear()
    rig.put(0)
    assert rig.entered.wait(LONG)
    rig.put(1)
    rig.put(0, "rear")
    rig.gate.set()
    rig.heard.wait("frames", 3)
    assert rig.heard.frames == [("front", 0), ("rear", 0), ("front", 1)]


def test_a_failure_is_told_and_the_thread_goes_on(rig: Rig) -> None:
    rig.detector.failure = ModelRefused("no numbers")
    rig.put(0)
    rig.heard.wait("failures", 1)
    rig.detector.failure = None
    rig.put(1)
    rig.heard.wait("frames", 1)
    assert isinstance(rig.heard.failures[0], ModelRefused)


def test_a_camera_that_was_lost_ends_its_tracks_at_once(rig: Rig) -> None:
    rig.put(0)
    rig.heard.wait("frames", 1)
    rig.thread.finish("front")
    rig.heard.wait("reads", 1)


def test_stop_without_start_does_nothing(clock: FakeClock) -> None:
    Rig(clock).thread.stop()


def held(clock: FakeClock) -> Rig:
    """A rig whose recogniser is at a frame until its gate is opened."""
    rig = Rig(clock)
    rig.gate.clear()
    rig.thread.start()
    rig.put(0)
    assert rig.entered.wait(LONG)
    return rig


def test_a_step_that_never_ends_is_told_by_its_time_and_left_behind_at_the_end(clock: FakeClock) -> None:
    rig = held(clock)
    clock.advance(4)
    assert rig.thread.busy_seconds == 4
    clock.advance(60)
    assert not rig.thread.stop()
    rig.gate.set()
    assert rig.thread.stop()  # it came back after all: nothing of what was seen is lost
    assert [read.frames for read in rig.heard.reads] == [1]
    assert rig.thread.busy_seconds == 0


def test_a_step_that_only_takes_long_is_waited_for(clock: FakeClock) -> None:
    rig = held(clock)
    clock.advance(10)
    stopping = threading.Thread(target=rig.thread.stop, name="stopping")
    stopping.start()
    stopping.join(1.2)
    assert stopping.is_alive()
    rig.gate.set()
    stopping.join(LONG)
    assert not stopping.is_alive()
    assert len(rig.heard.reads) == 1


def test_reads_that_wait_for_the_disk_are_no_hanging_reader(rig: Rig, clock: FakeClock) -> None:
    writing, written = threading.Event(), threading.Event()

    def slow(read: Read, evidence: Evidence) -> None:
        writing.set()
        assert written.wait(LONG)
        rig.heard.on_read(read, evidence)

    rig.thread._on_read = slow
    rig.put(0)
    rig.heard.wait("frames", 1)
    rig.thread.finish("front")
    assert writing.wait(LONG)
    clock.advance(60)
    assert rig.thread.busy_seconds == 0
    written.set()
    rig.heard.wait("reads", 1)
