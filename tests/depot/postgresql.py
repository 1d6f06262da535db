"""A real PostgreSQL server for the tests: in a temporary folder, on a Unix socket, with every safety of the disk on."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.roles import Role
from patrol_anpr.plumbing.toml_file import read_toml

on_both = pytest.mark.parametrize("folder", ["sqlite", "postgresql"], indirect=True)
"""For a test where the database matters: it runs on both."""

TEMPLATE = "patrol_template"
ACCOUNTS = {
    "service": Role.INGEST,
    "operator": Role.OPERATOR,
    "search": Role.SEARCH,
    "retention": Role.RETENTION,
    "figures": Role.FIGURES,
    "reports": Role.REPORTS,
    "staff": Role.STAFF,
    "auditor": Role.AUDITOR,
    "interchange": Role.INTERCHANGE,
    "migration": Role.MIGRATION,
}


def programs() -> Path:
    """Where initdb and pg_ctl are. Skips the test where PostgreSQL is not installed, but never on a CI machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    reason = "PostgreSQL is not installed (apt-get install postgresql)"
    if os.environ.get("CI") or os.environ.get("PATROL_ANPR_CI"):
        pytest.fail(reason)
    return pytest.skip(reason)


class Server:
    """A server of its own, and the databases on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._programs = programs()
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()  # it refuses to run as root
        self._made = 0
        if os.geteuid() == 0:
            shutil.chown(folder, self._user)
        self._call("initdb", "-D", self.data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nshared_buffers = 32MB\n"
                "max_wal_size = 96MB\nlog_min_messages = fatal\n"
            )

        hba = self.data / "pg_hba.conf"
        hba.write_text(f"local all locked scram-sha-256\n{hba.read_text()}")

    def start(self) -> None:
        self._call("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-s", "start")

    def stop(self, mode: str = "fast") -> None:
        self._call("pg_ctl", "-D", self.data, "-m", mode, "-w", "-s", "stop")

    def run(self, script: str, database: str = "postgres") -> list[tuple]:
        """Run SQL as the superuser; returns the rows of the last statement."""
        with self._connected(database) as connection:
            cursor = connection.execute(script)
            return cursor.fetchall() if cursor.description else []

    def _connected(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database, "admin").replace("+psycopg", ""), autocommit=True)

    def _answers(self) -> bool:
        try:
            return bool(self.run("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def url(self, database: str, account: str) -> str:
        return f"postgresql://{account}@/{database}?host={self.folder}"

    def make_template(self) -> None:
        """Make the database that tests get a copy of, and an account for each role."""
        self.run("CREATE ROLE depot_migration LOGIN CREATEROLE")
        self.run(f"CREATE DATABASE {TEMPLATE} OWNER depot_migration")
        prepare_postgres(make_url(self.url(TEMPLATE, "depot_migration")).set(drivername="postgresql+psycopg"))
        self.run("CREATE ROLE locked LOGIN PASSWORD 'the-right-one' IN ROLE patrol_operator")
        for account, role in ACCOUNTS.items():
            if role is not Role.MIGRATION:
                self.run(f"CREATE ROLE depot_{account} LOGIN; GRANT {role} TO depot_{account}")

    def clone(self) -> str:
        """Make a database with the depot's tables; returns its name."""
        self._made += 1
        name = f"depot_{self._made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def drop(self, database: str) -> None:
        self.run(f"DROP DATABASE {database} WITH (FORCE)")

    def database_of(self, folder: Path) -> str:
        """The database of the depot in a folder."""
        return make_url(read_toml(folder / "depot.toml")["database"]["url"]).database

    def toml(self, database: str) -> str:
        """The depot.toml of a depot on `database`, where each role has an account of its own."""
        lines = [f"{account} = '{self.url(database, f'depot_{account}')}'" for account in ACCOUNTS]
        return "\n".join(["[database]", f"url = '{self.url(database, 'depot_service')}'", *lines, ""])

    @contextmanager
    def turned_off(self, setting: str) -> Iterator[None]:
        """Turn a setting of the server off meanwhile."""
        self._set(f"ALTER SYSTEM SET {setting} = off", setting, "off")
        try:
            yield
        finally:
            self._set(f"ALTER SYSTEM RESET {setting}", setting, "on")

    def _set(self, how: str, setting: str, value: str) -> None:
        self.run(how)
        self.run("SELECT pg_reload_conf()")
        while self.run(f"SHOW {setting}") != [(value,)]:  # a new connection has it a moment later
            pass

    def kill_backend(self) -> None:
        """Kill one that works for a depot, and come back when the server has ended all others and recovered."""
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'patrol-anpr depot' AND state <> 'idle'"
        with closing(self._connected()) as other:
            while not (found := other.execute(query).fetchall()):
                pass
            os.kill(found[0][0], signal.SIGKILL)
            with suppress(psycopg.OperationalError):
                while True:  # until the server ends this one too: it lets nobody in from then on until it has recovered
                    other.execute("SELECT 1")
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, "the server did not recover in time"

    def restart_as_after_a_power_cut(self) -> None:
        self.stop("immediate")
        self.start()

    @contextmanager
    def items_on(self, disk: Path, folder: Path) -> Iterator[None]:
        """Let the items of the depot in `folder` lie on another disk meanwhile."""
        database = self.database_of(folder)
        shutil.chown(disk, self._user)
        self.run(f"CREATE TABLESPACE other LOCATION '{disk}'")
        months = [name for (name,) in self.run("SELECT relid::text FROM pg_partition_tree('items')", database)]
        for table in months:
            self.run(f"ALTER TABLE {table} SET TABLESPACE other", database)
        yield
        for table in months:
            self.run(f"ALTER TABLE {table} SET TABLESPACE pg_default", database)
        self.run("DROP TABLESPACE other")

    def _call(self, program: str, *arguments: object) -> None:
        as_user = {"user": self._user, "group": self._user, "extra_groups": []}
        subprocess.run(
            [str(self._programs / program), *map(str, arguments)],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            timeout=100,
            **(as_user if os.geteuid() == 0 else {}),
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """A server with a template, stopped and deleted in the end."""
    programs()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # no test cuts the power: the disk need not be slow
    folder = Path(tempfile.mkdtemp(prefix="patrol-pg-", dir=memory))  # short, as the name of a socket must be
    try:
        server = Server(folder)
        server.start()
        try:
            server.make_template()
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
