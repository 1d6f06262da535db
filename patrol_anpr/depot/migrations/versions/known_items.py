"""What came is known apart from what is in it, so that an erased item does not come in again; months are partitions."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
)

from patrol_anpr.plumbing.sqlite import Utc

revision = "known_items"
down_revision = "picture_places"

_AT_ONCE = 1000
_MOMENTS = ("captured_at", "raised_at", "at", "made_at", "started_at", "ended_at")
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

_before = Table(
    "items",
    MetaData(),
    Column("seq", Integer, primary_key=True),
    *(Column(name, String) for name in ("car_id", "item_id", "sha256", "kind", "status")),
    Column("payload", LargeBinary),
    Column("received_at", Utc),
    Column("doubt", String),
)
_now = MetaData()
_known = Table(
    "known_items",
    _now,
    Column("seq", _NUMBER, Identity(), primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("car_id", "item_id", "sha256"),
    sqlite_autoincrement=True,
)
_items = Table(
    "items",
    _now,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("captured_at", Utc, primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("doubt", String, nullable=False, server_default=""),
    postgresql_partition_by="RANGE (captured_at)",
)


def upgrade() -> None:
    """Part what is known from what is in it."""
    connection = op.get_bind()
    op.drop_index("items_by_kind", "items")
    op.rename_table("items", "items_before")
    _before.name = "items_before"
    _now.create_all(connection)
    if connection.dialect.name == "postgresql":
        op.execute("CREATE TABLE items_apart PARTITION OF items DEFAULT")
    op.create_index("items_by_kind", "items", ["kind", "seq"])
    for rows in _batches(connection):
        connection.execute(insert(_known), [_columns(row, _known) for row in rows])
        connection.execute(insert(_items), [_columns(row, _items) for row in rows])
    _go_on_counting(connection)
    op.drop_table("items_before")


def _batches(connection: Connection) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while True:
        query = select(_before).where(_before.c.seq > last).order_by(_before.c.seq).limit(_AT_ONCE)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        last = rows[-1]["seq"]
        yield [row | {"captured_at": _captured_at(row)} for row in rows]


def _columns(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.columns}


def _captured_at(row: Mapping[str, Any]) -> datetime:
    payload: Any = None
    with suppress(ValueError):
        payload = json.loads(row["payload"])
    for name in _MOMENTS:
        with suppress(ValueError, TypeError, KeyError, OverflowError):
            moment = datetime.fromisoformat(payload[name])
            moment.astimezone()
            if moment.tzinfo is not None:
                return moment
    received: datetime = row["received_at"]
    return received


def _go_on_counting(connection: Connection) -> None:
    """A number of an item that is not there any more is not given again either."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'known_items'")
        connection.exec_driver_sql(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'known_items', seq FROM sqlite_sequence "
            "WHERE name = 'items_before'"
        )
