"""Records that a car closed, opened at the depot: whatever comes instead of them is kept as it came, and told."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from patrol_anpr.commands.depot import show_incidents
from patrol_anpr.depot.closed import NOT_OPENED, ClosedRecords, Step
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.tables import incidents, items
from patrol_anpr.wire.closed import DATABASE, JOURNAL, KEY, ClosedFile, ClosedManifest
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.sealing import RecordKeys
from tests.made import NOW

KEYS = RecordKeys(database="11" * 32, pictures="22" * 32)
COLUMNS = "seq, item_id, kind, payload, sha256, patch, overview, status"
GOOD = (1, "a", "audit", b"{}", sha256_of(b"{}"), None, None, None)
ENDLESS = f"""CREATE VIEW outbox AS WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one)
    SELECT {", ".join(f"n AS {name.strip()}" for name in COLUMNS.split(","))} FROM one WHERE n < 0"""
soon = settings(
    max_examples=25,
    deadline=timedelta(seconds=1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Sent:
    """A depot that a car sends closed records to."""

    def __init__(self, folder: Path) -> None:
        self.database = DepotDatabase(folder / "depot")
        pictures = pictures_in(folder / "depot", self.database)
        self.key = DepotKeys(folder / "depot").sealing
        ingest = Ingest(self.database, pictures, 2**20)
        self._records = ClosedRecords(folder / "depot", self.database, ingest, self.key)
        self.folder = folder / "depot"
        self._folder, self._numbers = folder, count()

    def database_of(self, *statements: str, rows: tuple[tuple, ...] = ()) -> bytes:
        """The bytes of a database under KEYS."""
        file = self._folder / f"{next(self._numbers)}.db"
        with closing(sqlcipher.connect(str(file))) as connection:
            connection.execute(f"PRAGMA key = \"x'{KEYS.database}'\"")
            for statement in statements:
                connection.execute(statement)
            if rows:
                connection.executemany("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.commit()
        return file.read_bytes()

    def take(self, **files: bytes) -> Step:
        """Send the files and have them taken in, one step; `key` and `journal` are said where they are not usual."""
        names = {"database": DATABASE, "key": KEY, "journal": JOURNAL}
        given = {names[name]: content for name, content in files.items() if content}
        given.setdefault(KEY, KEYS.sealed_to(bytes(self.key.public_key)))
        closed_id = f"shift-{next(self._numbers)}"
        for name, content in given.items():
            self._records.append("TA14", closed_id, name, 0, content)
        told = tuple(
            ClosedFile(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
            for name, content in given.items()
        )
        return self._records.take("TA14", ClosedManifest(closed_id=closed_id, files=told), 0, NOW)

    def counted(self, table) -> int:
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    made = Sent(tmp_path_factory.mktemp("closed"))
    yield made
    made.database.close()


def assert_kept_and_told(sent: Sent, take: Callable[[], Step]) -> None:
    held, told = sent.counted(items), sent.counted(incidents)
    assert take().left
    assert (sent.counted(items), sent.counted(incidents)) == (held, told + 1)


def test_an_incident_is_shown_to_who_asks(sent: Sent, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DepotDatabase(tmp_path / "calm").close()
    assert show_incidents(tmp_path / "calm") == 0
    sent.take(database=b"no database")
    assert show_incidents(sent.folder) == 1
    calm, newest, *_ = capsys.readouterr().out.splitlines()
    assert calm == "There were no incidents."
    assert re.match(rf"{NOW:%Y-%m-%d %H:%M} UTC  TA14  shift-\d+  {re.escape(NOT_OPENED)}", newest)


def test_good_ones_are_taken_in(sent: Sent) -> None:
    held = sent.counted(items)
    assert sent.take(database=sent.database_of(f"CREATE TABLE outbox ({COLUMNS})", rows=(GOOD,))) == Step(1)
    assert sent.counted(items) == held + 1


@soon
@given(database=st.binary(min_size=1, max_size=5000), key=st.binary(max_size=200), journal=st.binary(max_size=200))
def test_any_bytes_are_kept_and_told(sent: Sent, database: bytes, key: bytes, journal: bytes) -> None:
    assert_kept_and_told(sent, lambda: sent.take(database=database, key=key, journal=journal))


@soon
@given(st.data())
def test_a_database_with_a_byte_changed_is_kept_and_told(sent: Sent, data: st.DataObject) -> None:
    content = bytearray(sent.database_of(f"CREATE TABLE outbox ({COLUMNS})", rows=(GOOD,)))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert_kept_and_told(sent, lambda: sent.take(database=bytes(content)))


WRONG = {
    "seq": [None, 0, -1, 1.5, "1", b"1", 2**62],
    "item_id": [None, 7, "", "a b", "a" * 81, b"\xff"],
    "kind": [None, 7, "", "Audit!", b"\xff"],
    "payload": [None, 7, "{}", b"{ }", b"x" * (2**20 + 1)],
    "sha256": [None, 7, "", "0" * 64, b"\xff"],
    "patch": [7, 1.5, "x"],
    "overview": [7, 1.5, "x"],
}


def test_a_column_with_something_else_in_it_is_kept_and_told(sent: Sent) -> None:
    names = [name.strip() for name in COLUMNS.split(",")]
    for name, values in WRONG.items():
        for value in values:
            row = tuple(value if at == names.index(name) else good for at, good in enumerate(GOOD))
            if name == "payload" and isinstance(value, bytes) and len(value) > 3:
                row = (*row[:4], sha256_of(value), *row[5:])
            content = sent.database_of(f"CREATE TABLE outbox ({COLUMNS})", rows=(row,))
            if name == "seq" and (value is None or value in (0, -1)):
                assert sent.take(database=content) in (Step(None), Step(0), Step(None, (NOT_OPENED,))), (
                    "nothing behind 0"
                )
                continue
            assert_kept_and_told(sent, lambda content=content: sent.take(database=content))


@soon
@given(st.just(ENDLESS))
def test_a_query_without_an_end_keeps_the_depot_busy_for_no_second(sent: Sent, made_up: str) -> None:
    assert_kept_and_told(sent, lambda: sent.take(database=sent.database_of(made_up)))
