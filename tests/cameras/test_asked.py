from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_anpr.cameras.asked import AskedCamera, EveryFrame
from patrol_anpr.cameras.source import parse_source
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.plate import Frame
from tests.conftest import FakeClock


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((36, 64, 3), 20 * number, np.uint8))
    return folder


class Rig:
    """Cameras that are asked, and what they said."""

    def __init__(self, clock: FakeClock, *folders: Path) -> None:
        self.said: list[tuple[str, CameraState]] = []
        self.cameras = [
            AskedCamera(f"camera{number}", parse_source(str(folder)), clock, self.listen)
            for number, folder in enumerate(folders)
        ]
        self.feed = EveryFrame(self.cameras, clock)
        self.over: list[str] = []

    def listen(self, status: CameraStatus) -> None:
        self.said.append((status.camera_id, status.state))

    def rounds(self) -> Sequence[Frame]:
        given = []
        while shown := list(self.feed.round()):
            given += shown
            self.over += self.feed.over()
        self.over += self.feed.over()
        return given


def test_every_frame_of_all_files_is_given_in_the_order_of_their_time(tmp_path: Path, clock: FakeClock) -> None:
    rig = Rig(clock, pictures(tmp_path / "a", 3), pictures(tmp_path / "b", 5))
    given = rig.rounds()
    assert [frame.at_monotonic for frame in given] == sorted(frame.at_monotonic for frame in given)
    assert [(frame.camera_id, frame.number) for frame in given[:4]] == [
        ("camera0", 0),
        ("camera1", 0),
        ("camera0", 1),
        ("camera1", 1),
    ]
    assert len(given) == 8
    assert rig.over == ["camera0", "camera1"]
    assert list(rig.feed.round()) == []
    assert [camera.status.offered for camera in rig.cameras] == [3, 5]
    assert {camera.status.state for camera in rig.cameras} == {CameraState.ENDED}
    rig.feed.close()


def test_the_states_are_those_of_a_camera(tmp_path: Path, clock: FakeClock) -> None:
    rig = Rig(clock, pictures(tmp_path / "a", 2))
    rig.rounds()
    assert rig.said == [("camera0", CameraState.SEEN), ("camera0", CameraState.ENDED)]


def test_a_picture_that_cannot_be_read_is_told_at_the_end(tmp_path: Path, clock: FakeClock) -> None:
    folder = pictures(tmp_path / "a", 3)
    (folder / "1.png").write_bytes(b"no picture")
    rig = Rig(clock, folder)
    assert [frame.number for frame in rig.rounds()] == [0, 2]
    [camera] = rig.cameras
    assert isinstance(camera.problem, BadInput)
    assert camera.status.state is CameraState.ENDED
    assert "1.png" in camera.status.detail


def test_a_file_that_cannot_be_played_is_lost_and_the_others_are_read(tmp_path: Path, clock: FakeClock) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(b"no video")
    rig = Rig(clock, cut, pictures(tmp_path / "b", 2))
    assert len(rig.rounds()) == 2
    assert rig.cameras[0].status.state is CameraState.LOST
    assert rig.cameras[0].status.detail


def test_a_bug_while_reading_one_file_is_raised_and_the_others_go_on(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(clock, pictures(tmp_path / "a", 2), pictures(tmp_path / "b", 2))

    def broken() -> Frame:
        yield from ()
        raise ZeroDivisionError

    monkeypatch.setattr(rig.cameras[0], "_frames", broken())
    with pytest.raises(ZeroDivisionError):
        list(rig.feed.round())
    assert len(rig.rounds()) == 2
    assert rig.cameras[0].status.state is CameraState.LOST


def test_media_time_runs_on_from_the_newest_frame(tmp_path: Path, clock: FakeClock) -> None:
    rig = Rig(clock, pictures(tmp_path / "a", 2))
    assert rig.feed.now() == clock.utc()
    [frame] = rig.feed.round()
    clock.advance(0.5)
    assert (rig.feed.now() - frame.at_utc).total_seconds() == 0.5
    rig.feed.close()
