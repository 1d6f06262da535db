"""How fast a depot takes reads in, durably, over real HTTP."""

import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.depot.server import DepotServer
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled, signed_headers
from patrol_anpr.wire.payloads import (
    MAX_BATCH_ITEMS,
    Kind,
    Motion,
    ReadPayload,
    UploadBatch,
    UploadItem,
    canonical_json,
    sha256_of,
)

# The smallest picture: 1 x 1 pixel in grey.
_PICTURE = bytes.fromhex(
    "ffd8ffdb004300" + "01" * 64 + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009"
    "ffc40014100100000000000000000000000000000000ffda0008010100003f0054dfffd9"
)


@dataclass(frozen=True, slots=True)
class IngestBench:
    """Items with receipts, seconds it took (pictures not counted), and the slowest batch in seconds."""

    items: int
    seconds: float
    slowest_batch: float

    @property
    def items_per_second(self) -> float:
        """Items committed a second."""
        return self.items / self.seconds


def bench_ingest(items: int, batch: int = MAX_BATCH_ITEMS) -> IngestBench:
    """Send `items` reads, all with the same picture, to a fresh depot on loopback; every one gets its receipt.

    The batches are made beforehand; sender and depot share this process.
    """
    with tempfile.TemporaryDirectory() as folder:
        car = enrolled(Path(folder) / "depot", Path(folder) / "identity", "BENCH")
        server = DepotServer(Path(folder) / "depot")
        server.start()
        try:
            host, port = server.url.removeprefix("http://").split(":")
            with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as line:
                _send(line, car, "PUT", f"pictures/{sha256_of(_PICTURE)}", _PICTURE, "image/jpeg")
                return _measure(line, car, items, batch)
        finally:
            server.stop()


def _measure(line: http.client.HTTPConnection, car: Identity, items: int, batch: int) -> IngestBench:
    bodies = list(_bodies(items, batch))
    receipts, slowest = 0, 0.0
    began = time.perf_counter()
    for body in bodies:
        asked = time.perf_counter()
        reply = json.loads(_send(line, car, "POST", "items", body, "application/json"))
        slowest = max(slowest, time.perf_counter() - asked)
        receipts += sum(receipt["status"] == "held" for receipt in reply["receipts"])
    seconds = time.perf_counter() - began
    if receipts != items:
        raise RuntimeError(f"{receipts} receipts for {items} items")
    return IngestBench(receipts, seconds, slowest)


def _send(line: http.client.HTTPConnection, car: Identity, method: str, path: str, body: bytes, media: str) -> bytes:
    line.request(
        method, f"/v2/{path}", body, signed_headers(car, method, f"/v2/{path}", body) | {"Content-Type": media}
    )
    response = line.getresponse()
    content = response.read()
    if response.status not in (200, 201):
        raise RuntimeError(f"the depot answered with {response.status}")
    return content


def _bodies(items: int, batch: int) -> Iterator[bytes]:
    at = datetime.now(UTC)
    picture = sha256_of(_PICTURE)
    for begin in range(0, items, batch):
        made: list[UploadItem] = []
        for number in range(begin, min(begin + batch, items)):
            payload = ReadPayload(
                vrm=f"BN{number % 100:02}CHM",
                captured_at=at,
                feed_id="bench",
                source_id="bench",
                camera_id="front",
                latitude=53.2,
                longitude=-2.9,
                confidence=97,
                motion=Motion.TOWARD,
                patch_sha256=picture,
                overview_sha256=picture,
                read_id=f"r{number}",
                chars=(0.99,) * 7,
                candidates=("BN01CHM", "8N01CHM"),
                frames=12,
                first_seen=at,
                last_seen=at,
                box=(1.0, 2.0, 3.0, 4.0),
            )
            plain = payload.model_dump(mode="json")
            content = canonical_json(plain)
            made.append(UploadItem(item_id=f"read-{number}", kind=Kind.READ, sha256=sha256_of(content), payload=plain))
        yield UploadBatch(items=tuple(made)).model_dump_json().encode()
