"""Publishing hotlists: each revision is a file as cars hold it, and what its owner signed of it."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from tuf.api.metadata import TargetFile, Targets

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import FOLDER as KEYS
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.repository import Repository, head_of
from patrol_anpr.depot.lists.shipping import Progress, Shipment, shipped
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import ImportReport, Tier, is_absurd
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.wire.lists import (
    ABOUT,
    CLOSED_ROLE,
    OPEN_ROLE,
    HotlistHead,
    ListFile,
    RoleHead,
    WithdrawnList,
    path_of,
)

USUAL_VALIDITY = timedelta(days=30)
"""How long a revision is in force where its publisher does not say."""


_NOT_BUILT = {"entries": 1, "form": "whole", "sha256": "0" * 64, "bytes": 1}
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
    confirmed: Confirmation | None = None,
    actor: str = "operator",
    keys: ListKeys | None = None,
    on_report: Callable[[ImportReport], None] = lambda _: None,
    progress: Progress | None = None,
    now: Callable[[], datetime] = utc_now,
) -> HotlistHead:
    """Publish the file at `path` (CSV, or a ZIP with one) as the next revision of a list; return its head.

    `contact` says how to reach the owner, `audience` names the cars the list is for (None: all). `on_report` is told
    what became of the file's lines, `progress` the number of lines done so far.

    Raises BadInput when a car would refuse the file; when it has lost over 40 % of the entries of the last revision, or
    grown tenfold, and nobody has `confirmed` that; when an urgent list, or one for some cars, has no end; when a key is
    not at hand.
    """
    if valid_until is None and (tier is Tier.IMMEDIATE or audience is not None):
        raise BadInput("A list of tier 1, or for some cars only, needs a day on which it ends.")
    repository = repository_of(folder, keys, now)
    roles = repository.roles()
    last, role = _last_head(roles, list_id), _role_for(roles, owner, audience)
    key, before = _key_and_base(folder, last if _heads_of(roles.get(role), list_id) else None)
    planned = _head(
        list_id=list_id,
        name=name,
        owner=owner,
        contact=contact,
        revision=1 + _last_revision(roles, list_id),
        tier=tier,
        issued_at=now(),
        valid_until=valid_until or now() + USUAL_VALIDITY,
        key_id=key.key_id,
        **_NOT_BUILT,
    )
    base = repository.target(before.sha256) if before else None
    place = repository.target("new")
    with shipped(path, place, planned.hotlist(), key, base, now().date(), progress) as shipment:
        on_report(shipment.report)
        absurd = _absurd(last, shipment.report.entries, confirmed)
        head = _built(planned, shipment, before, confirmed=absurd)
        with repository.turn():
            roles = repository.roles()
            if _last_revision(roles, list_id) != head.revision - 1:
                raise BadInput("Somebody else published this list meanwhile. Publish it again.")
            _audit(folder, actor, "hotlist published", list_id, f"revision {head.revision}")  # or nothing is published
            if absurd and confirmed is not None:
                _audit(folder, confirmed.name, "hotlist size confirmed", list_id, confirmed.reason)
            repository.add_target(head.sha256, shipment.file)
            opening_keys(folder).keep(key)  # who published another list meanwhile dropped what no list needed yet
            elsewhere = [other for other in _holding(roles, list_id) if other != role]
            repository.publish(
                {other: partial(_take_back, list_id=list_id, at=now()) for other in elsewhere}
                | {role: partial(_put, role=role, head=head, audience=audience)}
            )
            used = {one.key_id for targets in repository.roles().values() for one in _heads_of(targets)}
            opening_keys(folder).keep_only(used | ({last.key_id} if last else set()))  # a car may be fetching the last
    return head


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
        holding = _holding(repository.roles(), list_id)
        if not holding:
            raise BadInput("The depot publishes no such list.")
        _audit(folder, actor, "hotlist withdrawn", list_id, reason)
        repository.publish({role: partial(_take_back, list_id=list_id, at=now()) for role in holding})


def published(repository: Repository) -> list[tuple[HotlistHead, RoleHead]]:
    """Every list that is in force at the depot, with what its role says of itself."""
    found = [
        (head, RoleHead.of(targets.unrecognized_fields))
        for targets in repository.roles().values()
        for head in _heads_of(targets)
    ]
    return sorted(found, key=lambda pair: pair[0].list_id)


def opening_keys(folder: Path) -> KeyRing:
    """The keys that open the lists of the depot in `folder`."""
    return KeyRing(folder / KEYS / "lists", DepotKeys(folder).storage)


def _absurd(last: HotlistHead | None, entries: int, confirmed: Confirmation | None) -> bool:
    """Tell whether the list changed so much that it may be a mistake. Raises BadInput where nobody confirmed that."""
    absurd = last is not None and is_absurd(last.entries, entries)
    if last is not None and absurd and confirmed is None:
        raise BadInput(
            f"The list would go from {last.entries:,} to {entries:,} entries, so it was not published. The last "
            "revision stays in force. If the change is meant, publish it again and say who confirms it, and why."
        )
    return absurd


def _key_and_base(folder: Path, last: HotlistHead | None) -> tuple[ListKey, ListFile | None]:
    """The key of the next revision, and the whole list that a delta may lie over.

    Whoever a list is no longer for keeps the old key, so for other cars, or after it was taken back, it has a new one.
    """
    opening = opening_keys(folder)
    key = opening.get(last.key_id) if last is not None else None
    if last is None or key is None:
        opening.keep(key := ListKey.made())
        return key, None
    return key, last.files[0]


def _head(**said: object) -> HotlistHead:
    try:
        return HotlistHead.model_validate(said)
    except ValidationError:
        raise BadInput(
            "The list's id, name, owner or dates cannot be used. An id has 1 to 80 letters, digits, - _ . or :"
        ) from None


def _heads_of(targets: Targets | None, list_id: str | None = None) -> list[HotlistHead]:
    heads = map(head_of, targets.targets.values() if targets is not None else ())
    return [head for head in heads if list_id in (None, head.list_id)]


def _holding(roles: Mapping[str, Targets], list_id: str) -> list[str]:
    return [role for role, targets in roles.items() if _heads_of(targets, list_id)]


def _last_head(roles: Mapping[str, Targets], list_id: str) -> HotlistHead | None:
    heads = (head for targets in roles.values() for head in _heads_of(targets, list_id))
    return max(heads, key=lambda head: head.revision, default=None)


def _last_revision(roles: Mapping[str, Targets], list_id: str) -> int:
    """The newest revision that any car may know, be it that it was taken back."""
    known = [
        gone.revision
        for targets in roles.values()
        for gone in RoleHead.of(targets.unrecognized_fields).withdrawn
        if gone.list_id == list_id
    ]
    last = _last_head(roles, list_id)
    return max([*known, last.revision if last else 0])


def _role_for(roles: Mapping[str, Targets], owner: str, audience: tuple[str, ...] | None) -> str:
    """The role that signs an owner's lists for an audience, which never changes under a role.

    So a car that is no longer among them still learns that the list was taken back. The name of a role that is not
    for all cars says nothing, for all of them see it.
    """
    if audience is None:
        return OPEN_ROLE + (re.sub(r"[^a-z0-9]+", "-", owner.lower()).strip("-")[:40] or "unnamed")
    for role, targets in roles.items():
        about = RoleHead.of(targets.unrecognized_fields)
        if (about.owner, about.audience) == (owner, tuple(sorted(set(audience)))):
            return role
    return CLOSED_ROLE + secrets.token_hex(16)


def _put(targets: Targets, role: str, head: HotlistHead, audience: tuple[str, ...] | None) -> None:
    """Have a role sign this revision of a list in place of the one before."""
    about = targets.unrecognized_fields.get(ABOUT)
    withdrawn = RoleHead.of(targets.unrecognized_fields).withdrawn if about else ()
    said = RoleHead(
        owner=head.owner,
        audience=None if audience is None else tuple(sorted(set(audience))),
        withdrawn=tuple(gone for gone in withdrawn if gone.list_id != head.list_id),
    )
    targets.unrecognized_fields[ABOUT] = said.model_dump(mode="json")
    _drop(targets, head.list_id)
    path = path_of(role, head)
    targets.targets[path] = TargetFile(head.bytes, {"sha256": head.sha256}, path, {"custom": head.custom})


def _take_back(targets: Targets, list_id: str, at: datetime) -> None:
    """Have a role sign that a list is gone, and was taken back on purpose."""
    said = RoleHead.of(targets.unrecognized_fields)
    gone = tuple(
        WithdrawnList(list_id=list_id, name=head.name, revision=head.revision, withdrawn_at=at)
        for head in _heads_of(targets, list_id)
    )
    said = said.model_copy(update={"withdrawn": (*said.withdrawn, *gone)})
    targets.unrecognized_fields[ABOUT] = said.model_dump(mode="json")
    _drop(targets, list_id)


def _drop(targets: Targets, list_id: str) -> None:
    for path in [path for path, target in targets.targets.items() if head_of(target).list_id == list_id]:
        del targets.targets[path]


def _audit(folder: Path, actor: str, action: str, list_id: str, reason: str) -> None:
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            add_audit(connection, actor, action, list_id, reason)
    finally:
        database.close()
