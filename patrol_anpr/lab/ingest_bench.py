"""How fast a depot takes packs in, durably, over real HTTP."""

import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase, make_depot_folder
from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.server import DepotServer
from patrol_anpr.depot.settings import keep_database_url, postgresql_url
from patrol_anpr.depot.tables import known_items
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.lab.enrolled import enrolled, signed_headers
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import MAX_ITEMS, Pack
from patrol_anpr.wire.payloads import Motion, ReadPayload, sha256_of
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL, PackArrived

# The smallest picture: 1 x 1 pixel in grey.
_SMALLEST = bytes.fromhex(
    "ffd8ffdb004300" + "01" * 64 + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009"
    "ffc40014100100000000000000000000000000000000ffda0008010100003f0054dfffd9"
)


_PATCH_BYTES, _OVERVIEW_BYTES = 3 * 1024, 25 * 1024
"""The national limits for what is sent."""


@dataclass(frozen=True, slots=True)
class IngestBench:
    """Reads with receipts, the seconds it took, the bytes sent, and the seconds of each pack."""

    reads: int
    seconds: float
    sent_bytes: int
    packs: tuple[float, ...]

    @property
    def reads_per_second(self) -> float:
        """Reads committed a second."""
        return self.reads / self.seconds

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 packs were answered within."""
        return statistics.quantiles(self.packs, n=100)[98] if len(self.packs) > 1 else self.packs[0]


def bench_ingest(
    reads: int, cars: int = 1, batch: int = MAX_ITEMS, *, pictures: bool = False, database: str | None = None
) -> IngestBench:
    """Send `reads` reads of each of `cars` cars, all at once, to a fresh depot on loopback; each gets its receipt.

    With `pictures` each read has two of its own, of the largest size. The packs are made beforehand; senders and depot
    share this process, so the figure is what is left for the depot. `database` is the URL of a PostgreSQL database,
    which is filled. Raises BadInput when it is not empty: sending the same again would measure nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        if database is not None:
            _use(Path(folder) / "depot", database)
        made = [_Car(Path(folder), f"BENCH{number}", reads, batch, pictures=pictures) for number in range(cars)]
        server = DepotServer(Path(folder) / "depot")
        server.start()
        try:
            threads = [threading.Thread(target=car.send, args=(server.url,), name="bench car") for car in made]
            began = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - began
        finally:
            server.stop()
    held = sum(car.held for car in made)
    if held != reads * cars:
        raise RuntimeError(f"{held} receipts for {reads * cars} reads")
    return IngestBench(
        held,
        seconds,
        sum(pack.size for car in made for pack in car.packs),
        tuple(one for car in made for one in car.seconds),
    )


def _use(folder: Path, database: str) -> None:
    """Make a depot in `folder` on an empty PostgreSQL database."""
    make_depot_folder(folder)
    keep_database_url(folder, database)
    prepare_postgres(postgresql_url(database))
    with closing(DepotDatabase(folder)) as opened, opened.reading() as connection:
        if connection.execute(select(known_items.c.seq).limit(1)).first() is not None:
            raise BadInput("The database holds records already. Give an empty one, which the bench may fill.")


class _Car:
    def __init__(self, folder: Path, car_id: str, reads: int, batch: int, *, pictures: bool) -> None:
        self._identity = enrolled(folder / "depot", folder / car_id, car_id)
        self.packs = tuple(_packs(car_id, reads, batch, pictures=pictures))
        self.held = 0
        self.seconds: list[float] = []

    def send(self, url: str) -> None:
        """Send the packs, one after another."""
        host, port = url.removeprefix("http://").split(":")
        with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as line:
            for pack in self.packs:
                asked = time.perf_counter()
                reply = self._send(line, pack).reply
                self.seconds.append(time.perf_counter() - asked)
                self.held += sum(receipt.status == "held" for receipt in reply.items) if reply else 0

    def _send(self, line: http.client.HTTPConnection, pack: Pack) -> PackArrived:
        path, content = f"/v2/packs/{pack.pack_id}", pack.piece(0, pack.size)
        headers = {"Content-Type": PARTIAL, OFFSET: "0", LENGTH: str(pack.size)}
        line.request("PATCH", path, content, headers | signed_headers(self._identity, "PATCH", path, content))
        response = line.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"the depot answered with {response.status}")
        return PackArrived.model_validate_json(content)


def _packs(car_id: str, reads: int, batch: int, *, pictures: bool) -> Iterator[Pack]:
    for begin in range(0, reads, batch):
        numbers = range(begin, min(begin + batch, reads))
        yield Pack.of(car_id, [read_of(car_id, number, pictures=pictures) for number in numbers])


def read_of(car_id: str, number: int, *, pictures: bool) -> OutboxItem:
    """Make the item of one read, with pictures of the largest size where wanted."""
    at = datetime.now(UTC)
    taken = [_picture(f"{car_id} {number}", size) for size in (_PATCH_BYTES, _OVERVIEW_BYTES)] if pictures else []
    payload = ReadPayload(
        vrm=f"BN{number % 100:02}CHM",
        captured_at=at,
        feed_id="bench",
        source_id=car_id,
        camera_id="front",
        latitude=53.2,
        longitude=-2.9,
        confidence=97,
        motion=Motion.TOWARD,
        patch_sha256=sha256_of(taken[0]) if taken else None,
        overview_sha256=sha256_of(taken[1]) if taken else None,
        read_id=f"r{number}",
        chars=(0.99,) * 7,
        candidates=("BN01CHM", "8N01CHM"),
        frames=12,
        first_seen=at,
        last_seen=at,
        box=(1.0, 2.0, 3.0, 4.0),
    )
    return OutboxItem.of(f"read:r{number}", payload, tuple(zip(("patch", "overview"), taken, strict=False)))


def _picture(name: str, size: int) -> bytes:
    """Return a JPEG of `size` bytes like no other: the smallest one with comments."""
    filled = name.encode().ljust(size - len(_SMALLEST) - 4, b".")
    return _SMALLEST[:2] + b"\xff\xfe" + (len(filled) + 2).to_bytes(2, "big") + filled + _SMALLEST[2:]


def lines_of(found: Sequence[tuple[str, IngestBench]]) -> Iterator[str]:
    """Say what was measured, a line each."""
    for name, bench in found:
        yield (
            f"{name:<28} {bench.reads:>7,} reads in {bench.seconds:5.1f} s: {bench.reads_per_second:7,.0f} a second, "
            f"{bench.sent_bytes / bench.seconds / 1e6:5.1f} MB/s, pack p99 {bench.p99:.2f} s"
        )
