"""A whole force that sends by itself after an outage of its depot."""

from patrol_anpr.lab.outage import CARS, READS_A_CAR, simulate


def test_a_force_is_through_within_the_hour_without_a_tap() -> None:
    """At the rate that a depot of two cores has to reach with pictures."""
    found = simulate(1_000)
    assert found.seconds < 3_600
    assert found.seconds >= CARS * READS_A_CAR / 1_000, "no faster than the depot"


def test_a_depot_that_is_too_slow_for_all_at_once_sends_some_away_and_works_for_nobody_in_vain() -> None:
    found = simulate(100, cars=300, reads=1_000)
    assert found.sent_away > 0
    assert found.batches_in_vain == 0
    assert 3_000 <= found.seconds <= 1.3 * 3_000
