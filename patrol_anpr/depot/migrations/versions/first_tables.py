"""The tables as they were before alembic, also for a SQLite file that an earlier version made.

Such a file says in its `user_version` how far it had come: 1 wrote moments as "2026-11-21 20:04:05.000000", 2 as
"2026-11-21T20:04:05.000000+00:00", 3 says what it doubts. From 4 on alembic knows, and those versions refuse the file.
"""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from patrol_anpr.plumbing.sqlite import Utc

revision = "first_tables"
down_revision = None

_first = MetaData()
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

Table(
    "cars",
    _first,
    Column("car_id", String, primary_key=True),
    Column("token_sha256", String, nullable=False, unique=True),
    Column("added_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

Table(
    "officers",
    _first,
    Column("officer_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("pin_hash", String, nullable=False),
)

Table(
    "dispositions",
    _first,
    Column("value", String, primary_key=True),
    Column("word", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("place", Integer, nullable=False),
)

Table(
    "hotlists",
    _first,
    Column("list_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("valid_until", Utc),
    Column("entries", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("packing", String, nullable=False),
)

Table(
    "held_lists",
    _first,
    Column("car_id", String, primary_key=True),
    Column("list_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reported_at", Utc, nullable=False),
)

_items = Table(
    "items",
    _first,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("doubt", String, nullable=False, server_default=""),
    UniqueConstraint("car_id", "item_id", "sha256"),
    sqlite_autoincrement=True,
)

Index("items_by_kind", _items.c.kind, _items.c.seq)

Table(
    "refused_items",
    _first,
    Column("number", _NUMBER, Identity(), primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    UniqueConstraint("car_id", "item_id", "sha256"),
)

Table(
    "refused_pictures",
    _first,
    Column("car_id", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("received_at", Utc, nullable=False),
)

Table(
    "incidents",
    _first,
    Column("number", _NUMBER, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("what", String, nullable=False),
)

Table(
    "audit",
    _first,
    Column("number", _NUMBER, Identity(), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("reason", String, nullable=False),
)


def upgrade() -> None:
    """Make the tables that are missing, and bring those of an earlier version on."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one() if sqlite else 0
    _first.create_all(connection)
    if version == 1:
        _spell_moments_anew(connection)
    if version in (1, 2):
        connection.exec_driver_sql("ALTER TABLE items ADD COLUMN doubt VARCHAR NOT NULL DEFAULT ''")
    if sqlite:
        connection.exec_driver_sql("PRAGMA user_version = 4")


def _spell_moments_anew(connection: Connection) -> None:
    for table in _first.sorted_tables:
        for name in (column.name for column in table.columns if isinstance(column.type, Utc)):
            connection.exec_driver_sql(f"UPDATE {table.name} SET {name} = replace({name}, ' ', 'T') || '+00:00'")  # noqa: S608
