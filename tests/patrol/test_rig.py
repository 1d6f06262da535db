"""What an officer changes of a camera acts at once, is audited, and is there again after a restart."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.rig import Area, Rig, Turn
from patrol_anpr.patrol.rig import FILE, KeptRigs, RigFile, Rigs
from tests.fakes import FakeRecording
from tests.patrol.test_coverage import FakeEyes

BONNET = Rig(Turn(mirror=True, rotate=180), (Area(0.0, 0.8, 1.0, 1.0), Area(0.1, 0.0, 0.4, 0.06)))


@dataclass
class TwoCameras(FakeEyes):
    """Takes what it is told; the Engine is the real one."""

    def __post_init__(self) -> None:
        self.default_rigs = {"front": Rig(), "rear": Rig(Turn(mirror=True))}
        self.rigs = dict(self.default_rigs)

    def set_up(self, camera_id: str, rig: Rig) -> None:
        self.rigs = {**self.rigs, camera_id: rig}

    def swap(self, one: str, other: str) -> None:
        self.rigs = {**self.rigs, one: self.rigs[other], other: self.rigs[one]}
        self.default_rigs = {**self.default_rigs, one: self.default_rigs[other], other: self.default_rigs[one]}


def at_once(job: Callable[..., Any], *values: Any) -> "Future[Any]":
    done: Future[Any] = Future()
    try:
        done.set_result(job(*values))
    except Exception as error:  # noqa: BLE001 - as a pool does
        done.set_exception(error)
    return done


@dataclass
class Setup:
    folder: Path
    eyes: TwoCameras = field(default_factory=TwoCameras)
    recording: FakeRecording = field(default_factory=FakeRecording)

    def __post_init__(self) -> None:
        self.file = RigFile(self.folder)
        self.rigs = Rigs(self.eyes, self.file, {}, self.recording, lambda: "4821", at_once)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path / "records")


def test_a_change_acts_is_audited_and_stays(setup: Setup) -> None:
    assert setup.file.load() == KeptRigs()
    setup.rigs.change("front", BONNET).result()
    assert setup.rigs.rig("front") == setup.eyes.rigs["front"] == BONNET
    assert setup.recording.audits == [("4821", "camera_set_up")]
    assert setup.file.load() == KeptRigs({"front": BONNET})


def test_only_what_differs_from_the_settings_is_kept_so_that_these_count_for_the_rest(setup: Setup) -> None:
    setup.rigs.change("rear", Rig()).result()
    assert setup.file.load().rigs == {"rear": Rig()}
    setup.rigs.change("rear", Rig(Turn(mirror=True))).result()
    assert setup.file.load() == KeptRigs()


def test_swapped_names_stay_with_what_each_camera_is_set_up_as_and_can_be_swapped_back(setup: Setup) -> None:
    setup.rigs.change("front", BONNET).result()
    setup.rigs.swap("front", "rear").result()
    kept = setup.file.load()
    assert (kept.rigs, kept.names) == ({"rear": BONNET}, {"front": "rear", "rear": "front"})
    assert setup.recording.audits[-1] == ("4821", "cameras_swapped")
    assert kept.renamed(["front", "rear"]) == {"front": "rear", "rear": "front"}
    setup.rigs.swap("front", "rear").result()
    assert setup.file.load() == KeptRigs({"front": BONNET})


@pytest.mark.parametrize("names", [["front"], ["front", "left"], []])
def test_a_swap_of_other_cameras_than_the_settings_name_is_told(names: list[str]) -> None:
    kept = KeptRigs(names={"front": "rear", "rear": "front"})
    with pytest.raises(BadInput, match="which camera is which"):
        kept.renamed(names)
    assert KeptRigs().renamed(names) == {name: name for name in names}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"rigs": {"front": {"turn": {"rotate": 45}}}}',
        b'{"rigs": {"front": {"mask": [{"x1": 0.5, "y1": 0, "x2": 0.4, "y2": 1}]}}}',
        b'{"rigs": {"front": {"mask": [{"x1": NaN, "y1": 0, "x2": 0.4, "y2": 1}]}}}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_file_is_told_and_the_next_change_mends_it(setup: Setup, content: bytes) -> None:
    setup.folder.mkdir()
    (setup.folder / FILE).write_bytes(content)
    with pytest.raises(RecordsFault, match="as the settings say"):
        setup.file.load()
    setup.rigs.change("front", BONNET).result()
    assert setup.file.load() == KeptRigs({"front": BONNET})


def test_a_change_that_cannot_be_kept_acts_all_the_same_and_says_so(setup: Setup) -> None:
    setup.folder.write_text("a file is in the way")
    changed = setup.rigs.change("front", BONNET)
    assert setup.eyes.rigs["front"] == BONNET
    with pytest.raises(RecordsFault, match="acts now, but could not be saved"):
        changed.result()
