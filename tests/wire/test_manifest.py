"""A manifest of as many lists as there may be still fits what a depot takes."""

from datetime import UTC, datetime

from patrol_anpr.wire.manifest import MAX_MANIFEST, MOST_LISTS, CarManifest, ListInForce
from patrol_anpr.wire.payloads import canonical_json


def test_the_longest_manifest_fits() -> None:
    at = datetime(2026, 11, 21, 21, 0, 0, 999_999, tzinfo=UTC)
    lists = [
        ListInForce(list_id="x" * 75 + f"{n:05}", revision=2**53, issued_at=at, sha256="f" * 64)
        for n in range(MOST_LISTS)
    ]
    whole = CarManifest(
        software="s" * 120, system="s" * 120, records_version=1, depot_id="d" * 120, car_id="c", at=at, lists=lists
    )
    assert len(canonical_json(whole)) <= MAX_MANIFEST
