"""A crop gets a label only where several OCRs are sure of the same text."""

import cv2
import label_crops
import numpy as np
import pytest
from label_crops import PADDINGS, agreed, labelled, open_ocrs
from write_manifest import MODELS

from patrol_anpr.reading.dataset import Sample
from tests.reading.made import ScriptedOcr, candidate


def test_the_text_is_the_first_ones_and_the_confidence_the_least() -> None:
    assert agreed([candidate("AO12CDE", 0.99), candidate("A012CDE", 0.85)]) == ("AO12CDE", pytest.approx(0.85))


@pytest.mark.parametrize(
    "looks",
    [
        [candidate("AB12CDE"), candidate("AB12CDF")],
        [candidate("AB12CDE"), candidate("AB12CDE", 0.7)],
        [candidate(""), candidate("")],
    ],
    ids=["another text", "one unsure", "nothing"],
)
def test_without_agreement_there_is_no_label(looks) -> None:
    assert agreed(looks) is None


def test_plates_of_a_scene_are_cut_out_with_their_text_and_small_ones_left(tmp_path) -> None:
    cv2.imwrite(str(tmp_path / "scene.png"), np.zeros((400, 800, 3), np.uint8))
    scene = Sample(tmp_path / "scene.png", boxes=((0.1, 0.1, 0.3, 0.2), (0.5, 0.5, 0.55, 0.52)))
    sure, doubtful = ScriptedOcr(lambda _: candidate("AB12CDE", 0.95)), ScriptedOcr(lambda _: candidate("AB12CDE", 0.5))
    ((crop, place, text, confidence),) = labelled(scene, [sure, sure])
    assert (crop.shape[:2], text, confidence) == ((48, 176), "AB12CDE", pytest.approx(0.95))
    assert place == pytest.approx((8 / 176, 4 / 48, 168 / 176, 44 / 48))  # without its margin
    assert list(labelled(scene, [sure, doubtful])) == []


def test_plates_that_were_trained_on_are_left_out(tmp_path, monkeypatch) -> None:
    """A drive's validation pictures may hold plates of which crops were trained on: then nothing is measured."""
    pictures, crops, target = tmp_path / "pictures", tmp_path / "crops", tmp_path / "target"
    for part in ("images/train", "images/val", "labels/train", "labels/val"):
        (pictures / "set" / part).mkdir(parents=True)
    cv2.imwrite(str(pictures / "set" / "images" / "train" / "b.png"), np.zeros((40, 80, 3), np.uint8))
    cv2.imwrite(str(pictures / "set" / "images" / "val" / "a.png"), np.zeros((400, 800, 3), np.uint8))
    (pictures / "set" / "labels" / "val" / "a.txt").write_text("0 0.2 0.15 0.2 0.1\n0 0.6 0.15 0.2 0.1\n")
    crops.mkdir()
    rows = "image_path,plate_text,label_from,min_char_conf\na.png,AB12CDE,source,\n"
    (crops / "labels.csv").write_text(rows)
    said = iter(["ABI2CDE", "XY34ZFG"])  # O as 0, I as 1
    ocr = ScriptedOcr(lambda _: candidate(next(said), 0.95))
    monkeypatch.setattr(label_crops, "open_ocrs", lambda _: [ocr])
    options = ["--split", "val", "--agreeing", "a", "--without", str(crops)]
    monkeypatch.setattr("sys.argv", ["label_crops.py", str(pictures), str(target), *options])
    label_crops.main()
    written = (target / "labels.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in written[1:]] == [["00000.png", "XY34ZFG"]]


def test_one_ocr_must_agree_with_itself_at_several_paddings() -> None:
    shipped = MODELS / "plate_ocr_uk.onnx"
    assert len(open_ocrs([shipped])) == len(PADDINGS) == 3
    assert len(open_ocrs([shipped, shipped])) == 2
