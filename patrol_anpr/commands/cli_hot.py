"""The command line of single entries: `patrol-anpr depot hot`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_lists import DepotFolder, Keys, Who, Why
from patrol_anpr.domain.hotlist import Tier

hot_app = typer.Typer(help="Single entries, added or cancelled while the cars are out.", no_args_is_help=True)

Vrm = Annotated[str, typer.Option("--vrm", prompt="VRM", help="The mark; asked for where it is not given.")]


@hot_app.command("add")
def add(
    by: Who,
    why: Why,
    vrm: Vrm,
    reason: Annotated[str, typer.Option(help="Why the vehicle is wanted, as the officer sees it.")],
    tier: Annotated[int, typer.Option(min=1, max=3, help="How urgent it is.")] = 2,
    days: Annotated[int, typer.Option(min=1, max=30, help="Days until the entry ends.")] = 2,
    make: Annotated[str, typer.Option(help="Make.")] = "",
    model: Annotated[str, typer.Option(help="Model.")] = "",
    colour: Annotated[str, typer.Option(help="Colour.")] = "",
    action: Annotated[str, typer.Option(help="What to do, such as STOP.")] = "",
    markers: Annotated[str, typer.Option(help="Warnings, such as FIREARMS.")] = "",
    keys: Keys = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Add an entry: cars with a network have it within a minute, the others with their next sync."""
    from patrol_anpr.commands.depot_lists import add_entry, keys_of

    columns = [vrm, make, model, colour, action, markers, reason]
    end = (datetime.now(UTC) + timedelta(days=days)).date()
    raise typer.Exit(add_entry(folder, columns, end, Tier(tier), by, why, keys_of(folder, keys)))


@hot_app.command("cancel")
def cancel(by: Who, why: Why, vrm: Vrm, keys: Keys = None, folder: DepotFolder = Path("depot")) -> None:
    """Cancel every entry of a mark, on whatever list: cars with a network drop it within a minute."""
    from patrol_anpr.commands.depot_lists import cancel_entries, keys_of

    raise typer.Exit(cancel_entries(folder, vrm, by, why, keys_of(folder, keys)))
