"""Who has to sign so that a list is published, and whether their keys are at hand."""

from dataclasses import dataclass

from patrol_anpr.depot.lists.keys import KeyPlace
from patrol_anpr.depot.lists.repository import TARGETS, Repository
from patrol_anpr.depot.lists.roles import holding, role_for


@dataclass(frozen=True, slots=True)
class Signing:
    """What a publication needs: so many `people`, and the keys of the roles `away`, which are not open here."""

    people: int
    away: tuple[str, ...]


def signing_of(repository: Repository, list_id: str, owner: str | None, audience: tuple[str, ...] | None) -> Signing:
    """Return what publishing a list for an owner and an audience needs; taking it back where `owner` is None."""
    roles = repository.roles()
    needed = set(holding(roles, list_id))
    if owner is not None:
        role = role_for(roles, owner, audience)
        needed = {other for other in needed if other != role} | {role if role in roles else TARGETS}
    states = {state.role: state for state in repository.states()}
    people = max((states[role].threshold for role in needed if role != TARGETS), default=1)
    open_here = {role: list(states[role].keys.values()).count(KeyPlace.OPEN) for role in needed}
    return Signing(people, tuple(sorted(role for role in needed if open_here[role] < states[role].threshold)))
