"""The command line of the depot: `patrol-anpr depot`. Each command is a few lines, as in cli.py."""

from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_console import console, staff_app
from patrol_anpr.commands.cli_hot import hot_app
from patrol_anpr.commands.cli_lists import DepotFolder, lists_app, publish
from patrol_anpr.commands.cli_models import model_app
from patrol_anpr.commands.cli_open_form import export, import_
from patrol_anpr.commands.cli_reports import dpia, figures, public

depot_app = typer.Typer(help="The depot service: serves when called alone; its commands fill it.")
depot_app.command("hotlist")(publish)
depot_app.command("figures")(figures)
depot_app.command("public")(public)
depot_app.command("dpia")(dpia)
depot_app.command("export")(export)
depot_app.command("import")(import_)
depot_app.add_typer(lists_app, name="lists")
depot_app.add_typer(hot_app, name="hot")
depot_app.command("console")(console)
depot_app.add_typer(staff_app, name="staff")
stick_app = typer.Typer(help="USB sticks of cars that do not reach the depot's network.", no_args_is_help=True)
depot_app.add_typer(stick_app, name="stick")
depot_app.add_typer(model_app, name="model")


@depot_app.callback(invoke_without_command=True)
def depot(
    context: typer.Context,
    folder: DepotFolder = Path("depot"),
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8443,
    certificate: Annotated[
        Path | None,
        typer.Option(help="TLS certificate (PEM) in place of the depot's own; cars need depot.ca_file."),
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    unix_socket: Annotated[
        Path | None,
        typer.Option(help="Listen on this Unix socket only: to a proxy that checks certificates."),
    ] = None,
    allow_plain: Annotated[
        bool, typer.Option("--allow-plain", help="Serve others without TLS. For a test bench.")
    ] = False,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of this machine with figures for Prometheus.")
    ] = None,
) -> None:
    """Serve the depot."""
    if context.invoked_subcommand is not None:
        return
    from patrol_anpr.commands.depot import serve_depot

    serving = serve_depot(
        folder, host, port, certificate, key, unix_socket, allow_plain=allow_plain, metrics_port=metrics_port
    )
    raise typer.Exit(serving)


