"""Publishing hotlists: each revision is a file as cars hold it, and what its owner signed of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import FOLDER as KEYS
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.kept import forget_before, keep_before, kept_heads
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot.lists.roles import (
    checked_head,
    heads_of,
    holding,
    last_head,
    last_revision,
    put,
    role_for,
    take_back,
)
from patrol_anpr.depot.lists.shipping import Progress, Shipment, shipped
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import HOT_LIST, ImportReport, Tier, is_absurd
from patrol_anpr.hotlists.importer import ListLine
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.mapped import read_list
from patrol_anpr.hotlists.mapping import ListMapping
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.wire.lists import HotlistHead, ListFile, RoleHead

USUAL_VALIDITY = timedelta(days=30)
"""How long a revision is in force where its publisher does not say."""


NOT_BUILT = {"entries": 1, "form": "whole", "sha256": "0" * 64, "bytes": 1}
"""What is not known of a revision before its file is built."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who says that a list of an absurd size is meant, and why."""

    name: str
    reason: str


def repository_of(folder: Path, keys: ListKeys | None = None, now: Callable[[], datetime] = utc_now) -> Repository:
    """Return the signed repository of the depot in `folder`, made where there is none, with the keys that lie there."""
    repository = Repository(folder, keys or ListKeys(folder / KEYS), now)
    repository.create()
    return repository


@dataclass(frozen=True, slots=True)
class ListWish:
    """What a publisher says of a list. `contact` says how to reach the owner, `audience` which cars it is for.

    `valid_until`: None where the usual validity will do. `audience`: None for all cars.
    """

    list_id: str
    name: str
    owner: str
    tier: Tier
    contact: str = ""
    valid_until: datetime | None = None
    audience: tuple[str, ...] | None = None


def import_hotlist(
    folder: Path,
    path: Path,
    list_id: str,
    name: str,
    owner: str,
    tier: Tier,
    *,
    contact: str = "",
    valid_until: datetime | None = None,
    audience: tuple[str, ...] | None = None,
    mapping: ListMapping | None = None,
    confirmed: Confirmation | None = None,
    actor: str = "operator",
    keys: ListKeys | None = None,
    on_report: Callable[[ImportReport], None] = lambda _: None,
    progress: Progress | None = None,
    now: Callable[[], datetime] = utc_now,
) -> HotlistHead:
    """Publish the file at `path` (CSV, or a ZIP with one) as the next revision of a list; return its head.

    `mapping` says how it is read; without one it has the 16 columns. `on_report` is told what became of the file's
    lines, `progress` the number of lines done so far. Raises BadInput as `publish_lines` does, and when the file cannot
    be read so.
    """
    wish = ListWish(list_id, name, owner, tier, contact, valid_until, audience)
    check_wish(wish)
    lines = read_list(path, mapping, tier, now().date())
    return publish_lines(
        folder,
        lines,
        wish,
        confirmed=confirmed,
        actor=actor,
        keys=keys,
        on_report=on_report,
        progress=progress,
        now=now,
    )


def check_wish(wish: ListWish) -> None:
    """Raise BadInput when an urgent list, or one for some cars, has no end, or it is the list made by hand."""
    if wish.valid_until is None and (wish.tier is Tier.IMMEDIATE or wish.audience is not None):
        raise BadInput("A list of tier 1, or for some cars only, needs a day on which it ends.")
    if wish.list_id == HOT_LIST:
        raise BadInput("That list is made by hand, an entry at a time: `patrol-anpr depot hot add`. Give another name.")


def publish_lines(
    folder: Path,
    lines: Iterable[ListLine],
    wish: ListWish,
    *,
    confirmed: Confirmation | None = None,
    actor: str = "operator",
    keys: ListKeys | None = None,
    on_report: Callable[[ImportReport], None] = lambda _: None,
    progress: Progress | None = None,
    now: Callable[[], datetime] = utc_now,
) -> HotlistHead:
    """Publish the entries among `lines` as the next revision of a list; return its head.

    The revision before is kept, so that one can go back to it (`kept.py`).

    Raises BadInput when there is no entry; when the list has lost over 40 % of the entries of the last revision, or
    grown tenfold, and nobody has `confirmed` that; for a wish that `check_wish` refuses; when a key is not at hand.
    """
    check_wish(wish)
    repository = repository_of(folder, keys, now)
    roles = repository.roles()
    last, role = last_head(roles, wish.list_id), role_for(roles, wish.owner, wish.audience)
    key, before = key_and_base(folder, last if heads_of(roles.get(role), wish.list_id) else None)
    planned = _planned(wish, 1 + last_revision(roles, wish.list_id), key, now())
    base = repository.target(before.sha256) if before else None
    with shipped(lines, repository.target("new"), planned.hotlist(), key, base, progress) as shipment:
        on_report(shipment.report)
        absurd = _absurd(last, shipment.report.entries, confirmed)
        head = _built(planned, shipment, before, confirmed=absurd)
        with repository.turn():
            roles = repository.roles()
            if last_revision(roles, wish.list_id) != head.revision - 1:
                raise BadInput("Somebody else published this list meanwhile. Publish it again.")
            audit_list(folder, actor, "hotlist published", wish.list_id, f"revision {head.revision}")  # or not at all
            if absurd and confirmed is not None:
                audit_list(folder, confirmed.name, "hotlist size confirmed", wish.list_id, confirmed.reason)
            repository.add_target(head.sha256, shipment.file)
            opening_keys(folder).keep(key)  # who published another list meanwhile dropped what no list needed yet
            if last is not None:
                keep_before(repository, last)
            elsewhere = [other for other in holding(roles, wish.list_id) if other != role]
            repository.publish(
                {other: partial(take_back, list_id=wish.list_id, at=now()) for other in elsewhere}
                | {role: partial(put, role=role, head=head, audience=wish.audience)}
            )
            _drop_keys(folder, repository, last)
    return head


