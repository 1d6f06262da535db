"""What each car holds of the published lists, by what it signed last."""

from datetime import UTC, datetime, timedelta

from patrol_anpr.depot.fleet.standing import CarStanding, SaidManifest
from patrol_anpr.depot.lists.in_cars import HeldByCar, Holding, held_by
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.wire.lists import HotlistHead, RoleHead
from patrol_anpr.wire.manifest import CarManifest, ListInForce

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
OLD = NOW - timedelta(days=3)


def published(list_id: str, revision: int, *cars: str):
    head = HotlistHead(
        list_id=list_id, name=list_id, owner="Metro", revision=revision, tier=Tier.PRIORITY, issued_at=NOW,
        valid_until=NOW, entries=1, form="whole", key_id="0" * 16, sha256="0" * 64, bytes=1,
    )  # fmt: skip
    return head, RoleHead(owner="Metro", audience=cars or None)


def car(*lists: tuple[str, int], proven: bool = True, said: bool = True) -> CarStanding:
    found = [ListInForce(list_id=list_id, revision=revision, issued_at=OLD) for list_id, revision in lists]
    manifest = CarManifest(
        software="1", system="Linux", records_version=1, depot_id="d", car_id="TA14", at=NOW, lists=tuple(found)
    )
    words = (SaidManifest(manifest if proven else None, OLD, NOW, NOW),) if said else ()
    return CarStanding("TA14", OLD, None, words, 0, 0)


def test_a_car_has_the_newest_is_behind_or_lacks_a_list():
    lists = [published("a", 3), published("b", 3), published("c", 1)]
    lists += [published(list_id, 1, "TA15") for list_id in "de"]
    found = held_by(car(("a", 3), ("b", 1), ("e", 1)), lists)
    assert found.said_at == NOW
    assert found.held == {
        "a": HeldByCar(Holding.NEWEST, 3, 0, OLD),
        "b": HeldByCar(Holding.BEHIND, 1, 2, OLD),
        "c": HeldByCar(Holding.MISSING),
        "d": HeldByCar(Holding.NOT_FOR_IT),
        "e": HeldByCar(Holding.LEFTOVER, 1, 0, OLD),
    }


def test_what_a_car_has_not_said_or_not_signed_is_unknown_and_never_well():
    for standing in (car(("a", 1), proven=False), car(said=False)):
        found = held_by(standing, [published("a", 1)])
        assert (found.said_at, found.held["a"].holding) == (None, Holding.UNKNOWN)
