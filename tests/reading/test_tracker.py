import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.plate import Box, Plate
from patrol_anpr.reading.tracker import Tracker
from tests.reading.made import plate_box


def plates(*boxes: Box) -> list[Plate]:
    return [Plate(box, 0.9) for box in boxes]


def test_a_plate_that_stands_still_is_one_track() -> None:
    tracker = Tracker(1.0)
    tracks = {id(tracker.follow(plates(plate_box(500, 400, 80)), at / 10)[0]) for at in range(50)}
    assert len(tracks) == 1
    assert tracker.tracks[0].sightings == 50


@pytest.mark.parametrize("fps", [5, 10, 25])
@pytest.mark.parametrize("speed", [0, 200, 600])
def test_a_plate_that_passes_and_grows_is_one_track(fps: int, speed: float) -> None:
    tracker = Tracker(1.0)
    for number in range(fps):
        at = number / fps
        tracker.follow(plates(plate_box(300 + speed * at, 400 + speed * at / 4, 50 * 3**at)), at)
    assert len(tracker.tracks) == 1


def test_a_gap_shorter_than_the_limit_is_bridged_by_the_motion() -> None:
    tracker = Tracker(1.0)
    for at in (0.0, 0.1, 0.2, 0.3, 0.9, 1.0):
        tracker.follow(plates(plate_box(300 + 400 * at, 400, 80)), at)
    assert len(tracker.tracks) == 1


def test_two_vehicles_side_by_side_keep_their_tracks_whatever_the_order() -> None:
    tracker = Tracker(1.0)
    first = tracker.follow(plates(plate_box(400, 400, 90), plate_box(800, 400, 90)), 0.0)
    for number in range(1, 20):
        left, right = plate_box(400 + 5 * number, 400, 90), plate_box(800 - 5 * number, 400, 90)
        swapped = tracker.follow(plates(right, left), number / 10)
        assert swapped[0] is first[1]
        assert swapped[1] is first[0]


def test_another_plate_far_away_is_another_track() -> None:
    tracker = Tracker(1.0)
    one = tracker.follow(plates(plate_box(200, 400, 80)), 0.0)[0]
    assert tracker.follow(plates(plate_box(900, 400, 80)), 0.1)[0] is not one


def test_a_plate_of_another_size_is_another_track() -> None:
    tracker = Tracker(1.0)
    one = tracker.follow(plates(plate_box(600, 400, 40)), 0.0)[0]
    assert tracker.follow(plates(plate_box(600, 400, 120)), 0.1)[0] is not one


def test_a_track_ends_by_seconds_not_by_frames() -> None:
    tracker = Tracker(1.0)
    track = tracker.follow(plates(plate_box(600, 400, 80)), 0.0)[0]
    for number in range(20):
        tracker.follow([], number / 25)
        assert tracker.ended(number / 25, FRAME) == []
    assert tracker.ended(1.01, FRAME) == [track]
    assert tracker.tracks == []


def test_finish_ends_all() -> None:
    tracker = Tracker(1.0)
    tracks = tracker.follow(plates(plate_box(200, 400, 80), plate_box(900, 400, 80)), 0.0)
    assert tracker.finish() == tracks
    assert tracker.tracks == []


FRAME = (1280, 720)
BOXES = st.lists(
    st.tuples(st.floats(0, 1280), st.floats(0, 720), st.floats(20, 400)).map(lambda given: plate_box(*given)),
    max_size=8,
)


@settings(max_examples=40)
@given(st.lists(st.tuples(BOXES, st.floats(0, 0.5)), max_size=12))
def test_every_plate_gets_one_track_of_its_own(frames: list[tuple[list[Box], float]]) -> None:
    tracker, at = Tracker(1.0), 0.0
    for boxes, passed in frames:
        at += passed
        tracks = tracker.follow(plates(*boxes), at)
        assert [track.box for track in tracks] == boxes
        assert len({id(track) for track in tracks}) == len(boxes)
        tracker.ended(at, FRAME)
        assert all(at - track.seen_at <= 1.0 for track in tracker.tracks)


def test_a_plate_coming_out_from_behind_something_stays_one_track() -> None:
    """Its left part first, then the whole, then the part again: as wide as it shows, and always as high."""
    tracker, tracks = Tracker(1.0), []
    for number, (left, width) in enumerate(
        [(845, 28), (858, 30), (862, 55), (880, 32), (900, 30), (910, 60), (940, 61)]
    ):
        tracks += tracker.follow(plates(Box(left, 360 + 3 * number, left + width, 374 + 3 * number)), number * 0.2)
    assert len({id(track) for track in tracks}) == 1


@pytest.mark.parametrize(
    ("start", "speed", "gone_after"),
    [
        (1000, 100, 0.4),  # drives out on the right: over as soon as it should be outside
        (600, 0, 1.2),  # vanishes in the middle: may come back
        (1230, 0, 1.2),  # stands at the edge, hidden for a moment
    ],
)
def test_a_plate_that_drove_out_of_the_picture_is_gone_sooner(start: float, speed: float, gone_after: float) -> None:
    tracker = Tracker(1.0)
    for number in range(3):
        [track] = tracker.follow(plates(plate_box(start + speed * number, 300, 90)), number / 10)
    unseen = [step / 10 for step in range(1, 20)]
    ended = next(after for after in unseen if tracker.ended(0.2 + after, FRAME) == [track])
    assert ended <= gone_after
    assert speed or ended > 1.0
