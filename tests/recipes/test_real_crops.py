"""Real crops are parted by the plate, and only trusted texts are used."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from real_crops import RealCrop, is_held_out, load_crops, load_others

from patrol_anpr.domain.vrm import fold

HEADER = "image_path,plate_text,label_from,min_char_conf,source\n"


def folder_with(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "labels.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return tmp_path


def test_a_plate_never_stands_on_both_sides(tmp_path: Path) -> None:
    rows = [f"images/{at}_{copy}.jpg,QX{at:02d}ABC,source,,made" for at in range(80) for copy in range(2)]
    train, validation = load_crops(folder_with(tmp_path, *rows))
    assert len(train) + len(validation) == 160
    assert not {crop.text for crop in train} & {crop.text for crop in validation}
    assert 4 <= len(validation) <= 48  # about 15 in a hundred plates


def test_plates_alike_but_for_o_and_0_stay_together(tmp_path: Path) -> None:
    marks = (f"AO{at:03d}" for at in range(999))
    held = next(mark for mark in marks if is_held_out(mark) and not is_held_out(mark.replace("O", "0")))
    rows = [f"a.jpg,{held},source,,made", f"b.jpg,{held.replace('O', '0')},source,,made"]
    train, validation = load_crops(folder_with(tmp_path, *rows))
    assert not train
    assert {fold(crop.text) for crop in validation} == {fold(held)}


def test_of_other_sources_every_trusted_crop_is_measured_on(tmp_path: Path) -> None:
    rows = [f"images/{at}.jpg,QX{at:02d}ABC,{'agreed' if at % 2 else 'source'},,made" for at in range(40)]
    assert len(load_others(folder_with(tmp_path, *rows))) == 40
    assert load_others(None) == []


def test_only_confident_machine_labels_are_used(tmp_path: Path) -> None:
    rows = ("a.jpg,ABC 123,auto,0.99,made", "b.jpg,ABC 124,auto,0.50,made", "c.jpg,ABC 125,auto,,made")
    found = [crop for part in load_crops(folder_with(tmp_path, *rows)) for crop in part]
    assert [(crop.text, crop.by_machine) for crop in found] == [("ABC123", True)]


def test_texts_the_ocr_has_no_slots_for_are_left_out(tmp_path: Path) -> None:
    rows = ("a.jpg,AB,source,,made", "b.jpg,ABCDEFGH123,source,,made", "c.jpg,ABCDEFG123,source,,made")
    found = [crop for part in load_crops(folder_with(tmp_path, *rows)) for crop in part]
    assert [crop.text for crop in found] == ["ABCDEFG123"]


def test_wide_crops_are_shrunk_in_proportion(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((100, 520, 3), np.uint8))
    assert RealCrop(tmp_path / "a.png", "A1", by_machine=False).pixels().shape == (50, 260, 3)


def test_a_damaged_picture_is_an_error_and_not_black(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(OSError, match="not a picture"):
        RealCrop(tmp_path / "a.jpg", "A1", by_machine=False).pixels()
