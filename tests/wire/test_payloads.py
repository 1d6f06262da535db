"""The shapes of the wire: one spelling of each value, strict about what it takes in."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.wire.lists import HotlistHead
from patrol_anpr.wire.payloads import (
    PAYLOADS,
    Kind,
    NotUnderstood,
    RosterOfficer,
    ShiftPayload,
    canonical_json,
    kind_of,
    payload_of,
    sha256_of,
    to_milliseconds,
)

NOW = datetime(2026, 11, 21, 21, 43, 5, 123_456, tzinfo=UTC)
HASH = "0" * 64
SHIFT = ShiftPayload(shift_id="shift-1", officer_id="4821", unit="TA14", crew=Crew.SINGLE, started_at=NOW)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values, max_size=6), st.randoms())
def test_one_value_has_one_spelling_whatever_the_order_of_its_keys(value: dict[str, Any], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    spelt = canonical_json({key: value[key] for key in keys})
    assert spelt == canonical_json(value)
    assert json.loads(spelt) == value
    assert spelt.isascii()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_no_value(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"speed": number})


def test_a_hash_is_that_of_the_bytes() -> None:
    assert sha256_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_milliseconds_are_cut_not_rounded() -> None:
    assert to_milliseconds(NOW).microsecond == 123_000
    assert to_milliseconds(NOW.replace(microsecond=999_999)).microsecond == 999_000


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_payload_and_every_payload_a_kind(kind: Kind) -> None:
    assert [one for one, model in PAYLOADS.items() if model is PAYLOADS[kind]] == [kind]


def test_the_kind_of_a_payload_is_told_from_its_type() -> None:
    assert kind_of(SHIFT) is Kind.SHIFT


def test_a_record_gives_its_payload_back() -> None:
    assert payload_of(Kind.SHIFT, canonical_json(SHIFT)) == SHIFT


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"shift_id": "shift-1"},
        json.loads(canonical_json(SHIFT)) | {"started_at": "2026-11-21T21:43:05"},  # of no time zone
        json.loads(canonical_json(SHIFT)) | {"crew": "three"},
        json.loads(canonical_json(SHIFT)) | {"shift_id": 7},
        json.loads(canonical_json(SHIFT)) | {"shift_id": "../etc/passwd"},
        json.loads(canonical_json(SHIFT)) | {"shift_id": "x" * 81},
        json.loads(canonical_json(SHIFT)) | {"unit": "x" * 121},
    ],
)
def test_a_payload_of_another_shape_is_not_understood_though_its_hash_is_right(payload: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood, match="not the shape of a shift"):
        payload_of(Kind.SHIFT, canonical_json(payload))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SHIFT])
def test_a_payload_under_another_kind_is_not_understood(kind: Kind) -> None:
    with pytest.raises(NotUnderstood):
        payload_of(kind, canonical_json(SHIFT))


def test_a_field_or_a_kind_of_a_newer_version_spoils_nothing() -> None:
    newer = json.loads(canonical_json(SHIFT)) | {"extra": 1}
    assert payload_of(Kind.SHIFT, canonical_json(newer)) == SHIFT
    with pytest.raises(NotUnderstood, match="a kind that is not known"):
        payload_of("lidar_scan", b"{}")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{", b"[" * 10_000, b'{"a":' * 10_000, b"null"])
def test_what_is_no_json_is_not_understood(content: bytes) -> None:
    with pytest.raises(NotUnderstood):
        payload_of(Kind.SHIFT, content)


def test_what_has_arrived_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        SHIFT.unit = "TA15"  # type: ignore[misc]


@pytest.mark.parametrize("pin_hash", ["", "1234", "$argon2i$v=19$x", "$argon2id$" + "x" * 300])
def test_a_roster_holds_argon2id_verifiers_and_no_pins(pin_hash: str) -> None:
    with pytest.raises(ValidationError):
        RosterOfficer(officer_id="4821", name="A. Example", pin_hash=pin_hash)


def test_officers_and_lists_become_what_the_domain_has() -> None:
    officer = RosterOfficer(officer_id="4821", name="A. Example", pin_hash="$argon2id$v=19$x")
    assert officer.officer() == Officer("4821", "A. Example", "$argon2id$v=19$x")
    head = HotlistHead(
        list_id="metro",
        name="Metro PNC",
        owner="Metro",
        revision=3,
        tier=Tier.PRIORITY,
        issued_at=NOW,
        valid_until=NOW,
        entries=1,
        form="whole",
        key_id="0" * 16,
        sha256=HASH,
        bytes=10,
    )
    assert head.hotlist() == Hotlist("metro", "Metro PNC", "Metro", 3, Tier.PRIORITY, NOW, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 0},
        {"entries": 0},
        {"bytes": 0},
        {"bytes": 2**41},
        {"tier": 5},
        {"form": "rar"},
        {"form": "delta"},
        {"key_id": "x"},
    ],
)
def test_a_list_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    values = {
        "list_id": "metro",
        "name": "Metro PNC",
        "owner": "Metro",
        "revision": 3,
        "tier": 2,
        "issued_at": NOW.isoformat(),
        "valid_until": NOW.isoformat(),
        "entries": 1,
        "form": "whole",
        "key_id": "0" * 16,
        "sha256": HASH,
        "bytes": 10,
    }
    HotlistHead.model_validate(values)
    with pytest.raises(ValidationError):
        HotlistHead.model_validate(values | change)
