"""A camera against a real process that is killed, stopped and made to send nonsense."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_anpr.cameras import Camera, CaptureWish, parse_source
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.plate import Frame
from patrol_anpr.plumbing.mailbox import Latest
from tests.cameras.clocks import RealClock
from tests.cameras.fake_camera import FakeCamera

SEEN, LOST, FROZEN = CameraState.SEEN, CameraState.LOST, CameraState.FROZEN
GARBAGE, ENDED = CameraState.GARBAGE, CameraState.ENDED


class Listener:
    """Keeps every status and lets a test wait for one."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, CameraStatus]] = []
        self._news = threading.Condition()

    def __call__(self, status: CameraStatus) -> None:
        with self._news:
            self.heard.append((time.monotonic(), status))
            self._news.notify_all()

    @property
    def states(self) -> list[CameraState]:
        return [status.state for _, status in self.heard]

    def wait(self, *states: CameraState, within: float, after: int = 0) -> CameraStatus:
        """Wait for one of `states` among the statuses heard from number `after` on."""

        def found() -> list[CameraStatus]:
            return [status for _, status in self.heard[after:] if status.state in states]

        with self._news:
            assert self._news.wait_for(found, within), f"heard {self.states[after:]}, not {states}"
            return found()[0]


@contextmanager
def watched(source: str, *, wish: CaptureWish | None = None) -> Iterator[tuple[Camera, Listener, Latest[Frame]]]:
    listener, slot = Listener(), Latest[Frame]()
    camera = Camera("front", parse_source(source), wish or CaptureWish(), RealClock(), slot, listener)
    camera.start()
    try:
        yield camera, listener, slot
    finally:
        camera.stop()


def test_a_killed_camera_is_lost_within_two_seconds_and_comes_back() -> None:
    with FakeCamera() as fake, watched(fake.url) as (camera, listener, slot):
        listener.wait(SEEN, within=5)
        assert slot.take(1.0) is not None
        known = len(listener.heard)
        fake.kill()
        lost = listener.wait(LOST, within=2, after=known)
        assert "check its power and cable" in lost.detail
        known = len(listener.heard)
        fake.restart()
        seen = listener.wait(SEEN, within=7, after=known)
        assert seen.detail == ""
        assert camera.status.reconnects >= 1


def test_a_stopped_camera_is_told_within_five_seconds_and_comes_back() -> None:
    with FakeCamera() as fake, watched(fake.url) as (_, listener, slot):
        listener.wait(SEEN, within=5)
        known = len(listener.heard)
        fake.suspend()
        listener.wait(FROZEN, LOST, within=5, after=known)
        fake.resume()
        known = len(listener.heard)
        listener.wait(SEEN, within=10, after=known)
        slot.take()
        assert slot.take(2.0) is not None


def test_a_frozen_picture_is_told_and_not_read_until_it_moves() -> None:
    with FakeCamera("frozen") as fake, watched(fake.url) as (_, listener, slot):
        listener.wait(FROZEN, within=6)
        slot.take()
        assert slot.take(0.3) is None
        known = len(listener.heard)
        fake.mode("moving")
        listener.wait(SEEN, within=2, after=known)
        assert slot.take(1.0) is not None


def test_unusable_frames_are_told_within_two_seconds_and_never_read() -> None:
    with ExitStack() as stack:
        fakes, cameras = {}, {}
        for mode in ("garbage", "black", "torn", "huge"):
            fakes[mode] = stack.enter_context(FakeCamera(fps=10))
            cameras[mode] = stack.enter_context(watched(fakes[mode].url))
        for _, listener, _ in cameras.values():
            listener.wait(SEEN, within=5)
        for mode, fake in fakes.items():
            fake.mode(mode)
        for _, listener, slot in cameras.values():
            assert listener.wait(GARBAGE, within=2).detail
            slot.take()
            assert slot.take(0.2) is None
        for fake in fakes.values():
            fake.mode("moving")
        for _, listener, slot in cameras.values():
            listener.wait(SEEN, within=5, after=listener.states.index(GARBAGE))
            assert slot.take(1.0) is not None


def test_frames_of_changing_size_are_told_and_only_the_known_size_is_read() -> None:
    with FakeCamera() as fake, watched(fake.url) as (_, listener, slot):
        listener.wait(SEEN, within=5)
        fake.mode("sizes")
        assert "changes the size of its frames" in listener.wait(GARBAGE, within=3).detail
        frame = slot.take(1.0)
        assert frame is not None
        assert frame.size == (320, 240)


