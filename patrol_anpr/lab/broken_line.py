"""What a bad line costs an upload: `python -m patrol_anpr.lab.broken_line [reads]`.

A car sends the same reads to a depot by a good line and by one whose connections are reset, one after the other.
"""

import statistics
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from patrol_anpr.depot.server import DepotServer
from patrol_anpr.depot_link.link import Link
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.lab.chaos_proxy import Chaos, ChaosProxy
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.lab.ingest_bench import read_of
from patrol_anpr.lab.memory_outbox import MemoryOutbox
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.pack import MAX_ITEMS

RESET = 0.2
"""Chance that a connection is reset within each piece of `PIECE` bytes that it carries."""
PIECE = 400_000
"""About a request of 500 reads without pictures."""


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """Seconds by a good line and by the bad one, and how often that was reset."""

    good: float
    bad: float
    resets: int

    @property
    def times(self) -> float:
        """How many times as long it took."""
        return self.bad / self.good


def bench_broken_line(reads: int, seed: int = 1) -> BrokenLine:
    """Send `reads` reads by each line; raises RuntimeError where one was lost or came twice."""
    with tempfile.TemporaryDirectory() as folder:
        server = DepotServer(Path(folder) / "depot")
        server.start()
        try:
            port = int(server.url.rsplit(":", 1)[1])
            with ChaosProxy(port, Chaos(stride=PIECE)) as good:
                clean = _upload(Path(folder), "GOOD", good.url, reads)
            with ChaosProxy(port, Chaos(reset=RESET, stride=PIECE), seed) as bad:
                broken = _upload(Path(folder), "BAD", bad.url, reads)
            return BrokenLine(clean, broken, bad.resets)
        finally:
            server.stop()


def _upload(folder: Path, car_id: str, url: str, reads: int) -> float:
    identity = enrolled(folder / "depot", folder / car_id, car_id)
    outbox = MemoryOutbox(read_of(car_id, number, pictures=False) for number in range(reads))
    link = Link(
        url, identity, outbox, folder / f"{car_id} lists", _NoShelf(), lambda _: None, SystemClock(), batch=MAX_ITEMS
    )
    with closing(link):
        began = perf_counter()
        link.upload(lambda _: None)
        seconds = perf_counter() - began
    if outbox.waiting() or len(outbox.held) != reads:
        raise RuntimeError(f"{len(outbox.held)} of {reads} reads were held")
    return seconds


class _NoShelf:
    """Satisfies ListShelf. No list is fetched here."""

    def base_of(self, list_id: str) -> str:
        return ""

    def has_key(self, key_id: str) -> bool:
        return False

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> None:
        raise NotImplementedError

    def withdraw(self, list_id: str) -> None:
        raise NotImplementedError


def main(reads: int = 20_000, runs: int = 3) -> None:
    """Print the figures of some runs, and their median."""
    found = [bench_broken_line(reads, seed) for seed in range(1, runs + 1)]
    for one in found:
        print(f"{reads:,} reads: {one.good:.1f} s, with {one.resets} resets {one.bad:.1f} s")  # noqa: T201
    print(f"median {statistics.median(one.times for one in found):.2f} times")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
