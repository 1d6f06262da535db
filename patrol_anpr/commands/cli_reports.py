"""The command line of figures and what is made of them: `patrol-anpr depot figures`, `public`, `dpia`."""

from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_lists import DepotFolder


def figures(folder: DepotFolder = Path("depot")) -> None:
    """Count what cars sent into figures a day, for the reports: each record once."""
    from patrol_anpr.commands.depot_reports import count_figures

    raise typer.Exit(count_figures(folder))


def public(
    out: Annotated[Path, typer.Argument(help="HTML file to write, anew each time.")],
    folder: DepotFolder = Path("depot"),
) -> None:
    """Write the page for the public as one file, for the force's own web site: no mark, no unit, no small number."""
    from patrol_anpr.commands.depot_reports import write_public_page

    raise typer.Exit(write_public_page(folder, out))


def dpia(
    out: Annotated[Path, typer.Argument(help="Markdown file to write.")], folder: DepotFolder = Path("depot")
) -> None:
    """Write the pack for a data protection impact assessment: this depot's facts, and blanks for the force."""
    from patrol_anpr.commands.depot_reports import write_pack

    raise typer.Exit(write_pack(folder, out))
