import urllib.error
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.lettering.plate import PlateLook, draw_plate
from patrol_anpr.reading.ocr import (
    OTHER_WAYS,
    Effort,
    PlateOcr,
    cut_out,
    is_cut,
    make_ocr,
)
from patrol_anpr.reading.ocr_pair import OcrPair, Slots
from patrol_anpr.reading.views import Views, negatives, stretched_faint
from tests.conftest import Shipped
from tests.reading.made import plate_box, scene


def test_it_reads_drawn_plates_in_the_order_of_the_boxes(ocr: PlateOcr) -> None:
    marks = {
        "AB12CDE": plate_box(350, 520, 130),
        "X123HBC": plate_box(900, 470, 110),
        "FGH456J": plate_box(640, 300, 150),
    }
    seen = ocr.look(scene(*marks.items()), list(marks.values()))
    assert [one.text for one in seen] == list(marks)
    for one in seen:
        assert len(one.chars) == len(one.text)
        assert one.confidence > 0.8
        assert len(one.guesses) == 10


def test_two_line_plates_are_read_as_they_are(ocr: PlateOcr) -> None:
    """The network squashes every crop to 128 x 64 and was trained so: two lines need no splitting (91 % measured)."""
    plate = draw_plate("AB12CDE", colour=PlateColour.YELLOW, look=PlateLook(two_line=True))
    pixels = np.full((400, 600, 3), 90, np.uint8)
    small = cv2.resize(plate, (114, 89), interpolation=cv2.INTER_AREA)
    pixels[200:289, 200:314] = small
    assert ocr.look(pixels, [Box(200, 200, 314, 289)])[0].text == "AB12CDE"


def test_no_boxes_no_candidates(ocr: PlateOcr) -> None:
    assert ocr.look(scene(), []) == []


def test_a_cut_plate_is_never_sure(ocr: PlateOcr) -> None:
    whole = plate_box(640, 500, 200)
    pixels = scene(("AB12CDE", whole))[:, 620:]
    seen = ocr.look(pixels, [Box(0, whole.y1, whole.x2 - 620, whole.y2)])[0]
    assert seen.confidence <= 0.5


def test_what_is_no_plate_is_not_sure(ocr: PlateOcr) -> None:
    noise = np.random.default_rng(4).integers(0, 255, (200, 300, 3)).astype(np.uint8)
    for pixels in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
        assert ocr.look(pixels, [Box(40, 40, 200, 80)])[0].confidence < 0.6


def looked(
    far: Callable[[Views], Slots], near: Callable[[Views], Slots] | None, effort: Effort = Effort.PICTURE
) -> Callable[[Views, NDArray[np.float64]], Slots]:
    return partial(OcrPair(far, near).read, ways=OTHER_WAYS[effort])


def says(share: float) -> Callable[[Views], Slots]:
    """An OCR of one slot and two characters that gives the first this share."""
    return lambda views: np.tile(np.float32([share, 1 - share]), (len(views), 1, 1))


@given(st.floats(0, 1), st.floats(0, 1), st.lists(st.floats(1, 2000), min_size=1, max_size=5))
def test_an_unsure_ocr_is_averaged_with_the_near_one_that_counts_more_the_wider_the_plate(
    near: float, far: float, widths: list[float]
) -> None:
    views = np.zeros((len(widths), 64, 128, 3), np.uint8)
    slots = looked(says(far), says(near))(views, np.array(sorted(widths)))
    assert slots.dtype == np.float32
    assert np.allclose(slots.sum(-1), 1)
    from_near = np.abs(slots[:, 0, 0] - near)
    assert (np.diff(from_near) <= 1e-6).all()
    assert (slots[:, 0, 0] >= min(near, far) - 1e-6).all()
    assert (slots[:, 0, 0] <= max(near, far) + 1e-6).all()


def test_where_two_ocrs_differ_neither_is_sure() -> None:
    views, widths = np.zeros((2, 64, 128, 3), np.uint8), np.array([40.0, 400.0])
    seen = looked(says(0.98), says(0.0))(views, widths).max(-1)
    assert seen[1] < 0.8
    assert np.isclose(seen[0], 0.98)  # so far away the near one is not asked
    assert np.allclose(looked(says(0.98), None)(views, widths).max(-1), 0.98)


def test_nobody_is_asked_about_what_is_certain() -> None:
    def refuse(_: Views) -> Slots:
        raise AssertionError

    views, widths = np.zeros((2, 64, 128, 3), np.uint8), np.array([40.0, 400.0])
    assert (looked(says(1.0), refuse)(views, widths).max(-1) == 1).all()


