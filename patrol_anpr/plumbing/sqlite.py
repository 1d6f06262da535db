"""SQLite as the rooms share it: how a file is opened, and how a moment stands in a column.

It is the SQLite that sqlcipher3 bundles, also where nothing is encrypted: that of Debian 12 is too old (OLDEST_SQLITE).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import TIMESTAMP, Connection, Dialect, Engine, QueuePool, String, TypeDecorator, create_engine, event
from sqlalchemy.types import TypeEngine

from patrol_anpr.domain.errors import RecordsFault

OLDEST_SQLITE = (3, 51, 3)
"""Older ones can lose committed rows when a write-ahead log is reset while it is read."""
KEY_BYTES = 32
BUSY_SECONDS = 5.0
"""How long a statement waits for another connection that writes, before it fails."""

Mode = Literal["rwc", "ro", "immutable"]
"""Reads and writes, and makes the file; only reads; only reads a file that nobody writes, without a lock."""
_QUERIES: dict[Mode, str] = {"rwc": "mode=rwc", "ro": "mode=ro", "immutable": "mode=ro&immutable=1"}


def open_sqlite(
    file: Path, *pragmas: str, key: bytes | None = None, mode: Mode = "rwc", busy_seconds: float = BUSY_SECONDS
) -> Any:
    """Open `file`, encrypted with the 32 bytes of `key` where given, and set `pragmas` ("synchronous = FULL").

    Returns a DB-API connection (sqlcipher3 has no types) that begins no transaction by itself, for any thread, but one
    at a time.

    Raises:
        RecordsFault: the SQLite installed is too old.
        sqlcipher3.dbapi2.Error: the file cannot be opened. A wrong key shows only at the first row that is read.
    """
    if sqlcipher.sqlite_version_info < OLDEST_SQLITE:
        raise RecordsFault(f"SQLite {sqlcipher.sqlite_version} can lose records. Install Patrol ANPR again.")
    connection = sqlcipher.connect(
        f"{file.absolute().as_uri()}?{_QUERIES[mode]}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for pragma in (*_key_pragmas(key), *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _key_pragmas(key: bytes | None) -> tuple[str, ...]:
    if key is None:
        return ()
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return f"key = \"x'{key.hex()}'\"", "cipher_log_level = NONE"


def engine_on(connect: Callable[[], Any], *, connections: int, begin: str = "BEGIN") -> Engine:
    """Make an engine of at most `connections` that `connect` opens.

    Each transaction starts with `begin`, or with the execution option "begin" of its connection. An error quotes no
    value, so that it may be logged.
    """
    engine = create_engine(
        "sqlite://",
        module=sqlcipher,
        creator=connect,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        execution_options={"begin": begin},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["begin"])


class Utc(TypeDecorator[datetime]):
    """An aware datetime as text of one width, so that text order is time order; PostgreSQL has a type for it.

    A naive one is refused.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type of the column."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Spell as UTC with microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be kept")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Read back as aware UTC."""
        return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(value)
