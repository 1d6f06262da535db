import itertools
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from patrol_anpr.cameras.source import CaptureWish, parse_source
from patrol_anpr.domain.coverage import Tally
from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.rig import Rig as CameraRig
from patrol_anpr.patrol.engine import HANGING_SECONDS, HANGS, READS, CameraPlan, Engine, EngineListeners
from patrol_anpr.reading.recogniser import Recognition
from patrol_anpr.resources import ASSETS
from patrol_anpr.vehicle.clock import SystemClock
from tests.conftest import FakeClock
from tests.integration.cars import passing, until, write_clip
from tests.made import EVIDENCE, a_read

LONG = 10.0


class CountingRecogniser:
    """Notes the frames it gets; makes a Read of each tenth, and one of each camera that is finished."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, int]] = []
        self.finished: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failure: BaseException | None = None
        self.rigs: list[dict[str, CameraRig]] = []

    def process(self, frame: Frame) -> Recognition:
        assert self.gate.wait(LONG)
        if self.failure is not None:
            raise self.failure
        self.frames.append((frame.camera_id, frame.number))
        made = a_read(f"AB{frame.number:02d}CDE", camera_id=frame.camera_id, last_seen=frame.at_utc)
        return Recognition([(made, EVIDENCE)] if frame.number % 10 == 0 else [], [])

    def finish(self, camera_id: str) -> list[tuple[Read, Evidence]]:
        self.finished.append(camera_id)
        return [(a_read("TX64KZW", camera_id=camera_id), EVIDENCE)]

    def tally(self, camera_id: str) -> Tally:
        return Tally(len([name for name, _ in self.frames if name == camera_id]))

    def use_rigs(self, rigs: Mapping[str, CameraRig]) -> None:
        self.rigs.append(dict(rigs))

    def end_idle(self) -> list[tuple[Read, Evidence]]:
        return []


class Rig:
    """An engine over two clips, and what it told."""

    def __init__(self, *clips: Path, clock: FakeClock | None = None, every_frame: bool = True) -> None:
        self.recogniser = CountingRecogniser()
        self.reads: list[tuple[str, str]] = []
        self.ages: list[float] = []
        self.cameras: list[tuple[str, CameraState]] = []
        self.lamps: list[Lamp] = []
        plans = [
            CameraPlan(name, parse_source(str(clip)), CaptureWish())
            for name, clip in zip(("front", "rear"), clips, strict=False)
        ]
        tell = EngineListeners(self.on_read, self.on_camera, self.lamps.append)
        self.engine = Engine(plans, self.recogniser, clock or SystemClock(), tell, every_frame=every_frame)

    def on_read(self, read: Read, evidence: Evidence) -> None:
        self.ages.append(self.engine.seconds_since(read))
        self.reads.append((read.camera_id, read.vrm))

    def on_camera(self, status: CameraStatus) -> None:
        self.cameras.append((status.camera_id, status.state))

    def run(self) -> None:
        self.engine.start()
        assert self.engine.wait_ended(LONG)
        assert self.engine.stop(LONG)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    frames = passing("TX64KZW")[:6]
    return write_clip(folder / "a.avi", frames * 4, fps=6), write_clip(folder / "b.avi", frames * 2, fps=3)


def test_every_frame_is_read_in_the_order_of_media_time_and_the_same_each_time(clips: tuple[Path, Path]) -> None:
    rigs = [Rig(*clips) for _ in range(2)]
    for rig in rigs:
        rig.run()
    first, second = rigs
    assert first.recogniser.frames == second.recogniser.frames
    assert first.reads == second.reads
    for camera, count in (("front", 24), ("rear", 12)):
        assert [n for name, n in first.recogniser.frames if name == camera] == list(range(count))
    places = [number / (6 if name == "front" else 3) for name, number in first.recogniser.frames]
    assert all(later > earlier - 1 / 6 for earlier, later in itertools.pairwise(places))


def test_a_file_that_is_over_has_its_last_reads_made_at_once(clips: tuple[Path, Path]) -> None:
    rig = Rig(*clips)
    rig.run()
    assert rig.recogniser.finished[:2] == ["rear", "front"]  # the rear clip has its last frame first
    assert rig.cameras == [
        ("front", CameraState.SEEN),
        ("rear", CameraState.SEEN),
        ("rear", CameraState.ENDED),
        ("front", CameraState.ENDED),
    ]
    assert [(status.offered, status.skipped) for status in rig.engine.statuses] == [(24, 0), (12, 0)]
    assert rig.engine.problems == []


def test_the_age_of_a_read_is_counted_in_media_time(clips: tuple[Path, Path], clock: FakeClock) -> None:
    rig = Rig(*clips, clock=clock)
    rig.run()  # the clock stands still: what is counted is how far the newest frame is after the read's last one
    assert rig.ages[:3] == [0, 0, 0]
    assert max(rig.ages) < 4


def test_a_second_start_plays_the_files_anew(clips: tuple[Path, Path]) -> None:
    rig = Rig(*clips)
    rig.run()
    rig.run()
    assert len(rig.recogniser.frames) == 2 * 36


def test_what_could_not_be_read_of_a_file_is_a_problem_in_both_ways_of_playing(
    clips: tuple[Path, Path], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.avi"
    cut.write_bytes(b"no video")
    for every_frame in (True, False):
        rig = Rig(clips[0], cut, every_frame=every_frame)
        rig.run()
        [problem] = rig.engine.problems
        assert "cut.avi" in problem
        rig.engine.stop()


def test_a_frame_that_could_not_be_read_is_a_red_lamp_and_the_next_makes_it_good(clips: tuple[Path, Path]) -> None:
    rig = Rig(clips[0])
    rig.recogniser.failure = ModelRefused("no numbers")
    rig.engine.start()
    until(lambda: rig.lamps)
    assert rig.lamps[0].state is LampState.BAD
    rig.recogniser.failure = None
    assert rig.engine.wait_ended(LONG)
    assert rig.engine.stop(LONG)


@pytest.fixture
def hanging(clips: tuple[Path, Path], clock: FakeClock) -> Iterator[Rig]:
    rig = Rig(clips[0], clock=clock)
    rig.recogniser.gate.clear()
    rig.engine.start()
    thread = rig.engine._thread
    assert thread is not None
    until(lambda: thread.step is not None)
    yield rig
    rig.recogniser.gate.set()
    assert rig.engine.stop(LONG)


def test_a_step_that_takes_five_seconds_of_running_is_told(hanging: Rig, clock: FakeClock) -> None:
    for _ in range(int(HANGING_SECONDS)):
        assert hanging.engine.tend() is None
        clock.advance(1)
    assert hanging.engine.tend() is HANGS


def test_a_laptop_that_slept_has_no_reader_that_hangs(hanging: Rig, clock: FakeClock) -> None:
    assert hanging.engine.tend() is None
    clock.advance(3600)
    assert hanging.engine.tend() is None
    clock.advance(1)
    assert hanging.engine.tend() is None


def test_a_reader_that_was_left_behind_and_came_back_reads_for_the_shift_under_way(
    hanging: Rig, clips: tuple[Path, Path]
) -> None:
    assert not hanging.engine.stop(0.05)
    hanging.engine.start()
    left = hanging.engine._thread
    assert left is not None
    hanging.recogniser.gate.set()
    until(lambda: not left.running)
    hanging.engine.tend()
    assert hanging.engine.wait_ended(LONG)
    assert hanging.engine.stop(LONG)
    assert len(hanging.recogniser.frames) >= 24


def test_the_lamp_while_reading_is_the_one_given(clips: tuple[Path, Path], clock: FakeClock) -> None:
    rig = Rig(clips[0])
    rig.run()
    assert set(rig.lamps) == {READS}


def test_a_reader_without_models_has_read_none_of_the_frames(clips: tuple[Path, Path]) -> None:
    rig = Rig(clips[0])
    rig.run()
    assert rig.engine.tally("front").frames == 24
    dumb = Lamp("reading", LampState.BAD, "Plates are not read")
    tell = EngineListeners(rig.on_read, rig.on_camera, rig.lamps.append)
    assert Engine([], rig.recogniser, SystemClock(), tell, reads=dumb).tally("front").frames == 0


def test_the_pictures_of_a_drive_show_that_the_car_moves() -> None:
    rig = Rig(ASSETS / "demo" / "drive_day.mp4", every_frame=False)
    assert not rig.engine.picture_moves()
    rig.engine.open()
    rig.engine.start()
    try:
        until(rig.engine.picture_moves, LONG)
    finally:
        rig.engine.stop()
