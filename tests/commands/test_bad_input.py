"""Whatever a user gets wrong is a clear sentence on stderr, a non-zero exit code, and never a stack trace."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.commands import cli
from patrol_anpr.resources import MODELS

ROW = "{vrm},Ford,Focus,Silver,STOP,,Stolen,,,,20301231,,,,,"


@pytest.fixture
def patrol_anpr(tmp_path: Path, monkeypatch, capsys):
    """Run the command line in this process; returns (exit code, stdout, stderr)."""
    monkeypatch.setenv("PATROL_ANPR__RECORDS__FOLDER", str(tmp_path / "records"))
    monkeypatch.setenv("PATROL_ANPR__HOTLISTS__FOLDER", str(tmp_path / "hotlists"))
    monkeypatch.setenv("PATROL_ANPR__LOG__FOLDER", str(tmp_path / "log"))
    monkeypatch.setenv("PATROL_ANPR__ALERTING__SOUND", "false")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["patrol-anpr", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return int(ended.value.code or 0), out.out, out.err

    return run


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "grey.png"
    cv2.imwrite(str(file), np.full((240, 320, 3), 127, np.uint8))
    return file


@pytest.fixture
def hotlist(tmp_path: Path) -> Path:
    file = tmp_path / "list.csv"
    file.write_text("\n".join(ROW.format(vrm=vrm) for vrm in ("AB12CDE", "K7PTL")) + "\n")
    return file


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--headless"], "No camera is set up"),
        (["run", "--headless", "--source", "nothing.mp4"], "nothing.mp4"),
        (["run", "--headless", "--source", "ftp://x/y"], "rtsp://"),
        pytest.param(
            ["run", "--headless", "--source", "usb:87"],
            "There is no camera usb:87",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only opening a camera tells"),
        ),
        (["run", "--headless", "--source", ""], "No source was given"),
        (["read", "nothing.jpg"], "nothing.jpg"),
        (["hotlist", "check", "nothing.csv"], "nothing.csv"),
        (["hotlist", "import", "nothing.csv", "--name", "X"], "nothing.csv"),
        (["read", "--settings", "nothing.toml", "x.jpg"], "There is no settings file nothing.toml"),
        (["depot", "add-car", "../../x"], "car id"),
        (["bench", "accuracy", "nothing"], "nothing"),
        (["bench", "passes", "nothing"], "nothing"),
    ],
)
def test_a_mistake_is_a_sentence(patrol_anpr, tmp_path: Path, monkeypatch, arguments, said) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, complaint = patrol_anpr(*arguments)
    assert code == 1
    assert said in complaint


def test_the_window_wants_a_screen_and_a_camera(patrol_anpr, monkeypatch, picture: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    code, _, complaint = patrol_anpr("run", "--source", picture)
    assert (code, "no screen here" in complaint) == (1, True)
    monkeypatch.setenv("DISPLAY", ":0")
    code, _, complaint = patrol_anpr("run")
    assert (code, "No camera is set up" in complaint) == (1, True)


def test_a_wrong_option_says_so(patrol_anpr) -> None:
    code, _, complaint = patrol_anpr("run", "--nonsense")
    assert code == 2
    assert "--nonsense" in complaint


def test_a_corrupt_video_is_told_and_the_other_camera_is_still_read(patrol_anpr, tmp_path: Path, picture: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x18ftypmp42 and nothing more")
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(picture, folder)
    code, out, complaint = patrol_anpr("run", "--headless", "--json", "--source", broken, "--source", folder)
    assert code == 1
    assert "broken.mp4" in complaint
    assert json.loads(out.splitlines()[-1])["frames_processed"] == 1


def test_an_unreadable_picture_is_told_and_the_others_are_read(patrol_anpr, tmp_path: Path, picture: Path) -> None:
    wrong = tmp_path / "wrong.jpg"
    wrong.write_text("this is no picture")
    code, out, complaint = patrol_anpr("read", wrong, picture, "--json")
    assert code == 1
    assert "wrong.jpg" in complaint
    assert json.loads(out) == {"image": str(picture), "vrm": None}


def test_a_model_changed_by_one_byte_is_refused(patrol_anpr, tmp_path: Path, monkeypatch, picture: Path) -> None:
    copied = tmp_path / "models"
    shutil.copytree(MODELS, copied, ignore=shutil.ignore_patterns("recipes"))
    detector = copied / "plate_detector.onnx"
    content = bytearray(detector.read_bytes())
    content[len(content) // 2] ^= 1
    detector.write_bytes(content)
    monkeypatch.setattr("patrol_anpr.patrol.reader.MODELS", copied)
    code, _, complaint = patrol_anpr("read", picture)
    assert code == 1
    assert "plate_detector.onnx" in complaint


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("VRM,MAKE\nAB12CDE,FORD\n", "header row"), ("AB12CDE;FORD\n" * 30, "16 columns")],
)
def test_a_file_that_is_no_list_is_refused_whole(patrol_anpr, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(content)
    for command in (["hotlist", "check", file], ["hotlist", "import", file, "--name", "X"]):
        code, _, complaint = patrol_anpr(*command)
        assert code == 1
        assert said in complaint


def test_a_list_is_checked_line_by_line_and_put_in_force(patrol_anpr, hotlist: Path) -> None:
    hotlist.write_text(hotlist.read_text() + "this,is,short\n")
    code, out, _ = patrol_anpr("hotlist", "check", hotlist)
    assert code == 1
    assert "line 3" in out
    assert "2 entries, 0 past their weed date, 1 refused." in out
    for revision in (1, 2):
        code, out, _ = patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
        assert code == 0
        assert f"revision {revision}: 2 entries in force" in out


def test_a_second_instance_is_told_so(patrol_anpr, tmp_path: Path, picture: Path) -> None:
    from filelock import FileLock

    from patrol_anpr.records.lock import LOCK_FILE

    (tmp_path / "records").mkdir()
    with FileLock(tmp_path / "records" / LOCK_FILE):
        code, _, complaint = patrol_anpr("run", "--headless", "--source", picture.parent)
    assert code == 1
    assert "already" in complaint


def test_doctor_shows_where_settings_come_from(patrol_anpr, tmp_path: Path) -> None:
    code, out, _ = patrol_anpr("doctor", "--settings")
    assert code == 0
    assert "environment" in out
    assert "settings.toml" in out


def test_doctor_finds_what_is_missing_and_says_what_to_do(patrol_anpr) -> None:
    code, out, _ = patrol_anpr("doctor")
    assert code == 1
    assert "no list on this car" in out
    assert "hotlist import" in out