class Lightness:
    """An OCR of one slot that is the surer of its first character the darker the view; counts the views it is given."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, views: Views) -> Slots:
        self.asked.append(len(views))
        return np.float32([[[1 - lightness, lightness]] for lightness in views.mean((1, 2, 3)) / 255])


LEVELS = np.tile(np.uint8([255, 235, 100])[:, None, None, None], (1, 64, 128, 3))


def test_only_the_unsure_plates_of_a_frame_are_looked_at_again() -> None:
    """Of three, one is certain, one sure; the third is looked at in three more ways, by both OCRs."""
    far, near = Lightness(), Lightness()
    slots = looked(far, near)(LEVELS, np.array([80.0, 80.0, 80.0]))
    assert far.asked == [3, 1, 1, 1]
    assert near.asked == [2, 1, 1, 1]
    assert slots[0].max() == 1


@pytest.mark.parametrize(
    ("width", "effort", "asked"),
    [
        (40.0, Effort.PICTURE, [3]),
        (80.0, Effort.ONCE, [3]),
        (80.0, Effort.FRAME, [3, 1]),
        (80.0, Effort.COMPOSITE, [3, 1, 1]),
        (80.0, Effort.PICTURE, [3, 1, 1, 1]),
    ],
)
def test_plates_are_looked_at_as_often_as_it_pays(width: float, effort: Effort, asked: list[int]) -> None:
    """Far ones once, faint ones of a frame twice, those of a picture in three more ways."""
    far = Lightness()
    looked(far, None, effort=effort)(LEVELS, np.full(3, width))
    assert far.asked == asked


def test_a_plate_that_a_look_has_made_sure_is_not_looked_at_again() -> None:
    """Of two unsure ones the dark one is sure as a negative; only the other is looked at from nearer and farther."""
    asked: list[int] = []

    def far(views: Views) -> Slots:
        asked.append(len(views))
        return np.float32([[[0.99, 0.01] if light > 150 else [0.6, 0.4]] for light in views.mean((1, 2, 3))])

    ramp = np.linspace(-99, 99, 128).astype(int)[None, None, :, None]
    views = np.tile(ramp + np.array([[[[100]]], [[[128]]]]), (1, 64, 1, 3)).astype(np.uint8)
    seen = looked(far, None)(views, np.array([80.0, 80.0])).max(-1)
    assert asked == [2, 2, 1, 1]
    assert seen[0] > 0.8 > seen[1]


def test_a_wide_plate_is_not_looked_at_from_nearer() -> None:
    far = Lightness()
    looked(far, None)(LEVELS[2:].repeat(2, axis=0), np.array([80.0, 200.0]))
    assert far.asked == [2, 2, 2, 1]


def test_what_says_nothing_in_two_ways_is_not_looked_at_any_more() -> None:
    asked: list[int] = []

    def far(views: Views) -> Slots:
        asked.append(len(views))
        return np.full((len(views), 10, 4), 0.25, np.float32)

    assert looked(far, None)(LEVELS, np.full(3, 80.0)).max() == 0.25
    assert asked == [3, 3]


def test_the_near_ocr_is_not_asked_about_a_further_look_in_which_the_far_one_makes_out_nothing() -> None:
    """Seven even slots as a negative, and one doubtful otherwise: the negative would hardly weigh, whatever is said."""
    near: list[int] = []

    def far(views: Views) -> Slots:
        shares = [0.25 if light > 128 else 0.7 for light in views.mean((1, 2, 3))]
        return np.float32([[[share, 1 - share, 0, 0]] * 7 if share > 0.5 else [[share] * 4] * 7 for share in shares])

    def other(views: Views) -> Slots:
        near.append(len(views))
        return far(views)

    looked(far, other)(LEVELS[2:], np.array([80.0]))
    assert near == [1, 1, 1]  # as it is, from farther, from nearer


def test_a_frame_with_contrast_is_looked_at_once() -> None:
    far = Lightness()
    ramp = np.tile(np.linspace(0, 255, 128, dtype=np.uint8)[None, :, None], (64, 1, 3))
    looked(far, None, effort=Effort.FRAME)(ramp[None], np.array([80.0]))
    assert far.asked == [1]


def test_of_several_looks_the_surest_counts_most() -> None:
    """A view that says 0.6, whose negative says 0.99: together surely more than their plain mean."""

    def far(views: Views) -> Slots:
        light = views.mean((1, 2, 3)) > 128
        return np.float32([[[0.99, 0.01] if one else [0.4, 0.6]] for one in light])

    view = np.tile(np.linspace(0, 200, 128, dtype=np.uint8)[None, :, None], (64, 1, 3))[None]
    slots = looked(far, None)(view, np.array([80.0]))
    assert slots.shape == (1, 1, 2)
    assert slots.dtype == np.float32
    assert np.isclose(slots.sum(), 1)
    assert slots[0, 0, 0] > (0.99 + 3 * 0.4) / 4


@given(st.integers(0, 255), st.integers(0, 255))
def test_a_negative_has_light_and_dark_exchanged(one: int, other: int) -> None:
    view = np.tile(np.linspace(one, other, 128).astype(np.uint8)[None, :, None], (64, 1, 3))
    negative, farther, nearer = (way(view[None], np.array([80.0]))[1][0] for way in OTHER_WAYS[Effort.PICTURE])
    assert {seen.shape for seen in (negative, nearer, farther)} == {view.shape}
    assert {seen.dtype for seen in (negative, nearer, farther)} == {view.dtype}
    steps = np.diff(negative[0, :, 0].astype(int))
    assert (steps * np.sign(other - one) <= 0).all()
    assert np.ptp(nearer) <= np.ptp(view) == np.ptp(farther)


NUMBERS = st.floats(-100, 400, allow_nan=False)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_cut_out_is_never_empty(x1: float, y1: float, x2: float, y2: float) -> None:
    box = Box(max(0, min(x1, x2)), max(0, min(y1, y2)), min(300, max(x1, x2)), min(200, max(y1, y2)))
    if box.x1 > box.x2 or box.y1 > box.y2:
        return
    assert cut_out(np.zeros((200, 300, 3), np.uint8), box, (0.05, 0.1)).size > 0


def test_only_the_sides_of_the_frame_cut() -> None:
    assert is_cut(Box(0, 10, 100, 40), 1280)
    assert is_cut(Box(1200, 10, 1280, 40), 1280)
    assert not is_cut(Box(600, 0, 700, 20), 1280)
    assert not is_cut(Box(0, 0, 520, 111), 520)


def test_missing_and_foreign_files_are_refused_by_name(models: Shipped, tmp_path: Path) -> None:
    absent = tmp_path / "absent.onnx"
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    for model, config in (
        (absent, models.ocr_config),
        (broken, models.ocr_config),
        (models.detector, models.ocr_config),
        (models.ocr, tmp_path / "absent.yaml"),
    ):
        with pytest.raises(ModelRefused):
            make_ocr(model, config, provider="cpu", threads=1)
        with pytest.raises(ModelRefused):
            make_ocr(models.ocr, config, near=model, provider="cpu", threads=1)


def test_a_configuration_that_does_not_fit_the_model_is_refused(models: Shipped, tmp_path: Path) -> None:
    text = models.ocr_config.read_text()
    for old, new in (("max_plate_slots: 10", "max_plate_slots: 9"), ("img_height: 64", "img_height: 32")):
        assert old in text
        config = tmp_path / "config.yaml"
        config.write_text(text.replace(old, new))
        with pytest.raises(ModelRefused):
            make_ocr(models.ocr, config, provider="cpu", threads=1)


def test_a_hub_model_without_network_is_said_plainly(
    models: Shipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ModelRefused, match="Check the network"):
        make_ocr(Path("cct-s-v2-global-model"), models.ocr_config, provider="cpu", threads=1)


class _Nan:
    def run(self, *_: object) -> list[np.ndarray]:
        return [np.full((1, 10, 37), np.nan, np.float32)]


def test_values_that_are_no_numbers_raise(models: Shipped) -> None:
    ocr = make_ocr(models.ocr, models.ocr_config, provider="cpu", threads=1)
    ocr._form._network = _Nan()  # type: ignore[attr-defined]
    with pytest.raises(ModelRefused, match="no numbers"):
        ocr.look(scene(), [plate_box(300, 300, 100)])


def test_a_dark_plate_is_read_by_looking_again(models: Shipped) -> None:
    plate = draw_plate("AB12CDE", colour=PlateColour.WHITE)
    crop = cv2.resize(plate, (120, 26), interpolation=cv2.INTER_AREA)
    dark = np.clip(crop * 0.05 + 12, 0, 255).astype(np.uint8)
    box = Box(0, 0, 120, 26)
    ocr = make_ocr(models.ocr, models.ocr_config, provider="cpu", threads=1)
    once = make_ocr(models.ocr, models.ocr_config, provider="cpu", threads=1, again=False).look(dark, [box])[0]
    (again,), (frame,) = ocr.look(dark, [box]), ocr.look(dark, [box], effort=Effort.FRAME)
    assert again.text == frame.text == "AB12CDE"
    assert again.confidence > once.confidence or once.text != "AB12CDE"


def test_the_negative_of_a_faint_view_uses_the_whole_range_and_an_empty_one_stays_empty() -> None:
    ramp = np.tile(np.linspace(90, 150, 128, dtype=np.uint8)[None, :, None], (64, 1, 3))
    even = np.full((64, 128, 3), 77, np.uint8)
    views = np.stack([ramp, even])
    faint, spread = stretched_faint(views)
    assert faint.tolist() == [0, 1]
    wide, still = spread
    assert np.array_equal(255 - negatives(views), spread)
    assert wide.min() == 0
    assert wide.max() == 255
    assert still.max() == still.min() == 0  # nothing in it: no noise is blown up
