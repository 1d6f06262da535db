"""How fast a depot puts the pictures of packs on its disk for good: `python -m patrol_anpr.lab.storage_bench`."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.wire.payloads import sha256_of

READS_A_PACK = 100
_PATCH, _OVERVIEW = (200, 60), (960, 540)
_QUALITY, _ROUGH = 40, 40
"""Gives about 28 kB a read; the bench prints what it was."""


@dataclass(frozen=True, slots=True)
class StorageBench:
    """Reads with two pictures each, the bytes of those, seconds that passed, and seconds of CPU."""

    reads: int
    bytes: int
    seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        each, rate = self.bytes / self.reads / 1000, self.reads / self.seconds
        return (
            f"{self.reads:,} reads with two pictures each, {each:.0f} kB a read: {rate:,.0f} reads/s, "
            f"{self.bytes / self.seconds / 1e6:.0f} MB/s, {1000 * self.cpu_seconds / self.reads:.2f} ms of CPU a read"
        )


def bench_storage(packs: int, folder: Path) -> StorageBench:
    """Keep so many packs in a fresh depot in `folder`: one segment and one commit each, both durable."""
    size, seconds, cpu = 0, 0.0, 0.0
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        for pack in _packs(packs):
            size += sum(map(len, pack.values()))
            began, began_cpu = time.perf_counter(), time.process_time()
            kept = pictures.keep_all("BENCH", pack, datetime.now(UTC))
            with database.writing() as connection:
                kept.store(connection)
            seconds += time.perf_counter() - began
            cpu += time.process_time() - began_cpu
            if len(kept.here) != len(pack):
                raise RuntimeError("a picture was not kept")
    return StorageBench(packs * READS_A_PACK, size, seconds, cpu)


def _packs(count: int) -> Iterator[dict[str, bytes]]:
    """Give packs of pictures of which no two are alike: each has a comment of its own."""
    noise = np.random.default_rng(1)
    shapes = []
    for width, height in (_PATCH, _OVERVIEW):
        rough = noise.integers(0, 255, (height // _ROUGH + 1, width // _ROUGH, 3), dtype=np.uint8)
        smooth = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        shapes.append(cv2.imencode(".jpg", smooth, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())
    for pack in range(count):
        contents = (
            shape[:2] + b"\xff\xfe\x00\x0a" + (pack * READS_A_PACK + read).to_bytes(8, "big") + shape[2:]
            for read in range(READS_A_PACK)
            for shape in shapes
        )
        yield {sha256_of(content): content for content in contents}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(bench_storage(int(sys.argv[1]) if len(sys.argv) > 1 else 50, Path(made) / "depot"))  # noqa: T201
