import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.plate import Box, Plate
from patrol_anpr.reading.letterbox import STRIDE, Letterbox, floats, non_maximum, octets, plates_from, without_parts
from patrol_anpr.reading.ocr import is_cut

SIDES = st.integers(2, 3000)
LONG = st.integers(1, 40).map(lambda n: n * STRIDE)


@given(SIDES, SIDES, LONG)
def test_nearly_the_whole_frame_is_seen_and_the_input_is_no_larger_than_it_must_be(
    width: int, height: int, long_side: int
) -> None:
    fitted = Letterbox.fit(width, height, long_side)
    assert fitted.size[0] % STRIDE == 0
    assert fitted.size[1] % STRIDE == 0
    near_a_square = max(width, height) * 3 < min(width, height) * 4
    assert max(fitted.size) <= long_side if near_a_square else max(fitted.size) == long_side
    for side, before, given_side in zip(fitted.size, (fitted.left, fitted.top), (width, height), strict=True):
        shown = given_side * fitted.scale
        assert side - shown <= STRIDE
        assert shown - side <= shown / 40 + 1
        assert abs(before - (side - shown) / 2) <= 1


def test_what_is_cut_off_is_the_outermost() -> None:
    ramp = np.repeat(np.arange(360, dtype=np.uint16)[:, None], 640, axis=1)
    frame = np.dstack([ramp // 2] * 3).astype(np.uint8)
    fitted = Letterbox.fit(640, 360, 640)
    assert np.array_equal(fitted.apply(frame), frame[4:356])
    rows = np.array([[320, 100, 50, 10, 0.8]], np.float32)
    assert plates_from(rows, fitted, 0.5, 0.5)[0].box == Box(295, 99, 345, 109)


def test_a_plate_that_goes_on_where_the_frame_was_cut_off_goes_on_to_its_edge() -> None:
    """Else nobody would know that the frame's edge cuts it, and its beginning would be taken for the whole."""
    fitted = Letterbox.fit(640, 640, 640)
    assert min(fitted.left, fitted.top) < 0
    rows = np.array([[20, 300, 39, 12, 0.8], [524, 200, 40, 12, 0.7], [300, 100, 40, 12, 0.6]], np.float32)
    left, right, middle = (plate.box for plate in plates_from(rows, fitted, 0.5, 0.5))
    assert is_cut(left, 640)
    assert is_cut(right, 640)
    assert (left.x1, right.x2) == (0, 640)
    assert not is_cut(middle, 640)


def test_a_hd_frame_is_not_made_square() -> None:
    assert Letterbox.fit(1280, 720, 640).size == (640, 352)
    assert Letterbox.fit(720, 1280, 640).size == (352, 640)


@given(SIDES, SIDES, LONG, st.tuples(*[st.floats(0, 1) for _ in range(4)]))
def test_mapping_back_undoes_the_letterbox(
    width: int, height: int, long_side: int, shares: tuple[float, float, float, float]
) -> None:
    fitted = Letterbox.fit(width, height, long_side)
    inside = np.array(
        [[shares[0] * width, shares[1] * height, shares[2] * width, shares[3] * height]], dtype=np.float32
    )
    shifted = inside * np.float32(fitted.scale) + [fitted.left, fitted.top, fitted.left, fitted.top]
    back = fitted.to_frame(shifted.astype(np.float32))
    at_an_edge = (shifted <= 3) | (shifted >= np.array([*fitted.size, *fitted.size]) - 3)
    assert np.allclose(back[~at_an_edge], inside[~at_an_edge], atol=0.01 * max(width, height))
    assert np.allclose(back, inside, atol=max(width, height) / 80 + 4 / fitted.scale)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 4).map(lambda n: n * STRIDE))
