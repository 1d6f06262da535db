"""Moving a depot from its SQLite file to PostgreSQL: all rows in one transaction, then the file is set aside."""

from pathlib import Path

from sqlalchemy import URL, Connection, Table, select

from patrol_anpr.depot.database import MOVED
from patrol_anpr.depot.filling import fill, row_count
from patrol_anpr.depot.postgres import postgres_engine
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sqlite_file import FILE, SqliteFile
from patrol_anpr.depot.tables import audit, known_items, metadata
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import sync_folder

_AT_ONCE = 1000


def move_file(folder: Path, url: URL) -> int:
    """Put everything of the file in `folder` into the prepared database at `url`; return how many items that were.

    A move that broke off begins again. Raises BadInput when the database holds other records already; OSError,
    SQLAlchemyError.
    """
    file, server = SqliteFile(folder, connections=2), postgres_engine(url, Role.MIGRATION, 1)
    try:
        file.prepare()
        with file.writing() as source, server.begin() as target:  # nothing comes in meanwhile
            count = row_count(source, known_items)
            if row_count(target, audit) == 0:
                for table in metadata.sorted_tables:
                    _copy(source, target, table)
            elif row_count(target, known_items) != count or row_count(target, audit) != row_count(source, audit):
                raise BadInput(
                    "The PostgreSQL database holds records already, so those of the depot's file were not moved there. "
                    "Give an empty database."
                )
    finally:
        server.dispose()
        file.engine.dispose()
    (folder / FILE).rename(folder / MOVED)
    sync_folder(folder)
    return count


def _copy(source: Connection, target: Connection, table: Table) -> None:
    pieces = source.execute(select(table)).mappings().partitions(_AT_ONCE)
    fill(target, table, ([dict(row) for row in rows] for rows in pieces))
