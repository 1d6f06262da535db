"""Finding cameras on a Linux tree made for the purpose; here no device gives pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from patrol_anpr.cameras import list_cameras


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="V4L2 is Linux's")
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


def test_no_camera_is_an_empty_list(tmp_path: Path) -> None:
    if sys.platform.startswith("linux"):
        assert list_cameras(sysfs=tmp_path, devices=tmp_path) == []


def test_opencv_leaves_the_plugins_of_qt_alone() -> None:
    script = "import os, patrol_anpr.cameras; print([name for name in os.environ if name.startswith('QT_QPA')])"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QT_QPA")}
    done = subprocess.run([sys.executable, "-c", script], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
