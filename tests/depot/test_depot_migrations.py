"""Bringing the depot's database on: the tables are those the code works on, a copy is kept, newer ones are refused."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlcipher3
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from patrol_anpr.depot import migrations
from patrol_anpr.depot.database import FILE, DepotDatabase
from patrol_anpr.depot.items import NewItem, store_items
from patrol_anpr.depot.tables import held_lists, items, known_items, metadata
from patrol_anpr.domain.errors import RecordsFault

VERSION_3 = """
CREATE TABLE cars (car_id VARCHAR NOT NULL PRIMARY KEY, token_sha256 VARCHAR NOT NULL UNIQUE, added_at VARCHAR NOT NULL,
    revoked_at VARCHAR);
CREATE TABLE officers (officer_id VARCHAR NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, pin_hash VARCHAR NOT NULL);
CREATE TABLE dispositions (value VARCHAR NOT NULL PRIMARY KEY, word VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    place INTEGER NOT NULL);
CREATE TABLE hotlists (list_id VARCHAR NOT NULL, revision INTEGER NOT NULL, name VARCHAR NOT NULL,
    owner VARCHAR NOT NULL, tier INTEGER NOT NULL, issued_at VARCHAR NOT NULL, valid_until VARCHAR,
    entries INTEGER NOT NULL, sha256 VARCHAR NOT NULL, bytes INTEGER NOT NULL, packing VARCHAR NOT NULL,
    PRIMARY KEY (list_id, revision));
CREATE TABLE held_lists (car_id VARCHAR NOT NULL, list_id VARCHAR NOT NULL, revision INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL, reported_at VARCHAR NOT NULL, PRIMARY KEY (car_id, list_id));
CREATE TABLE items (seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, car_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL, kind VARCHAR NOT NULL, status VARCHAR NOT NULL, payload BLOB NOT NULL,
    received_at VARCHAR NOT NULL, doubt VARCHAR DEFAULT '' NOT NULL, UNIQUE (car_id, item_id, sha256));
CREATE INDEX items_by_kind ON items (kind, seq);
CREATE TABLE refused_items (number INTEGER NOT NULL PRIMARY KEY, car_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL, reason VARCHAR NOT NULL, payload BLOB NOT NULL, received_at VARCHAR NOT NULL,
    UNIQUE (car_id, item_id, sha256));
CREATE TABLE refused_pictures (car_id VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, reason VARCHAR NOT NULL,
    received_at VARCHAR NOT NULL, PRIMARY KEY (car_id, sha256));
CREATE TABLE incidents (number INTEGER NOT NULL PRIMARY KEY, at VARCHAR NOT NULL, car_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL, what VARCHAR NOT NULL);
CREATE TABLE audit (number INTEGER NOT NULL PRIMARY KEY, at VARCHAR NOT NULL, actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL, object_id VARCHAR NOT NULL, reason VARCHAR NOT NULL);
INSERT INTO held_lists VALUES ('TA14', 'stolen', 1, 'x', '2026-11-20T20:04:05.000007+00:00');
INSERT INTO items (seq, car_id, item_id, sha256, kind, status, payload, received_at) VALUES
    (7, 'TA14', 'audit:1', 'x', 'audit', 'held', CAST('{"at":"2026-11-19T23:30:00-02:00"}' AS BLOB),
     '2026-11-21T20:04:05.000000+00:00'),
    (8, 'TA14', 'audit:1', 'y', 'audit', 'conflict', x'7b7d', '2026-11-21T20:04:05.000000+00:00'),
    (9, 'TA14', 'audit:2', 'z', 'audit', 'held', x'7b7d', '2026-11-21T20:04:05.000000+00:00');
DELETE FROM items WHERE seq = 9;
PRAGMA user_version = 3;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "depot"
    made.mkdir(mode=0o700)
    return made


def run_on(file: Path, script: str) -> list:
    with closing(sqlcipher3.connect(str(file), isolation_level=None)) as connection:
        if script.startswith("SELECT"):
            return connection.execute(script).fetchall()
        connection.executescript(script)
        return []


def test_the_migrations_make_the_tables_that_the_code_works_on(folder: Path):
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


VERSION_2 = "ALTER TABLE items DROP COLUMN doubt; DROP TABLE dispositions; PRAGMA user_version = 2;"
"""It had no doubts and no table of what may be done about a hit."""
VERSION_1 = (
    VERSION_2
    + """
UPDATE held_lists SET reported_at = '2026-11-20 20:04:05.000007';
UPDATE items SET received_at = '2026-11-21 20:04:05.000000';
PRAGMA user_version = 1;
"""
)
"""It wrote moments without a zone."""


@pytest.mark.parametrize(("version", "since"), [(3, ""), (2, VERSION_2), (1, VERSION_1)], ids=["3", "2", "1"])
def test_a_database_of_an_earlier_version_is_taken_over_and_a_copy_of_it_kept(folder: Path, version: int, since: str):
    run_on(folder / FILE, VERSION_3 + since)
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        reported = connection.execute(select(held_lists.c.reported_at)).scalars().all()
        assert reported == [datetime(2026, 11, 20, 20, 4, 5, 7, UTC)]
        assert connection.execute(select(known_items)).all() == [
            (7, "TA14", "audit:1", "x", "held"),
            (8, "TA14", "audit:1", "y", "conflict"),
        ]
        received = datetime(2026, 11, 21, 20, 4, 5, tzinfo=UTC)
        assert [
            (row.seq, row.captured_at, row.received_at, row.doubt) for row in connection.execute(select(items))
        ] == [
            (7, datetime(2026, 11, 20, 1, 30, tzinfo=UTC), received, ""),
            (8, received, received, ""),
        ]
    copy = folder / f"{FILE}.version-{version}"
    assert run_on(copy, "SELECT seq, sha256 FROM items") == [(7, "x"), (8, "y")]
    assert copy.stat().st_mode & 0o077 == 0
    assert run_on(folder / FILE, "SELECT user_version FROM pragma_user_version") == [(4,)], "older versions refuse it"


def test_a_number_on_a_receipt_is_not_given_again_after_a_migration(folder: Path):
    run_on(folder / FILE, VERSION_3)
    new = NewItem("audit:3", "z", "audit", "held", b"{}", datetime(2026, 11, 22, tzinfo=UTC))
    with closing(DepotDatabase(folder)) as database, database.writing() as connection:
        assert store_items(connection, "TA14", [new], new.captured_at) == [10], "there was a 9"


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(folder: Path):
    run_on(folder / FILE, VERSION_3 + "CREATE VIEW alembic_version AS SELECT 1 WHERE 0;")
    with pytest.raises(RecordsFault, match="cannot be opened"):
        DepotDatabase(folder)
    assert run_on(folder / FILE, "SELECT user_version FROM pragma_user_version") == [(3,)]


def test_a_revision_that_is_not_known_is_of_a_newer_version(folder: Path):
    DepotDatabase(folder).close()
    run_on(folder / FILE, "UPDATE alembic_version SET version_num = 'of_tomorrow'")
    with pytest.raises(RecordsFault, match="newer version"):
        DepotDatabase(folder)


def test_the_revisions_are_one_chain():
    """Two that follow the same one could be run in either order; each needs the one before as its own."""
    before = [script.down_revision for script in migrations.scripts()]
    assert len(before) == len(set(before))
