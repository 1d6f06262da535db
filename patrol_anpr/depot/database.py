"""The depot's database: a SQLite file in the depot's folder, or PostgreSQL where `depot.toml` names a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot import settings
from patrol_anpr.depot.postgres import PostgresServer
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sqlite_file import FILE, SqliteFile
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import is_open_to_others, sync_folder

CONNECTIONS = 15
"""At most this many requests are at the database at once; the others wait."""
MOVED = f"{FILE}.moved"
"""What a file is called whose rows were moved to PostgreSQL."""
_NOT_MOVED = (
    "depot.toml names a PostgreSQL database, but there is a file of this depot too, whose records are not in it. Run "
    "`patrol-anpr depot database`, which moves them."
)
OPEN_FOLDER = (
    "Others on this machine may look into the depot's folder, so it was not opened. Take their rights away "
    "(chmod 700 on Linux), or choose another folder."
)


class DepotDatabase:
    """Opens the database of `folder`, and makes the file where it is SQLite; `role` is what it is used as.

    Any thread may call. Raises RecordsFault when it cannot be opened or was made by a newer version, BadInput when
    `depot.toml` cannot be used.
    """

    def __init__(self, folder: Path, role: Role = Role.OPERATOR) -> None:
        try:
            make_depot_folder(folder)
            url = settings.database_setting(folder).url_of(role)
            if url is not None and (folder / FILE).exists():
                raise RecordsFault(_NOT_MOVED)
            self._store = SqliteFile(folder, CONNECTIONS) if url is None else PostgresServer(url, role, CONNECTIONS)
            try:
                self._store.prepare()
            except BaseException:
                self.close()
                raise
        except (OSError, DBAPIError) as error:
            raise RecordsFault(
                "The depot's database cannot be opened. Check that its folder exists and may be written to."
            ) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction: committed, and on the disk, when the block ends; rolled back when it raises."""
        with self._store.writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with self._store.reading() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; the write-ahead log of SQLite is folded in."""
        self._store.engine.dispose()


def make_depot_folder(folder: Path) -> None:
    """Make the folder where there is none. Raises OSError, and RecordsFault where others may look into it."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        sync_folder(folder.absolute().parent)
    if is_open_to_others(folder):
        raise RecordsFault(OPEN_FOLDER)


def is_depot(folder: Path) -> bool:
    """Tell whether there is a depot in `folder`."""
    return (folder / FILE).is_file() or (folder / settings.FILE).is_file()
