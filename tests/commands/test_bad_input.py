"""Whatever a user gets wrong is a clear sentence on stderr, a non-zero exit code, and never a stack trace."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.commands import cli
from patrol_anpr.hotlists.matcher import ListInForce, Matcher
from patrol_anpr.resources import MODELS
from tests.cameras.test_video_folder import a_clip

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
        *(
            (["depot", *command, "--folder", "mistyped"], "There is no depot in mistyped")
            for command in (
                [],
                ["enrol", "TA14"],
                ["revoke-car", "TA14"],
                ["roster", "r.csv"],
                ["verify"],
                ["backup", "copies"],
                ["purge"],
                ["hold", "TA14", "r1", "--owner", "DS Example", "--reason", "case 7"],
                ["release", "TA14", "r1", "--reason", "case 7"],
            )
        ),
        (["depot", "hotlist", "l.csv", "--name", "X", "--folder", "mistyped"], "There is no depot in mistyped"),
        (["demo", "--headless", "--folder", f"{__file__}/demo"], "Change --folder"),
        (["hotlist", "check", "/"], "is a folder"),
        (["bench", "accuracy", "nothing"], "nothing"),
        (["bench", "passes", "nothing"], "nothing"),
    ],
)
def test_a_mistake_is_a_sentence(patrol_anpr, tmp_path: Path, monkeypatch, arguments, said) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, complaint = patrol_anpr(*arguments)
    assert code == 1
    assert said in complaint


def test_a_depot_is_made_once_and_then_found(patrol_anpr, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = patrol_anpr("depot", "init")
    assert (code, "A depot was made" in out) == (0, True)
    code, _, complaint = patrol_anpr("depot", "init")
    assert (code, "There is a depot in depot already" in complaint) == (1, True)
    code, _, complaint = patrol_anpr("depot", "enrol", "../../x")
    assert (code, "car id" in complaint) == (1, True)
    code, out, said = patrol_anpr("depot", "enrol", "TA14")
    assert (code, len(out.strip().split("-")), "enrolled already" in said) == (0, 9, False)


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


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ([], 0, "2 entries{}, 0 past their weed date, 0 refused."),
        (["this,is,short"], 1, "line 3: it has 3 columns instead of 16"),
        ([ROW.format(vrm="K7PTL")], 1, "line 3: it repeats line 2 in every column"),
        ([ROW.format(vrm="01-Jan")], 1, "line 3: the VRM was changed by a spreadsheet"),
        ([ROW.format(vrm="44562")], 0, "line 3: taken, but the VRM is a number alone"),
    ],
)
def test_checking_a_list_says_what_importing_it_does(patrol_anpr, hotlist: Path, more, code: int, said: str) -> None:
    hotlist.write_text("\n".join([*hotlist.read_text().splitlines(), *more]) + "\n")
    checked = patrol_anpr("hotlist", "check", hotlist)
    assert (checked[0], said.format("") in checked[1]) == (code, True)
    for revision in (1, 2):
        imported = patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
        assert (imported[0], said.format(" in force") in imported[1]) == (code, True)
        assert imported[1].splitlines()[:-1] == checked[1].splitlines()[:-1]
        assert f"revision {revision}: {2 + (said[:14] == 'line 3: taken,')} entries in force" in imported[1]


def test_a_list_is_read_by_a_car_that_keeps_its_records_elsewhere(
    patrol_anpr, tmp_path: Path, monkeypatch, hotlist
) -> None:
    assert patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")[0] == 0
    monkeypatch.setenv("PATROL_ANPR__RECORDS__FOLDER", str(tmp_path / "elsewhere"))
    code, out, complaint = patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
    assert (code, complaint.strip()) == (0, "")
    assert "revision 2" in out


def test_a_missing_list_is_told_by_each_command_until_it_is_removed(patrol_anpr, tmp_path: Path, hotlist: Path) -> None:
    for name in ("Metro PNC", "Force"):
        patrol_anpr("hotlist", "import", hotlist, "--name", name)
    (tmp_path / "hotlists" / "force.1.hotlist").unlink()
    code, out, _ = patrol_anpr("doctor")
    assert (code, "The list Force is out of force." in out) == (1, True)
    code, _, complaint = patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
    assert (code, "The list Force is out of force." in complaint) == (0, True)
    assert patrol_anpr("hotlist", "remove", "Force")[0] == 0
    assert patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")[2].strip() == ""
    code, _, complaint = patrol_anpr("hotlist", "remove", "Force")
    assert (code, "no list of that name" in complaint) == (1, True)


def test_a_run_takes_each_of_its_lists_and_tells_the_lines_it_refuses(
    patrol_anpr, tmp_path: Path, picture: Path, monkeypatch
) -> None:
    folder = tmp_path / "pictures"
    files = [tmp_path / name / "list.csv" for name in ("one", "two")]
    for made in (folder, *(file.parent for file in files)):
        made.mkdir()
    shutil.copy(picture, folder)
    files[0].write_text(f"{ROW.format(vrm='AB12CDE')}\n{ROW.format(vrm='01-Jan')}\n")
    files[1].write_text(f"{ROW.format(vrm='K7PTL')}\n")
    held: list[str] = []
    put = Matcher.put

    def told(matcher: Matcher, index: ListInForce) -> None:
        held.append(index.head.list_id)
        put(matcher, index)

    monkeypatch.setattr(Matcher, "put", told)
    options = [part for file in files for part in ("--hotlist", file)]
    _, _, complaint = patrol_anpr("run", "--headless", "--source", folder, *options)
    assert [list_id for list_id in held if list_id != "test"] == ["1-list", "2-list"], "beside that of the proof run"
    assert "list.csv: 1 refused, the first is line 2: the VRM was changed by a spreadsheet" in complaint


def test_a_run_tells_a_damaged_list(patrol_anpr, tmp_path: Path, hotlist: Path, picture: Path) -> None:
    patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
    file = tmp_path / "hotlists" / "metro-pnc.1.hotlist"
    file.write_bytes(file.read_bytes()[:-4] + b"oops")
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(picture, folder)
    _, _, complaint = patrol_anpr("run", "--headless", "--source", folder)
    assert complaint.count("List damaged. Metro PNC") == 1


@pytest.mark.parametrize("part", ["RECORDS", "HOTLISTS", "LOG"])
@pytest.mark.parametrize("where", ["file", "file/deeper"])
def test_a_folder_that_cannot_be_made_is_a_sentence_of_every_command(
    patrol_anpr, tmp_path: Path, monkeypatch, hotlist: Path, picture: Path, part: str, where: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(picture, folder)
    monkeypatch.setenv(f"PATROL_ANPR__{part}__FOLDER", str(tmp_path / where))
    code, _, complaint = patrol_anpr("run", "--headless", "--source", folder)
    assert (code, f"{part.lower()}.folder" in complaint) == (1, True)
    if part == "HOTLISTS":
        code, _, complaint = patrol_anpr("hotlist", "import", hotlist, "--name", "Metro PNC")
        assert (code, "hotlists.folder" in complaint) == (1, True)
    if part != "LOG":
        code, out, _ = patrol_anpr("doctor")
        assert (code, f"Change {part.lower()}.folder" in out) == (1, True)


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


@pytest.mark.parametrize("options", [(), ("--realtime",)], ids=["every frame", "real time"])
def test_a_card_with_bad_clips_is_read_to_its_end_and_its_losses_are_summed_up(
    patrol_anpr, tmp_path: Path, options: tuple[str, ...]
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    for name in ("1.avi", "3.avi"):
        a_clip(card / name, 100, 4)
    (card / "2.avi").touch()
    (card / "thumb.png").touch()
    code, out, err = patrol_anpr("run", "--headless", "--json", *options, "--source", card)
    assert code == 1
    assert json.loads(out.splitlines()[-1])["frames_offered"] == 8
    assert "also holds what is not read" in err
    assert "thumb.png" in err
    assert re.search(r"^patrol-anpr: The video .*2\.avi cannot be played: it is empty", err, re.MULTILINE)
    assert "1 of 3 clips could not be read whole" in err
    assert "cable" not in err


def test_a_card_without_a_bad_clip_ends_well(patrol_anpr, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    a_clip(card / "1.avi", 100, 4)
    (card / "event.json").touch()
    code, _, err = patrol_anpr("run", "--headless", "--source", card)
    assert code == 0
    assert "event.json" in err
