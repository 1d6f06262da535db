import cv2
import numpy as np
import pytest

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.lettering.plate import draw_plate
from patrol_anpr.reading.pictures import Photographer, colour_of
from tests.reading.made import frame_at, plate_box, scene


@pytest.mark.parametrize("colour", [PlateColour.WHITE, PlateColour.YELLOW])
@pytest.mark.parametrize("light", [1.0, 0.6, 0.4])
def test_the_colour_of_a_drawn_plate_is_told_in_day_and_dusk(colour: PlateColour, light: float) -> None:
    plate = cv2.resize(draw_plate("AB12CDE", colour=colour), (90, 20), interpolation=cv2.INTER_AREA)
    assert colour_of((plate * light).astype(np.uint8)) is colour


def test_a_plate_in_the_dark_or_of_another_colour_is_unknown() -> None:
    plate = draw_plate("AB12CDE", colour=PlateColour.YELLOW)
    assert colour_of((plate * 0.1).astype(np.uint8)) is PlateColour.UNKNOWN
    assert colour_of(np.full((20, 90, 3), (200, 40, 30), np.uint8)) is PlateColour.UNKNOWN


def test_the_overview_of_a_frame_is_encoded_once_for_all_its_plates() -> None:
    photographer = Photographer()
    one, other = plate_box(300, 400, 90), plate_box(900, 400, 90)
    frame = frame_at(0.0, scene(("AB12CDE", one), ("X123HBC", other)), number=1)
    first, second = photographer.shoot(frame, one, 1.0), photographer.shoot(frame, other, 1.0)
    assert first.evidence.overview is second.evidence.overview
    assert first.evidence.patch != second.evidence.patch
    assert photographer.shoot(frame_at(0.1, number=2), one, 1.0).evidence.overview != first.evidence.overview


def test_a_large_frame_has_an_overview_of_1280_pixels() -> None:
    shot = Photographer().shoot(frame_at(0.0, np.zeros((2160, 3840, 3), np.uint8)), plate_box(900, 400, 90), 1.0)
    overview = cv2.imdecode(np.frombuffer(shot.evidence.overview, np.uint8), cv2.IMREAD_COLOR)
    assert overview.shape == (720, 1280, 3)
