"""The command line of the open form: `patrol-anpr depot export` and `patrol-anpr depot import`."""

from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_lists import DepotFolder


def export(
    out: Annotated[Path, typer.Argument(help="New folder. All of the depot lies in it in the clear: guard it.")],
    why: Annotated[str, typer.Option(help="Why everything is handed out, for the audit.")],
    folder: DepotFolder = Path("depot"),
) -> None:
    """Write everything the depot holds in an open form: JSON lines and JPEG pictures, with their SHA-256."""
    from patrol_anpr.commands.depot_open_form import export_all

    raise typer.Exit(export_all(folder, out, why))


def import_(
    source: Annotated[Path, typer.Argument(help="Folder that `depot export` wrote.")],
    folder: Annotated[Path, typer.Option("--folder", help="Folder for the depot: empty, or not there.")],
    settings: Annotated[
        Path | None, typer.Option(help="A depot.toml for it, which may name an empty PostgreSQL database.")
    ] = None,
) -> None:
    """Make a depot of an export. Cars enrol there anew, people are invited anew, the roster is loaded anew."""
    from patrol_anpr.commands.depot_open_form import import_all

    raise typer.Exit(import_all(source, folder, settings))
