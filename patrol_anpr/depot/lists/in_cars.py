"""Which revision of each published list each car has in force, by what the car itself signed last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from patrol_anpr.depot.fleet.standing import CarStanding, cars_of
from patrol_anpr.wire.lists import HotlistHead, RoleHead
from patrol_anpr.wire.manifest import ListInForce


class Holding(StrEnum):
    """How a car stands to a list. UNKNOWN: it has said nothing yet that can be believed."""

    NEWEST = "newest"
    BEHIND = "behind"
    MISSING = "missing"
    NOT_FOR_IT = "not for it"
    LEFTOVER = "to be taken off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HeldByCar:
    """What a car has of one list: the revision (0 for none), how many it is behind, and when it was published."""

    holding: Holding
    revision: int = 0
    behind: int = 0
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CarLists:
    """One car: when it said so (None: never), and what it has of each list by its id."""

    car_id: str
    unit: str
    said_at: datetime | None
    held: Mapping[str, HeldByCar]


def held(folder: Path, published: Sequence[tuple[HotlistHead, RoleHead]]) -> list[CarLists]:
    """The cars that are enrolled and not denied, with what each holds. Raises RecordsFault."""
    return [held_by(car, published) for car in cars_of(folder, ()) if car.enrolled is not None and car.revoked is None]


def held_by(car: CarStanding, published: Sequence[tuple[HotlistHead, RoleHead]]) -> CarLists:
    """What one car holds of the published lists."""
    newest = car.said[0] if car.said else None
    manifest = newest.manifest if newest is not None else None
    if newest is None or manifest is None:
        unknown = {head.list_id: HeldByCar(Holding.UNKNOWN) for head, _ in published}
        return CarLists(car.car_id, car.unit, None, unknown)
    has = {one.list_id: one for one in manifest.lists}
    found = {head.list_id: _of(head, about, car.car_id, has.get(head.list_id)) for head, about in published}
    return CarLists(car.car_id, car.unit, newest.last, found)


def _of(head: HotlistHead, about: RoleHead, car_id: str, has: ListInForce | None) -> HeldByCar:
    for_it = about.is_for(car_id)
    if has is None:
        return HeldByCar(Holding.MISSING if for_it else Holding.NOT_FOR_IT)
    if not for_it:
        return HeldByCar(Holding.LEFTOVER, has.revision, issued_at=has.issued_at)
    behind = max(0, head.revision - has.revision)
    return HeldByCar(Holding.BEHIND if behind else Holding.NEWEST, has.revision, behind, has.issued_at)
