"""Finding cameras on a Linux tree made for the purpose; here no device gives pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from patrol_anpr.cameras import FoundCamera, list_cameras

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="V4L2 is Linux's")


@linux
def test_devices_are_named_by_serial_then_by_socket(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    sysfs, devices = tmp_path / "sys", tmp_path / "dev"
    for folder in ("by-id", "by-path"):
        (devices / "v4l" / folder).mkdir(parents=True)
    for number, name, index in ((10, "Rear Cam", 0), (2, "Front Cam", 0), (3, "Front Cam", 1)):
        node = sysfs / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(f"{name}\n")
        (node / "index").write_text(f"{index}\n")
        (devices / f"video{number}").touch()
    (sysfs / "video44").mkdir()
    (devices / "v4l" / "by-id" / "usb-Front-index0").symlink_to("../../video2")
    for number in (2, 10):
        (devices / "v4l" / "by-path" / f"usb-socket-{number}").symlink_to(f"../../video{number}")
    found = list_cameras(sysfs=sysfs, devices=devices)
    assert [(camera.index, camera.name) for camera in found] == [(2, "Front Cam"), (10, "Rear Cam")]
    assert [Path(camera.path).name for camera in found] == ["usb-Front-index0", "usb-socket-10"]
    assert [camera.granted for camera in found] == [None, None]
    assert capfd.readouterr().err == ""


def plugged_in(root: Path, *, linked: dict[int, str], names: dict[int, str], sockets: bool = True) -> list[FoundCamera]:
    """The cameras `names` (by number), of which those in `linked` have got a name in by-id."""
    sysfs, devices = root / "sys", root / "dev"
    for folder in ("by-id", "by-path"):
        (devices / "v4l" / folder).mkdir(parents=True)
    for number, name in names.items():
        node = sysfs / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(name)
        (node / "index").write_text("0")
        (devices / f"video{number}").touch()
        if sockets:
            (devices / "v4l" / "by-path" / f"usb-0:{number}").symlink_to(f"../../video{number}")
        if number in linked:
            (devices / "v4l" / "by-id" / linked[number]).symlink_to(f"../../video{number}")
    return list_cameras(sysfs=sysfs, devices=devices)


@linux
@pytest.mark.parametrize("last", [0, 2])
def test_two_cameras_with_one_serial_number_are_told_by_their_sockets(tmp_path: Path, last: int) -> None:
    found = plugged_in(tmp_path, linked={last: "usb-Webcam_200901010001"}, names={0: "Webcam", 2: "Webcam"})
    assert [Path(camera.path).name for camera in found] == ["usb-0:0", "usb-0:2"]
    assert all("Leave it plugged in there" in camera.note for camera in found)


@linux
def test_two_cameras_of_one_make_with_their_own_serial_numbers_keep_their_names(tmp_path: Path) -> None:
    linked = {0: "usb-Webcam_1", 2: "usb-Webcam_2"}
    found = plugged_in(tmp_path, linked=linked, names={0: "Webcam", 2: "Webcam"})
    assert [Path(camera.path).name for camera in found] == ["usb-Webcam_1", "usb-Webcam_2"]
    assert [camera.note for camera in found] == ["", ""]


@linux
def test_a_shared_name_is_no_reason_against_the_name_of_another_make(tmp_path: Path) -> None:
    names = {0: "Webcam", 2: "Webcam", 4: "Webcam", 6: "Dashcam"}
    found = plugged_in(tmp_path, linked={4: "usb-Webcam_1", 6: "usb-Dashcam_7"}, names=names)
    assert [Path(camera.path).name for camera in found] == ["usb-0:0", "usb-0:2", "usb-0:4", "usb-Dashcam_7"]


@linux
def test_a_camera_without_any_stable_name_says_so(tmp_path: Path) -> None:
    (only,) = plugged_in(tmp_path, linked={}, names={0: "Webcam"}, sockets=False)
    assert only.path.endswith("video0")
    assert "no stable name" in only.note


def test_no_camera_is_an_empty_list(tmp_path: Path) -> None:
    if sys.platform.startswith("linux"):
        assert list_cameras(sysfs=tmp_path, devices=tmp_path) == []


def test_opencv_leaves_the_plugins_of_qt_alone() -> None:
    script = "import os, patrol_anpr.cameras; print([name for name in os.environ if name.startswith('QT_QPA')])"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QT_QPA")}
    done = subprocess.run([sys.executable, "-c", script], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
