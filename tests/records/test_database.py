"""The file: its shape, its versions, and what is done when it is damaged."""

import errno
import os
import shutil
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Officer
from patrol_anpr.plumbing.sqlite import OLDEST_SQLITE, open_sqlite
from patrol_anpr.records import Key, tables
from patrol_anpr.records import aside as aside_module
from patrol_anpr.records import database as database_module
from patrol_anpr.records import pen as pen_module
from patrol_anpr.records.database import Database
from patrol_anpr.records.faults import damage_error
from patrol_anpr.records.migrations import MIGRATIONS, Migration, migrate, version
from patrol_anpr.records.recovery import TABLES
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import AT, KEY, PATIENCE, PICTURES, Heard, a_read, opened


def ready(folder: Path) -> Database:
    database = Database(folder, KEY)
    database.open(AT)
    return database


def test_the_bundled_sqlite_is_new_enough() -> None:
    assert sqlcipher.sqlite_version_info >= OLDEST_SQLITE


def test_an_older_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlcipher, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(RecordsFault, match="can lose"):
        ready(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_migrations_make_the_tables_the_program_knows(tmp_path: Path) -> None:
    database = ready(tmp_path)
    with database.reading() as connection:
        made = inspect(connection)
        assert set(made.get_table_names()) == set(tables.metadata.tables)
        for name, table in tables.metadata.tables.items():
            columns = {column["name"]: column["nullable"] for column in made.get_columns(name)}
            known = {column.name: column.nullable for column in table.columns}
            rowid = {column.name for column in table.primary_key}  # an INTEGER PRIMARY KEY is never null, said or not
            assert {k: v for k, v in columns.items() if k not in rowid} == {
                k: v for k, v in known.items() if k not in rowid
            }, name
            assert columns.keys() == known.keys()
    database.close()


def test_the_connection_keeps_what_it_promises(tmp_path: Path) -> None:
    database = ready(tmp_path)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}
    with database.writing() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    assert found == wanted
    database.close()


def test_only_the_writer_can_write(tmp_path: Path) -> None:
    database = ready(tmp_path)
    with pytest.raises(RecordsFault, match="read"), database.reading() as connection:
        connection.execute(tables.officers.delete())
    database.close()


def later(*more: Migration) -> tuple[Migration, ...]:
    return (*MIGRATIONS, *more)


NEW_COLUMN = Migration("a column of tomorrow", ("ALTER TABLE shifts ADD COLUMN weather TEXT",))


