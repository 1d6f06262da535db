"""The command line of the depot's lists: `patrol-anpr depot hotlist` and `patrol-anpr depot lists`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier

lists_app = typer.Typer(help="The signed lists of a depot: who signs, and how long it is good.", no_args_is_help=True)

DepotFolder = Annotated[
    Path, typer.Option("--folder", envvar="PATROL_ANPR_DEPOT_FOLDER", show_envvar=False, help="Folder of the depot.")
]
Keys = Annotated[list[Path] | None, typer.Option("--keys", help="A folder with more keys, as on a stick.")]
Who = Annotated[str, typer.Option("--by", help="Who does it: a name, for the audit.")]
Why = Annotated[str, typer.Option("--why", help="Why, for the audit.")]
Cars = Annotated[list[str] | None, typer.Option("--car", help="For this car only; once a car.")]
Units = Annotated[
    list[str] | None, typer.Option("--unit", help="For the cars that belong to this unit now; once a unit.")
]
Role = Annotated[str, typer.Argument(help="The role, as `depot lists show` has it.")]


def publish(
    file: Annotated[Path, typer.Argument(help="A hotlist file, bare or in a ZIP.")],
    name: Annotated[str, typer.Option(help="The list's name, as the officer sees it.")],
    mapping: Annotated[
        str, typer.Option(help="How the file is read: a mapping file, or bof, keyed, named or plain. Else 16 columns.")
    ] = "",
    tier: Annotated[int, typer.Option(min=1, max=4, help="The list's own tier.")] = 2,
    owner: Annotated[str, typer.Option(help="Who the list belongs to.")] = "this force",
    contact: Annotated[str, typer.Option(help="How to reach the owner.")] = "",
    valid_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days until it ends; 30 where tier and cars leave it open.")
    ] = None,
    car: Cars = None,
    unit: Units = None,
    confirmed_by: Annotated[
        str, typer.Option(help="Who confirms that a list which shrank or grew suspiciously is right.")
    ] = "",
    confirmed_why: Annotated[str, typer.Option(help="How that is known.")] = "",
    by: Who = "operator",
    keys: Keys = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Publish a hotlist as the next revision, signed with the keys of its owner."""
    from patrol_anpr.commands.depot_lists import audience_of, keys_of, publish_list
    from patrol_anpr.depot.lists.publishing import Confirmation

    if bool(confirmed_by) != bool(confirmed_why):
        raise BadInput("To confirm a list, give both: --confirmed-by and --confirmed-why.")
    code = publish_list(
        folder,
        file,
        name,
        owner,
        Tier(tier),
        mapping=mapping,
        contact=contact,
        valid_until=datetime.now(UTC) + timedelta(days=valid_days) if valid_days else None,
        audience=audience_of(folder, car, unit),
        confirmed=Confirmation(confirmed_by, confirmed_why) if confirmed_by else None,
        actor=by,
        keys=keys_of(folder, keys),
    )
    raise typer.Exit(code)


@lists_app.command("withdraw")
def withdraw(
    name: Annotated[str, typer.Argument(help="The list's name.")],
    by: Who,
    why: Why,
    keys: Keys = None,
    folder: DepotFolder = Path("depot"),
) -> None:
    """Take a list back: it leaves each car with its next sync."""
    from patrol_anpr.commands.depot_lists import keys_of, withdraw_list

    raise typer.Exit(withdraw_list(folder, name, by, why, keys_of(folder, keys)))


@lists_app.command("show")
def show(folder: DepotFolder = Path("depot")) -> None:
    """Show what is published, who signs it, where the keys are, and when what they signed ends."""
    from patrol_anpr.commands.depot_lists import show_lists

    raise typer.Exit(show_lists(folder))


@lists_app.command("protect")
def protect(role: Role, folder: DepotFolder = Path("depot")) -> None:
    """Put the keys of a role behind a passphrase, which is then asked for whenever they sign."""
    from patrol_anpr.commands.depot_lists import protect_keys

    raise typer.Exit(protect_keys(folder, role))


@lists_app.command("two-people")
def two_people(role: Role, keys: Keys = None, folder: DepotFolder = Path("depot")) -> None:
    """Ask for two keys whenever a role signs, and make the second: each of two people then keeps one."""
    from patrol_anpr.commands.depot_lists import ask_two_people, keys_of

    raise typer.Exit(ask_two_people(folder, role, keys_of(folder, keys)))


@lists_app.command("rotate")
def rotate(role: Role, keys: Keys = None, folder: DepotFolder = Path("depot")) -> None:
    """Give a role a new key in place of those it has; cars follow by themselves."""
    from patrol_anpr.commands.depot_lists import keys_of, rotate_key

    raise typer.Exit(rotate_key(folder, role, keys_of(folder, keys)))


Draft = Annotated[str, typer.Argument(help="The draft, as the console has it.")]


@lists_app.command("finish")
def finish(draft: Draft, keys: Keys = None, folder: DepotFolder = Path("depot")) -> None:
    """Publish a draft of the console with keys that are not there: on sticks, or behind passphrases."""
    from patrol_anpr.commands.depot_lists import finish_draft, keys_of

    raise typer.Exit(finish_draft(folder, draft, keys_of(folder, keys)))


@lists_app.command("work", hidden=True)
def work(draft: Draft, folder: DepotFolder = Path("depot")) -> None:
    """Do what is to be done with a draft; the console starts this."""
    from patrol_anpr.commands.depot_lists import work_on_draft

    raise typer.Exit(work_on_draft(folder, draft))
