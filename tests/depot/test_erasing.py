"""What is past its date goes, what is held or was misdated stays, and what is erased does not come in again."""

import os
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, known_of, store_items
from patrol_anpr.depot.keeping.classes import PERIODS, Keep
from patrol_anpr.depot.keeping.items import delete_copies, erase_items, erase_others
from patrol_anpr.depot.keeping.log import Erasing, contradictions
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import audit, holds, incidents, items, refused_items
from patrol_anpr.plumbing.files import write_whole
from tests.depot.postgresql import Server, on_both

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)
BEFORE = (NOW - YEAR).date()
OLD = NOW - timedelta(days=420)


def take_in(folder: Path, item_id: str, captured_at: datetime, received_at: datetime, kind: str = "read") -> int:
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        known_of(connection, "TA14", [])
        new = NewItem(item_id, "0" * 64, kind, "held", b"AB12CDE", captured_at)
        return store_items(connection, "TA14", [new], received_at)[0]


def left(folder: Path) -> set[str]:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return set(connection.execute(select(items.c.item_id)).scalars())


BY = Erasing("run-1", "operator")


def erase(folder: Path, before: date = BEFORE) -> int:
    firsts = {keep: before - timedelta(days=period.days - 365) for keep, period in PERIODS.items()}
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        return erase_items(database, firsts, BY, NOW)


@on_both
def test_what_is_past_its_date_goes_and_nothing_else(folder: Path):
    clocks = {
        "old": (OLD, OLD),
        "late": (OLD, OLD + timedelta(days=70)),  # it came when it was 70 days old, and goes with its month
        "of 2040, received long ago": (datetime(2040, 1, 1, tzinfo=UTC), OLD),
        "of 1970, received long ago": (datetime(1970, 1, 1, tzinfo=UTC), OLD),
        "of 1970, received now": (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        "of a clock two years slow": (NOW - 2 * YEAR, NOW),
        "held": (OLD, OLD),
        "new": (NOW, NOW),
        "of the first day to keep": (datetime(BEFORE.year, BEFORE.month, BEFORE.day, tzinfo=UTC), NOW),
    }
    for item_id, moments in clocks.items():
        take_in(folder, item_id, *moments)
    take_in(folder, "of a car's audit", OLD, OLD, "audit")
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.writing() as connection:
        held = {"key_group": "x", "car_id": "TA14", "item_id": "held", "reason": "case 1", "held_at": NOW}
        connection.execute(insert(holds).values(held))
        over = {"key_group": "y", "car_id": "TA14", "item_id": "old", "reason": "x", "held_at": OLD, "ended_at": OLD}
        connection.execute(insert(holds).values(over))
    assert erase(folder) == 4
    staying = {"of 1970, received now", "of a clock two years slow", "held", "new", "of the first day to keep"}
    assert left(folder) == staying | {"of a car's audit"}
    assert erase(folder) == 0


@on_both
def test_what_was_erased_is_known_and_does_not_come_in_again(folder: Path):
    number = take_in(folder, "old", OLD, OLD)
    erase(folder)
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        assert known_of(connection, "TA14", ["old"]) == [("old", "0" * 64, number, "held")]


@on_both
def test_what_was_erased_is_in_the_audit_without_its_content(folder: Path):
    take_in(folder, "secret-of-the-item", OLD, OLD)
    erase(folder)
    with closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.object_id, audit.c.reason).where(audit.c.action == "erased")).all()
        assert list(contradictions(connection)) == []
    assert [row.reason for row in rows] == ["1, run run-1"]
    assert rows[0].object_id.startswith("reads before 20")


def test_what_is_erased_is_not_left_in_the_file(folder: Path):
    take_in(folder, "old", OLD, OLD)
    assert any(b"AB12CDE" in file.read_bytes() for file in folder.iterdir() if file.is_file())
    erase(folder)
    assert not any(b"AB12CDE" in file.read_bytes() for file in folder.iterdir() if file.is_file())


@on_both
def test_refused_items_and_incidents_go_too(folder: Path):
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        for at in (OLD, NOW):
            row = {"car_id": "TA14", "item_id": f"{at}", "sha256": "0", "reason": "damaged", "payload": b"AB12CDE"}
            connection.execute(insert(refused_items).values(row | {"received_at": at}))
            connection.execute(insert(incidents).values(at=at, car_id="TA14", item_id="x", what="clock"))
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        assert erase_others(database, dict.fromkeys(Keep, BEFORE), BY, NOW) == 2


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_postgresql_erases_nothing_young_whatever_the_depot_says(folder: Path):
    """Its own clock is the third."""
    for days in (1, 40, 300):
        take_in(folder, f"{days} days old", NOW - timedelta(days=days), NOW - timedelta(days=days))
    with pytest.raises(DBAPIError, match="to be kept still"):
        erase(folder, (NOW - timedelta(days=28)).date())
    assert len(left(folder)) == 3


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_month_of_millions_is_sifted_before_and_after_it_is_detached(folder: Path, postgres: Server):
    for turn in range(2):
        take_in(folder, f"old {turn}", OLD, OLD)
        take_in(folder, f"audit {turn}", OLD, OLD, "audit")
        postgres.run(
            "SELECT setval(pg_get_serial_sequence('known_items', 'seq'), 5000000)", postgres.database_of(folder)
        )
    assert erase(folder) == 2
    assert left(folder) == {"audit 0", "audit 1"}


@on_both
def test_a_clock_that_jumped_ten_years_purges_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    take_in(folder, "new", NOW, NOW)

    class Jumped(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW + 10 * YEAR

    monkeypatch.setattr("patrol_anpr.commands.depot_care.datetime", Jumped)
    purged = CliRunner().invoke(app, ["depot", "purge", "--folder", str(folder)])
    assert (purged.exit_code, "Records erased: 0" in purged.output) == (0, True), purged.output
    assert left(folder) == {"new"}


def test_copies_before_a_migration_do_not_outlive_their_month(tmp_path: Path):
    for name, days in {"depot.sqlite.version-3": 31, "depot.sqlite.first_tables": 29, "depot.sqlite": 400}.items():
        write_whole(tmp_path / name, b"x")
        then = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (then, then))
    assert delete_copies(tmp_path, NOW) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["depot.sqlite", "depot.sqlite.first_tables"]
