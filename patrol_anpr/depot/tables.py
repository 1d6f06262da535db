"""The depot's tables. SQLAlchemy Core, nothing that PostgreSQL could not hold as well."""

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

from patrol_anpr.plumbing.sqlite import Utc

SCHEMA_VERSION = 3
"""1 wrote moments as "2026-11-21 20:04:05.000000", 2 as "2026-11-21T20:04:05.000000+00:00"; 3 says what it doubts."""

metadata = MetaData()


cars = Table(
    "cars",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("token_sha256", String, nullable=False, unique=True),
    Column("added_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

officers = Table(
    "officers",
    metadata,
    Column("officer_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("pin_hash", String, nullable=False),
)

dispositions = Table(
    "dispositions",
    metadata,
    Column("value", String, primary_key=True),
    Column("word", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("place", Integer, nullable=False),
)

hotlists = Table(
    "hotlists",
    metadata,
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

held_lists = Table(
    "held_lists",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("list_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reported_at", Utc, nullable=False),
)

# `doubt` says why an item is held and not understood; a depot of a newer version may understand it. `seq` is never used
# twice (AUTOINCREMENT): it is the number on the receipt. Two rows with one car_id and item_id are a
# conflict, and both are kept.
items = Table(
    "items",
    metadata,
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

refused_items = Table(
    "refused_items",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    UniqueConstraint("car_id", "item_id", "sha256"),
)

refused_pictures = Table(
    "refused_pictures",
    metadata,
    Column("car_id", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("received_at", Utc, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("car_id", String, nullable=False),
    Column("item_id", String, nullable=False),
    Column("what", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("reason", String, nullable=False),
)

Index("items_by_kind", items.c.kind, items.c.seq)


def add_doubts(connection: Connection) -> None:
    """Bring the items of a database of version 1 or 2 into the form of version 3."""
    connection.exec_driver_sql("ALTER TABLE items ADD COLUMN doubt VARCHAR NOT NULL DEFAULT ''")


def spell_moments_anew(connection: Connection) -> None:
    """Bring the moments of a database of version 1 into the form of version 2."""
    for table in metadata.sorted_tables:
        for name in (column.name for column in table.columns if isinstance(column.type, Utc)):
            connection.exec_driver_sql(f"UPDATE {table.name} SET {name} = replace({name}, ' ', 'T') || '+00:00'")  # noqa: S608
