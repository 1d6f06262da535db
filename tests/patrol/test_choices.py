"""What an officer sets: in force at once, kept over a restart, and never a stumbling block."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from patrol_anpr.domain.choices import RANGES, Choices, Language, PaletteChoice
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.patrol import choices as choices_module
from patrol_anpr.patrol.choices import DAMAGED, Chooser, Kept, read_choices
from tests.fakes import FakeAlerting

USUAL = Choices(words_per_minute=190, palette=PaletteChoice.DAY)
SET = Choices(40, 60, 220, 50, PaletteChoice.HIGH_CONTRAST, Language.WELSH)


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def alerting() -> FakeAlerting:
    return FakeAlerting()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def chooser(tmp_path: Path, thread: ThreadPoolExecutor, alerting: FakeAlerting, told: list[str]) -> Chooser:
    return Chooser(alerting, thread, told.append, file=tmp_path / "r" / "choices.json", choices=USUAL, others=())


def test_what_is_set_is_in_force_at_once_and_told(chooser: Chooser, alerting: FakeAlerting, told: list[str]) -> None:
    assert (alerting.volumes, alerting.speed) == ((100, 100), 190)
    chooser.choose(SET)
    assert chooser.now == SET
    assert (alerting.volumes, alerting.speed) == ((40, 60), 220)
    chooser.choose(replace(SET, brightness=60))
    chooser.choose(replace(SET, brightness=60))
    assert told[1:] == ["brightness 60"]


def test_it_is_kept_over_a_restart(chooser: Chooser, tmp_path: Path) -> None:
    chooser.choose(USUAL)
    chooser.choose(SET).result(10)
    assert read_choices(tmp_path / "r" / "choices.json", USUAL) == Kept(SET)


def test_nothing_set_is_as_usual(tmp_path: Path) -> None:
    assert read_choices(tmp_path / "choices.json", USUAL) == Kept(USUAL)


def test_what_an_older_program_did_not_keep_is_as_usual(tmp_path: Path) -> None:
    file = tmp_path / "choices.json"
    file.write_text(json.dumps({"tone_volume": 50}))
    assert read_choices(file, USUAL) == Kept(replace(USUAL, tone_volume=50))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 40,
        b"[1]",
        b"7",
        b'{"tone_volume": 0}',
        b'{"tone_volume": "loud"}',
        b'{"palette": "pink"}',
        b'{"words_per_minute": 9e99}',
        b'{"language": null}',
        b'{"tone_volume": 50',
        "{}".encode("utf-16"),
    ],
)
def test_a_damaged_file_is_told_and_holds_up_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "choices.json"
    file.write_bytes(content)
    kept = read_choices(file, USUAL)
    assert kept in (Kept(USUAL, DAMAGED), Kept(USUAL))
    assert kept.problem or content == "{}".encode("utf-16")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "choices.json").mkdir()
    assert read_choices(tmp_path / "choices.json", USUAL) == Kept(USUAL, DAMAGED)


def test_a_disk_that_takes_nothing_is_told_and_the_choice_holds(
    chooser: Chooser, monkeypatch: pytest.MonkeyPatch, alerting: FakeAlerting
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(choices_module, "write_whole", full)
    with pytest.raises(RecordsFault, match=r"until the program ends.*No space left"):
        chooser.choose(SET).result(10)
    assert chooser.now == SET
    assert alerting.speed == 220


@pytest.mark.parametrize("name", RANGES)
def test_no_number_can_be_set_beyond_its_range(name: str) -> None:
    least, most = RANGES[name]
    for value in (least, most):
        assert getattr(replace(SET, **{name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValueError, match=name):
            replace(SET, **{name: value})