def test_an_older_database_is_copied_and_then_migrated(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    monkeypatch.setattr(database_module, "MIGRATIONS", later(NEW_COLUMN))
    with opened(tmp_path, clock) as records:
        assert records.recent_reads(SHIFT, 1) == [a_read(1)]
    copy = tmp_path / f"records.db.version-{len(MIGRATIONS)}"
    with Database(tmp_path, KEY).reading() as connection:
        assert version(connection) == len(MIGRATIONS) + 1
    monkeypatch.undo()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy.rename(elsewhere / "records.db")
    with opened(elsewhere, clock) as records:
        assert records.recent_reads(SHIFT, 1) == [a_read(1)]


def test_outcomes_of_an_older_version_stay_readable_and_have_no_look(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [step.name for step in MIGRATIONS]
    monkeypatch.setattr(
        database_module, "MIGRATIONS", MIGRATIONS[: names.index("look, answer and override of an outcome")]
    )
    database = ready(tmp_path)
    with database.writing() as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO outcomes (boot_id, outcome_id, hit_id, officer_id, at, state, verification, disposition, "
            "undone) VALUES ('boot', 'old', 'hit-1', '4821', '2026-11-21T20:04:05.000000+00:00', 'actioned', 'correct',"
            " 'stopped_arrest', 0)"
        )
    database.close()
    monkeypatch.undo()
    with opened(tmp_path, clock) as records:
        (outcome,) = records.outcomes("hit-1")
    assert (outcome.state, outcome.disposition) == (HitState.ACTIONED, Disposition.ARREST)
    assert (outcome.looked, outcome.look_choice, outcome.control, outcome.override) == (False, "", None, None)


def test_tables_do_not_hang_on_the_journal(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither new ones, nor migrated ones, nor those of records begun afresh: a journal can get lost."""
    folder = tmp_path / "records"

    def version_without_journal() -> int:
        alone = Path(mkdtemp(dir=tmp_path))
        shutil.copy(folder / "records.db", alone)
        return Database(alone, KEY).ask(version)

    with opened(folder, clock):
        assert version_without_journal() == len(MIGRATIONS)
    monkeypatch.setattr(database_module, "MIGRATIONS", later(NEW_COLUMN))
    with opened(folder, clock):
        assert version_without_journal() == len(MIGRATIONS) + 1
    os.truncate(folder / "records.db", 0)
    with opened(folder, clock) as records:
        assert "empty" in records.notices[-1]
        assert version_without_journal() == len(MIGRATIONS) + 1


class FailingAt:
    """Opens SQLite files, but for one: on the disk of that there is an error."""

    def __init__(self, number: int) -> None:
        self._number, self._calls = number, 0

    def __call__(self, *args: Any, **options: Any) -> Any:
        self._calls += 1
        if self._calls == self._number:
            raise sqlcipher.OperationalError("disk I/O error")
        return open_sqlite(*args, **options)

    @property
    def failed(self) -> bool:
        """Whether that one was ever opened."""
        return self._calls >= self._number


def test_a_disk_that_fails_at_any_opening_is_a_sentence(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, clock):
        pass

    def replaced() -> None:
        with closing(Database(tmp_path, KEY)) as database:
            database.replace(AT)

    def started() -> None:
        with opened(tmp_path, clock):
            pass

    for act in (started, replaced):
        said: list[str] = []
        for number in count(1):  # each table that is brought over is opened by itself, so their number grows
            disk = FailingAt(number)
            monkeypatch.setattr(database_module, "open_sqlite", disk)
            try:
                act()
            except RecordsFault as fault:
                said.append(str(fault))
            if not disk.failed:
                break
        assert len(said) > 1
        assert all("disk I/O error" in one for one in said)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    database = ready(tmp_path)
    broken = Migration("half", (*NEW_COLUMN.statements, "ALTER TABLE nowhere ADD COLUMN x TEXT"))
    with database.writing() as connection:
        with pytest.raises(OperationalError):
            migrate(connection, AT, later(broken))
        assert version(connection) == len(MIGRATIONS)
        assert "weather" not in {column["name"] for column in inspect(connection).get_columns("shifts")}
    database.close()


def test_a_newer_database_is_refused_and_not_a_byte_changes(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = ready(tmp_path)
    with database.writing() as connection:
        migrate(connection, AT, later(NEW_COLUMN))
    database.close()
    KEY.mark(tmp_path)
    before = (tmp_path / "records.db").read_bytes()
    with pytest.raises(RecordsFault, match="newer version of Patrol ANPR"), opened(tmp_path, clock):
        pass
    assert (tmp_path / "records.db").read_bytes() == before
    assert not (tmp_path / "pictures").exists()
    assert not (tmp_path / "damaged").exists()


@pytest.mark.parametrize("harm", ["first page", "middle", "cut", "zeroed", "text"])
def test_a_damaged_database_is_set_aside_and_recording_goes_on(tmp_path: Path, clock: FakeClock, harm: str) -> None:
    with opened(tmp_path, clock) as records:
        for number in range(1, 6):
            records.keep_read(a_read(number), PICTURES, [], SHIFT)
    file = tmp_path / "records.db"
    content = bytearray(file.read_bytes())
    match harm:
        case "first page":
            content[100] ^= 1
        case "middle":
            content[len(content) // 2] ^= 1
        case "cut":
            del content[len(content) // 2 :]
        case "zeroed":
            content[4096:8192] = bytes(4096)
        case "text":
            content = bytearray(b"this is no database " * 999)
    file.write_bytes(content)
    clock.advance(60)
    with opened(tmp_path, clock) as records:
        assert "damaged" in records.notices[-1]
        salvaged = {stored.read.read_id for stored in records.reads_page(None, 10)}
        records.keep_read(a_read(9), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert records.evidence_of("read-9") == PICTURES
        assert records.verify_audit().rows == 2
    [aside] = (tmp_path / "damaged").iterdir()
    assert (aside / "records.db").read_bytes() == content
    assert len(list(aside.glob("*.evidence"))) == 5 - len(salvaged)


def test_what_is_brought_over_is_every_table_but_the_trail_and_what_nobody_needs_again() -> None:
    assert set(tables.metadata.tables) - set(TABLES) == {"audit", "migrations", "test_reads"}


FULL = OSError(errno.ENOSPC, "no space")


def failing_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, failure: Exception = FULL) -> None:
    """Let the next call of a function of the program fail, as on a full disk, and only that."""
    works = getattr(module, name)
    failures = [failure]

    def call(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return works(*args, **options)

    monkeypatch.setattr(module, name, call)


STEPS = [
    (aside_module, "write_whole"),
    (aside_module, "sync_folder"),
    (database_module, "migrate"),
    (database_module, "recover_rows"),
    (database_module, "sync_folder"),
]


def harm_in_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(("module", "step"), STEPS)
def test_setting_aside_that_breaks_off_goes_on_at_the_next_start(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    with opened(tmp_path, clock) as records:
        for number in range(1, 120):
            records.keep_read(a_read(number), PICTURES, [], SHIFT)
    harm_in_the_middle(tmp_path / "records.db")
    failing_once(monkeypatch, module, step)
    with pytest.raises(RecordsFault, match="disk is full"), opened(tmp_path, clock):
        pass
    with opened(tmp_path, clock) as records:
        assert "The records were damaged" in records.notices[-1]
        assert len(records.reads_page(None, 999)) > 50
    [aside] = (tmp_path / "damaged").iterdir()
    assert (aside / "records.db").stat().st_size > 0
    with opened(tmp_path, clock) as records:
        assert records.notices == []
        assert len(records.reads_page(None, 999)) > 50


@pytest.mark.parametrize(("module", "step"), STEPS[1:])
def test_setting_aside_that_breaks_off_while_in_use_goes_on(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, heard: Heard, module: ModuleType, step: str
) -> None:
    with opened(tmp_path, clock, heard) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        failing_once(monkeypatch, module, step)
        failing_once(monkeypatch, pen_module, "_in_one_go", damage_error("a bad page"))
        records.keep_read(a_read(2), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert [stored.read.read_id for stored in records.reads_page(None, 9)] == ["read-2", "read-1"]
        assert "damaged" in records.notices[-1]
        assert "Record refused" not in {lamp.word for lamp in heard.lamps}
    [_] = (tmp_path / "damaged").iterdir()


def test_a_word_of_setting_aside_that_came_back_after_a_power_cut_harms_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    (tmp_path / "records.moved").write_text("001-20261121T214300\ndamaged")
    with opened(tmp_path, clock) as records:
        assert records.notices == []
        assert [stored.read.read_id for stored in records.reads_page(None, 9)] == ["read-1"]
    assert not (tmp_path / "records.moved").exists()


def test_of_setting_aside_that_broke_off_another_key_takes_nothing(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    harm_in_the_middle(tmp_path / "records.db")
    failing_once(monkeypatch, database_module, "migrate")
    with pytest.raises(RecordsFault, match="disk is full"), opened(tmp_path, clock):
        pass
    with pytest.raises(RecordsFault, match="key"), opened(tmp_path, clock, key=Key(bytes(range(1, 33)))):
        pass
    assert (tmp_path / "records.moved").exists()


def test_what_still_reads_of_a_damaged_database_is_brought_over(tmp_path: Path, clock: FakeClock) -> None:
    given = [a_read(number) for number in range(1, 120)]
    with opened(tmp_path, clock) as records:
        records.keep_roster([Officer("1", "A. Officer", "$argon2id$x")])
        for read in given:
            records.keep_read(read, Evidence(b"patch", b"overview"), [], SHIFT)
        records.flush(PATIENCE)
        waiting = records.outbox.next_batch(999)
    file = tmp_path / "records.db"
    whole = file.read_bytes()
    best = 0
    for page in range(30, len(whole) // 4096, 9):
        file.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        with opened(tmp_path, clock) as records:
            kept = [stored.read for stored in reversed(records.reads_page(None, 999))]
            assert [read for read in given if read in kept] == kept
            assert all(records.evidence_of(read.read_id) for read in kept)
            items = [item for item in records.outbox.next_batch(999) if item in waiting]
            assert [item for item in waiting if item in items] == items
            best = max(best, len(kept) + len(items) + len(records.roster()))
            assert records.verify_audit().whole
        for evidence in (tmp_path / "damaged").rglob("*.evidence"):
            evidence.rename(tmp_path / "pictures" / evidence.name)
    assert best > len(given) + len(waiting) // 2


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "records.db").mkdir()
    with pytest.raises(RecordsFault, match="cannot be used"), opened(tmp_path, clock):
        pass
