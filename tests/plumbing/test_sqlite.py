from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from patrol_anpr.plumbing.sqlite import Utc, engine_on, open_sqlite

KEY = bytes(range(32))
moments = Table("moments", MetaData(), Column("at", Utc))


def with_one_row(file: Path, key: bytes | None) -> None:
    with closing(open_sqlite(file, key=key)) as connection:
        connection.execute("CREATE TABLE t (x UNIQUE)")
        connection.execute("INSERT INTO t VALUES ('kept')")


@pytest.mark.parametrize("mode", ["ro", "immutable"])
@pytest.mark.parametrize("key", [None, KEY])
def test_a_file_opened_to_read_is_read_and_not_written(tmp_path: Path, key: bytes | None, mode: str) -> None:
    file = tmp_path / "50% full? #1.db"
    with_one_row(file, key)
    with closing(open_sqlite(file, key=key, mode=mode)) as connection:  # type: ignore[arg-type]
        assert connection.execute("SELECT x FROM t").fetchone() == ("kept",)
        with pytest.raises(sqlcipher.OperationalError, match="readonly"):
            connection.execute("DELETE FROM t")
    assert (b"kept" in file.read_bytes()) is (key is None)


@pytest.mark.parametrize("mode", ["ro", "immutable"])
def test_what_is_opened_to_read_must_be_there(tmp_path: Path, mode: str) -> None:
    with pytest.raises(sqlcipher.OperationalError):
        open_sqlite(tmp_path / "none.db", mode=mode).execute("SELECT * FROM sqlite_master")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with_one_row(tmp_path / "a.db", KEY)
    with closing(open_sqlite(tmp_path / "a.db", key=bytes(32))) as connection, pytest.raises(sqlcipher.DatabaseError):
        connection.execute("SELECT x FROM t")


def test_a_key_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        open_sqlite(tmp_path / "a.db", key=KEY[1:])


def test_a_wrong_pragma_leaves_no_connection_open(tmp_path: Path) -> None:
    with pytest.raises(sqlcipher.OperationalError):
        open_sqlite(tmp_path / "a.db", "synchronous = (")


def test_an_error_quotes_no_value(tmp_path: Path) -> None:
    with_one_row(tmp_path / "a.db", None)
    engine = engine_on(lambda: open_sqlite(tmp_path / "a.db"), connections=1)
    with engine.begin() as connection, pytest.raises(IntegrityError) as told:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", ("kept",))
    engine.dispose()
    assert "kept" not in str(told.value)


@given(at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=14))])))
def test_a_moment_comes_back_as_it_was_kept_and_text_order_is_time_order(at: datetime) -> None:
    column, engine = Utc(), engine_on(lambda: None, connections=1)
    try:
        kept = column.process_bind_param(at, engine.dialect)
        before = column.process_bind_param(datetime(2026, 11, 21, tzinfo=UTC), engine.dialect)
    except OverflowError:  # the first and the last day of all, in another zone
        return
    assert kept is not None
    assert before is not None
    assert column.process_result_value(kept, engine.dialect) == at
    assert (kept < before) == (at < datetime(2026, 11, 21, tzinfo=UTC))


def test_no_moment_stays_none_and_one_without_a_zone_is_refused(tmp_path: Path) -> None:
    engine = engine_on(lambda: open_sqlite(tmp_path / "a.db"), connections=1, begin="BEGIN IMMEDIATE")
    with engine.begin() as connection:
        moments.create(connection)
        connection.execute(insert(moments).values(at=None))
        assert connection.execute(select(moments.c.at)).scalars().all() == [None]
        with pytest.raises(StatementError, match="without a time zone"):
            connection.execute(insert(moments).values(at=datetime(2026, 11, 21)))  # noqa: DTZ001
    engine.dispose()
