"""Packs as a car makes them, and as none would."""

import json
from collections.abc import Sequence

import requests

from patrol_anpr.wire.pack import MAGIC
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL, PackArrived, PackReply

CAR = "TA14"


def content_of(item: dict) -> bytes:
    """The bytes of an item's payload: canonical JSON, or what JSON makes of it where there is none."""
    try:
        return canonical_json(item["payload"])
    except ValueError:
        return json.dumps(item["payload"]).encode()


def built(items: Sequence[dict], pictures: Sequence[bytes] = (), car_id: str = CAR, **changes) -> tuple[str, bytes]:
    """Return the id and the bytes of a pack of items (item_id, kind, sha256, payload); `changes` of its manifest."""
    contents = [content_of(item) for item in items]
    manifest = {
        "car_id": car_id,
        "items": [
            {"item_id": item["item_id"], "kind": item["kind"], "sha256": item["sha256"], "size": len(content)}
            for item, content in zip(items, contents, strict=True)
        ],
        "pictures": [{"sha256": sha256_of(picture), "size": len(picture)} for picture in pictures],
    }
    return framed(json.dumps(manifest | changes).encode(), b"".join([*contents, *pictures]))


def framed(manifest: bytes, rest: bytes) -> tuple[str, bytes]:
    """Put a manifest and what follows it together."""
    return sha256_of(manifest), MAGIC + len(manifest).to_bytes(4, "big") + manifest + rest


def append(call, pack_id: str, piece: bytes, offset: int, length: int, media: str = PARTIAL) -> requests.Response:
    """Send some of a pack."""
    return call("PATCH", f"packs/{pack_id}", piece, media, **{OFFSET: str(offset), LENGTH: str(length)})


def sent(call, *items: dict, pictures: Sequence[bytes] = (), **changes) -> requests.Response:
    """Send a whole pack in one request."""
    pack_id, content = built(items, pictures, **changes)
    return append(call, pack_id, content, 0, len(content))


def post(call, *items: dict, pictures: Sequence[bytes] = (), **changes) -> PackReply:
    """Send a pack that must be taken; return the depot's answer."""
    response = sent(call, *items, pictures=pictures, **changes)
    assert response.status_code == 200, response.text
    reply = PackArrived.model_validate_json(response.content).reply
    assert reply is not None
    return reply