def test_a_connection_cut_inside_a_picture_gives_no_half_frame() -> None:
    with FakeCamera("half") as fake, watched(fake.url) as (_, listener, slot):
        listener.wait(LOST, within=2)
        assert slot.offered == 0
        fake.mode("moving")
        listener.wait(SEEN, within=5)


def test_two_cameras_at_once_do_not_disturb_each_other() -> None:
    with (
        FakeCamera() as one,
        FakeCamera(size="160x120") as two,
        watched(one.url) as (_, first, first_slot),
        watched(two.url) as (_, second, second_slot),
    ):
        first.wait(SEEN, within=5)
        second.wait(SEEN, within=5)
        one.kill()
        first.wait(LOST, within=2)
        second_slot.take()
        frame = second_slot.take(1.0)
        assert frame is not None
        assert frame.size == (160, 120)
        assert second.states == [SEEN]
        first_slot.take()
        assert first_slot.take(0.2) is None


def test_the_newest_frame_wins_when_nobody_takes() -> None:
    with FakeCamera() as fake, watched(fake.url) as (camera, listener, slot):
        listener.wait(SEEN, within=5)
        until(lambda: slot.overwritten >= 20, within=5)
        frame = slot.take()
        assert frame is not None
        assert frame.number >= 20
        assert time.monotonic() - frame.at_monotonic < 0.5
        assert not frame.pixels.flags.writeable
        status = camera.status
        assert status.skipped >= 20
        assert status.offered > status.skipped
        assert 10 < status.fps < 22
        assert (status.width, status.height) == (320, 240)


def test_nobody_there_is_lost_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with watched(f"http://user:secret@127.0.0.1:{port}/video") as (_, listener, _slot):
        lost = listener.wait(LOST, within=2)
        assert lost.detail.endswith("does not answer: check its address, power and cable.")
        assert "secret" not in lost.detail


def test_a_device_that_is_not_plugged_in_is_lost_with_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with watched("/dev/v4l/by-id/usb-none") as (_, listener, _slot):
        assert "plug it in" in listener.wait(LOST, within=2).detail
    with watched("usb:98") as (_, listener, _slot):
        assert "plug it in" in listener.wait(LOST, within=2).detail
    assert capfd.readouterr().err == ""


def test_stop_returns_promptly_though_a_read_is_blocked() -> None:
    with FakeCamera() as fake:
        with watched(fake.url) as (camera, listener, slot):
            listener.wait(SEEN, within=5)
            fake.suspend()
            began = time.monotonic()
            camera.stop()
            assert time.monotonic() - began < 1.0
            offered, heard = slot.offered, len(listener.heard)
        fake.resume()
        until(lambda: not any(thread.name == "grab-front" for thread in threading.enumerate()), within=6)
        assert (slot.offered, len(listener.heard)) == (offered, heard)


def test_a_video_plays_at_its_own_rate_and_ends(video: Path) -> None:
    began = time.monotonic()
    with watched(str(video)) as (camera, listener, slot):
        assert listener.wait(ENDED, within=5).detail == ""
        assert 0.9 < time.monotonic() - began < 3.0
        assert slot.offered == 30
        assert camera.status.state is ENDED
        assert listener.states == [SEEN, ENDED]


def test_a_still_file_is_not_called_frozen(tmp_path: Path) -> None:
    for number in range(40):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((48, 64, 3), np.uint8))
    (tmp_path / "7.png").write_bytes(b"nothing")
    with watched(str(tmp_path)) as (_, listener, slot):
        ended = listener.wait(ENDED, within=15)
        assert ended.detail.startswith("1 of 40 frames could not be read.")
        assert "7.png" in ended.detail
        assert slot.offered == 39
        assert FROZEN not in listener.states
        assert GARBAGE not in listener.states


def test_a_file_that_cannot_be_played_is_lost_and_not_tried_again(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(np.random.default_rng(1).bytes(20_000))
    with watched(str(broken)) as (camera, listener, _):
        assert "cannot be played" in listener.wait(LOST, within=5).detail
        until(lambda: not any(thread.name == "grab-front" for thread in threading.enumerate()), within=2)
        assert camera.status.reconnects == 0
        assert camera.status.reconnects == 0


def until(true: Callable[[], bool], *, within: float) -> None:
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.02)
