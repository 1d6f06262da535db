"""What pictures say about their camera, without any camera."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.cameras.judge import PictureJudge
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels

random = np.random.default_rng(7)


def noisy(level: int = 60, size: tuple[int, int] = (64, 48)) -> Pixels:
    return random.integers(level, level + 6, (size[1], size[0], 3)).astype(np.uint8)


def run(judge: PictureJudge, pictures: list[Pixels | None], start: float, fps: float = 10.0) -> list[bool]:
    return [judge.look(pixels, start + number / fps) for number, pixels in enumerate(pictures)]


def test_a_dark_noisy_picture_of_a_parked_car_is_seen_for_an_hour() -> None:
    judge = PictureJudge()
    assert all(run(judge, [noisy(level=1) for _ in range(3600)], 0.0, fps=1.0))
    assert judge.state is CameraState.SEEN


def test_three_seconds_of_the_same_picture_are_frozen_and_one_other_ends_it() -> None:
    judge, picture = PictureJudge(), noisy()
    wanted = run(judge, [picture] * 30, 0.0)
    assert judge.state is CameraState.SEEN
    assert all(wanted)
    assert not judge.look(picture, 3.0)
    assert judge.state is CameraState.FROZEN
    judge.reopened()
    assert not judge.look(picture, 13.0)
    assert judge.state is CameraState.FROZEN
    assert judge.look(noisy(), 13.1)
    assert judge.state is CameraState.SEEN


def test_one_pixel_of_noise_is_enough_to_be_alive() -> None:
    judge, picture = PictureJudge(), noisy()
    for number in range(100):
        live = picture.copy()
        live[0, 0, 0] = number
        judge.look(live, number / 10)
        assert judge.state is CameraState.SEEN


def test_garbage_needs_more_than_half_of_the_frames() -> None:
    judge = PictureJudge()
    run(judge, [None if number % 5 < 2 else noisy() for number in range(100)], 0.0)
    assert judge.state is CameraState.SEEN
    run(judge, [noisy() if number % 3 == 0 else None for number in range(100)], 10.0)
    assert judge.state is CameraState.GARBAGE


def test_garbage_from_the_first_frame_is_told_within_two_seconds_and_is_never_seen() -> None:
    judge = PictureJudge()
    run(judge, [None] * 14, 0.0)
    assert judge.state is CameraState.STARTING
    run(judge, [None] * 6, 1.4)
    assert judge.state is CameraState.GARBAGE


def test_garbage_ends_when_good_frames_come_again() -> None:
    judge = PictureJudge()
    run(judge, [noisy()] * 30 + [None] * 30, 0.0)
    assert judge.state is CameraState.GARBAGE
    run(judge, [noisy() for _ in range(30)], 6.0)
    assert judge.state is CameraState.SEEN


def test_a_single_bad_frame_is_left_out_and_changes_nothing() -> None:
    judge = PictureJudge()
    assert run(judge, [noisy(), None, noisy()], 0.0) == [True, False, True]
    assert judge.state is CameraState.SEEN


def test_one_colour_is_no_picture_whatever_the_colour() -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (0, 136, 0)):
        judge = PictureJudge()
        run(judge, [np.full((480, 640, 3), colour, np.uint8) for _ in range(20)], 0.0)
        assert judge.state is CameraState.GARBAGE
        assert "one colour" in judge.detail


def test_a_small_light_in_the_dark_is_a_picture() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[200:208, 300:308] = 250
    assert PictureJudge().look(picture, 0.0)


def test_a_new_size_that_stays_is_accepted_after_a_second() -> None:
    judge = PictureJudge()
    run(judge, [noisy() for _ in range(30)], 0.0)
    wanted = run(judge, [noisy(size=(32, 24)) for _ in range(20)], 3.0)
    assert not any(wanted[:10])
    assert all(wanted[11:])
    assert judge.state is CameraState.SEEN


def test_a_source_that_was_opened_again_must_show_a_good_frame_first() -> None:
    judge = PictureJudge()
    judge.look(noisy(), 0.0)
    judge.reopened()
    judge.look(None, 1.0)
    assert judge.state is CameraState.STARTING


@given(st.lists(st.tuples(st.sampled_from(["good", "same", "none", "black", "small"]), st.floats(0.0, 5.0))))
def test_no_order_of_frames_confuses_it(steps: list[tuple[str, float]]) -> None:
    judge, same, now = PictureJudge(), noisy(), 0.0
    for kind, passed in steps:
        now += passed
        pictures = {"good": noisy(), "same": same, "none": None, "black": np.zeros((48, 64, 3), np.uint8)}
        wanted = judge.look(pictures[kind] if kind in pictures else noisy(size=(8, 8)), now)
        assert not (wanted and kind in ("none", "black"))
        assert judge.state in CameraState
        assert bool(judge.detail) == (judge.state in (CameraState.FROZEN, CameraState.GARBAGE))
