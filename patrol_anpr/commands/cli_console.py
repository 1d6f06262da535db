"""The command line of the console: `patrol-anpr depot console` and `patrol-anpr depot staff`."""

from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_lists import DepotFolder

staff_app = typer.Typer(help="The people at the depot: who may sign on at the console.", no_args_is_help=True)
StaffId = Annotated[str, typer.Argument(help="The id that they sign on with.")]
Roles = Annotated[
    list[str], typer.Option("--role", help="operator, analyst, senior, auditor or administrator; may be given again.")
]


def console(
    folder: DepotFolder = Path("depot"),
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8444,
    certificate: Annotated[Path | None, typer.Option(help="TLS certificate (PEM) in place of the depot's own.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    unix_socket: Annotated[
        Path | None, typer.Option(help="Listen on this Unix socket only, to a proxy that speaks TLS to browsers.")
    ] = None,
) -> None:
    """Serve the console: web pages for the depot's people."""
    from patrol_anpr.commands.console import serve

    raise typer.Exit(serve(folder, host, port, certificate, key, unix_socket))


@staff_app.command("add")
def add(
    staff_id: StaffId,
    name: Annotated[str, typer.Argument(help="Their name.")],
    role: Roles,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="The one account for when the force's sign-on is down.")
    ] = False,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Add an account and print an invitation, with which its person sets a password within a day."""
    from patrol_anpr.commands import console as commands

    raise typer.Exit(commands.add(folder, staff_id, name, role, emergency=emergency))


@staff_app.command("roles")
def roles(staff_id: StaffId, role: Roles, folder: DepotFolder = Path("depot")) -> None:
    """Give an account other roles."""
    from patrol_anpr.commands import console as commands

    raise typer.Exit(commands.set_roles(folder, staff_id, role))


@staff_app.command("reset")
def reset(staff_id: StaffId, folder: DepotFolder = Path("depot")) -> None:
    """Forget the password and the codes of an account, sign it off, and print a new invitation."""
    from patrol_anpr.commands import console as commands

    raise typer.Exit(commands.reset(folder, staff_id))


@staff_app.command("end")
def end(staff_id: StaffId, folder: DepotFolder = Path("depot")) -> None:
    """End an account for good and sign it off; its id is not given again."""
    from patrol_anpr.commands import console as commands

    raise typer.Exit(commands.end(folder, staff_id))


@staff_app.command("list")
def show(folder: DepotFolder = Path("depot")) -> None:
    """Show all accounts, their roles, and whether they are ready."""
    from patrol_anpr.commands import console as commands

    raise typer.Exit(commands.show(folder))