def _drop_keys(folder: Path, repository: Repository, last: HotlistHead | None) -> None:
    """Drop the keys that no list needs any more: none that is published, none that is kept, not one just fetched."""
    used = {one.key_id for targets in repository.roles().values() for one in heads_of(targets)}
    used |= {one.key_id for one in kept_heads(repository)}
    opening_keys(folder).keep_only(used | ({last.key_id} if last else set()))


def _planned(wish: ListWish, revision: int, key: ListKey, at: datetime) -> HotlistHead:
    """The head of a revision, as far as it is known before its file is built."""
    return checked_head(
        list_id=wish.list_id,
        name=wish.name,
        owner=wish.owner,
        contact=wish.contact,
        revision=revision,
        tier=wish.tier,
        issued_at=at,
        valid_until=wish.valid_until or at + USUAL_VALIDITY,
        key_id=key.key_id,
        **NOT_BUILT,
    )


def _built(planned: HotlistHead, shipment: Shipment, before: ListFile | None, *, confirmed: bool) -> HotlistHead:
    """The head of a revision whose file is built."""
    said = {
        "entries": shipment.report.entries,
        "confirmed": confirmed,
        "form": "delta" if shipment.is_delta else "whole",
        "base": before if shipment.is_delta else None,
        "sha256": sha256_of_file(shipment.file),
        "bytes": shipment.file.stat().st_size,
    }
    return planned.model_copy(update=said)


def withdraw_hotlist(
    folder: Path,
    list_id: str,
    actor: str,
    reason: str,
    *,
    keys: ListKeys | None = None,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Take a list back: it leaves each car with its next sync. Raises BadInput where the depot has no such list."""
    repository = repository_of(folder, keys, now)
    with repository.turn():
        held_by = holding(repository.roles(), list_id)
        if not held_by:
            raise BadInput("The depot publishes no such list.")
        audit_list(folder, actor, "hotlist withdrawn", list_id, reason)
        repository.publish({role: partial(take_back, list_id=list_id, at=now()) for role in held_by})
        forget_before(repository, list_id)


def published(repository: Repository) -> list[tuple[HotlistHead, RoleHead]]:
    """Every list that is in force at the depot, with what its role says of itself."""
    found = [
        (head, RoleHead.of(targets.unrecognized_fields))
        for targets in repository.roles().values()
        for head in heads_of(targets)
    ]
    return sorted(found, key=lambda pair: pair[0].list_id)


def opening_keys(folder: Path) -> KeyRing:
    """The keys that open the lists of the depot in `folder`."""
    return KeyRing(folder / KEYS / "lists", DepotKeys(folder).storage)


def _absurd(last: HotlistHead | None, entries: int, confirmed: Confirmation | None) -> bool:
    """Tell whether the list changed so much that it may be a mistake. Raises BadInput where nobody confirmed that."""
    absurd = last is not None and is_absurd(last.judged_entries, entries)
    if last is not None and absurd and confirmed is None:
        raise BadInput(
            f"The list would go from {last.judged_entries:,} to {entries:,} entries, so it was not published. The last "
            "revision stays in force. If the change is meant, publish it again and say who confirms it, and why."
        )
    return absurd


def key_and_base(folder: Path, last: HotlistHead | None) -> tuple[ListKey, ListFile | None]:
    """The key of the next revision, and the whole list that a delta may lie over.

    Whoever a list is no longer for keeps the old key, so for other cars, or after it was taken back, it has a new one.
    """
    opening = opening_keys(folder)
    key = opening.get(last.key_id) if last is not None else None
    if last is None or key is None:
        opening.keep(key := ListKey.made())
        return key, None
    return key, last.files[0]


def audit_list(folder: Path, actor: str, action: str, list_id: str, reason: str) -> None:
    """Note in the depot's audit trail what was done to a list."""
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            add_audit(connection, actor, action, list_id, reason)
    finally:
        database.close()
