"""`patrol-anpr depot`: serve the depot, and fill it with cars, officers and lists."""

from pathlib import Path

import typer

from patrol_anpr.commands.hotlist import exit_code, print_lines
from patrol_anpr.depot.cars import add_car, revoke_car
from patrol_anpr.depot.database import DepotDatabase, is_depot, make_depot_folder
from patrol_anpr.depot.dispositions import import_dispositions
from patrol_anpr.depot.doubts import doubts_of
from patrol_anpr.depot.hotlists import import_hotlist
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.roster import import_roster
from patrol_anpr.depot.server import serve
from patrol_anpr.depot.settings import database_setting, keep_database_url
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import ImportReport, Tier
from patrol_anpr.hotlists.shelf import list_id_of, try_out
from patrol_anpr.vehicle.clock import SystemClock


def make_depot(folder: Path, database: str | None) -> int:
    """Make an empty depot, on PostgreSQL where `database` is its URL.

    Raises BadInput where there is one, RecordsFault where there can be none.
    """
    if is_depot(folder):
        raise BadInput(f"There is a depot in {folder} already.")
    if database is None:
        DepotDatabase(folder).close()
        DepotKeys(folder)
    else:
        make_depot_folder(folder)
        keep_database_url(folder, database)
        DepotKeys(folder)
        return prepare_database(folder)
    typer.echo(f"A depot was made in {folder}. Fill it with `patrol-anpr depot add-car`, `roster` and `hotlist`.")
    return 0


def prepare_database(folder: Path) -> int:
    """Bring the tables of a depot on to this version; on PostgreSQL also its roles and what each may do."""
    url = database_setting(there(folder)).url_of(Role.MIGRATION)
    if url is None:
        DepotDatabase(folder).close()
    else:
        prepare_postgres(url)
    typer.echo("The depot's database has the tables of this version.")
    return 0


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
    *,
    allow_plain: bool,
    metrics_port: int | None,
) -> int:
    """Serve until Ctrl+C."""
    serve(
        there(folder),
        host,
        port,
        certificate=certificate,
        key=key,
        allow_plain=allow_plain,
        metrics_port=metrics_port,
        on_ready=lambda url: typer.echo(f"The depot answers at {url}. Stop it with Ctrl+C."),
    )
    return 0


def print_new_token(folder: Path, car: str) -> int:
    """Add a car and print its token, once."""
    token = add_car(there(folder), car)
    typer.echo(token)
    typer.echo(
        f"This is the token of {car}. It is shown only now: put it into the car's settings (depot.token).", err=True
    )
    return 0


def end_car(folder: Path, car: str) -> int:
    """Refuse a car from now on."""
    revoke_car(there(folder), car)
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


def publish_list(folder: Path, file: Path, name: str, owner: str, tier: Tier, *, force: bool) -> int:
    """Publish a list file as the next revision of the list of that name; returns 1 when cars refuse a line of it.

    What is printed is what becomes of the file in a car.
    """
    reports: list[ImportReport] = []

    def count(path: Path, tier: Tier) -> int:
        reports.append(try_out(path, tier, SystemClock()))
        return reports[-1].entries

    head = import_hotlist(there(folder), file, list_id_of(name), name, owner, tier, force=force, count=count)
    print_lines(reports[-1])
    typer.echo(f"{name}, revision {head.revision}: {head.entries} entries published.")
    return exit_code(reports[-1])


def show_doubts(folder: Path) -> int:
    """Print what the depot did not understand or did not take; returns 1 when there is any."""
    found = doubts_of(there(folder))
    for doubt in found:
        kept = "held as it came" if doubt.held else "refused, the car keeps it"
        typer.echo(f"{doubt.last:%Y-%m-%d %H:%M} UTC  {doubt.car_id}  {doubt.count:,} records  {kept}: {doubt.reason}")
    if not found:
        typer.echo("Everything that came was understood and taken.")
    return 1 if found else 0
