"""The command line of the depot's models: `patrol-anpr depot model`."""

from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.commands.cli_lists import Cars, DepotFolder, Keys, Units, Who, Why

model_app = typer.Typer(help="The signed models of a depot: what cars read with.", no_args_is_help=True)


@model_app.command("publish")
def publish(
    source: Annotated[Path, typer.Argument(help="A folder of models in the form of the shipped one.")],
    name: Annotated[str, typer.Option(help="What the set is called.")],
    by: Who,
    why: Annotated[str, typer.Option("--why", help="Why, for the audit.")] = "",
    car: Cars = None,
    unit: Units = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="It only reads beside the models in use, and what differs is counted.")
    ] = False,
    keys: Keys = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Publish a signed set of models; each car tries it, and takes it at a start after that."""
    from patrol_anpr.commands.depot_lists import audience_of, keys_of
    from patrol_anpr.commands.depot_models import publish_set

    cars = audience_of(folder, car, unit)
    raise typer.Exit(
        publish_set(folder, source, name, by, why, audience=cars, shadow=shadow, keys=keys_of(folder, keys))
    )


@model_app.command("try")
def try_out(source: Annotated[Path, typer.Argument(help="A folder of models in the form of the shipped one.")]) -> None:
    """Have models read the test card on this machine before they are published; no depot is needed."""
    from patrol_anpr.commands.depot_models import try_set

    raise typer.Exit(try_set(source))


@model_app.command("withdraw")
def withdraw(
    revision: Annotated[int, typer.Argument(help="The revision, as `depot model show` has it.")],
    by: Who,
    why: Why,
    keys: Keys = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Take a set of models back: the cars that read with it go back at their next start."""
    from patrol_anpr.commands.depot_lists import keys_of
    from patrol_anpr.commands.depot_models import withdraw_set

    raise typer.Exit(withdraw_set(folder, revision, by, why, keys_of(folder, keys)))


@model_app.command("show")
def show(folder: DepotFolder = Path("depot")) -> None:
    """Show the sets of models that are published, and their files."""
    from patrol_anpr.commands.depot_models import show_sets

    raise typer.Exit(show_sets(folder))


@model_app.command("report")
def report(folder: DepotFolder = Path("depot")) -> None:
    """Show how far each car is with the models that it was offered, and what shadow runs counted."""
    from patrol_anpr.commands.depot_models import report_sets

    raise typer.Exit(report_sets(folder))
