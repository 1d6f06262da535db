import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.lettering.glyphs import CAR, MOTORCYCLE, LetterSize, glyph, layout

SIZES = pytest.mark.parametrize("size", [CAR, MOTORCYCLE], ids=["car", "motorcycle"])


def area(polygon):
    return (
        abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True))) / 2
    )


@SIZES
@pytest.mark.parametrize("character", ALPHABET)
def test_no_outline_leaves_its_cell_and_every_letter_fills_it_from_edge_to_edge(character, size):
    drawn = glyph(character, size)
    xs = [x for outline in drawn.outlines for x, _ in outline]
    ys = [y for outline in drawn.outlines for _, y in outline]
    assert min(xs) >= -1e-9
    assert max(xs) <= drawn.width + 1e-9
    assert (min(ys), max(ys)) == (pytest.approx(0, abs=0.2), pytest.approx(size.height, abs=0.2))
    assert max(xs) - min(xs) > drawn.width * 0.95
    assert all(area(outline) > size.stroke**2 / 2 for outline in drawn.outlines)


@SIZES
def test_i_and_1_are_one_stroke_wide_and_all_others_a_full_cell(size):
    assert {glyph(c, size).width for c in "1I"} == {size.stroke}
    assert {glyph(c, size).width for c in ALPHABET if c not in "1I"} == {size.width}


@SIZES
def test_o_looks_like_0_and_i_like_1(size):
    for one, other in ("O0", "I1"):
        assert glyph(one, size).outlines == glyph(other, size).outlines
    others = [glyph(c, size).outlines for c in ALPHABET if c not in "OI"]
    assert len(set(others)) == len(others)


@SIZES
def test_strokes_have_the_statutory_width_save_where_a_letter_would_clog(size):
    for character in ALPHABET:
        for stroke in glyph(character, size).strokes:
            assert 0.7 * size.stroke <= stroke.width <= size.stroke
            assert character in "MWKQ4" or stroke.width == size.stroke


@SIZES
def test_b_and_d_have_spurs_and_the_middle_of_w_is_high_save_in_plain_letters(size):
    def ink(character, size, x, y):
        point = (x * size.width, y * size.height)
        shapes = [np.array(outline, np.float32) for outline in glyph(character, size).outlines]
        return any(cv2.pointPolygonTest(shape, point, False) >= 0 for shape in shapes)

    plain = replace(size, spur=0)
    for character in "BD":
        assert ink(character, size, 0.03, 0.05)
        assert not ink(character, size, 0.03, 0.5)  # the stem stands behind the spurs
        assert ink(character, plain, 0.03, 0.5)
    assert ink("W", size, 0.5, 0.2)
    assert not ink("W", plain, 0.5, 0.2)


def test_the_statutory_sizes():
    assert LetterSize(height=79, width=50, stroke=14, gap=11, group_gap=33, line_gap=19, margin=11, spur=5) == CAR
    assert (MOTORCYCLE.height, MOTORCYCLE.width, MOTORCYCLE.stroke) == (64, 44, 10)


def test_a_current_mark_is_laid_out_with_its_gaps():
    lettering = layout(["AB12", "CDE"])
    assert [placed.glyph.character for placed in lettering.glyphs] == list("AB12CDE")
    assert [placed.x for placed in lettering.glyphs] == [0, 61, 122, 147, 230, 291, 352]
    assert (lettering.width, lettering.height) == (402, 79)


def test_two_lines_stand_centred_one_above_the_other():
    lettering = layout(["AB12", "CDE"], MOTORCYCLE, two_line=True)
    upper, lower = lettering.glyphs[:4], lettering.glyphs[4:]
    assert {placed.y for placed in upper} == {0}
    assert {placed.y for placed in lower} == {64 + 13}
    assert lower[0].x == pytest.approx(lettering.width - lower[-1].x - lower[-1].glyph.width)
    assert lettering.height == 141


def test_what_is_no_letter_has_no_glyph():
    with pytest.raises(KeyError):
        glyph("-")


@given(st.lists(st.text(ALPHABET, min_size=1, max_size=4), min_size=1, max_size=3), st.booleans())
def test_letters_never_overlap_and_stay_within_the_lettering(groups, two_line):
    lettering = layout(groups, two_line=two_line)
    boxes = [(p.x, p.y, p.x + p.glyph.width, p.y + p.glyph.height) for p in lettering.glyphs]
    for index, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -1e-9
        assert right <= lettering.width + 1e-9
        assert bottom <= lettering.height + 1e-9
        for other in boxes[index + 1 :]:
            assert math.isclose(other[1], top) is False or other[0] >= right + CAR.gap - 1e-9
