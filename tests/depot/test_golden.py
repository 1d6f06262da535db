"""Cars and depots of other versions: recordings of what they send are taken as they are, none parked, none refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from patrol_anpr.depot.doubts import doubts_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.lab import golden
from patrol_anpr.wire.pack import MAGIC
from patrol_anpr.wire.payloads import Kind, canonical_json, sha256_of
from patrol_anpr.wire.receipts import PackArrived, Verifier
from tests.depot.packs import append

RECORDINGS = sorted((Path(__file__).parent / "golden").glob("*.pack"))


def pack_id_of(content: bytes) -> str:
    begin = len(MAGIC) + 4
    return sha256_of(content[begin : begin + int.from_bytes(content[begin - 4 : begin], "big")])


@pytest.fixture
def taken(call: Any, request: pytest.FixtureRequest) -> PackArrived:
    content = request.param.read_bytes()
    response = append(call, pack_id_of(content), content, 0, len(content))
    assert response.status_code == 200, response.text
    return PackArrived.model_validate_json(response.content)


@pytest.mark.parametrize("taken", RECORDINGS, indirect=True, ids=lambda file: file.stem)
def test_each_recording_is_held_whole(taken: PackArrived) -> None:
    assert taken.reply is not None
    assert taken.reply.missing == ()
    assert {receipt.status for receipt in taken.reply.items} == {"held"}
    assert len(taken.reply.items) >= len(Kind)


@pytest.mark.parametrize("taken", [file for file in RECORDINGS if file.stem != "newer"], indirect=True)
def test_what_is_of_today_or_older_is_understood_too(taken: PackArrived, folder: Path) -> None:
    assert not list(doubts_of(folder))


def test_the_recordings_are_those_of_three_versions_and_none_is_written_over(tmp_path: Path) -> None:
    assert [file.stem for file in RECORDINGS] == ["newer", "older", "today"]
    golden.write(tmp_path)
    with pytest.raises(BadInput, match="Recordings are kept"):
        golden.write(tmp_path)


@pytest.mark.parametrize("taken", RECORDINGS[-1:], indirect=True)
def test_a_newer_depots_reply_is_believed_by_a_car_of_today(taken: PackArrived) -> None:
    """With fields of tomorrow in the answer, in each item and in what is signed."""
    new = {"of_tomorrow": {"deep": [1, None]}}
    assert taken.reply is not None
    reply, key = taken.reply.model_dump(mode="json"), Ed25519PrivateKey.generate()
    signed = json.loads(reply["receipt"]) | new
    text = canonical_json(signed)
    reply |= new | {"receipt": text.decode(), "signature": key.sign(text).hex()}
    reply["items"] = [item | new for item in reply["items"]]
    read = PackArrived.model_validate_json(json.dumps({"offset": taken.offset, "reply": reply} | new))
    assert read.reply is not None
    verifier = Verifier(signed["depot_id"], golden.CAR, key.public_key().public_bytes_raw())
    proof = verifier.proof(read.reply, signed["pack"])
    assert proof.items == taken.reply.items
    assert proof.text == text.decode(), "kept word for word"
