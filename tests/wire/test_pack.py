"""The bytes of a pack: what was put in comes out, and whatever else comes is refused, in words and little memory."""

import contextlib
import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import (
    MAGIC,
    MAX_ITEMS,
    MAX_PACK_BYTES,
    MAX_PICTURES,
    BadPack,
    DamagedPack,
    Pack,
    PackReader,
    read_pack,
)
from patrol_anpr.wire.payloads import AuditPayload, Kind, sha256_of

AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
KINDS = (Kind.READ, Kind.AUDIT, Kind.OUTCOME, Kind.SHIFT, Kind.HIT)


def an_item(number: int, kind: Kind = Kind.AUDIT, pictures: tuple[bytes, ...] = ()) -> OutboxItem:
    item = OutboxItem.of(f"item-{number}", AuditPayload(audit_id=f"a{number}", at=AT, actor="PC1", action="sign on"))
    named = tuple((f"picture {n}", jpeg) for n, jpeg in enumerate(pictures))
    return OutboxItem(item.item_id, kind, item.payload, item.sha256, named)


def whole(pack: Pack) -> bytes:
    return pack.piece(0, pack.size)


items = st.lists(
    st.builds(
        an_item,
        st.integers(0, 99),
        st.sampled_from(KINDS),
        st.lists(st.binary(max_size=50), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=8,
)


@given(items, st.integers(1, 500))
def test_what_is_packed_comes_out_and_pieces_make_the_whole(made: list[OutboxItem], size: int) -> None:
    pack = Pack.of("TA14", made)
    content = b"".join(pack.piece(start, size) for start in range(0, pack.size, size))
    assert content == whole(pack)
    assert len(content) == pack.size
    reader = read_pack(content)
    assert reader.pack_id == pack.pack_id
    got = list(reader.items())
    assert [(named.item_id, named.kind, payload) for named, payload in got] == [
        (item.item_id, item.kind, item.payload) for item in pack.items
    ]
    assert {sha256_of(jpeg) for item in made for _, jpeg in item.pictures} == {
        picture.sha256 for picture, _ in reader.pictures()
    }


def test_hits_come_first_then_other_records_then_reads_then_pictures() -> None:
    pack = Pack.of("TA14", [an_item(n, kind, (b"a picture",)) for n, kind in enumerate(KINDS)])
    assert [item.kind for item in pack.items] == [Kind.OUTCOME, Kind.SHIFT, Kind.HIT, Kind.AUDIT, Kind.READ]
    assert whole(pack).endswith(b"a picture")
    assert whole(pack).count(b"a picture") == 1, "one that several records name is sent once"


@given(items, st.data())
def test_a_pack_cut_continued_or_changed_is_refused(made: list[OutboxItem], data: st.DataObject) -> None:
    content = whole(Pack.of("TA14", made))
    at = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= data.draw(st.integers(1, 255))
    for spoilt in (content[:at], content + b"\0"):
        with pytest.raises(BadPack):
            everything(spoilt)
    known = read_pack(content).pack_id
    with contextlib.suppress(BadPack):
        assert everything(bytes(changed)) != known, "the id stands for every byte"


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: MAGIC + rest))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BadPack):
        everything(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
named = st.sampled_from(["car_id", "items", "pictures", "item_id", "kind", "sha256", "size"])


@given(st.dictionaries(named, json_values | st.lists(st.dictionaries(named, json_values), max_size=3)), st.binary())
def test_any_manifest_is_refused_or_read(manifest: dict, rest: bytes) -> None:
    with pytest.raises(BadPack):
        everything(framed(json.dumps(manifest).encode(), rest))


ITEM = {"item_id": "a", "kind": "audit", "sha256": sha256_of(b""), "size": 0}
PICTURE = {"sha256": sha256_of(b""), "size": 0}
HUGE = {
    "depth": b"[" * 900_000,
    "fields": json.dumps({f"f{n}": 0 for n in range(70_000)}).encode(),
    "values": b"[" + b"1," * 400_000 + b"1]",
    "items": json.dumps({"car_id": "a", "items": [ITEM] * (MAX_ITEMS + 1)}).encode(),
    "pictures": json.dumps({"car_id": "a", "items": [ITEM], "pictures": [PICTURE] * (MAX_PICTURES + 1)}).encode(),
    "a size": json.dumps({"car_id": "a", "items": [ITEM | {"size": 2**60}]}).encode(),
    "a negative size": json.dumps({"car_id": "a", "items": [ITEM | {"size": -1}]}).encode(),
    "a number": b'{"car_id":"a","items":' + b"9" * 900_000 + b"}",
    "the manifest": b"x" * 2**21,
}


@pytest.mark.parametrize("manifest", HUGE.values(), ids=HUGE.keys())
def test_what_swells_is_refused_in_little_memory(manifest: bytes) -> None:
    content = framed(manifest, b"")
    tracemalloc.start()
    try:
        with pytest.raises(BadPack) as refused:
            everything(content)
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    finally:
        tracemalloc.stop()
    assert len(str(refused.value)) < 100


def test_a_length_that_is_not_there_is_not_read_for() -> None:
    with pytest.raises(BadPack, match="too large"):
        PackReader(io.BytesIO(), MAX_PACK_BYTES + 1)
    with pytest.raises(BadPack, match="too large"):
        read_pack(MAGIC + b"\xff\xff\xff\xff")
    with pytest.raises(DamagedPack, match="too early"):
        read_pack(MAGIC + b"\0\0\0\x09{}")


def test_another_version_of_the_form_is_told_as_such() -> None:
    with pytest.raises(BadPack, match="no pack of this version"):
        read_pack(b"PATROL-PACK-3\n" + bytes(20))


def test_fields_of_a_newer_car_are_passed_over() -> None:
    manifest = {"car_id": "a", "items": [ITEM | {"priority": 1}], "pictures": [], "vehicle": {"colour": "white"}}
    assert everything(framed(json.dumps(manifest).encode(), b""))


def framed(manifest: bytes, rest: bytes) -> bytes:
    return MAGIC + len(manifest).to_bytes(4, "big") + manifest + rest


def everything(content: bytes) -> str:
    """Read a pack to its end; return its id."""
    reader = read_pack(content)
    for _ in reader.items():
        pass
    for _ in reader.pictures():
        pass
    return reader.pack_id
