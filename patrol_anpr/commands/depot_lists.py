"""What `patrol-anpr depot hotlist` and `patrol-anpr depot lists` do."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import typer

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.hotlist import exit_code, print_lines, progress_of_lines
from patrol_anpr.depot.cars import cars_of_units
from patrol_anpr.depot.keys import FOLDER as KEYS
from patrol_anpr.depot.lists.by_hand import Operator, add_by_hand, cancel_by_hand, entry_by_hand
from patrol_anpr.depot.lists.care import UNPROTECTED, ends_soon, unprotected_roles, wrong_lists
from patrol_anpr.depot.lists.checking import begin_publishing, work_on
from patrol_anpr.depot.lists.drafts import Drafts
from patrol_anpr.depot.lists.keys import KeyPlace, ListKeys
from patrol_anpr.depot.lists.publishing import Confirmation, import_hotlist, published, repository_of, withdraw_hotlist
from patrol_anpr.depot.lists.repository import ONLINE
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import ImportReport, Tier, list_id_of
from patrol_anpr.hotlists.mapping import ListMapping, read_mapping, shipped_mappings

_PLACES = {
    KeyPlace.OPEN: "here, without a passphrase",
    KeyPlace.PROTECTED: "here, behind a passphrase",
    KeyPlace.AWAY: "not here",
}


def keys_of(folder: Path, more: Sequence[Path] | None = None) -> ListKeys:
    """Return the keys that lie in the depot and in the folders `more`; passphrases are asked for."""

    def ask(name: str) -> str:
        return str(typer.prompt(f"Passphrase of {name}", hide_input=True, err=True))

    return ListKeys(folder / KEYS, more or (), ask)


def audience_of(folder: Path, cars: Sequence[str] | None, units: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the cars that something is published for: those named, and those of the units now; None: all."""
    if not cars and not units:
        return None
    return tuple(sorted({*(cars or ()), *cars_of_units(there(folder), units or ())}))


def publish_list(
    folder: Path,
    file: Path,
    name: str,
    owner: str,
    tier: Tier,
    *,
    mapping: str,
    contact: str,
    valid_until: datetime | None,
    audience: tuple[str, ...] | None,
    confirmed: Confirmation | None,
    actor: str,
    keys: ListKeys,
) -> int:
    """Publish a list file as the next revision of the list of that name; returns 1 when cars refuse a line of it.

    What is printed is what becomes of the file in a car.
    """
    reports: list[ImportReport] = []
    with progress_of_lines() as progress:
        head = import_hotlist(
            there(folder),
            file,
            list_id_of(name),
            name,
            owner,
            tier,
            mapping=_mapping(mapping) if mapping else None,
            contact=contact,
            valid_until=valid_until,
            audience=audience,
            confirmed=confirmed,
            actor=actor,
            keys=keys,
            on_report=reports.append,
            progress=progress,
        )
    print_lines(reports[-1])
    typer.echo(
        f"{name}, revision {head.revision}: {head.entries} entries published, in force until "
        f"{head.valid_until:%Y-%m-%d %H:%M} UTC."
    )
    return exit_code(reports[-1])


def _mapping(named: str) -> ListMapping:
    """A shipped mapping by its name, or the mapping file of a force."""
    return shipped_mappings().get(named) or read_mapping(Path(named))


def withdraw_list(folder: Path, name: str, actor: str, reason: str, keys: ListKeys) -> int:
    """Take a list back."""
    withdraw_hotlist(there(folder), list_id_of(name), actor, reason, keys=keys)
    typer.echo(f"{name} is taken back. It leaves each car with its next sync.")
    return 0


def add_entry(folder: Path, columns: Sequence[str], end: date, tier: Tier, by: str, why: str, keys: ListKeys) -> int:
    """Add an entry by hand; `columns` are the first ones of a line of a list file, from the mark to the reason."""
    now = datetime.now(UTC)
    line = entry_by_hand(columns, tier, end, now.date())
    head = add_by_hand(there(folder), line.voi, Operator(by, why), keys=keys)
    if line.doubt:
        typer.echo(f"Look at the mark again: {line.doubt}.")
    typer.echo(f"Added. {head.name}, revision {head.revision}: {head.entries} entries; this one until {end}.")
    return 0


def cancel_entries(folder: Path, vrm: str, by: str, why: str, keys: ListKeys) -> int:
    """Cancel the entries of a mark."""
    names = cancel_by_hand(there(folder), vrm, Operator(by, why), keys=keys)
    typer.echo(f"Cancelled on: {', '.join(names)}. A later file of an owner that has it puts it in force again.")
    return 0


def show_lists(folder: Path) -> int:
    """Print what is published and who signs; returns 1 where a person's key lies here without a passphrase."""
    repository = repository_of(there(folder))
    for head, about in published(repository):
        cars = "all cars" if about.audience is None else ", ".join(about.audience)
        typer.echo(
            f"{head.name}, revision {head.revision}: {head.entries:,} entries of {about.owner}, for {cars}, until "
            f"{head.valid_until:%Y-%m-%d %H:%M} UTC"
        )
    now = datetime.now(UTC)
    for state in repository.states():
        places = ", ".join(_PLACES[place] for place in state.keys.values())
        typer.echo(
            f"{state.role}: signed until {state.expires:%Y-%m-%d}, {(state.expires - now).days} days; "
            f"{state.threshold} of {len(state.keys)} keys must sign; {places}"
        )
    for sentence in (*wrong_lists(repository), *ends_soon(repository, now)):
        typer.echo(sentence)
    if unprotected := unprotected_roles(repository):
        typer.echo(UNPROTECTED.format(roles=", ".join(unprotected)))
    return int(bool(unprotected))


def protect_keys(folder: Path, role: str) -> int:
    """Put the keys of a role behind a passphrase."""
    if role in ONLINE:
        raise BadInput("The keys of snapshot and timestamp sign by themselves, so they have no passphrase.")
    keys = keys_of(folder)
    state = next((one for one in repository_of(there(folder)).states() if one.role == role), None)
    if state is None:
        raise BadInput("There is no such role. `patrol-anpr depot lists show` names them.")
    for keyid in state.keys:
        said = typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        keys.protect(role, keyid, said)
    typer.echo(f"The keys of {role} are behind a passphrase. Without it nobody can sign; no one can restore it.")
    return 0


def ask_two_people(folder: Path, role: str, keys: ListKeys) -> int:
    """Ask for two keys whenever a role signs."""
    repository_of(there(folder), keys).ask_two(role)
    typer.echo(f"{role} signs with two keys from now on. Both lie in {folder / KEYS}: give one to each of two people.")
    return 0


def rotate_key(folder: Path, role: str, keys: ListKeys) -> int:
    """Give a role a new key."""
    repository_of(there(folder), keys).rotate(role)
    typer.echo(f"{role} signs with a new key. The old one counts no more: destroy its file.")
    return 0


def finish_draft(folder: Path, draft_id: str, keys: ListKeys) -> int:
    """Publish a checked draft that enough people have approved, with keys that the console does not have."""
    begin_publishing(Drafts(there(folder)), draft_id, datetime.now(UTC))
    draft = work_on(folder, draft_id, keys=keys)
    if draft.fault:
        raise BadInput(draft.fault)
    typer.echo(f"{draft.wish.name}, revision {draft.revision}, is published.")
    return 0


def work_on_draft(folder: Path, draft_id: str) -> int:
    """Do what is to be done with a draft; returns 1 where it failed, which the console shows."""
    return int(bool(work_on(there(folder), draft_id).fault))
