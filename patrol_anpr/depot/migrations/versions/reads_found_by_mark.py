"""By what reads are found: columns and indexes of `items`, filled for what is there; and what staff searched for."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from alembic import op
from sqlalchemy import (
    Column,
    Connection,
    Float,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    select,
    update,
)

from patrol_anpr.depot.search.marks import NOTHING, found_by
from patrol_anpr.depot.tables import Letters, Number
from patrol_anpr.plumbing.sqlite import Utc

revision = "reads_found_by_mark"
down_revision = "retention_classes"

_AT_ONCE = 1000
_FOUND = ("read", "correction", "hit", "outcome")
_items = Table(
    "items",
    MetaData(),
    Column("seq", Number, primary_key=True),
    Column("captured_at", Utc, primary_key=True),
    Column("kind", String),
    Column("payload", LargeBinary),
    Column("folded", Letters),
    Column("folded_back", Letters),
    Column("about_id", String),
    Column("latitude", Float(53)),
    Column("longitude", Float(53)),
)


def upgrade() -> None:
    """Add columns and indexes, fill the columns, add the tables."""
    for name in ("folded", "folded_back", "about_id", "latitude", "longitude"):
        op.add_column("items", Column(name, _items.c[name].type))
    _fill(op.get_bind())
    _index()
    _add_tables()


def _index() -> None:
    op.create_index("items_by_time", "items", ["captured_at"], postgresql_using="brin")
    _partial("items_about", "about_id", (), ())
    _partial("items_by_mark", "folded", ("captured_at",), ("received_at", "kind", "seq"))
    _partial("items_by_mark_back", "folded_back", ("captured_at",), ("received_at", "kind", "seq", "folded"))


def _partial(name: str, column: str, more: tuple[str, ...], include: tuple[str, ...]) -> None:
    some = _items.c[column].is_not(None)
    op.create_index(
        name, "items", [column, *more], sqlite_where=some, postgresql_where=some, postgresql_include=list(include)
    )


def _fill(connection: Connection) -> None:
    of_row = (_items.c.seq == bindparam("of_seq"), _items.c.captured_at == bindparam("of_captured_at"))
    for rows in _batches(connection):
        found = [(row, found_by(row["kind"], _fields_of(row["payload"]))) for row in rows]
        values = [
            {"of_seq": row["seq"], "of_captured_at": row["captured_at"], **by._asdict()}
            for row, by in found
            if by != NOTHING
        ]
        if values:
            connection.execute(update(_items).where(*of_row), values)


def _batches(connection: Connection) -> Iterator[list[Mapping[str, Any]]]:
    columns, last = (_items.c.seq, _items.c.captured_at, _items.c.kind, _items.c.payload), 0
    while True:
        query = select(*columns).where(_items.c.seq > last).order_by(_items.c.seq).limit(_AT_ONCE)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        last = rows[-1]["seq"]
        yield [row for row in rows if row["kind"] in _FOUND]


def _fields_of(payload: bytes) -> Mapping[str, object]:
    with suppress(ValueError, RecursionError):
        said = json.loads(payload)
        if isinstance(said, dict):
            return said
    return {}


def _add_tables() -> None:
    op.create_table(
        "searches",
        Column("search_id", String, primary_key=True),
        Column("staff_id", String, nullable=False),
        Column("at", Utc, nullable=False),
        Column("reach", String, nullable=False),
        Column("purpose", String, nullable=False),
        Column("case_number", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("asked", String, nullable=False),
        Column("authorisation_id", String),
        Column("sha256", String, nullable=False),
        Column("found", Integer),
        Column("more", Integer),
    )
    op.create_table(
        "search_finds",
        Column("search_id", String, primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("seq", Number, nullable=False),
        Column("captured_at", Utc, nullable=False),
        Column("looked_at", Utc),
    )
    op.create_table(
        "authorisations",
        Column("authorisation_id", String, primary_key=True),
        Column("asked_by", String, nullable=False),
        Column("asked_at", Utc, nullable=False),
        Column("purpose", String, nullable=False),
        Column("case_number", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("asked", String, nullable=False),
        Column("one_use", Integer, nullable=False),
        Column("decided_by", String),
        Column("decided_at", Utc),
        Column("granted", Integer),
        Column("words", String, nullable=False, server_default=""),
        Column("expires_at", Utc),
        Column("used_at", Utc),
        Column("revoked_at", Utc),
        Column("revoked_by", String),
    )
    op.create_table(
        "read_exports",
        Column("number", Number, Identity(), primary_key=True),
        Column("at", Utc, nullable=False),
        Column("staff_id", String, nullable=False),
        Column("search_id", String, nullable=False),
        Column("seq", Number, nullable=False),
        Column("sha256", String, nullable=False),
    )
    op.create_index("searches_by_staff", "searches", ["staff_id", "at"])
    op.create_index("finds_by_read", "search_finds", ["seq"])
    op.create_index("read_exports_by_staff", "read_exports", ["staff_id", "at"])
