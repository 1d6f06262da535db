"""Characters of real plates change places: what is said to stand on a crop stands there, and the rest stays."""

import string

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from respelling import Respelling, spell

from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.lab.camera_effects import low_light
from patrol_anpr.lettering.plate import PlateLook, draw_plate

MARKS = ("AB12CDE", "FG34HKL", "MN56PRS", "TU78VWX", "YJ98GNO")


def plate(mark: str, *, black: bool = False, width: int = 160) -> Pixels:
    look = PlateLook(black_and_silver=black)
    return draw_plate(mark, colour=PlateColour.WHITE, look=look, scale=width / 520)


def shapes(crop: Pixels, text: str) -> list[tuple[str, NDArray[np.float32]]]:
    """Return each character of a crop with its shape, all of one size."""
    spelt = spell(crop, text)
    assert spelt is not None
    return [(one.char, cv2.resize(one.opacity, (24, 40))) for one in spelt.characters]


@pytest.mark.parametrize("black", [False, True])
def test_characters_are_found_from_the_left_in_both_colours(black: bool) -> None:
    spelt = spell(plate("AB12CDE", black=black), "AB12CDE")
    assert spelt is not None
    assert spelt.text == "AB12CDE"
    assert [x for x, *_ in spelt.places] == sorted(x for x, *_ in spelt.places)
    assert all(w < h for _, _, w, h in spelt.places)


@pytest.mark.parametrize("text", ["AB12CD", "AB12CDEF"])
def test_a_crop_with_more_or_fewer_parts_than_its_text_is_left_alone(text: str) -> None:
    assert spell(plate("AB12CDE"), text) is None


def test_a_lean_part_is_no_wide_character() -> None:
    """The bar of an I under the label W: the label and the parts do not belong together."""
    assert spell(plate("II12III"), "WW12WWW") is None


def test_a_far_plate_is_left_alone() -> None:
    assert spell(plate("AB12CDE", width=80), "AB12CDE") is None


def test_what_hardly_stands_out_is_left_alone() -> None:
    faint = (plate("AB12CDE").astype(float) * 0.06 + 100).astype(np.uint8)
    assert spell(faint, "AB12CDE") is None


def test_the_ground_holds_no_character_any_more() -> None:
    spelt = spell(plate("AB12CDE"), "AB12CDE")
    assert spelt is not None
    x, y, w, h = spelt.places[0]
    assert spelt.ground[y : y + h, x : x + w].min() > 150  # white, where black paint was


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_what_is_said_to_stand_there_stands_there(seed: int) -> None:
    """Each character of a respelt plate looks most like the drawn character that its text says."""
    known = [shape for mark in MARKS for shape in shapes(plate(mark), mark)]
    text, crop = Respelling([(plate(mark), mark) for mark in MARKS], np.random.default_rng(seed)).draw()
    for char, seen in shapes(crop, text):
        assert min(known, key=lambda one: float(np.abs(one[1] - seen).sum()))[0] == char


def test_letters_stand_for_letters_and_digits_for_digits() -> None:
    respelling = Respelling([(plate(mark), mark) for mark in MARKS], np.random.default_rng(1))
    for text, crop in (respelling.draw() for _ in range(50)):
        assert (text[:2] + text[4:]).isalpha()
        assert text[2:4].isdigit()
        assert crop.shape == plate(MARKS[0]).shape


def test_every_letter_comes_first_whatever_the_plates_begin_with() -> None:
    """The crops at hand begin with A or B: an OCR that expects it reads a faint I as an A."""
    respelling = Respelling([(plate(mark), mark) for mark in ("AB12CDE", "AB34HKL")], np.random.default_rng(1))
    begun = [respelling.draw()[0][0] for _ in range(400)]
    assert {letter for letter in begun if letter != "A"} == set("BCDEHKL")
    assert begun.count("A") < 250


def test_light_and_grain_of_the_host_stay() -> None:
    """A dim plate stays dim, whatever plates its new characters come from."""
    rng = np.random.default_rng(3)
    dim = low_light(plate("AB12CDE"), 0.4, 3, rng)
    respelling = Respelling([(dim, "AB12CDE"), (plate("FG34HKL"), "FG34HKL")], rng)
    grounds = [float(np.percentile(crop, 80)) for _, crop in (respelling.draw() for _ in range(40))]
    assert min(grounds) == pytest.approx(np.percentile(dim, 80), abs=6)
    assert max(grounds) == pytest.approx(np.percentile(plate("FG34HKL"), 80), abs=6)


def test_letters_that_are_misread_come_more_often() -> None:
    crops = [(plate(mark), mark) for mark in ("EM12CDE", "FN34FKL")]
    respelling = Respelling(crops, np.random.default_rng(1))
    drawn = "".join(respelling.draw()[0][0] for _ in range(600))
    assert drawn.count("M") > 1.5 * drawn.count("K")
    assert drawn.count("N") > 1.5 * drawn.count("L")


def test_a_plate_with_a_wrong_label_is_not_used() -> None:
    """One in a hundred labels is wrong, and each character of it would be put on many plates."""
    right = [(plate(mark), mark) for mark in ("AB12CDE", "AB12CDE", "LL34LKL", "LL34LKL")]
    wrong = (plate("TB12CDE"), "LB12CDE")
    assert len(Respelling([*right, wrong], np.random.default_rng(0)).plates) == len(right)


def test_plates_whose_characters_do_not_stand_apart_are_no_hosts() -> None:
    blank = np.full((40, 160, 3), 120, np.uint8)
    respelling = Respelling([(blank, "AB12CDE"), (plate("AB12CDE"), "AB12CDE")], np.random.default_rng(0))
    assert len(respelling.plates) == 1
    assert set(respelling.draw()[0]) <= set(string.ascii_uppercase + string.digits)
