import numpy as np
import pytest

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.lettering.plate import Band, PlateLook, draw_plate

W, Y = PlateColour.WHITE, PlateColour.YELLOW


def ink(pixels):
    return (pixels.max(2) < 90).mean()


def test_a_car_plate_has_the_statutory_size_times_the_scale():
    assert draw_plate("XU18DFZ", colour=W).shape == (111, 520, 3)
    assert draw_plate("XU18DFZ", colour=W, scale=2).shape == (222, 1040, 3)
    assert draw_plate("XU18DFZ", colour=W).dtype == np.uint8


def test_the_motorcycle_plate_has_two_lines():
    pixels = draw_plate("XU18DFZ", colour=Y, look=PlateLook(two_line=True))
    assert pixels.shape == (178, 228, 3)
    rows = (pixels.max(2) < 90).any(1)
    starts = np.flatnonzero(np.diff(rows.astype(int)) == 1)
    assert len(starts) == 2
    assert rows.sum() == pytest.approx(128, abs=3)


def test_a_long_mark_gets_a_wider_plate_rather_than_cut_letters():
    plain, banded = draw_plate("WWWWWWWWW", colour=W), draw_plate("WWWWWWWWW", colour=W, look=PlateLook(band=Band.UK))
    assert plain.shape[1] > 520
    assert banded.shape[1] > plain.shape[1]
    assert min(plain[:, 0].min(), plain[:, -1].min()) > 200


def test_white_is_grey_and_yellow_is_yellow():
    white, yellow = (draw_plate("XU18DFZ", colour=colour)[4, 4].astype(int) for colour in (W, Y))
    assert np.ptp(white) < 8
    assert white.min() > 225
    assert yellow[2] > 230
    assert yellow[1] > 170
    assert yellow[0] < 60


def test_black_and_silver_is_light_on_dark():
    pixels = draw_plate("XZH482S", colour=W, look=PlateLook(black_and_silver=True))
    assert np.median(pixels) < 40
    assert pixels.max() > 180


@pytest.mark.parametrize(("band", "channel"), [(Band.UK, 0), (Band.GB, 0), (Band.GB_EURO, 0), (Band.GREEN, 1)], ids=str)
def test_a_band_is_blue_or_green_and_leaves_the_mark_whole(band, channel):
    plain, banded = draw_plate("XU18DFZ", colour=W), draw_plate("XU18DFZ", colour=W, look=PlateLook(band=band))
    corner = banded[2, 2].astype(int)
    assert corner.argmax() == channel
    assert ink(banded[:, 52:]) * 468 == pytest.approx(ink(plain) * 520, rel=0.03)
    assert (plain[2, 2] > 200).all()


def test_supplier_and_border_add_a_little_ink():
    plain = ink(draw_plate("XU18DFZ", colour=W))
    assert plain < ink(draw_plate("XU18DFZ", colour=W, look=PlateLook(supplier="Demo Motors"))) < plain + 0.02
    assert plain < ink(draw_plate("XU18DFZ", colour=W, look=PlateLook(border=True))) < plain + 0.06


def test_spaces_in_the_mark_do_not_matter_and_unlawful_spacing_can_be_asked_for():
    assert np.array_equal(draw_plate("xu18 dfz", colour=W), draw_plate("XU18DFZ", colour=W))
    close = draw_plate("XU18DFZ", colour=W, look=PlateLook(group_gap=11))
    assert not np.array_equal(close, draw_plate("XU18DFZ", colour=W))


def test_nothing_to_draw_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        draw_plate(" - ", colour=W)
