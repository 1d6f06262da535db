import itertools

import numpy as np
import pytest

from patrol_anpr.domain.plate import Box, Candidate, Plate
from patrol_anpr.lab.pass_accuracy import MeasuredPass, pass_table, read_pass, read_scene
from patrol_anpr.reading.consensus import NOTHING, Look, alone, chance
from tests.reading.made import ScriptedDetector, ScriptedOcr, candidate, frame_at, plate_box


def filmed(count: int = 6, width: float = 70):
    return [(frame_at(at / 12, number=at), plate_box(600 + at, 400, width + at)) for at in range(count)]


def saying(*texts: tuple[str, float]) -> ScriptedOcr:
    turns = itertools.cycle(texts)
    return ScriptedOcr(lambda _: candidate(*next(turns)))


def a_pass(
    text: str = "AB12CDE", *, confidence: float = 0.99, by_night: bool = False, width: float = 70
) -> MeasuredPass:
    look = Look(candidate(text, confidence), width, 0.0)
    said = alone(look.candidate, width)
    return MeasuredPass("AB12CDE", by_night, width, (look,), said, chance(said), 1, settled=False)


def test_a_pass_is_read_by_the_rules_of_the_product_and_each_frame_by_itself(clock) -> None:
    ocr = saying(("AB12CDE", 0.8), ("AB12CDF", 0.6), ("AB12CDE", 0.9))
    passed = read_pass("AB12CDE", filmed(), ocr, clock, by_night=True, seed=1)
    assert passed.is_right
    assert passed.by_night
    assert len(passed.looks) == passed.counted == 6
    assert passed.best_look == (0.9, True)
    assert passed.any_right
    assert not passed.settled
    assert passed.widest == pytest.approx(75)


def test_a_settled_pass_counts_the_looks_it_took_and_every_frame_is_still_looked_at(clock) -> None:
    passed = read_pass("AB12CDE", filmed(12), saying(("AB12CDE", 0.999)), clock, by_night=False, seed=1)
    assert passed.settled
    assert passed.counted < len(passed.looks) == 12


def test_the_box_is_drawn_loosely_and_the_same_again(clock) -> None:
    widths = [
        [look.width for look in read_pass("A1", filmed(), saying(("A1", 0.9)), clock, by_night=False, seed=seed).looks]
        for seed in (1, 1, 2)
    ]
    assert widths[0] == widths[1] != widths[2]
    assert np.allclose(widths[0], [box.width for _, box in filmed()], rtol=0.15)


def test_what_is_too_small_is_not_looked_at_and_not_read(clock) -> None:
    passed = read_pass("AB12CDE", filmed(width=15), saying(("AB12CDE", 0.99)), clock, by_night=False, seed=1)
    assert (passed.looks, passed.said.text, passed.confidence) == ((), "", 0)
    assert passed.best_look == (0.0, False)
    assert not passed.any_right


def test_in_a_scene_the_plate_is_found_and_followed_and_others_are_left_out(clock) -> None:
    ours, frames = plate_box(600, 400, 80), [frame_at(at / 12, number=at) for at in range(6)]
    detector = ScriptedDetector([Plate(Box(100, 100, 190, 120), 0.9), Plate(ours, 0.9)])
    ocr = ScriptedOcr(lambda box: candidate("AB12CDE" if box == ours else "XY99ZZZ"))
    passed = read_scene("AB12CDE", [(frame, ours) for frame in frames], detector, ocr, clock, by_night=False)
    assert passed.is_right
    assert passed.settled
    assert {look.candidate.text for look in passed.looks} == {"AB12CDE"}
    detector.plates.pop()
    missed = read_scene("AB12CDE", [(frame, ours) for frame in frames], detector, ocr, clock, by_night=False)
    assert (missed.said.text, missed.looks, missed.is_right) == ("", (), False)


def test_o_and_0_are_one() -> None:
    said = alone(candidate("A010CDE"), 60)
    assert MeasuredPass("AO10CDE", False, 60, (), said, 90, 3, settled=False).is_right


def test_the_table_tells_day_from_night_and_widths_apart() -> None:
    measured = [
        *[a_pass()] * 3,
        a_pass("AB12CDF", confidence=0.3),
        *[a_pass(by_night=True, width=40)] * 2,
        MeasuredPass("AB12CDE", True, 100, (Look(Candidate("", (), ()), 100, 0.0),), NOTHING, 0, 1, settled=False),
    ]
    lines = {line[:24].strip(): line[24:].split() for line in pass_table("made", measured).splitlines()}
    assert lines["all"][:2] == ["7", "71.4"]
    assert lines["day, 64-90 px"] == ["4", "75.0", "75.0", "75.0"]
    assert lines["night, 0-48 px"] == ["2", "100.0", "100.0", "100.0"]
    assert lines["night, 90 or more px"] == ["1", "0.0", "0.0", "0.0"]
    assert lines["day, over 64 px"][0] == "4"
    assert lines["0-9"] == ["2", "0.0"]
    assert "settled early: none" in pass_table("made", measured)
