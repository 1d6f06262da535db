"""A depot moves from its file to PostgreSQL with everything, and does not change over without it."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.audit import add_audit, check_trail
from patrol_anpr.depot.database import MOVED, DepotDatabase
from patrol_anpr.depot.items import NewItem, known_of, store_items
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import incidents, metadata
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import write_whole
from tests.depot.postgresql import Server

NOW = datetime.now(UTC)


def test_everything_moves_and_counting_goes_on(tmp_path: Path, postgres: Server):
    folder, database = tmp_path / "depot", postgres.clone()
    take_in(folder, *(item(n, NOW) for n in range(2500)), item(2500, datetime(1970, 1, 1, tzinfo=UTC)))
    before = everything(folder, Role.OPERATOR)
    write_whole(folder / "depot.toml", postgres.toml(database).encode())
    with pytest.raises(RecordsFault, match="not in it"):
        DepotDatabase(folder)
    moved = CliRunner().invoke(app, ["depot", "database", "--folder", str(folder)])
    assert (moved.exit_code, "2,501 records were moved" in moved.output) == (0, True), moved.output
    assert everything(folder, Role.MIGRATION) == before
    assert not (folder / "depot.sqlite").exists()
    assert (folder / MOVED).is_file()
    assert take_in(folder, item(0, NOW), item(9999, NOW)) == [1, 2502], "known, and the next number"
    with closing(DepotDatabase(folder, Role.RETENTION)) as opened, opened.reading() as connection:
        assert check_trail(connection).whole
    postgres.drop(database)


def test_a_move_that_broke_off_before_the_file_was_set_aside_goes_on(tmp_path: Path, postgres: Server):
    folder, database = tmp_path / "depot", postgres.clone()
    take_in(folder, item(1, NOW))
    write_whole(folder / "depot.toml", postgres.toml(database).encode())
    for _ in range(2):
        assert CliRunner().invoke(app, ["depot", "database", "--folder", str(folder)]).exit_code == 0
        (folder / MOVED).rename(folder / "depot.sqlite")
    other = tmp_path / "other"
    take_in(other, item(1, NOW), item(2, NOW))
    write_whole(other / "depot.toml", postgres.toml(database).encode())
    refused = CliRunner().invoke(app, ["depot", "database", "--folder", str(other)])
    assert refused.exit_code == 1
    assert (other / "depot.sqlite").exists(), "a depot does not go into that of another"
    postgres.drop(database)


def item(number: int, captured_at: datetime) -> NewItem:
    return NewItem(f"read-{number}", "0" * 64, "read", "held", b"{}", captured_at)


def take_in(folder: Path, *new: NewItem) -> list[int]:
    """Take items in as the service does; returns the number of each, also of those that are known."""
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        numbers = {one.item_id: one.seq for one in known_of(connection, "TA14", [it.item_id for it in new[:100]])}
        unknown = [it for it in new if it.item_id not in numbers]
        numbers |= dict(zip((it.item_id for it in unknown), store_items(connection, "TA14", unknown, NOW), strict=True))
        connection.execute(insert(incidents).values(at=NOW, car_id="TA14", item_id="x", what="a clock"))
        add_audit(connection, "operator", "something", "x")
    return [numbers[it.item_id] for it in new]


def everything(folder: Path, role: Role) -> dict[str, list]:
    with closing(DepotDatabase(folder, role)) as database, database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
