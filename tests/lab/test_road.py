import numpy as np
import pytest

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.lab.road import Motorcycle, Placed, RoadCamera
from patrol_anpr.lab.street import DAY, NIGHT, View
from patrol_anpr.lab.vehicles import HATCHBACK, VAN, Pose, Vehicle
from patrol_anpr.lettering.plate import PlateLook, draw_plate

VIEW = View(width=640, height=360, focal=554, horizon=153)
WHITE, YELLOW = (draw_plate("XU18DFZ", colour=colour) for colour in (PlateColour.WHITE, PlateColour.YELLOW))
CAR, LORRY = (Vehicle(body, (150, 60, 30), WHITE, YELLOW) for body in (HATCHBACK, VAN))
MOTORCYCLE = Motorcycle((30, 30, 160), draw_plate("XU18DFZ", colour=PlateColour.YELLOW, look=PlateLook(two_line=True)))


@pytest.fixture(scope="module")
def day():
    return RoadCamera(VIEW, DAY, seed=1)


@pytest.fixture(scope="module")
def night():
    return RoadCamera(VIEW, NIGHT, seed=1)


def test_a_plate_is_where_the_camera_geometry_says(day):
    _, [truth] = day.picture([Placed(CAR, Pose(0.0, 8.0, away=True))], 10.0)
    assert truth.width == pytest.approx(554 * 0.52 / 7.965, rel=0.01)
    assert truth.corners[:, 0].mean() == pytest.approx(320, abs=4)
    assert truth.corners[:, 1].mean() == pytest.approx(153 + 554 * (1.25 - HATCHBACK.rear_plate) / 7.965, abs=4)
    assert truth.in_sight


@pytest.mark.parametrize(("away", "yellow"), [(True, True), (False, False)], ids=["rear is yellow", "front is white"])
def test_the_end_we_see_has_its_plate_in_its_colour(day, away, yellow):
    frame, [truth] = day.picture([Placed(CAR, Pose(0.0, 5.0, away))], 10.0)
    (left, top), (right, bottom) = truth.corners.min(0).astype(int), truth.corners.max(0).astype(int)
    brightest = frame[top:bottom, left:right].reshape(-1, 3).astype(int)
    blue, _, red = brightest[brightest.sum(1).argmax()]
    assert red > 120
    assert bool(red - blue > 90) is yellow


def test_a_plate_behind_a_nearer_vehicle_is_not_in_sight(day):
    placed = [Placed(CAR, Pose(0.0, 16.0, away=True)), Placed(LORRY, Pose(0.1, 6.0, away=True))]
    _, truths = day.picture(placed, 0.0)
    assert {truth.index: truth.in_sight for truth in truths} == {0: False, 1: True}


def test_a_plate_at_the_rim_of_the_picture_is_not_in_sight(day):
    _, [truth] = day.picture([Placed(CAR, Pose(3.0, 5.0, away=False))], 0.0)
    assert not truth.in_sight


def test_a_vehicle_beside_us_shows_no_plate_and_one_far_away_nothing(day):
    _, truths = day.picture([Placed(CAR, Pose(-2.7, 0.5, away=True)), Placed(CAR, Pose(0.0, 500.0, away=True))], 0.0)
    assert truths == []


@pytest.mark.parametrize("z", [1.0, -2.0, -8.0])
def test_a_vehicle_coming_past_from_behind_is_drawn_without_complaint(day, night, z):
    for camera in (day, night):
        _, truths = camera.picture([Placed(CAR, Pose(2.9, z, away=True)), Placed(MOTORCYCLE, Pose(1.2, z, True))], 0.0)
        assert truths == []


def test_a_motorcycle_shows_its_two_line_plate(day):
    _, [truth] = day.picture([Placed(MOTORCYCLE, Pose(0.5, 4.0, away=True))], 0.0)
    assert truth.in_sight
    assert truth.width == pytest.approx(554 * 0.228 / 3.965, rel=0.02)


def test_night_is_dark_and_lamps_are_bright(night):
    frame, [truth] = night.picture([Placed(CAR, Pose(1.5, 9.0, away=False))], 0.0)
    assert frame.mean() < 60
    assert frame.max() > 240
    assert truth.in_sight


def test_the_same_seed_gives_the_same_picture():
    placed = [Placed(CAR, Pose(-2.0, 9.0, away=True))]
    one, other = (RoadCamera(VIEW, DAY, seed=5).picture(placed, 3.0)[0] for _ in range(2))
    assert np.array_equal(one, other)
