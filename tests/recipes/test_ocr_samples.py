"""What the OCR is shown: rendered plates, batches of both sorts, and bands that differ by the width alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ocr_samples import (
    ALPHABET,
    BANDS,
    RENDERED,
    RESPELT,
    SIZE,
    SLOTS,
    Mixture,
    Rendered,
    chances,
    degraded_real,
    encoded,
    photograph,
    pick_distance,
    pick_near,
    reframed,
    validation_sets,
    view_of,
)
from ocr_scores import decoded
from real_crops import RealCrop
from rendered_plates import SCALE, bolt, invent_mark, odd_mark, render, render_bare

from patrol_anpr.domain.vrm import VrmFormat, format_of, normalise


def made_crops(tmp_path: Path, count: int, *, by_machine: bool = False) -> list[RealCrop]:
    rng = np.random.default_rng(9)
    crops = []
    for at in range(count):
        path = tmp_path / f"{at}.png"
        cv2.imwrite(str(path), render_bare(rng))
        crops.append(RealCrop(path, f"AB{at:02d}CDE", by_machine=by_machine))
    return crops


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=10))
@settings(deadline=None, max_examples=40)
def test_slots_say_the_text(text: str) -> None:
    probabilities = np.eye(len(ALPHABET), dtype=np.float32)[encoded(text)]
    assert decoded(probabilities) == (text, 1.0)


def test_an_empty_read_has_no_confidence() -> None:
    assert decoded(np.eye(len(ALPHABET), dtype=np.float32)[encoded("")]) == ("", 0.0)


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_a_rendered_plate_lies_within_its_picture(seed: int) -> None:
    plate = render(np.random.default_rng(seed))
    height, width = plate.pixels.shape[:2]
    assert normalise(plate.text) == plate.text
    assert 2 <= len(plate.text) <= 10
    assert (plate.corners >= 0).all()
    assert (plate.corners <= [width, height]).all()


def test_marks_are_mostly_of_uk_formats_with_some_odd_ones() -> None:
    rng = np.random.default_rng(2)
    kinds = [format_of(invent_mark(rng)) for _ in range(600)]
    assert kinds.count(VrmFormat.CURRENT) > 300
    assert {VrmFormat.PREFIX, VrmFormat.SUFFIX, VrmFormat.DATELESS, VrmFormat.NORTHERN_IRELAND} <= set(kinds)
    assert 0 < kinds.count(VrmFormat.OTHER) < 100


def test_odd_marks_fill_all_places_of_the_ocr_and_mostly_stand_on_plates_of_the_usual_width() -> None:
    rng = np.random.default_rng(3)
    marks = [odd_mark(rng) for _ in range(400)]
    assert {len(mark) for mark in marks} == set(range(2, SLOTS + 1))
    plates = [render(rng, mark) for mark in marks if len(mark) == SLOTS][:60]
    leanness = [np.ptp(plate.corners[:, 0]) / np.ptp(plate.corners[:, 1]) for plate in plates]
    assert np.mean(np.array(leanness) < 4.95) > 0.5  # unsqueezed, ten letters take 5.2 times the height


@given(seed=st.integers(0, 2**32), width=st.floats(32, 190))
@example(seed=779617948, width=32.0)  # a motorcycle's plate turned far away
@settings(deadline=None, max_examples=40)
def test_a_photograph_is_as_wide_as_asked_and_holds_the_plate(seed: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    seen = photograph(render(rng), width, rng)
    assert seen.shape[1] == max(8, round(width))
    assert 6 <= seen.shape[0] < width * 1.7


def test_ink_is_still_there_after_the_photograph() -> None:
    rng = np.random.default_rng(4)
    spreads = [np.ptp(cv2.cvtColor(photograph(render(rng), 100, rng), cv2.COLOR_BGR2GRAY)) for _ in range(20)]
    assert min(spreads) > 40


def test_far_plates_are_the_hard_ones() -> None:
    rng = np.random.default_rng(1)
    drawn = [pick_distance(rng) for _ in range(300)]
    assert all(32 <= width <= 190 for width, _ in drawn)
    assert all(severity >= 0.7 for width, severity in drawn if width < 50)


def test_near_plates_are_legible_ones() -> None:
    rng = np.random.default_rng(2)
    assert all(width >= 90 and severity <= 0.35 for width, severity in (pick_near(rng) for _ in range(300)))


def test_a_near_batch_is_drawn_near(tmp_path: Path) -> None:
    asked: list[float] = []

    def near(rng: np.random.Generator) -> tuple[float, float]:
        width, severity = pick_near(rng)
        asked.append(width)
        return width, severity

    Mixture(made_crops(tmp_path, 3), np.random.default_rng(0), pool=4, distance=near).batch(40)
    assert len(asked) > 20  # every rendered plate, and the real ones that do not stay as they are


def test_a_reframed_crop_keeps_its_shape_when_nothing_is_asked() -> None:
    crop = render_bare(np.random.default_rng(3))
    seen = reframed(crop, 80, np.random.default_rng(0), strength=0.0)
    assert seen.shape[1] == 80
    assert abs(seen.shape[0] - crop.shape[0] * 80 / crop.shape[1]) <= 1


def test_a_real_crop_is_never_enlarged() -> None:
    crop = render_bare(np.random.default_rng(3))[:, :60]
    widths = {degraded_real(crop, np.random.default_rng(seed)).shape[1] for seed in range(40)}
    assert max(widths) <= 60


def test_a_batch_is_half_real_and_says_which(tmp_path: Path) -> None:
    crops = made_crops(tmp_path, 3)
    views, slots, origin = Mixture(crops, np.random.default_rng(0), pool=4).batch(8)
    assert views.shape == (8, SIZE[1], SIZE[0], 3)
    assert views.dtype == np.uint8
    assert (origin[4:] == RENDERED).all()
    assert (origin[:2] == RESPELT).all()
    for at, known in enumerate(origin[2:4], start=2):
        assert np.array_equal(slots[at], encoded(crops[known].text))


def test_the_least_batch_has_a_real_crop_that_the_teacher_knows(tmp_path: Path) -> None:
    *_, origin = Mixture(made_crops(tmp_path, 3), np.random.default_rng(0), pool=4, respelt_share=0.9).batch(2)
    assert origin[0] >= 0


def test_crops_whose_characters_are_not_found_are_not_respelt(tmp_path: Path) -> None:
    path = tmp_path / "blank.png"
    cv2.imwrite(str(path), np.full((40, 120, 3), 128, np.uint8))
    crops = [RealCrop(path, "AB12CDE", by_machine=False)]
    *_, origin = Mixture(crops, np.random.default_rng(0), pool=4).batch(16)
    assert (origin[:8] == 0).all()


def test_crops_that_begin_alike_are_drawn_less_often_each_and_more_often_together() -> None:
    crops = [
        RealCrop(Path(f"{at}.png"), text, by_machine=False) for at, text in enumerate(["A1", "A2", "A3", "A4", "B5"])
    ]
    drawn = chances(crops)
    assert drawn.sum() == pytest.approx(1)
    assert drawn[:4] == pytest.approx([drawn[4] / 2] * 4)  # four of a kind: twice as often as one, not four times


def test_a_batch_without_real_crops_is_all_rendered() -> None:
    _, slots, origin = Mixture([], np.random.default_rng(0), pool=4).batch(6)
    assert (origin == RENDERED).all()
    assert slots.max() < len(ALPHABET)


def test_the_pool_of_plates_is_renewed() -> None:
    rendered = Rendered(np.random.default_rng(0), 2)
    assert len({rendered.draw()[0] for _ in range(60)}) > 4


def test_validation_sets_are_the_same_each_time_and_have_each_band(tmp_path: Path) -> None:
    crops = [*made_crops(tmp_path, 4), RealCrop(tmp_path / "0.png", "AB99CDE", by_machine=True)]
    one, other = (validation_sets(crops, rendered=3) for _ in range(2))
    assert [each.name for each in one] == [each.name for each in other]
    assert all(np.array_equal(a.views, b.views) for a, b in zip(one, other, strict=True))
    assert {each.name: len(each.texts) for each in one}["machine-labelled"] == 1
    for band in BANDS:
        same = [each for each in one if f"{band} px" in each.name]
        assert [len(each.texts) for each in same] == [4, 3]
        assert same[0].texts == tuple(crop.text for crop in crops[:4])


def test_crops_of_other_sources_and_long_marks_are_measured_by_themselves(tmp_path: Path) -> None:
    crops = made_crops(tmp_path, 3)
    sets = {each.name: each for each in validation_sets(crops[:2], crops, rendered=10)}
    other = [each for name, each in sets.items() if name.startswith("other sources")]
    assert [len(each.texts) for each in other] == [3] * (1 + len(BANDS))
    assert {len(text) for text in sets["rendered, 9 or 10 characters, 110 px"].texts} == {9, 10}
    assert not any(each.name.startswith("other") for each in validation_sets(crops, rendered=2))


def test_a_view_is_rgb() -> None:
    blue = np.zeros((20, 40, 3), np.uint8)
    blue[..., 0] = 255
    assert view_of(blue)[0, 0].tolist() == [0, 0, 255]


def test_bolts_stand_where_plates_are_bolted_or_anywhere() -> None:
    pairs = 0
    for seed in range(80):
        plate = np.full((56, 260, 3), 230, np.float32)
        bolt(plate, np.random.default_rng(seed))
        dark = np.flatnonzero((plate.mean(axis=2) < 110).any(axis=0))
        assert dark.size
        pairs += abs(dark.min() + dark.max() - 260) <= 3 and dark.max() - dark.min() > 30
    assert 25 < pairs < 60


def test_bolts_are_as_large_as_the_plate_is_near() -> None:
    dark = []
    for scale in (1, 2):
        plate = np.full((56 * scale, 260 * scale, 3), 230, np.float32)
        bolt(plate, np.random.default_rng(1), scale * SCALE)
        dark.append(int((plate.mean(axis=2) < 110).sum()))
    assert 3 < dark[1] / dark[0] < 5


def test_some_real_crops_get_bolts() -> None:
    rng, blank = np.random.default_rng(2), np.full((60, 200, 3), 200, np.uint8)
    bolted = 0
    for _ in range(200):
        grey = degraded_real(blank, rng, pick_near).mean(axis=2)
        bolted += bool(cv2.GaussianBlur(grey, (3, 3), 0).min() < np.median(grey) / 2)
    assert 20 < bolted < 70
