"""Night and day by the sun over the car."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.fix import Fix
from patrol_anpr.patrol.daylight import Daylight

LEEDS = (53.8, -1.5)


def changes(daylight: Daylight, day: datetime, fix: Fix | None = None) -> list[tuple[datetime, bool]]:
    """When it changes on a day, looked at every minute."""
    seen: list[tuple[datetime, bool]] = []
    for minute in range(24 * 60):
        at = day + timedelta(minutes=minute)
        dark = daylight.is_dark(at, fix)
        if not seen or seen[-1][1] is not dark:
            seen.append((at, dark))
    return seen


def test_a_winters_day_in_leeds() -> None:
    """Sunrise 07:45, sunset 15:57 (HM Nautical Almanac Office); the change lies within half an hour of twilight."""
    start, dawn, dusk = changes(Daylight(LEEDS), datetime(2026, 11, 21, tzinfo=UTC))
    assert start[1] is True
    assert datetime(2026, 11, 21, 7, 15, tzinfo=UTC) < dawn[0] < datetime(2026, 11, 21, 7, 45, tzinfo=UTC)
    assert datetime(2026, 11, 21, 16, 0, tzinfo=UTC) < dusk[0] < datetime(2026, 11, 21, 16, 40, tzinfo=UTC)


def test_the_fix_counts_and_not_the_place_of_the_settings() -> None:
    noon_in_leeds = datetime(2026, 6, 21, 12, tzinfo=UTC)
    assert Daylight(LEEDS).is_dark(noon_in_leeds, None) is False
    assert Daylight(LEEDS).is_dark(noon_in_leeds, Fix(-21.2, -175.2, 0.0)) is True  # Tonga


@pytest.mark.parametrize("latitude", [-90.0, -66.6, 0.0, 59.0, 78.2, 90.0])
@given(st.integers(0, 365))
def test_it_changes_at_most_twice_a_day_anywhere(latitude: float, day: int) -> None:
    assert len(changes(Daylight((latitude, 10.0)), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day))) <= 3


def test_a_car_that_drives_about_at_dusk_does_not_flicker() -> None:
    daylight, at = Daylight(LEEDS), datetime(2026, 11, 21, 16, 5, tzinfo=UTC)
    seen = {
        daylight.is_dark(at, Fix(LEEDS[0] + north / 10, LEEDS[1] + east / 10, 0.0))
        for north in range(-3, 4)
        for east in range(-3, 4)
    }
    assert len(seen) == 1