@depot_app.command("init")
def depot_init(
    folder: DepotFolder = Path("depot"),
    database: Annotated[
        str | None, typer.Option(help="URL of a PostgreSQL database, without its password; without it, a file.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="Name or address by which cars reach it; may be given again.")
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(help="PEM file of an authority that the force's own made for it: key, certificate, those above."),
    ] = None,
) -> None:
    """Make an empty depot in a folder that only its owner may enter."""
    from patrol_anpr.commands.depot import make_depot

    raise typer.Exit(make_depot(folder, name or [], database, authority))


@depot_app.command("database")
def depot_database(folder: DepotFolder = Path("depot")) -> None:
    """Bring the tables on PostgreSQL on to this version, with the roles and what each may do."""
    from patrol_anpr.commands.depot import prepare_database

    raise typer.Exit(prepare_database(folder))


@depot_app.command("enrol")
def depot_enrol(
    car: Annotated[str, typer.Argument(help="Id of the car.")],
    unit: Annotated[
        str | None, typer.Option(help="Where the car belongs; officers of other units get no PIN there.")
    ] = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Print a one-time code with which a computer becomes this car: `patrol-anpr enrol` there, within an hour."""
    from patrol_anpr.commands.depot import print_new_code

    raise typer.Exit(print_new_code(folder, car, unit))


@depot_app.command("authority")
def depot_authority(folder: DepotFolder = Path("depot")) -> None:
    """Print the certificate of who vouches for this depot's cars (PEM), for the proxy before it."""
    from patrol_anpr.commands.depot import print_authority

    raise typer.Exit(print_authority(folder))


@depot_app.command("revoke-car")
def depot_revoke_car(
    car: Annotated[str, typer.Argument(help="Id of the car.")], folder: DepotFolder = Path("depot")
) -> None:
    """Refuse a car from now on."""
    from patrol_anpr.commands.depot import end_car

    raise typer.Exit(end_car(folder, car))


@depot_app.command("cars")
def depot_cars(
    car: Annotated[str, typer.Argument(help="Id of one car, to see what it ran before, too.")] = "",
    folder: DepotFolder = Path("depot"),
) -> None:
    """Show each car: when it was heard, what it runs, which lists it has in force, and what it sent in vain."""
    from patrol_anpr.commands.depot_cars import show_cars

    raise typer.Exit(show_cars(folder, car))


@depot_app.command("doubts")
def depot_doubts(folder: DepotFolder = Path("depot")) -> None:
    """Show what the depot did not understand or did not take, by car and reason."""
    from patrol_anpr.commands.depot import show_doubts

    raise typer.Exit(show_doubts(folder))


@depot_app.command("retry-closed")
def depot_retry_closed(folder: DepotFolder = Path("depot")) -> None:
    """Try again to take in closed records of which something was left over; exit code 1 while something is."""
    from patrol_anpr.commands.depot_care import retry_closed

    raise typer.Exit(retry_closed(folder))


@stick_app.command("take")
def depot_stick_take(
    stick: Annotated[Path, typer.Argument(help="The folder or drive letter of the stick.")],
    folder: DepotFolder = Path("depot"),
    car: Annotated[str, typer.Option(help="Only what this car put on it.")] = "",
) -> None:
    """Take in what cars put on a stick, and put receipts and lists on it; exit code 1: not all of it went well."""
    from patrol_anpr.commands.depot_stick import take_stick

    raise typer.Exit(take_stick(folder, stick, car))


@depot_app.command("incidents")
def depot_incidents(folder: DepotFolder = Path("depot")) -> None:
    """Show what no car sends by mistake: a record that came in two ways, a gap in a car's audit, and the like."""
    from patrol_anpr.commands.depot import show_incidents

    raise typer.Exit(show_incidents(folder))


@depot_app.command("verify")
def depot_verify(folder: DepotFolder = Path("depot")) -> None:
    """Look at every record, picture and segment; exit code 1 and a list when something is wrong."""
    from patrol_anpr.commands.depot_care import verify_depot

    raise typer.Exit(verify_depot(folder))


@depot_app.command("purge")
def depot_purge(
    before: Annotated[
        str, typer.Option(help="The first day to keep (2026-11-30); without it, the oldest that must be kept.")
    ] = "",
    today: Annotated[
        str, typer.Option(help="The day it is today (2026-11-30), for a depot that cars have left: you are the clock.")
    ] = "",
    folder: DepotFolder = Path("depot"),
) -> None:
    """Erase the records and pictures of days that are past, for good; those held as evidence stay."""
    from patrol_anpr.commands.depot_care import purge_depot

    raise typer.Exit(purge_depot(folder, before, today))


@depot_app.command("oversight")
def depot_oversight(folder: DepotFolder = Path("depot")) -> None:
    """Look at each month of searches that has ended: patterns of misuse, the dip sample, the figures."""
    from patrol_anpr.commands.depot_oversight import oversee_months

    raise typer.Exit(oversee_months(folder))


@depot_app.command("check-audit")
def depot_check_audit(folder: DepotFolder = Path("depot")) -> None:
    """Check that the audit is whole and what cars have signed; exit code 1 and a list where it is not."""
    from patrol_anpr.commands.depot_oversight import check_audit

    raise typer.Exit(check_audit(folder))


@depot_app.command("staff-vehicles")
def depot_staff_vehicles(
    file: Annotated[Path, typer.Argument(help="CSV: staff id, mark.")], folder: DepotFolder = Path("depot")
) -> None:
    """Replace the vehicles of staff, which are sealed: only the check of searches opens them. Destroy the file."""
    from patrol_anpr.commands.depot_oversight import load_vehicles

    raise typer.Exit(load_vehicles(folder, file))


@depot_app.command("staff-times")
def depot_staff_times(
    file: Annotated[Path, typer.Argument(help="CSV: staff id, begin, end, duty or leave.")],
    folder: DepotFolder = Path("depot"),
) -> None:
    """Replace the duty times and the leave of staff, for the check of searches."""
    from patrol_anpr.commands.depot_oversight import load_times

    raise typer.Exit(load_times(folder, file))


@depot_app.command("send-national")
def depot_send_national(
    folder: DepotFolder = Path("depot"),
    show: Annotated[bool, typer.Option("--show", help="Only say how far it is.")] = False,
    now: Annotated[bool, typer.Option("--now", help="Try at once, also while a failure is waited off.")] = False,
) -> None:
    """Hand reads over for the national system, each once; exit code 1 while that fails."""
    from patrol_anpr.commands.depot_national import send_national

    raise typer.Exit(send_national(folder, only_show=show, now_at_once=now))


HeldCar = Annotated[str, typer.Argument(help="Id of the car that sent it.")]
HeldItem = Annotated[str, typer.Argument(help="Id of the read's record, as the depot has it.")]
WhyHeld = Annotated[str, typer.Option(help="Why, for the audit: the case, who decided.")]


@depot_app.command("hold")
def depot_hold(
    car: HeldCar,
    item: HeldItem,
    reason: WhyHeld,
    owner: Annotated[str, typer.Option(help="Whose evidence it is: who is asked when it is reviewed.")],
    review: Annotated[str, typer.Option(help="The day on which it is looked at again; a year at most.")] = "",
    folder: DepotFolder = Path("depot"),
) -> None:
    """Hold a record and its pictures as evidence: no purge takes them until they are released."""
    from patrol_anpr.commands.depot_care import hold_record

    raise typer.Exit(hold_record(folder, car, item, reason, owner, review))


@depot_app.command("release")
def depot_release(car: HeldCar, item: HeldItem, reason: WhyHeld, folder: DepotFolder = Path("depot")) -> None:
    """End the hold of a record and its pictures."""
    from patrol_anpr.commands.depot_care import release_record

    raise typer.Exit(release_record(folder, car, item, reason))


@depot_app.command("holds")
def depot_holds(folder: DepotFolder = Path("depot")) -> None:
    """Show what is held as evidence, whose it is and when it is reviewed; exit code 1 where a review is overdue."""
    from patrol_anpr.commands.depot_care import show_holds

    raise typer.Exit(show_holds(folder))


CopiesFolder = Annotated[
    Path,
    typer.Argument(envvar="PATROL_ANPR_DEPOT_COPIES", help="Folder of the copies, on another disk than the depot."),
]


@depot_app.command("backup")
def depot_backup(
    copies: CopiesFolder,
    recipient: Annotated[
        Path | None,
        typer.Option(
            "--for",
            envvar="PATROL_ANPR_DEPOT_COPIES_FOR",
            help="Public key that seals the copy; without it a passphrase is asked.",
        ),
    ] = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Copy the depot, while it runs: database, keys and lists sealed, pictures as they are sealed already."""
    from patrol_anpr.commands.depot_copies import back_up

    raise typer.Exit(back_up(folder, copies, recipient))


@depot_app.command("restore")
def depot_restore(
    copy: Annotated[Path, typer.Argument(help="The copy: a file that ends in .sealed.")],
    folder: Annotated[Path, typer.Option("--folder", help="Folder for the depot: empty, or not there.")],
    key: Annotated[Path | None, typer.Option(help="Private key; without it the passphrase is asked.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="A depot.toml instead of the one in the copy: other database, other store.")
    ] = None,
) -> None:
    """Bring a depot back from a copy. Cars then send again what the copy does not have and they still hold."""
    from patrol_anpr.commands.depot_copies import bring_back

    raise typer.Exit(bring_back(copy, folder, key, settings))


@depot_app.command("prune")
def depot_prune(
    copies: CopiesFolder,
    days: Annotated[
        int,
        typer.Option(min=1, envvar="PATROL_ANPR_DEPOT_COPIES_DAYS", help="Older copies are deleted; the newest stays."),
    ] = 30,
) -> None:
    """Delete old copies: what is erased at the depot must not live on in them."""
    from patrol_anpr.commands.depot_copies import prune_copies

    raise typer.Exit(prune_copies(copies, days))


@depot_app.command("backup-key")
def depot_backup_key(file: Annotated[Path, typer.Argument(help="File for the private key.")]) -> None:
    """Make a pair of keys for copies that a job makes: it needs the public one alone."""
    from patrol_anpr.commands.depot_copies import make_backup_key

    raise typer.Exit(make_backup_key(file))


@depot_app.command("roster")
def depot_roster(
    file: Annotated[Path, typer.Argument(help="CSV: officer_id, name, PIN.")], folder: DepotFolder = Path("depot")
) -> None:
    """Replace the roster."""
    from patrol_anpr.commands.depot import load_roster

    raise typer.Exit(load_roster(folder, file))


@depot_app.command("dispositions")
def depot_dispositions(
    file: Annotated[Path, typer.Argument(help="CSV: id, word, kind (stopped, not_stopped or passed).")],
    folder: DepotFolder = Path("depot"),
) -> None:
    """Replace the table of what may be done about a hit."""
    from patrol_anpr.commands.depot import load_dispositions

    raise typer.Exit(load_dispositions(folder, file))


@depot_app.command("demo")
def depot_demo(
    folder: Annotated[Path | None, typer.Option(help="Keep its files here instead of in a temporary folder.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console; 0 for any free one.")] = 8444,
    quick: Annotated[bool, typer.Option("--quick", help="A few days instead of a month.")] = False,
    no_cars: Annotated[bool, typer.Option("--no-cars", help="No car drives.")] = False,
) -> None:
    """Look round a depot: a month of invented data, the console, and two cars that drive, on this machine."""
    from patrol_anpr.commands.depot_demo import run_depot_demo

    raise typer.Exit(run_depot_demo(folder, port, quick=quick, cars=not no_cars))


@depot_app.command("demo-car", hidden=True)
def depot_demo_car(folder: Path, car: str, url: str) -> None:
    """Be a car of `depot demo`."""
    from patrol_anpr.commands.depot_demo import drive_demo_car

    raise typer.Exit(drive_demo_car(folder, car, url))
