"""UK plates pasted into detection pictures: the label is exact, the rest of the picture is left alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from detection_scenes import find_scenes, split_by_drive, write_pasted, yolo_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from pasting import bounds, fits, lit_like, paint_away, paste_plates, standing

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.reading.dataset import Sample, samples


def scene(width: int = 320, height: int = 240, level: int = 90) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


@given(seed=st.integers(0, 2**32), x=st.integers(20, 140), y=st.integers(20, 150), width=st.integers(30, 150))
@settings(deadline=None, max_examples=40)
def test_the_label_holds_all_that_was_pasted(seed: int, x: int, y: int, width: int) -> None:
    before = scene()
    before[y : y + width // 4, x : x + width] = 200  # the plate that goes
    box = Box(x, y, x + width, y + max(8, width // 4))
    made = paste_plates(before, [box], np.random.default_rng(seed))
    now = made.boxes[0]
    assert 0 <= now.x1 < now.x2 <= 320
    assert 0 <= now.y1 < now.y2 <= 240
    assert now.iou(box) > 0.35  # it stands where the old one stood
    outside = np.abs(made.pixels.astype(int) - 90).max(axis=2) > 24
    gone = box.padded(0.1, 0.2, within=(320, 240))
    for inside in (now, gone):
        outside[int(inside.y1) - 2 : int(inside.y2) + 3, int(inside.x1) - 2 : int(inside.x2) + 3] = False
    assert not outside.any()


def test_the_picture_given_is_not_drawn_on() -> None:
    before = scene()
    kept = before.copy()
    paste_plates(before, [Box(100, 100, 200, 125)], np.random.default_rng(0))
    assert np.array_equal(before, kept)


@pytest.mark.parametrize("box", [Box(100, 100, 120, 105), Box(0, 100, 80, 120), Box(250, 100, 320, 120)])
def test_small_and_cut_plates_stay(box: Box) -> None:
    before = scene()
    assert not fits(box, before)
    made = paste_plates(before, [box], np.random.default_rng(0))
    assert made.boxes == (box,)
    assert np.array_equal(made.pixels, before)


def test_a_share_of_nought_changes_nothing() -> None:
    box = Box(100, 100, 200, 125)
    made = paste_plates(scene(), [box], np.random.default_rng(0), share=0)
    assert made.boxes == (box,)
    assert np.array_equal(made.pixels, scene())


def test_the_old_plate_is_painted_away() -> None:
    picture = scene()
    picture[100:125, 100:200] = 250
    paint_away(picture, Box(100, 100, 200, 125))
    assert picture.max() < 110


@given(
    width=st.floats(24, 400), height=st.floats(8, 300), aspect=st.sampled_from([1.28, 4.68]), seed=st.integers(0, 2**32)
)
@settings(deadline=None, max_examples=40)
def test_corners_stay_clockwise_and_about_the_box(width: float, height: float, aspect: float, seed: int) -> None:
    box = Box(500, 500, 500 + width, 500 + height)
    corners = standing(box, aspect, np.random.default_rng(seed))
    assert cv2.contourArea(corners, oriented=True) > 0  # y down: clockwise
    around = bounds(corners, 2000, 2000)
    assert around.width <= width * 1.25
    assert np.allclose(around.centre, box.centre, atol=0.12 * max(width, height))


def test_a_plate_at_night_is_dark() -> None:
    plate = np.full((20, 80, 3), 240, np.float32)
    old = np.full((10, 40, 3), 30, np.uint8)
    old[:, ::2] = 10
    assert lit_like(plate, old).max() <= 45


def made_set(folder: Path, names: list[str], part: str = "train") -> None:
    for kind in ("images", "labels"):
        (folder / kind / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = scene()
        picture[100:125, 100:200] = 220
        cv2.imwrite(str(folder / "images" / part / f"{name}.jpg"), picture)
        (folder / "labels" / part / f"{name}.txt").write_text(yolo_rows([Box(100, 100, 200, 125)], picture))


def test_whole_drives_are_held_out_and_half_labelled_sets_left_out(tmp_path: Path) -> None:
    made_set(tmp_path / "drives", ["one_1", "one_2", "two_1"])
    made_set(tmp_path / "drives", ["three_1"], "val")
    made_set(tmp_path / "openalpr_us", ["a"])
    found = find_scenes(tmp_path, ["two"])
    assert [each.path.stem for each in found.train] == ["one_1", "one_2"]
    assert [each.path.stem for each in found.validation] == ["three_1", "two_1"]


def test_no_drive_named_holds_none_out() -> None:
    scenes = [Sample(Path("one_1.jpg")), Sample(Path("two_1.jpg"))]
    assert split_by_drive(scenes, []) == (scenes, [])


def test_a_folder_without_sets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="images/train"):
        find_scenes(tmp_path)
    (tmp_path / "empty" / "images" / "train").mkdir(parents=True)
    with pytest.raises(BadInput):
        find_scenes(tmp_path)


def test_pasted_copies_can_be_trained_on_and_are_kept_when_run_again(tmp_path: Path) -> None:
    made_set(tmp_path / "sets" / "drive", ["one", "two", "three"])
    scenes = find_scenes(tmp_path / "sets").train
    written = write_pasted(scenes, tmp_path / "pasted", share=1.0)
    assert len(written) == 3
    first = [path.read_bytes() for path in written]
    labelled = samples(tmp_path / "pasted")
    assert [len(each.boxes or ()) for each in labelled] == [1, 1, 1]
    written[1].write_bytes(b"kept")
    assert write_pasted(scenes, tmp_path / "pasted", share=1.0) == written
    assert written[1].read_bytes() == b"kept"
    (tmp_path / "pasted" / "labels" / f"{written[1].stem}.txt").unlink()  # cut off while it was being written
    write_pasted(scenes, tmp_path / "pasted", share=1.0)
    assert [path.read_bytes() for path in written] == first


def test_only_the_share_asked_for_is_copied(tmp_path: Path) -> None:
    made_set(tmp_path / "sets" / "drive", [f"p{at}" for at in range(30)])
    written = write_pasted(find_scenes(tmp_path / "sets").train, tmp_path / "pasted", share=0.4)
    assert 4 <= len(written) <= 20
