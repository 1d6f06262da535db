"""What SQLite and PostgreSQL spell differently. Everything else is SQLAlchemy's, the same for both."""

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_skip(connection: Connection, table: Table) -> Insert:
    """Insert rows, leaving out those whose key is there already; give the rows by `.values` or to `execute`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
