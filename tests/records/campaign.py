"""Runs campaign_writer.py, kills what it forks, and checks what is left."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from patrol_anpr.records import Records
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.campaign_writer import hits_of, pictures_of, read_of
from tests.records.made import KEY, Heard

ROOT = Path(__file__).parents[2]


class Campaign:
    """The parent of the writers. `acked` are the numbers of the Reads that were said to be saved, by all of them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.records.campaign_writer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._said = self._process.stdin, self._process.stdout
        self._writer = 0
        self.acked: list[int] = []

    def __enter__(self) -> "Campaign":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._orders.close()
        self._process.kill()
        self._process.wait()
        self._said.close()

    def begin(self, folder: Path, synchronous: str = "FULL") -> None:
        """Fork a writer that goes on after the last Read acked."""
        first = max(self.acked, default=0) + 1000
        self._orders.write(f"{folder} {first} {synchronous}\n")
        self._writer = int(self._line().removeprefix("writer "))

    def hear(self, count: int) -> None:
        """Wait until `count` more Reads were acked."""
        for _ in range(count):
            self.acked.append(int(self._line()))

    def kill(self) -> None:
        """End the writer as a failing power supply would end it, and hear out what it had said."""
        os.kill(self._writer, signal.SIGKILL)
        while (line := self._line()) != "gone":
            self.acked.append(int(line))

    def _line(self) -> str:
        line = self._said.readline().strip()
        assert line, "the writer ended by itself"
        return line


def kill_many(campaign: Campaign, folder: Path, kills: int, chance: random.Random) -> float:
    """Kill a writer `kills` times and check after each; return the slowest reopening in seconds.

    Every so often new records are begun, so that checking them whole stays quick.
    """
    slowest, before = 0.0, 0
    for number in range(kills):
        if number % 25 == 0:
            before = len(campaign.acked)
        records = folder / f"records-{number // 25}"
        campaign.begin(records)
        campaign.hear(chance.randrange(0, 25))
        campaign.kill()
        slowest = max(slowest, check(records, campaign.acked[before:]))
    return slowest


def check(folder: Path, acked: Iterable[int]) -> float:
    """Assert that everything acked is there and that nothing else is half there; return the seconds it took to open."""
    began = time.perf_counter()
    heard = Heard()
    records = Records.open(folder, KEY, FakeClock(), heard.on_saved, heard.on_lamp)
    took = time.perf_counter() - began
    records.start()
    try:
        assert not any("damaged" in notice for notice in records.notices)
        assert missing(records, acked) == []
        kept = [stored.read for stored in records.reads_page(None, 10**6)]
        assert [read.read_id for read in kept if records.evidence_of(read.read_id) is None] == []
        assert len({read.read_id for read in kept}) == len(kept)
        assert len(list((folder / "pictures").iterdir())) == len(kept)
        assert records.verify_audit().whole
        items = [item.item_id for item in records.outbox.next_batch(10**6)]
        assert len(set(items)) == len(items)
        assert {f"read:{read.read_id}" for read in kept} == {item for item in items if item.startswith("read:")}
    finally:
        records.stop()
    return took


def missing(records: Records, acked: Iterable[int]) -> list[int]:
    """Return the numbers that are not there, or not as they were given."""
    kept = {stored.read.read_id: stored.read for stored in records.reads_page(None, 10**6)}
    hits = {hit.hit_id for hit in records.hits(SHIFT)}
    return [
        number
        for number in acked
        if kept.get(f"read-{number}") != read_of(number)
        or records.evidence_of(f"read-{number}") != pictures_of(number)
        or not hits.issuperset(hit.hit_id for hit in hits_of(number))
    ]
