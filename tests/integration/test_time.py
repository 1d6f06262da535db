"""Whole cars whose computer has the wrong time, or slept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.depot import import_hotlist
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from tests.conftest import FakeClock
from tests.integration.cars import (
    LISTED,
    Depot,
    blind,
    driving,
    hotlist_lines,
    pictures,
    settings_of,
    sign_on,
)
from tests.integration.cars import write_csv as csv_of
from tests.made import a_read

WEED_COLUMN = 10


def publish_with_weed_date(depot: Depot, folder: Path) -> None:
    """A list of marks that are wanted for a month, in force a day at the depot."""
    until = f"{datetime.now(UTC) + timedelta(days=30):%d/%m/%Y}"
    lines = [[*line[:WEED_COLUMN], until, *line[WEED_COLUMN + 1 :]] for line in hotlist_lines(LISTED)]
    ends = datetime.now(UTC) + timedelta(days=1)
    file = csv_of(folder / "weeded.csv", lines)
    import_hotlist(depot.folder, file, "stolen", "Stolen", "Test force", Tier.PRIORITY, valid_until=ends)


@pytest.mark.parametrize("days", [-20_000, -4_000, -30, 0, 30 * 13, 5_000])
def test_a_sync_tells_a_wrong_clock_and_lists_are_judged_by_the_depots_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    blind(monkeypatch)
    clock = FakeClock(datetime.now(UTC) + timedelta(days=days))
    with Depot(tmp_path / "depot") as depot:
        publish_with_weed_date(depot, tmp_path)
        with driving(settings_of(tmp_path / "car", depot=depot), clock=clock) as (car, heard):
            assert car.patrol.start_sync().result()
            sign_on(car)
            assert len(car.patrol.read_made(a_read(LISTED[0]), pictures(1))) == 1
            car.health.look()
            lamps = {lamp.key: lamp for lamp in car.patrol.lamps()}
            assert (lamps["clock"].state is LampState.BAD) == (days != 0), lamps["clock"]
            assert lamps["list"].state is LampState.GOOD
            assert car.records.flush(10)
            (stored,) = car.records.recent_reads(car.patrol.shift.shift_id, 5)
            assert stored.clock_source == "depot"
            assert abs(stored.clock_offset - days * 86_400) < 30
        assert "clock" not in " ".join(heard.problems)


@pytest.mark.parametrize("days", [-20_000, -4_000, 5_000])
def test_without_any_other_clock_no_entry_ends_by_a_time_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    blind(monkeypatch)
    settings = settings_of(tmp_path / "car")
    with Depot(tmp_path / "depot") as depot:
        publish_with_weed_date(depot, tmp_path)
        with driving(settings_of(tmp_path / "car", depot=depot)) as (car, _):
            assert car.patrol.start_sync().result()
    with driving(settings, clock=FakeClock(datetime.now(UTC) + timedelta(days=days))) as (car, _):
        assert len(car.patrol.read_made(a_read(LISTED[0]), pictures(1))) == 1
        lamps = {lamp.key: lamp for lamp in car.patrol.lamps()}
        assert (lamps["clock"].state, lamps["clock"].word) == (LampState.BAD, "Clock wrong")
        assert lamps["list"].state is LampState.WARN


def test_a_car_that_slept_says_so_in_its_audit_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    clock = FakeClock(datetime.now(UTC))
    with driving(settings_of(tmp_path / "car"), clock=clock) as (car, _):
        sign_on(car, "LOCAL", "")
        car.health.stop()  # the test takes its turns
        clock.advance(1800)
        car.health.turn()
        assert car.records.flush(10)
        trail = [item.payload for item in car.records.outbox.next_batch(100)]
    assert sum(b"no_coverage" in payload for payload in trail) == 1
