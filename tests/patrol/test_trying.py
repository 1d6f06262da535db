"""The test card of new models: whatever they do, the car goes on, and knows why they do not read."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from patrol_anpr.patrol.model_child import _card
from patrol_anpr.patrol.trying import CRASHED, CardLimits, ModelTrial
from patrol_anpr.reading.card import LEAST_SHARE, MOST_TIMES, Score, draw_cards, why_not
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import ReadingSettings
from tests.integration.cars import until
from tests.reading.models_made import a_set, models_in, with_a_comment, with_random_weights, without_numbers


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    shelf = ModelShelf(tmp_path / "models", MODELS)
    shelf.take(a_set(), "model-all")
    return shelf


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", "import sys, os, time; sys.stdin.readline(); " + program)


def verdict(shelf: ModelShelf, program: str, **limits: float) -> str:
    """What is known of the set after a process that does what `program` says."""
    named = CardLimits(**{"megabytes": 1500, "cpu_seconds": 60.0, "seconds": 60.0} | limits)  # type: ignore[arg-type]
    trial = ModelTrial(shelf, ReadingSettings(), lambda _: None, limits=named, command=python(program))
    judged = threading.Event()
    shelf.on_change = judged.set
    trial.start()
    try:
        assert judged.wait(30)
    finally:
        trial.stop()
    return shelf.problem


@pytest.mark.parametrize(
    ("program", "limits", "why"),
    [
        ('print(\'{"why": ""}\')', {}, ""),
        ('print(\'{"why": "They read 3 of 48."}\')', {}, "They read 3 of 48."),
        ("os.abort()", {}, CRASHED),
        ("os._exit(0)", {}, CRASHED),
        ("print('{\"why\": 1}')", {}, CRASHED),
        ("print('[')", {}, CRASHED),
        ("hog = b'1' * 400_000_000; time.sleep(60)", {"megabytes": 200}, "They need more than 200 MB of memory."),
        ("\nwhile True: pass", {"cpu_seconds": 0.5}, "They did not come through the test card in 0 s"),
        ("time.sleep(60)", {"seconds": 1.0}, "They came to no end of the test card in 0 minutes."),
    ],
)
def test_what_the_process_does_is_the_verdict(
    shelf: ModelShelf, program: str, limits: dict[str, float], why: str
) -> None:
    assert verdict(shelf, program, **limits).startswith(why)
    assert bool(shelf.problem) == bool(why)
    assert (shelf.begin() == MODELS) == bool(why)


def test_the_end_of_the_program_ends_the_process_and_the_set_is_tried_again(shelf: ModelShelf, tmp_path: Path) -> None:
    there = tmp_path / "there"
    program = f"open({str(there)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    trial = ModelTrial(shelf, ReadingSettings(), lambda _: None, command=python(program))
    trial.start()
    until(lambda: there.exists() and there.read_text())
    trial.stop()
    until(lambda: not Path(f"/proc/{there.read_text()}").exists() or sys.platform == "win32")
    assert shelf.problem == ""
    assert shelf.to_try() is not None


def test_a_car_whose_own_models_do_not_read_the_card_judges_none(shelf: ModelShelf) -> None:
    trial = ModelTrial(shelf, ReadingSettings(), lambda _: None, command=python("print('{\"why\": null}')"))
    folder = shelf.to_try()
    assert folder is not None
    assert trial._why_not(folder, threading.Event()) is None


GOOD = Score(read=47, plates=48, found=0, milliseconds=40.0, finite=True)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (GOOD, ""),
        (Score(44, 48, 2, 119.0, finite=True), ""),
        (Score(43, 48, 0, 40.0, finite=True), "They read 43 of 48 plates of the test card; 44 are needed."),
        (Score(48, 48, 3, 40.0, finite=True), "They found 3 plates where there are none; 2 may be."),
        (Score(48, 48, 0, 121.0, finite=True), "They need 121 ms for a picture on this machine"),
        (Score(48, 48, 0, 40.0, finite=False), "They gave values that are no numbers."),
    ],
)
def test_the_rule_of_the_card(new: Score, why: str) -> None:
    assert why_not(new, GOOD).startswith(why)
    assert bool(why_not(new, GOOD)) == bool(why)
    assert (LEAST_SHARE, MOST_TIMES) == (0.9, 3.0)


def test_the_card_is_the_same_each_time_and_of_nothing_real() -> None:
    one, other = draw_cards(2, 1), draw_cards(2, 1)
    assert [card.vrms for card in one] == [card.vrms for card in other]
    assert all((a.pixels == b.pixels).all() for a, b in zip(one, other, strict=True))
    assert {vrm[0] for card in one for vrm in card.vrms} <= set("JTUX"), "no region of the DVLA's scheme"
    assert one[-1].vrms == ()


@pytest.mark.parametrize(
    ("change", "roles", "why"),
    [
        (with_random_weights, ("ocr", "ocr_near"), "They read 0 of 8 plates of the test card; 8 are needed."),
        pytest.param(without_numbers, ("ocr",), "They cannot be used on this machine.", marks=pytest.mark.campaign),
        pytest.param(with_random_weights, ("detector", "detector_int8"), "They", marks=pytest.mark.campaign),
        pytest.param(without_numbers, ("detector",), "", marks=pytest.mark.campaign),
        pytest.param(with_a_comment, ("detector", "ocr"), "", marks=pytest.mark.campaign),
    ],
)
def test_real_models_that_are_bad_are_refused_and_good_ones_are_not(
    tmp_path: Path, change: Callable[[bytearray], None], roles: tuple[str, ...], why: str
) -> None:
    cards = draw_cards(2, 1) if why else draw_cards()  # of a short card one plate is more than a tenth
    found = _card(ReadingSettings(), models_in(tmp_path / "new", change, *roles), cards)
    assert found is not None
    assert found.startswith(why)
    assert bool(found) == bool(why)


@pytest.mark.campaign  # tests/integration/test_models.py has a car do it
def test_the_models_of_the_program_pass_their_own_card_in_a_process_of_its_own(shelf: ModelShelf) -> None:
    trial = ModelTrial(shelf, ReadingSettings(), lambda _: None)
    folder = shelf.to_try()
    assert folder is not None
    assert trial._why_not(folder, threading.Event()) == ""


def test_an_end_that_comes_just_before_it_waits_is_not_missed(shelf: ModelShelf) -> None:
    shelf.withdraw("model-all", 1)  # nothing to try
    stopping = threading.Event()

    class Late(threading.Event):
        def clear(self) -> None:
            stopping.set()
            self.set()
            super().clear()

    trial = ModelTrial(shelf, ReadingSettings(), lambda _: None)
    trial._wake = Late()
    thread = threading.Thread(target=trial._run, args=(stopping,), daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
