import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Frame, Pixels, Plate
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.reading.feed import NewestFrames
from patrol_anpr.reading.recogniser import Recogniser, Recognition
from patrol_anpr.reading.thread import ReadingListeners, RecogniserThread
from tests.conftest import FakeClock
from tests.integration.cars import until
from tests.made import EVIDENCE, a_read
from tests.reading.made import ScriptedDetector, ScriptedOcr, frame_at, plate_box

LONG = 20.0  # seconds a test waits for a thread before it fails


class Listener:
    """Notes what the thread says; `wait` blocks until a condition on it holds."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.frames: list[tuple[str, int]] = []
        self.failures: list[BaseException] = []
        self._changed = threading.Condition()

    def on_read(self, read: Read, evidence: Evidence) -> None:
        assert evidence.patch
        with self._changed:
            self.reads.append(read)
            self._changed.notify_all()

    def on_plates(self, frame: Frame, plates: Sequence[PlateSeen]) -> None:
        del plates
        with self._changed:
            self.frames.append((frame.camera_id, frame.number))
            self._changed.notify_all()

    def on_failure(self, error: BaseException) -> None:
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
        tell = ReadingListeners(self.heard.on_read, self.heard.on_plates, self.heard.on_failure)
        self.thread = RecogniserThread(recogniser, NewestFrames(self.slots), tell, clock)

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


def test_whatever_ends_the_thread_is_told_and_it_begins_again(rig: Rig) -> None:
    rig.detector.failure = SystemExit()
    rig.put(0)
    rig.heard.wait("failures", 1)
    rig.detector.failure = None
    rig.put(1)
    rig.heard.wait("frames", 1)
    assert isinstance(rig.heard.failures[0], SystemExit)


class TwoAtOnce(Recogniser):
    """A recogniser whose every frame ends two passes."""

    def process(self, frame: Frame) -> Recognition:
        del frame
        return Recognition([(a_read("AB12CDE"), EVIDENCE), (a_read("TX64KZW"), EVIDENCE)], [])


def test_a_read_that_could_not_be_taken_loses_none_of_the_others(clock: FakeClock) -> None:
    rig = Rig(clock)

    def refuse_the_first(read: Read, evidence: Evidence) -> None:
        if read.vrm == "AB12CDE":
            raise OSError
        rig.heard.on_read(read, evidence)

    tell = ReadingListeners(refuse_the_first, rig.heard.on_plates, rig.heard.on_failure)
    thread = RecogniserThread(TwoAtOnce(rig, ScriptedOcr(), clock), NewestFrames(rig.slots), tell, clock)
    thread.start()
    rig.put(0)
    rig.heard.wait("failures", 1)
    assert thread.stop(LONG)
    assert [read.vrm for read in rig.heard.reads] == ["TX64KZW"]
    assert isinstance(rig.heard.failures[0], OSError)


def test_stop_without_start_does_nothing(clock: FakeClock) -> None:
    assert Rig(clock).thread.stop()


def held(clock: FakeClock) -> Rig:
    """A rig whose recogniser is at a frame until its gate is opened."""
    rig = Rig(clock)
    rig.gate.clear()
    rig.thread.start()
    rig.put(0)
    assert rig.entered.wait(LONG)
    return rig


def test_a_step_that_never_ends_is_shown_and_left_behind_at_the_end(clock: FakeClock) -> None:
    rig = held(clock)
    clock.advance(4)
    step = rig.thread.step
    assert step is not None
    assert clock.monotonic() - step.began == 4
    assert not rig.thread.stop(0.05)
    assert not rig.thread.start()
    rig.gate.set()
    assert rig.thread.stop(LONG)  # it came back after all: nothing of what was seen is lost
    assert [read.frames for read in rig.heard.reads] == [1]
    assert rig.thread.step is None


def test_a_step_that_only_takes_long_is_waited_for(clock: FakeClock) -> None:
    rig = held(clock)
    stopping = threading.Thread(target=rig.thread.stop, name="stopping")
    stopping.start()
    stopping.join(0.3)
    assert stopping.is_alive()
    rig.gate.set()
    stopping.join(LONG)
    assert not stopping.is_alive()
    assert len(rig.heard.reads) == 1


def test_a_read_that_nobody_takes_is_no_step_of_the_reader_and_holds_up_no_stop(rig: Rig) -> None:
    taking, taken = threading.Event(), threading.Event()

    def slow(read: Read, evidence: Evidence) -> None:
        taking.set()
        assert taken.wait(LONG)
        rig.heard.on_read(read, evidence)

    rig.thread._tell = replace(rig.thread._tell, on_read=slow)
    for number in range(3):
        rig.put(number)
        if number < 2:
            rig.heard.wait("frames", number + 1)
    assert taking.wait(LONG)
    assert rig.thread.step is None
    assert not rig.thread.stop(0.05)
    taken.set()
    rig.heard.wait("reads", 1)


def test_a_thread_that_is_slow_at_its_end_is_waited_for_and_one_that_hangs_is_not(rig: Rig) -> None:
    rig.gate.clear()
    rig.put(1)
    assert rig.entered.wait(LONG)
    assert not rig.thread.stop(0.01)
    assert not rig.thread.outlast(LONG)  # at once: it came through no step since it was told to end
    step = rig.thread._steps
    rig.gate.set()
    until(lambda: rig.thread._steps > step)
    assert rig.thread.outlast(LONG)
    assert [read.vrm for read in rig.heard.reads]
