"""`patrol-anpr depot`: serve the depot, and fill it with cars, officers and lists."""

import socket
from collections.abc import Sequence
from pathlib import Path

import typer
from cryptography.x509 import ExtensionNotFound

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.authority import Authority
from patrol_anpr.depot.cars import assign_unit, new_code, revoke_car
from patrol_anpr.depot.closed import left_over
from patrol_anpr.depot.database import DepotDatabase, is_depot, make_depot_folder
from patrol_anpr.depot.dispositions import import_dispositions
from patrol_anpr.depot.doubts import doubts_of, incidents_of
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.moving import move_file
from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.roster import import_roster
from patrol_anpr.depot.server import serve
from patrol_anpr.depot.settings import database_setting, keep_database_url
from patrol_anpr.depot.sqlite_file import FILE
from patrol_anpr.domain.errors import BadInput

_ALL = ("0.0.0.0", "::")  # noqa: S104 - to see that it is no name
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def make_depot(
    folder: Path, names: Sequence[str] = (), database: str | None = None, authority: Path | None = None
) -> int:
    """Make an empty depot that proves itself by `names`, on PostgreSQL where `database` is its URL.

    Raises BadInput where there is one, or `authority` is none; RecordsFault where there can be none.
    """
    if is_depot(folder):
        raise BadInput(f"There is a depot in {folder} already.")
    given = _authority_in(authority) if authority else None
    make_depot_folder(folder)
    if database is not None:
        keep_database_url(folder, database)
    DepotKeys(folder, given).server_certificate([*_THIS_MACHINE, socket.gethostname(), *names])
    if database is not None:
        return prepare_database(folder)
    DepotDatabase(folder).close()
    repository_of(folder)
    typer.echo(f"A depot was made in {folder}. Fill it with `patrol-anpr depot enrol`, `roster` and `hotlist`.")
    return 0


def prepare_database(folder: Path) -> int:
    """Bring the tables of a depot on to this version; on PostgreSQL also its roles and what each may do.

    Where a depot on a file has come to name a PostgreSQL database, its records are moved there.
    """
    url = database_setting(there(folder)).url_of(Role.MIGRATION)
    if url is None:
        DepotDatabase(folder).close()
    else:
        prepare_postgres(url)
        if (folder / FILE).exists():
            typer.echo(f"{move_file(folder, url):,} records were moved from the depot's file into the database.")
    typer.echo("The depot's database has the tables of this version.")
    return 0


def _authority_in(file: Path) -> bytes:
    try:
        pem = file.read_bytes()
        Authority.of_pem(pem)
    except (OSError, ValueError, TypeError, ExtensionNotFound) as error:
        raise BadInput(
            f"{file} is no authority: a PEM file with its private key (P-256, without a passphrase), its certificate, "
            "and those above it, in this order."
        ) from error
    return pem


def there(folder: Path) -> Path:
    """Return the folder of a depot. Raises BadInput where there is none: a mistyped path must not become one."""
    if not is_depot(folder):
        raise BadInput(
            f"There is no depot in {folder}. Check the path, or make one: `patrol-anpr depot init --folder {folder}`."
        )
    return folder


def serve_depot(
    folder: Path,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    unix_socket: Path | None,
    *,
    allow_plain: bool,
    metrics_port: int | None,
) -> int:
    """Serve until Ctrl+C: with a certificate of the depot's own authority where none is given."""
    if certificate is None and unix_socket is None and not allow_plain:
        certificate = DepotKeys(there(folder)).server_certificate([*_THIS_MACHINE, *([] if host in _ALL else [host])])
    serve(
        there(folder),
        host,
        port,
        certificate=certificate,
        key=key,
        unix_socket=unix_socket,
        allow_plain=allow_plain,
        metrics_port=metrics_port,
        on_ready=lambda url: typer.echo(f"The depot answers at {url}. Stop it with Ctrl+C."),
    )
    return 0


def print_new_code(folder: Path, car: str, unit: str | None = None) -> int:
    """Make the one-time code of a car and print it; `unit` says where the car belongs (None: as before)."""
    code, has_key = new_code(there(folder), car, utc_now())
    if unit is not None:
        assign_unit(folder, car, unit)
    typer.echo(code)
    typer.echo(
        f"With this code a computer becomes {car}, once, within an hour. It is shown only now. On that computer:\n"
        f"patrol-anpr enrol https://ADDRESS-OF-THIS-DEPOT:8443 {code}",
        err=True,
    )
    if has_key:
        typer.echo(
            f"{car} is enrolled already: once the code is used, the computer that is {car} today is refused.",
            err=True,
        )
    return 0


def print_authority(folder: Path) -> int:
    """Print the certificates of the depot's authority and of those above it; nothing secret."""
    typer.echo(DepotKeys(there(folder)).authority.chain.decode(), nl=False)
    return 0


def end_car(folder: Path, car: str) -> int:
    """Refuse a car from now on."""
    revoke_car(there(folder), car, utc_now())
    typer.echo(f"{car} is refused from now on. What it sent is kept.")
    return 0


def load_roster(folder: Path, file: Path) -> int:
    """Replace the roster by a CSV file."""
    kept = import_roster(there(folder), file)
    typer.echo(f"{kept} officers on the roster. Destroy the file: it holds their PINs.")
    return 0


def load_dispositions(folder: Path, file: Path) -> int:
    """Replace the table of what may be done about a hit by a CSV file."""
    kept = import_dispositions(there(folder), file)
    what = f"{kept} dispositions" if kept else "No dispositions: the cars use those built in"
    typer.echo(f"{what}. The cars fetch them with the lists.")
    return 0


def show_doubts(folder: Path) -> int:
    """Print what the depot did not understand or did not take; returns 1 when there is any."""
    found = doubts_of(there(folder))
    for doubt in found:
        kept = "held as it came" if doubt.held else "refused, the car keeps it"
        typer.echo(f"{doubt.last:%Y-%m-%d %H:%M} UTC  {doubt.car_id}  {doubt.count:,} records  {kept}: {doubt.reason}")
    if left_over(folder):
        typer.echo("Closed records are tried again by: patrol-anpr depot retry-closed")
    if not found:
        typer.echo("Everything that came was understood and taken.")
    return 1 if found else 0


def show_incidents(folder: Path) -> int:
    """Print what no car sends by mistake; returns 1 when there is any."""
    found = incidents_of(there(folder))
    for one in found:
        typer.echo(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.car_id}  {one.item_id}  {one.what}")
    if not found:
        typer.echo("There were no incidents.")
    return 1 if found else 0