def test_the_input_has_the_announced_shape_and_range(width: int, height: int, long_side: int) -> None:
    fitted = Letterbox.fit(width, height, long_side)
    placed = fitted.apply(np.full((height, width, 3), 255, np.uint8))
    assert octets(placed).shape == (1, fitted.size[1], fitted.size[0], 3)
    made = floats(placed)
    assert made.shape == (1, 3, fitted.size[1], fitted.size[0])
    assert made.dtype == np.float32
    assert made.min() >= 0
    assert made.max() <= 1.0001


def test_colours_go_in_as_rgb() -> None:
    blue = np.zeros((32, 64, 3), np.uint8)
    blue[:, :, 0] = 255
    placed = Letterbox.fit(64, 32, 64).apply(blue)
    assert (octets(placed)[0] == (0, 0, 255)).all()
    made = floats(placed)[0]
    assert made[2].min() > 0.99
    assert made[0].max() < 0.01


ROWS = st.lists(
    st.tuples(st.floats(-500, 1500), st.floats(-500, 1500), st.floats(0, 900), st.floats(0, 900), st.floats(0, 1)),
    max_size=30,
)


@given(ROWS, st.floats(0.05, 0.9))
def test_boxes_lie_in_the_frame_best_first_above_the_threshold_and_apart(
    rows: list[tuple[float, float, float, float, float]], threshold: float
) -> None:
    fitted = Letterbox.fit(1280, 720, 640)
    plates = plates_from(np.array(rows, np.float32).reshape(-1, 5), fitted, threshold, 0.5)
    scores = [plate.confidence for plate in plates]
    assert scores == sorted(scores, reverse=True)
    for at, plate in enumerate(plates):
        assert plate.confidence >= threshold - 1e-6
        assert 0 <= plate.box.x1 < plate.box.x2 <= 1280
        assert 0 <= plate.box.y1 < plate.box.y2 <= 720
        assert all(plate.box.iou(other.box) <= 0.5001 for other in plates[:at])


def test_of_two_boxes_on_one_plate_the_surer_stays() -> None:
    corners = np.array([[0, 0, 100, 20], [2, 0, 102, 20], [300, 0, 400, 20]], np.float32)
    assert non_maximum(corners, np.array([0.5, 0.9, 0.4], np.float32), 0.5) == [1, 2]


def test_no_rows_no_plates() -> None:
    assert plates_from(np.zeros((0, 5), np.float32), Letterbox.fit(100, 100, 64), 0.2, 0.5) == []


def test_a_known_row_becomes_a_known_box() -> None:
    rows = np.array([[320, 192, 50, 10, 0.8]], np.float32)
    plates = plates_from(rows, Letterbox.into(1280, 720, (640, 384)), 0.5, 0.5)
    assert plates[0].box == Box(590, 350, 690, 370)


@pytest.mark.parametrize(
    ("part", "stays"),
    [
        (Box(858, 362, 889, 375), False),  # the left half of the plate, found as one of its own
        (Box(915, 362, 946, 375), True),  # a plate beside it
        (Box(858, 330, 889, 343), True),  # a plate above it
        (Box(870, 366, 880, 371), True),  # far too low to be a part of the same letters
    ],
)
def test_a_part_of_a_plate_is_not_a_plate(part: Box, stays: bool) -> None:
    whole = Plate(Box(859, 361, 913, 376), 0.37)
    found = without_parts([Plate(part, 0.56), whole])
    assert whole in found
    assert (len(found) == 2) is stays


def test_two_boxes_alike_are_both_kept() -> None:
    plates = [Plate(Box(0, 0, 50, 12), 0.5), Plate(Box(0, 0, 50, 12), 0.5)]
    assert without_parts(plates) == plates


@pytest.mark.parametrize(
    ("frame", "size"),
    [
        ((1280, 720), (640, 352)),
        ((1024, 768), (640, 480)),
        ((768, 1024), (480, 640)),
        ((900, 900), (544, 544)),
        ((1024, 683), (640, 448)),
    ],
)
def test_a_frame_near_a_square_gets_no_more_pixels_than_4_to_3(frame: tuple[int, int], size: tuple[int, int]) -> None:
    assert Letterbox.fit(*frame, 640).size == size
