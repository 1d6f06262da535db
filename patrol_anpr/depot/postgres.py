"""Coming at a PostgreSQL server. psycopg is loaded here alone, and only where a depot is on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot import migrations
from patrol_anpr.depot.dialect import make_month
from patrol_anpr.depot.roles import Role, grant, make_roles
from patrol_anpr.domain.errors import RecordsFault

_SESSION = {
    "synchronous_commit": "on",  # a receipt means: on the disk
    "timezone": "UTC",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
}
_STATEMENT_TIMEOUT = "60s"
"""For those that answer people and cars. Erasing a month, or a migration, takes the time that it takes."""
_CONNECTION = {
    "connect_timeout": "5",
    "application_name": "patrol-anpr depot",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""A server that went away without a word is noticed within half a minute."""
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")

_WHY = (
    ("password", "It refused the password. Put the right one into ~/.pgpass or depot.toml, both readable by you alone"),
    ("authentication", "It refused the account. Check its name, and pg_hba.conf of the server"),
    ("set role", "The account may not act as {role}. Let its administrator run: GRANT {role} TO the account"),
    ('role "patrol_', "It has no roles for the depot yet. Run `patrol-anpr depot database` first"),
    ("does not exist", "It has no such database or account. Check the URL, or make them with createdb and createuser"),
    ("translate host name", "No server of that name is known. Check the host in the URL"),
    ("definition of service", "The service of the URL is in no service file. Check ~/.pg_service.conf"),
    ("too many", "It has too many connections open already. Raise max_connections, or end another program"),
    ("starting up", "It is starting up or shutting down. Try again"),
)
"""A part of what libpq says, and the sentence for it; the first that fits."""


def postgres_engine(url: URL, role: Role | None, connections: int) -> Engine:
    """Make an engine whose connections act as `role`, or as their account itself. Raises RecordsFault without psycopg.

    An error quotes no value. A connection that broke is made anew at the next use.
    """
    options = _SESSION | ({} if role is None else {"role": role.value})
    if role in {Role.INGEST, Role.OPERATOR, Role.SEARCH, Role.STAFF}:
        options["statement_timeout"] = _STATEMENT_TIMEOUT
    if role is Role.RETENTION:
        options["jit"] = "off"  # compiling what looks at every month took ten seconds for each thousand rows erased
    spelled = " ".join(f"-c {name}={value}" for name, value in options.items())
    said = url.query.get("options", "")
    try:
        return create_engine(
            url.update_query_dict({"options": f"{said} {spelled}".strip()}),
            connect_args={name: value for name, value in _CONNECTION.items() if name not in url.query},
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ModuleNotFoundError as error:
        raise RecordsFault(
            "The depot's database is on PostgreSQL, whose driver is not installed. Install patrol-anpr[depot]."
        ) from error


def check_durable(connection: Connection) -> None:
    """Raise RecordsFault when the server may forget at a power cut what it has committed."""
    for name in _DURABLE:
        if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
            raise RecordsFault(
                f"The PostgreSQL server has {name} off: it would forget at a power cut what cars have deleted already. "
                "Turn it on in postgresql.conf."
            )


def unreachable(error: DBAPIError, role: Role | None) -> RecordsFault:
    """Return the sentence for a server that does not let the depot in. Repeats nothing of the URL."""
    told = str(error.orig).casefold()
    why = next((sentence for part, sentence in _WHY if part in told), "Check that it runs, and the URL in depot.toml")
    return RecordsFault(f"The depot's PostgreSQL database cannot be opened. {why.format(role=role)}.")


class PostgresServer:
    """The database at `url`, worked on as `role`. It is made ready by `prepare_postgres`."""

    def __init__(self, url: URL, role: Role, connections: int) -> None:
        self._role = role
        self.engine = postgres_engine(url, role, connections)

    def prepare(self) -> None:
        """Look whether it can be worked on. Raises RecordsFault when it cannot."""
        try:
            with self.writing() as connection:
                check_durable(connection)
                if migrations.known_revision(connection) != migrations.revisions()[0]:
                    raise RecordsFault(
                        "The depot's PostgreSQL database has not the tables of this version yet. Run `patrol-anpr "
                        "depot database`, with the account that may change them."
                    )
                if self._role in {Role.INGEST, Role.RETENTION}:
                    make_months_ahead(connection)
        except DBAPIError as error:
            raise unreachable(error, self._role) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view, that changes nothing."""
        view = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**view) as connection, connection.begin():
            yield connection


def make_months_ahead(connection: Connection) -> None:
    """Make the partitions of this month and of the next, so that no car waits for one at midnight."""
    this = datetime.now(UTC).date().replace(day=1)
    for month in (this, (this + timedelta(days=31)).replace(day=1)):
        make_month(connection, month)


def prepare_postgres(url: URL) -> None:
    """Make the roles that are missing, bring the tables on to this version, and grant each role what it needs.

    The account must be one that may act as the migration, and at the first time make roles. Raises RecordsFault.
    """
    engine = postgres_engine(url, None, 1)
    try:
        with engine.connect() as connection, connection.begin():
            check_durable(connection)
            make_roles(connection)
            migrations.known_revision(connection)
            migrations.upgrade(connection)
            grant(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient privilege
            raise RecordsFault(
                f"The account may not prepare the depot's database. Give one that may act as {Role.MIGRATION} and, the "
                "first time, make roles and use the schema public."
            ) from error
        raise unreachable(error, None) from error
    finally:
        engine.dispose()
