import numpy as np
import pytest

from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.vrm import VrmFormat, format_of
from patrol_anpr.lab.approach import (
    FPS,
    LEAST_LARGEST,
    MOST_LARGEST,
    Subject,
    corners_of,
    film,
    invent_subject,
    plan_approach,
)


def subject(number: int = 1) -> Subject:
    return invent_subject(np.random.default_rng(number))


def test_a_plate_comes_nearer_evenly_and_never_larger_than_there_is_a_picture_of_it():
    for number in range(60):
        planned = plan_approach(np.random.default_rng(number), native=70)
        assert 3 <= len(planned.widths) <= 20
        assert all(near > far for far, near in zip(planned.widths, planned.widths[1:], strict=False))
        assert 28 <= planned.widths[0] <= 60
        assert LEAST_LARGEST - 1e-6 <= planned.widths[-1] <= 70
        assert np.ptp(np.diff(1 / np.array(planned.widths))) < 1e-9
        assert 0 <= planned.strain <= 1


def test_approaches_are_of_every_kind():
    planned = [plan_approach(np.random.default_rng(number)) for number in range(400)]
    assert 0.25 < np.mean([each.by_night for each in planned]) < 0.45
    assert min(each.widths[-1] for each in planned) < 36
    assert MOST_LARGEST * 0.9 < max(each.widths[-1] for each in planned) <= MOST_LARGEST
    assert {len(each.widths) for each in planned} == set(range(3, 21))


def test_what_is_too_small_cannot_come_nearer():
    with pytest.raises(ValueError, match="too small"):
        plan_approach(np.random.default_rng(1), native=30)


def test_a_film_is_the_same_again_and_shows_the_plate_where_it_says():
    plate, planned = subject(), plan_approach(np.random.default_rng(4))
    one, other = list(film(plate, planned)), list(film(plate, planned))
    assert len(one) == len(planned.widths)
    for (frame, box), (again, same), width, number in zip(one, other, planned.widths, range(30), strict=False):
        assert np.array_equal(frame.pixels, again.pixels)
        assert box == same
        assert box.width == pytest.approx(width, rel=1e-4)
        assert frame.at_monotonic == pytest.approx(number / FPS)
        assert box.x1 > 2
        assert box.x2 < frame.size[0] - 2
        assert box.y1 > 0
        assert box.y2 < frame.size[1]


def test_the_light_of_the_plate_stays_in_its_box():
    white = Subject("AB12CDE", np.full((55, 260, 3), 255, np.uint8), corners_of(Box(0, 0, 260, 55)))
    planned = plan_approach(np.random.default_rng(7))
    for frame, box in film(white, planned):
        middle = frame.pixels[round(box.centre[1]), round(box.centre[0])]
        assert middle.mean() > frame.pixels[2, 2].mean()


def test_a_scene_is_filmed_as_a_dashcam_films_it():
    road = np.full((600, 800, 3), 90, np.uint8)
    plate = Box(300, 300, 420, 330)
    seen = Subject("AB12CDE", road, corners_of(plate), is_scene=True)
    assert seen.width == 120
    planned = plan_approach(np.random.default_rng(2), seen.width)
    frame, box = next(iter(film(seen, planned)))
    assert frame.size == (1280, 720)
    assert 0 < box.x1 < box.x2 < 1280


def test_invented_plates_are_lawful_and_differ():
    marks = {subject(number).text for number in range(40)}
    assert len(marks) == 40
    assert VrmFormat.OTHER not in {format_of(mark) for mark in marks}
