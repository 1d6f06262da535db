"""The constants of the confidence are found again where they are known, and no plate stands on both sides."""

import math
from datetime import date

import numpy as np
import pytest
from fit_confidence import Trial, fitted, is_for_fitting, judged, rendered_subjects, trials

from patrol_anpr.lab.pass_accuracy import MeasuredPass
from patrol_anpr.reading.consensus import Consensus, Look, chance
from tests.reading.made import candidate


def test_the_constants_that_made_the_trials_are_found_again() -> None:
    rng = np.random.default_rng(1)
    made = []
    for _ in range(6000):
        evidence = (float(rng.normal(0, 2)), float(rng.uniform(0, 3)), float(rng.uniform(-0.8, 0)))
        said = 1 / (1 + math.exp(-0.7 * evidence[0] - 0.4 * evidence[1] - 1.5 * evidence[2]))
        made.append(Trial(evidence, bool(rng.random() < said)))
    assert fitted(made) == pytest.approx((0.7, 0.4, 1.5), abs=0.2)
    assert "points too sure" in judged(made, (0.7, 0.4, 1.5))


def test_a_fit_stays_finite_where_everything_is_right() -> None:
    assert all(map(math.isfinite, fitted([Trial((3.0, 1.0, -0.1), is_right=True)] * 20)))


def test_a_pass_gives_itself_a_beginning_and_one_frame() -> None:
    looks = tuple(Look(candidate(text), 60.0, at / 10) for at, text in enumerate(["AB12CDE", "AB12CDE", "AB12CDF"]))
    said = Consensus("AB12CDE", (0.9,) * 7, ("AB12CDE",), 60.0, 2)
    passed = MeasuredPass("AB12CDE", False, 60.0, looks, said, chance(said), 3, settled=False)
    tried = trials(passed, date(2026, 11, 22), np.random.default_rng(3))
    assert len(tried) == 3
    assert tried[0].is_right
    assert tried[0].evidence[1] == pytest.approx(math.log(2))
    assert tried[2].evidence[1] == 0


def test_a_plate_and_its_twin_fall_on_one_half() -> None:
    halves = [is_for_fitting(subject.text) for subject in rendered_subjects(40)]
    assert 8 < sum(halves) < 32
    assert is_for_fitting("AO10CDE") == is_for_fitting("A010CDE")
