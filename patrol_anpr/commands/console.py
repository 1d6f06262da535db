"""`patrol-anpr depot console` and `patrol-anpr depot staff`: the console, and the accounts of its people."""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import typer
from sqlalchemy import Connection

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.console.server import serve_console
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.accounts import (
    accounts_in,
    add_account,
    change_roles,
    end_account,
    reset_account,
    roles_of,
)

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def serve(folder: Path, host: str, port: int, certificate: Path | None, key: Path | None, socket: Path | None) -> int:
    """Serve the console until Ctrl+C, with a certificate of the depot's own authority where none is given."""
    if certificate is None and socket is None:
        certificate = DepotKeys(there(folder)).server_certificate(
            [*_THIS_MACHINE, *([] if host in ("0.0.0.0", "::") else [host])]  # noqa: S104 - to see that it is no name
        )
    serve_console(
        there(folder),
        host,
        port,
        certificate=certificate,
        key=key,
        unix_socket=socket,
        on_ready=lambda url: typer.echo(f"The console answers at {url}. Stop it with Ctrl+C."),
    )
    return 0


def add(folder: Path, staff_id: str, name: str, roles: Sequence[str], *, emergency: bool) -> int:
    """Add an account and print its invitation."""
    with _writing(folder) as connection:
        code = add_account(connection, _actor(), staff_id, name, roles_of(roles), utc_now(), emergency=emergency)
    _tell(code)
    return 0


def reset(folder: Path, staff_id: str) -> int:
    """Forget the password and codes of an account and print a new invitation."""
    with _writing(folder) as connection:
        code = reset_account(connection, _actor(), staff_id, utc_now())
    _tell(code)
    return 0


def set_roles(folder: Path, staff_id: str, roles: Sequence[str]) -> int:
    """Give an account other roles."""
    with _writing(folder) as connection:
        change_roles(connection, _actor(), staff_id, roles_of(roles))
    say("The roles count from the next page on.")
    return 0


def end(folder: Path, staff_id: str) -> int:
    """End an account."""
    with _writing(folder) as connection:
        end_account(connection, _actor(), staff_id, utc_now())
    say("The account has ended, and whoever was signed on with it is signed off.")
    return 0


def show(folder: Path) -> int:
    """Print all accounts."""
    with closing(DepotDatabase(there(folder), Role.STAFF)) as database, database.reading() as connection:
        accounts = accounts_in(connection)
    for one in accounts:
        state = "ended" if one.ended_at else "ready" if one.ready or one.subject else "invited"
        emergency = "  EMERGENCY" if one.emergency else ""
        say(f"{one.staff_id}  {one.name}  {', '.join(sorted(one.roles))}  {state}{emergency}")
    if not accounts:
        say("There are no accounts yet. Add one: patrol-anpr depot staff add ID NAME --role administrator")
    return 0


@contextmanager
def _writing(folder: Path) -> Iterator[Connection]:
    with closing(DepotDatabase(there(folder), Role.STAFF)) as database, database.writing() as connection:
        yield connection


def _tell(code: str) -> None:
    say(code)
    typer.echo(
        "This is the invitation, shown only now, good once and for a day. Give it to that person, who opens the "
        "console, chooses `First time here` and sets a password and the codes of a phone.",
        err=True,
    )


def _actor() -> str:
    return f"operator {getpass.getuser()}"
