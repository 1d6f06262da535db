"""The one rule of how well a car is: what is said of it, how urgent that is, and who comes first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot.fleet.health import (
    CameraDay,
    CarFacts,
    Level,
    ListStanding,
    by_urgency,
    judged,
)
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.health import LampState

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CURRENT = ListStanding("Stolen", 5, 5, NOW - 9 * DAY, NOW - 9 * DAY)
WELL = CarFacts(
    "TA14",
    NOW - 30 * DAY,
    heard=NOW - HOUR,
    certificate_ends=NOW + 71 * HOUR,
    software="v1",
    reading=LampState.GOOD,
    waiting=0,
    lists=(CURRENT,),
    cameras=(CameraDay("front", date(2026, 11, 30), 3600.0, 60.0, Blind.DARK),),
)


def of(**changes):
    return judged(replace(WELL, **changes), "v1", NOW)


def half(why: Blind) -> CameraDay:
    return CameraDay("rear", date(2026, 11, 30), 60.0, 30.0, why)


def some(why: Blind) -> CameraDay:
    return CameraDay("rear", date(2026, 11, 30), 60.0, 15.0, why)


def behind(held: int | None, published: int, since: timedelta, own: timedelta | None = None) -> ListStanding:
    return ListStanding("Stolen", held, published, NOW - since, None if own is None else NOW - own)


def test_a_car_that_is_well_has_nothing_said_of_it() -> None:
    assert (of().level, of().concerns) == (Level.IN_ORDER, ())


@pytest.mark.parametrize(
    ("level", "words", "changes"),
    [
        (Level.LOOK, "Not heard since 2026-11-29 11:00 UTC, 25 h ago", {"heard": NOW - 25 * HOUR}),
        (Level.ACT, "8 days ago. Find out", {"heard": NOW - 8 * DAY}),
        (Level.ACT, "since it enrolled at", {"heard": None}),
        (Level.LOOK, "certificate ends at", {"certificate_ends": NOW + 3 * HOUR}),
        (Level.ACT, "not what the car signed", {"says_sound": False}),
        (Level.ACT, "reads no plates", {"reading": LampState.BAD}),
        (Level.LOOK, "Not all that should read", {"reading": LampState.WARN}),
        (Level.ACT, "none of the lists", {"lists": (behind(None, 5, HOUR),)}),
        (Level.LOOK, "1 list is late, the first since", {"lists": (behind(4, 5, 30 * HOUR, 9 * DAY),)}),
        (Level.ACT, "1 list is late, the first since", {"lists": (behind(4, 5, 73 * HOUR, 9 * DAY),)}),
        (Level.ACT, "Stolen, in the car 3, published 5", {"lists": (behind(3, 5, HOUR, 9 * DAY),)}),
        (Level.LOOK, "in the car none, published 2", {"lists": (CURRENT, behind(None, 2, 30 * HOUR))}),
        (
            Level.ACT,
            "blind for 50% of its time on 2026-11-30, mostly: no picture came.",
            {"cameras": (half(Blind.LOST),)},
        ),
        (
            Level.LOOK,
            "25% of its time on 2026-11-30, mostly: the lens is too wide.",
            {"cameras": (some(Blind.TOO_WIDE),)},
        ),
        (Level.ACT, "by mistake: 2. Look", {"incidents": 2}),
        (Level.LOOK, "the car keeps: 3.", {"refused": 3}),
        (Level.LOOK, "not understood: 4.", {"doubted": 4}),
        (Level.LOOK, "501 records still waited", {"waiting": 501}),
        (Level.LOOK, "80% of its quota", {"sent": 0.8}),
        (Level.ACT, "used up its quota", {"sent": 1.2}),
        (Level.LOOK, "runs v0, the depot v1", {"software": "v0"}),
        (Level.NOT_IN_USE, "Refused since", {"denied": NOW - DAY}),
        (Level.NOT_IN_USE, "code was not used", {"enrolled": None, "heard": None}),
    ],
)
def test_each_concern(level: Level, words: str, changes) -> None:
    health = of(**changes)
    assert health.level is level
    assert any(words in one.sentence for one in health.concerns)


@pytest.mark.parametrize(
    "changes",
    [
        {"heard": NOW - 23 * HOUR},
        {"lists": (behind(4, 5, 23 * HOUR, 9 * DAY),)},
        {"lists": (behind(3, 5, HOUR, 3 * HOUR),)},
        {"waiting": None},
        {"cameras": ()},
        {"enrolled": NOW - HOUR, "heard": None, "certificate_ends": None},
    ],
)
def test_what_is_not_late_yet_is_no_concern(changes) -> None:
    assert of(**changes).level is Level.IN_ORDER


def test_every_reason_to_be_blind_has_words() -> None:
    assert all(CameraDay("front", date(2026, 11, 30), 60.0, 60.0, reason).why for reason in Blind)


def test_what_was_not_signed_says_nothing_else() -> None:
    assert len(of(says_sound=False, reading=LampState.BAD, software="").concerns) == 1


def test_the_worst_comes_first_and_the_longest_silence_before_everything() -> None:
    cars = [
        of(car_id="WELL"),
        of(car_id="BLIND", reading=LampState.BAD),
        of(car_id="DENIED", denied=NOW - 60 * DAY, heard=NOW - 60 * DAY),
        of(car_id="GONE", heard=NOW - 4 * DAY),
        of(car_id="LATE", heard=NOW - 30 * HOUR),
        of(car_id="LONG", heard=NOW - 40 * DAY),
    ]
    assert [car.facts.car_id for car in by_urgency(cars)] == ["LONG", "GONE", "BLIND", "LATE", "WELL", "DENIED"]


@given(st.floats(0, 24 * 90), st.integers(0, 3), st.integers(0, 3))
def test_a_longer_silence_is_never_less_urgent(hours: float, doubted: int, incidents: int) -> None:
    sooner = of(heard=NOW - timedelta(hours=hours), doubted=doubted, incidents=incidents)
    later = of(heard=NOW - timedelta(hours=hours + 1), doubted=doubted, incidents=incidents)
    assert later.level <= sooner.level
