"""Lists that are imported while the computer's clock is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol_anpr.commands import doctor
from patrol_anpr.commands.hotlist import check_list, import_list
from patrol_anpr.domain.clock import BUILT
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.vehicle.clock import SystemClock
from tests.integration.cars import LISTED, hotlist_lines, settings_of, write_csv


@pytest.fixture
def a_list(tmp_path: Path) -> Path:
    """Three entries that end two years after this version was made."""
    lines = [[*line[:10], f"{BUILT.year + 2}-01-31", *line[11:]] for line in hotlist_lines(LISTED)]
    return write_csv(tmp_path / "list.csv", lines)


@pytest.mark.parametrize("year", [1970, BUILT.year + 14])
def test_a_clock_that_cannot_be_is_told_and_ends_no_entry(
    tmp_path: Path, a_list: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], year: int
) -> None:
    monkeypatch.setattr(SystemClock, "utc", lambda _: datetime(year, 6, 1, tzinfo=UTC))
    assert check_list(a_list, Tier.PRIORITY) == 0
    assert import_list(a_list, "Stolen", "Test force", Tier.PRIORITY, settings_of(tmp_path)) == 0
    shown = capsys.readouterr()
    assert shown.err.count("cannot be") == 2
    assert "3 entries, 0 past their weed date" in shown.out
    assert "3 entries in force, 0 past their weed date" in shown.out


def test_doctor_does_not_know_the_age_of_a_list_by_a_clock_that_cannot_be(
    tmp_path: Path, a_list: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    import_list(a_list, "Stolen", "Test force", Tier.PRIORITY, settings)
    (now,) = doctor._lists(settings)
    assert (now.state, "0 h old" in now.found) == (LampState.GOOD, True)
    monkeypatch.setattr(SystemClock, "utc", lambda _: datetime(1970, 6, 1, tzinfo=UTC))
    (then,) = doctor._lists(settings)
    assert (then.state, "unknown age" in then.found) == (LampState.WARN, True)


def test_a_weed_date_still_ends_an_entry_by_a_clock_that_can_be(
    a_list: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SystemClock, "utc", lambda _: datetime(BUILT.year + 3, 6, 1, tzinfo=UTC))
    with pytest.raises(BadInput, match="weed dates of all 3 have passed"):
        check_list(a_list, Tier.PRIORITY)
    assert "cannot be" not in capsys.readouterr().err
