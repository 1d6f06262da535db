"""The test card: what is chosen to read the road has read the card first."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Box, Pixels, Plate
from patrol_anpr.patrol import reader as readers
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.trial import Trial, best_of, load_cards, try_out
from patrol_anpr.resources import ASSETS, MODELS
from patrol_anpr.settings import ReadingSettings

TODAY = date(2026, 11, 22)
CARD = ASSETS / "test_card"


class Blind:
    """Finds nothing, or fails as a provider does whose arithmetic overflows."""

    def __init__(self, error: ModelRefused | None = None) -> None:
        self._error = error

    def find(self, pixels: Pixels) -> list[Plate]:
        if self._error:
            raise self._error
        return []


class Elsewhere:
    """Finds plates where there are none."""

    def find(self, pixels: Pixels) -> list[Plate]:
        return [Plate(Box(10, 10, 110, 40), 0.9)]


def test_the_shipped_models_read_every_plate_of_the_card(detector: PlateDetector, ocr: PlateOcr) -> None:
    cards = load_cards(CARD)
    trial = try_out("fp32", detector, ocr, cards, TODAY)
    assert trial.plates == 12
    assert trial.read == 12
    assert trial.works
    assert trial.milliseconds > 0


def test_both_shipped_forms_read_every_plate_of_the_card() -> None:
    reader = readers.build_reader(ReadingSettings())
    assert {trial.form for trial in reader.trials} == {"fp32", "int8"}
    assert all(trial.read == trial.plates for trial in reader.trials)
    assert reader.form == min(reader.trials, key=lambda trial: trial.milliseconds).form


@pytest.mark.parametrize("detector", [Blind(), Blind(ModelRefused("no numbers")), Elsewhere()])
def test_a_detector_that_finds_nothing_right_does_not_work(detector: PlateDetector, ocr: PlateOcr) -> None:
    trial = try_out("fp32", detector, ocr, load_cards(CARD), TODAY)
    assert trial.read == 0
    assert not trial.works


def test_speed_never_costs_a_plate() -> None:
    slow, fast, wrong = Trial("fp32", 12, 12, 50.0), Trial("int8", 12, 12, 30.0), Trial("int8", 11, 12, 10.0)
    assert best_of([slow, fast]) is fast
    assert best_of([fast, slow]) is fast
    assert best_of([slow, wrong]) is slow


@pytest.mark.parametrize("spoiled", ["card.json", "night.jpg"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b'[{"file": "night.jpg"}]'])
def test_a_spoiled_card_is_refused_with_a_sentence(tmp_path: Path, spoiled: str, content: bytes | None) -> None:
    shutil.copytree(CARD, tmp_path / "card")
    if content is None:
        (tmp_path / "card" / spoiled).unlink()
    else:
        (tmp_path / "card" / spoiled).write_bytes(content)
    with pytest.raises(ModelRefused, match="test card"):
        load_cards(tmp_path / "card")


@pytest.mark.parametrize("form", ["fp32", "int8"])
def test_a_form_can_be_demanded(form: str) -> None:
    reader = readers.build_reader(ReadingSettings(detector_form=form))
    assert [trial.form for trial in reader.trials] == [form]
    assert ("detector_int8" in reader.names) == (form == "int8")


def test_the_shipped_ocrs_read_together_and_another_one_alone_unless_it_has_a_second() -> None:
    far, near = str(MODELS / "plate_ocr_uk.onnx"), str(MODELS / "plate_ocr_near.onnx")

    def names(**chosen: str) -> list[str]:
        reader = readers.build_reader(ReadingSettings(detector_form="int8", **chosen))
        return [name.split(" (")[0].rsplit(" ", 1)[0] if "(" in name else name for name in reader.names.split(", ")]

    assert names() == ["detector_int8", "ocr", "ocr_near"]
    assert names(ocr=far) == ["detector_int8", "ocr plate_ocr_uk.onnx"]
    assert names(ocr=near, ocr_near=far) == [
        "detector_int8",
        "ocr plate_ocr_near.onnx",
        "ocr_near plate_ocr_uk.onnx",
    ]


def test_a_form_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(MODELS, tmp_path / "models", ignore=shutil.ignore_patterns("recipes", "__pycache__"))
    manifest = tmp_path / "models" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"detector_int8"', '"unused"'))
    monkeypatch.setattr(readers, "MODELS", tmp_path / "models")
    with pytest.raises(BadInput, match='detector_form to "auto"'):
        readers.build_reader(ReadingSettings(detector_form="int8"))


def test_shipped_models_that_read_nothing_here_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(readers, "make_detector", lambda *_, **__: Blind())
    with pytest.raises(ModelRefused, match="0 of 12 plates"):
        readers.build_reader(ReadingSettings())
    (tmp_path / "own.onnx").write_bytes(b"a model of the user's own")
    own = readers.build_reader(
        ReadingSettings(detector=str(tmp_path / "own.onnx"))
    )  # a user's own may be for other plates
    assert own.form == "own"
    assert [trial.works for trial in own.trials] == [False]
