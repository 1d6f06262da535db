"""The depot's database at one moment, in a file, while the depot may be writing to it; and back into an empty one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, inspect
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot.postgres import postgres_engine, prepare_postgres, unreachable
from patrol_anpr.depot.roles import Role, make_roles
from patrol_anpr.depot.settings import database_setting
from patrol_anpr.depot.sqlite_file import BUSY_SECONDS, FILE
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import new_file, part_of
from patrol_anpr.plumbing.sqlite import open_sqlite

_DEBIAN = "/usr/lib/postgresql"


@contextmanager
def copied_database(folder: Path) -> Iterator[Path]:
    """Lend a copy of the database of the depot in `folder`: it lies there too, and is deleted afterwards.

    Of SQLite it is a database, of PostgreSQL a dump in pg_dump's own form. Raises RecordsFault, sqlcipher3's errors,
    OSError.
    """
    part = part_of(folder / FILE)
    url = database_setting(folder).url_of(Role.MIGRATION)
    try:
        new_file(part).close()  # neither SQLite nor pg_dump would keep others from reading it
        if url is None:
            with closing(open_sqlite(folder / FILE, mode="ro", busy_seconds=BUSY_SECONDS)) as reader:
                reader.execute("VACUUM INTO ?", (str(part),))
        else:
            _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        yield part
    finally:
        part.unlink(missing_ok=True)


def put_database_back(copy: Path, folder: Path) -> None:
    """Make `copy` the database of the depot that is restored to `folder`, whose `depot.toml` says where it is.

    Raises BadInput when the PostgreSQL database is not empty; RecordsFault, OSError.
    """
    url = database_setting(folder).url_of(Role.MIGRATION)
    if url is None:
        copy.rename(folder / FILE)
        return
    engine = postgres_engine(url, None, 1)
    try:
        with engine.connect() as connection, connection.begin():
            if inspect(connection).get_table_names():
                raise BadInput(
                    "The PostgreSQL database that depot.toml names is not empty. Make an empty one, and name it in a "
                    "depot.toml for --settings."
                )
            make_roles(connection)
    except DBAPIError as error:
        raise unreachable(error, Role.MIGRATION) from error
    finally:
        engine.dispose()
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(copy))
    prepare_postgres(url)
    copy.unlink()


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the role that owns the tables. Its password is on no command line."""
    found = shutil.which(program) or next((str(path) for path in _newest(program)), None)
    if found is None:
        raise RecordsFault(
            f"{program} is not installed. Install PostgreSQL's client (apt-get install postgresql-client)."
        )
    where = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    told = subprocess.run(
        [found, f"--dbname={where}", f"--role={Role.MIGRATION}", "--no-password", *arguments],
        env=os.environ | secret,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        lines = told.stderr.strip().splitlines() or ["it gave no reason"]
        raise RecordsFault(f"{program} failed: {lines[0]}")


def _newest(program: str) -> list[Path]:
    found = Path(_DEBIAN).glob(f"*/bin/{program}")
    return sorted(found, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0, reverse=True)
