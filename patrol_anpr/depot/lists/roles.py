"""What the roles of lists have signed, and how it is changed: by functions of their signed metadata alone."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError
from tuf.api.metadata import TargetFile, Targets

from patrol_anpr.depot.lists.repository import head_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.lists import ABOUT, CLOSED_ROLE, OPEN_ROLE, HotlistHead, RoleHead, WithdrawnList, path_of


def checked_head(**said: object) -> HotlistHead:
    """Make a head. Raises BadInput where what is said cannot be used."""
    try:
        return HotlistHead.model_validate(said)
    except ValidationError:
        raise BadInput(
            "The list's id, name, owner or dates cannot be used. An id has 1 to 80 letters, digits, - _ . or :"
        ) from None


def heads_of(targets: Targets | None, list_id: str | None = None) -> list[HotlistHead]:
    """The lists of a role; with `list_id` that one, if it is there."""
    heads = map(head_of, targets.targets.values() if targets is not None else ())
    return [head for head in heads if list_id in (None, head.list_id)]


def holding(roles: Mapping[str, Targets], list_id: str) -> list[str]:
    """The names of the roles that have a list."""
    return [role for role, targets in roles.items() if heads_of(targets, list_id)]


def last_head(roles: Mapping[str, Targets], list_id: str) -> HotlistHead | None:
    """The revision of a list that is published now; None where there is none."""
    heads = (head for targets in roles.values() for head in heads_of(targets, list_id))
    return max(heads, key=lambda head: head.revision, default=None)


def last_revision(roles: Mapping[str, Targets], list_id: str) -> int:
    """The newest revision that any car may know, be it that it was taken back."""
    known = [
        gone.revision
        for targets in roles.values()
        for gone in RoleHead.of(targets.unrecognized_fields).withdrawn
        if gone.list_id == list_id
    ]
    last = last_head(roles, list_id)
    return max([*known, last.revision if last else 0])


def role_for(roles: Mapping[str, Targets], owner: str, audience: tuple[str, ...] | None) -> str:
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


def put(targets: Targets, role: str, head: HotlistHead, audience: tuple[str, ...] | None) -> None:
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


def take_back(targets: Targets, list_id: str, at: datetime) -> None:
    """Have a role sign that a list is gone, and was taken back on purpose."""
    said = RoleHead.of(targets.unrecognized_fields)
    gone = tuple(
        WithdrawnList(list_id=list_id, name=head.name, revision=head.revision, withdrawn_at=at)
        for head in heads_of(targets, list_id)
    )
    said = said.model_copy(update={"withdrawn": (*said.withdrawn, *gone)})
    targets.unrecognized_fields[ABOUT] = said.model_dump(mode="json")
    _drop(targets, list_id)


def _drop(targets: Targets, list_id: str) -> None:
    for path in [path for path, target in targets.targets.items() if head_of(target).list_id == list_id]:
        del targets.targets[path]
