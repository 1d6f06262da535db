"""Signed receipts: believed only when they are of this depot, for this car, for exactly what was sent."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from patrol_anpr.wire.payloads import Receipt, ReceiptStatus, sha256_of
from patrol_anpr.wire.receipts import (
    NotProven,
    PackReceipt,
    PackReply,
    Verifier,
    leaf,
    merkle_root,
    signed_reply,
)

AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
PACK = sha256_of(b"a pack")
VERIFIER = Verifier("depot-1", "TA14", KEY.public_key().public_bytes_raw())


def an_item(number: int, **changes) -> Receipt:
    values = {
        "car_id": "TA14",
        "item_id": f"read:{number}",
        "sha256": sha256_of(str(number).encode()),
        "status": ReceiptStatus.HELD,
        "seq": number + 1,
    }
    return Receipt(**(values | changes))


def a_reply(made: list[Receipt], key: Ed25519PrivateKey = KEY, **changes) -> PackReply:
    values = {
        "depot_id": "depot-1",
        "epoch": 3,
        "car_id": "TA14",
        "pack": PACK,
        "root": merkle_root(made),
        "items": len(made),
        "first_seq": 1,
        "last_seq": len(made),
        "committed_at": AT,
    }
    return signed_reply(key, PackReceipt(**(values | changes)), made, (), "1.0")


@given(st.integers(0, 20))
def test_an_honest_receipt_is_believed(count: int) -> None:
    items = [an_item(n) for n in range(count)]
    proof = VERIFIER.proof(a_reply(items), PACK)
    assert proof.items == tuple(items)
    assert (proof.receipt.epoch, proof.software) == (3, "1.0")


FORGED = {
    "another key": a_reply([an_item(1)], OTHER),
    "another depot": a_reply([an_item(1)], depot_id="depot-2"),
    "another car": a_reply([an_item(1)], car_id="TA15"),
    "another pack": a_reply([an_item(1)], pack=sha256_of(b"another")),
    "another root": a_reply([an_item(1)], root=sha256_of(b"")),
    "another count": a_reply([an_item(1)], items=2),
    "an item of another car": a_reply([an_item(1, car_id="TA15")]),
    "an item more": a_reply([an_item(1)]).model_copy(update={"items": (an_item(1), an_item(2))}),
    "an item less": a_reply([an_item(1), an_item(2)]).model_copy(update={"items": (an_item(1),)}),
    "another status": a_reply([an_item(1, status=ReceiptStatus.REJECTED)]).model_copy(update={"items": (an_item(1),)}),
    "another hash": a_reply([an_item(1)]).model_copy(update={"items": (an_item(1, sha256="0" * 64),)}),
    "another order": a_reply([an_item(1), an_item(2)]).model_copy(update={"items": (an_item(2), an_item(1))}),
    "another text": a_reply([an_item(1)]).model_copy(update={"receipt": a_reply([an_item(1)], epoch=4).receipt}),
    "no text": a_reply([an_item(1)]).model_copy(update={"receipt": ""}),
    "no signature": a_reply([an_item(1)]).model_copy(update={"signature": "0" * 128}),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_receipt_that_is_not_for_this_is_not_believed(forged: PackReply) -> None:
    with pytest.raises(NotProven):
        VERIFIER.proof(forged, PACK)


@given(st.data())
def test_no_byte_of_a_receipt_may_be_another(data: st.DataObject) -> None:
    reply = a_reply([an_item(1)])
    text = data.draw(st.sampled_from([reply.receipt, reply.signature]))
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(codec="ascii").filter(lambda one: one != text[at])) + text[at + 1 :]
    field = "receipt" if text is reply.receipt else "signature"
    with pytest.raises((NotProven, ValidationError)):  # as it is read: a signature in capitals is no signature
        VERIFIER.proof(PackReply.model_validate(reply.model_dump() | {field: changed}), PACK)


@given(st.binary(max_size=100))
def test_a_key_that_is_none_believes_nothing(key: bytes) -> None:
    if key != VERIFIER.key:
        with pytest.raises(NotProven):
            Verifier("depot-1", "TA14", key).proof(a_reply([an_item(1)]), PACK)


def test_the_root_is_that_of_rfc_9162() -> None:
    """By its own words: a leaf and a node begin with another byte, and the left part is the largest power of two."""

    def root(items: list[Receipt]) -> bytes:
        if len(items) == 1:
            return hashlib.sha256(b"\0" + leaf(items[0])).digest()
        split = 1
        while 2 * split < len(items):
            split *= 2
        return hashlib.sha256(b"\1" + root(items[:split]) + root(items[split:])).digest()

    for count in range(1, 40):
        items = [an_item(n) for n in range(count)]
        assert merkle_root(items) == root(items).hex()
    assert merkle_root([]) == hashlib.sha256().hexdigest()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from([*PackReceipt.model_fields, *PackReply.model_fields]), JSON)


@settings(deadline=timedelta(seconds=1))
@given(st.text(max_size=300) | FIELDS.map(json.dumps) | st.sampled_from(["[" * 4000, "9" * 4000, '{"what":' * 500]))
def test_whatever_a_depot_signs_in_place_of_a_receipt_is_not_believed(text: str) -> None:
    signed = KEY.sign(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(NotProven):
        VERIFIER.proof(PackReply.model_construct(receipt=text, signature=signed.hex(), items=(an_item(1),)), PACK)


@settings(deadline=timedelta(seconds=1))
@given(st.binary(max_size=300) | FIELDS.map(json.dumps).map(str.encode) | st.sampled_from([b"[" * 10**6, b"9" * 10**6]))
def test_any_bytes_in_place_of_an_answer_are_refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        PackReply.model_validate_json(content)
