"""What no process on loopback can play: calls that never return, a camera that only opening anew would cure."""

import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from patrol_anpr.cameras import BadFrame, Camera, CaptureWish, Granted, SourceEnded, attempt, camera, parse_source
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.plate import Frame, Pixels
from patrol_anpr.plumbing.mailbox import Latest
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.test_camera import LOST, SEEN, Listener, until, watched
from tests.conftest import FakeClock


class Device:
    """A source in this process: opens or grabs only when it may, and gives one picture for ever."""

    def __init__(self) -> None:
        self.granted = Granted(8, 8, 30.0, "MJPG")
        self.may_open, self.may_grab = threading.Event(), threading.Event()
        self.opened, self.closed = 0, 0
        self.picture = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
        self.failure: BaseException | None = None
        self.noise = False

    def open(self, *_: object) -> "Device":
        self.opened += 1
        self.may_open.wait()
        return self

    def grab(self) -> Pixels:
        self.may_grab.wait()
        threading.Event().wait(0.005)
        if self.failure:
            raise self.failure
        if self.noise:
            return np.random.default_rng().integers(0, 255, (8, 8, 3)).astype(np.uint8)
        return self.picture

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    device = Device()
    monkeypatch.setattr(attempt, "open_source", device.open)
    monkeypatch.setattr(camera, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(camera, "LONGEST_PAUSE_S", 0.02)
    yield device
    device.may_open.set()
    device.may_grab.set()
    until(lambda: not grabbers(), within=5)


def grabbers() -> int:
    return sum(thread.name == "grab-front" for thread in threading.enumerate())


def made(clock: FakeClock) -> tuple[Camera, Listener, Latest[Frame]]:
    listener, slot = Listener(), Latest[Frame]()
    return Camera("front", parse_source("usb:0"), CaptureWish(), clock, slot, listener), listener, slot


def test_calls_that_never_return_leave_at_most_four_threads_behind(device: Device, clock: FakeClock) -> None:
    front, listener, _ = made(clock)
    front.start()
    for number in range(1, 5):
        until(lambda count=number: device.opened == count, within=5)  # type: ignore[misc]
        clock.advance(21)
        listener.wait(LOST, within=2)
    clock.advance(100)
    threading.Event().wait(0.3)
    assert grabbers() == device.opened == 4
    device.may_open.set()
    device.may_grab.set()
    listener.wait(SEEN, within=5)
    front.stop()
    until(lambda: device.closed == device.opened, within=5)


def test_a_blocked_read_is_frozen_and_what_it_gives_later_is_not_used(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    front, listener, slot = made(clock)
    front.start()
    listener.wait(SEEN, within=5)
    device.may_grab.clear()
    device.may_open.clear()
    offered = -1
    while offered != slot.offered:
        offered = slot.offered
        threading.Event().wait(0.05)
    clock.advance(3.1)
    assert "gives no more frames" in listener.wait(CameraState.FROZEN, within=2).detail
    until(lambda: device.opened == 2, within=5)
    device.may_grab.set()
    until(lambda: device.closed == 1, within=5)
    assert slot.offered == offered
    front.stop()


def test_a_laptop_that_slept_has_no_frozen_camera(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    device.noise = True
    front, listener, slot = made(clock)
    front.start()
    listener.wait(SEEN, within=5)
    for _ in range(3):
        device.may_grab.clear()
        clock.advance(60)
        threading.Event().wait(0.3)  # the camera takes a moment to be heard again
        offered = slot.offered
        device.may_grab.set()
        until(lambda before=offered: slot.offered > before + 5, within=5)  # type: ignore[misc]
    front.stop()
    assert listener.states == [SEEN]


def test_whatever_ends_the_thread_of_a_camera_is_told_and_it_is_opened_anew(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    front, listener, _ = made(clock)
    for failure in (MemoryError("ours"), SystemExit(1), SystemError("a driver's")):
        device.failure = failure
        known = len(listener.heard)
        if not known:
            front.start()
        assert "tried again" in listener.wait(LOST, within=5, after=known).detail
        device.failure = None
        known = len(listener.heard)
        listener.wait(SEEN, within=5, after=known)
    front.stop()


def test_a_listener_that_fails_does_not_end_the_camera(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    heard: list[CameraState] = []

    def listener(status: CameraStatus) -> None:
        heard.append(status.state)
        if len(heard) < 3:
            raise ZeroDivisionError

    front = Camera("front", parse_source("usb:0"), CaptureWish(), clock, Latest[Frame](), listener)
    front.start()
    until(lambda: heard[-1:] == [SEEN] and len(heard) >= 3, within=5)
    front.stop()


def test_a_frozen_camera_is_opened_anew_and_not_called_well_meanwhile(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    front, listener, _ = made(clock)
    front.start()
    listener.wait(SEEN, within=5)
    while device.opened < 3:
        clock.advance(0.5)
        threading.Event().wait(0.02)
    assert listener.states == [SEEN, CameraState.FROZEN]
    device.picture = device.picture[::-1]
    listener.wait(SEEN, within=2, after=2)
    front.stop()
    assert device.closed == device.opened


def test_a_fault_of_ours_is_told_as_lost_and_logged(
    device: Device, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    device.may_open.set()
    device.may_grab.set()
    device.failure = ZeroDivisionError("ours")
    front, listener, _ = made(clock)
    front.start()
    assert "start it again" in listener.wait(LOST, within=5).detail
    front.stop()
    assert "ZeroDivisionError" in caplog.text


def test_a_loss_right_before_the_end_is_told_too(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "1.png").touch()
    may_end = threading.Event()

    class Folder(Device):
        media_time = 0.0

        def grab(self) -> Pixels:
            if self.opened:
                may_end.wait()
                self.opened = 0
                raise BadFrame("The picture 1.png cannot be read.")
            raise SourceEnded("1 of 1 frames could not be read.")

    class Losses(deque[str]):
        """The grab thread ends just after the last look at the losses told."""

        def __bool__(self) -> bool:
            found = len(self) > 0
            if not found and not may_end.is_set():
                may_end.set()
                until(lambda: grabbers() == 0, within=5)
            return found

    folder = Folder()
    folder.may_open.set()
    monkeypatch.setattr(attempt, "open_source", folder.open)
    listener, slot = Listener(), Latest[Frame]()
    front = Camera("front", parse_source(str(tmp_path)), CaptureWish(), clock, slot, listener)
    front._losses = Losses()
    front.start()
    listener.wait(LOST, within=5)
    front.stop()
    assert listener.states == [CameraState.GAPS, LOST]


def test_a_computer_that_slept_has_no_frozen_camera(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    front, listener, slot = made(clock)
    front.start()
    listener.wait(SEEN, within=5)
    for _ in range(5):
        device.may_grab.clear()
        clock.advance(3600)  # the clock runs on, the program does not; then the frames come again
        device.picture = device.picture[::-1]
        device.may_grab.set()
        offered = slot.offered
        until(lambda before=offered: slot.offered > before, within=5)  # type: ignore[misc]
    front.stop()
    assert listener.states == [SEEN]


@pytest.mark.parametrize("error", [ZeroDivisionError(), SystemExit()], ids=repr)
def test_whatever_ends_the_cameras_thread_is_told_and_it_goes_on(
    device: Device, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    device.may_open.set()
    device.may_grab.set()
    front, listener, _ = made(clock)
    watch, errors = front._watch, [error]

    def once(begun: attempt.Attempt) -> bool:
        if errors:
            raise errors.pop()
        return watch(begun)

    monkeypatch.setattr(front, "_watch", once)
    front.start()
    assert "start it again" in listener.wait(LOST, within=5).detail
    listener.wait(SEEN, within=5, after=1)
    assert front.stop()
    until(lambda: not grabbers(), within=5)


def test_a_listener_that_hangs_holds_up_no_stop(device: Device, clock: FakeClock) -> None:
    device.may_open.set()
    device.may_grab.set()
    entered, release = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        entered.set()
        assert release.wait(20)

    front = Camera("front", parse_source("usb:0"), CaptureWish(), clock, Latest[Frame](), hang)
    front.start()
    assert entered.wait(5)
    assert not front.stop(0.05)
    release.set()
    assert front.stop(5)


@pytest.mark.campaign
@pytest.mark.timeout(400)
def test_twenty_losses_leave_nothing_behind() -> None:
    with FakeCamera() as fake, watched(fake.url) as (_, listener, _slot):
        listener.wait(SEEN, within=5)
        threads, files = threading.active_count(), psutil.Process().num_fds()
        for number in range(20):
            known = len(listener.heard)
            if number % 2:
                fake.kill()
                listener.wait(LOST, within=2, after=known)
                fake.restart()
            else:
                fake.suspend()
                listener.wait(CameraState.FROZEN, LOST, within=5, after=known)
                fake.resume()
            listener.wait(SEEN, within=8, after=known + 1)
        until(lambda: threading.active_count() <= threads, within=8)
        assert psutil.Process().num_fds() <= files
