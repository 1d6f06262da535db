"""Faults 9 and 10: whatever happens to the database, the records open soon, tell what is lost, and are true.

One car is driven and cut off; each kind of damage is then done to copies of what it left.
"""

import contextlib
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.records import Key, Records, database
from patrol_anpr.wire.payloads import Kind
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PATIENCE, PICTURES, a_hit, a_read, opened

READS = 40
CUT_AT = 25
"""Reads in the first run; the others were made in the run that was cut off."""
OPENS_WITHIN = 5.0
PAGE = 4096
OTHER = Key(bytes(range(1, 33)))
GIVEN = {f"read-{number}": a_read(number) for number in range(1, READS + 1)}


@dataclass(frozen=True)
class Left:
    """What a car left that was cut off, and what it had left some time before."""

    now: Path
    before: Path
    others: Path


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """A car that ended well, then drove on and was cut off in the middle of it; and another car."""
    folder = tmp_path_factory.mktemp("cars")
    clock = FakeClock()
    keep(folder / "car", clock, range(1, 11), folder / "before")
    keep(folder / "car", clock, range(11, CUT_AT + 1), folder / "unused")
    keep(folder / "car", clock, range(CUT_AT + 1, READS + 1), folder / "now")
    keep(folder / "other car", clock, range(500, 510), folder / "others", key=OTHER)
    return Left(folder / "now", folder / "before", folder / "others")


def keep(folder: Path, clock: FakeClock, numbers: range, copy: Path, key: Key = KEY) -> None:
    """Drive, and copy what a kill would leave: the journal is not brought home yet."""
    with opened(folder, clock, key=key) as records:
        for number in numbers:
            hits = [a_hit(a_read(number), number)] if number % 3 == 0 else []
            records.keep_read(a_read(number), PICTURES, hits, SHIFT)
            if number % 10 == 0:
                assert records.flush(PATIENCE)
        assert records.flush(PATIENCE)
        shutil.copytree(folder, copy)


def flip_bits(folder: Path, left: Left, chance: random.Random) -> None:
    alter(folder / chance.choice(["records.db", "records.db-wal"]), lambda content: flipped(content, chance))


def flipped(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 20)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def zero_a_page(folder: Path, left: Left, chance: random.Random) -> None:
    def zero(content: bytearray) -> None:
        page = chance.randrange(len(content) // PAGE)
        content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)

    alter(folder / "records.db", zero)


def swap_pages(folder: Path, left: Left, chance: random.Random) -> None:
    def swap(content: bytearray) -> None:
        one, other = chance.sample(range(len(content) // PAGE), 2)
        first, second = (bytes(content[page * PAGE : (page + 1) * PAGE]) for page in (one, other))
        content[one * PAGE : (one + 1) * PAGE], content[other * PAGE : (other + 1) * PAGE] = second, first

    alter(folder / "records.db", swap)


def cut_short(folder: Path, left: Left, chance: random.Random) -> None:
    file = folder / chance.choice(["records.db", "records.db-wal"])
    os.truncate(file, chance.randrange(file.stat().st_size))


def grown(folder: Path, left: Left, chance: random.Random) -> None:
    with (folder / chance.choice(["records.db", "records.db-wal"])).open("ab") as stream:
        stream.write(chance.randbytes(chance.randrange(1, 3 * PAGE)))


def journal_gone(folder: Path, left: Left, chance: random.Random) -> None:
    (folder / "records.db-wal").unlink()


def journal_of_before(folder: Path, left: Left, chance: random.Random) -> None:
    shutil.copy(left.before / "records.db-wal", folder)


def journal_of_another_car(folder: Path, left: Left, chance: random.Random) -> None:
    shutil.copy(left.others / "records.db-wal", folder)


def memory_gone(folder: Path, left: Left, chance: random.Random) -> None:
    (folder / "records.db-shm").unlink(missing_ok=True)


def memory_garbled(folder: Path, left: Left, chance: random.Random) -> None:
    (folder / "records.db-shm").write_bytes(chance.randbytes(32768))


def database_of_before(folder: Path, left: Left, chance: random.Random) -> None:
    shutil.copy(left.before / "records.db", folder)


def whole_copy_of_before(folder: Path, left: Left, chance: random.Random) -> None:
    for name in ("records.db", "records.db-wal"):
        shutil.copy(left.before / name, folder)


def database_of_another_car(folder: Path, left: Left, chance: random.Random) -> None:
    for name in ("records.db", "records.db-wal"):
        shutil.copy(left.others / name, folder)


def database_gone(folder: Path, left: Left, chance: random.Random) -> None:
    (folder / "records.db").unlink()


def database_empty(folder: Path, left: Left, chance: random.Random) -> None:
    os.truncate(folder / "records.db", 0)


Damage = Callable[[Path, Left, random.Random], None]
KINDS: tuple[Damage, ...] = (
    flip_bits,
    zero_a_page,
    swap_pages,
    cut_short,
    grown,
    journal_gone,
    journal_of_before,
    journal_of_another_car,
    memory_gone,
    memory_garbled,
    database_of_before,
    whole_copy_of_before,
    database_of_another_car,
    database_gone,
    database_empty,
)
HARMLESS = (memory_gone, memory_garbled)
"""The file beside the journal is made of it anew."""
LEAST: dict[Damage, int] = {
    journal_gone: CUT_AT,
    journal_of_before: CUT_AT,
    journal_of_another_car: CUT_AT,
    database_of_before: 10,
    whole_copy_of_before: 10,
}
"""So many Reads can still be read, and must be brought over."""


def alter(file: Path, change: Callable[[bytearray], None]) -> None:
    content = bytearray(file.read_bytes())
    change(content)
    file.write_bytes(content)


def check(folder: Path, clock: FakeClock) -> tuple[int, bool]:
    """Open what is left: soon, with nothing in it that is wrong, and nothing missing that is not told.

    Returns how many Reads are there, and whether something was told.
    """
    began = time.monotonic()
    with opened(folder, clock) as records:
        assert time.monotonic() - began < OPENS_WITHIN
        told = [notice for notice in records.notices if "Recovered" not in notice]
        stored = {one.read.read_id: one.read for one in records.reads_page(None, 10**3)}
        assert_true(records, stored)
        if not told:
            assert stored == GIVEN
            assert f"Recovered: {READS - CUT_AT} reads" in records.notices[0]
        items = [item.item_id for item in records.outbox.next_batch(10**4)]
        assert len(set(items)) == len(items)
        records.keep_read(a_read(900), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert records.evidence_of("read-900") == PICTURES
        assert records.verify_audit().whole
        assert bool(told) == ("records.begun_afresh" in actions_for_the_depot(records))
    with opened(folder, clock) as again:
        assert [notice for notice in again.notices if "Recovered" not in notice] == []
        assert again.evidence_of("read-900") == PICTURES
        assert len(again.reads_page(None, 10**3)) == len(stored) + 1
    return len(stored), bool(told)


def assert_true(records: Records, stored: dict[str, Read]) -> None:
    assert stored.items() <= GIVEN.items()
    for read_id in stored:
        assert records.evidence_of(read_id) in (PICTURES, None, Evidence(b"", b""))
    assert {hit.read for hit in records.hits(SHIFT)} <= set(stored.values())


def actions_for_the_depot(records: Records) -> set[str]:
    items = records.outbox.next_batch(10**4)
    return {json.loads(item.payload)["action"] for item in items if item.kind is Kind.AUDIT}


def damaged(folder: Path, left: Left, kind: Damage, seed: int) -> Path:
    shutil.copytree(left.now, folder)
    kind(folder, left, random.Random(seed))
    return folder


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damage_of_each_kind_is_told_and_nothing_wrong_is_served(
    tmp_path: Path, clock: FakeClock, left: Left, kind: Damage
) -> None:
    reads, told = check(damaged(tmp_path / "car", left, kind, seed=1), clock)
    if kind in HARMLESS:
        assert (reads, told) == (READS, False)
    assert reads >= LEAST.get(kind, 0)


LARGE: tuple[Damage, ...] = (flip_bits, zero_a_page, swap_pages, cut_short, database_of_before)


def met_in_use(folder: Path, clock: FakeClock) -> int:
    """Use large records as a car would, which are not checked whole at the start: what is damaged is met, and mended.

    Returns how many Reads are there then.
    """
    records = Records.open_or_later(folder, lambda: KEY, clock, lambda _: None, lambda _: None)
    records.start()
    try:
        for _ in range(5):
            with contextlib.suppress(RecordsFault):
                records.outbox.next_batch(10**4)
                stored = {one.read.read_id: one.read for one in records.reads_page(None, 10**3)}
                assert_true(records, stored)
                break
            assert records.flush(PATIENCE)
        assert records.flush(PATIENCE)  # what is told of a start is written by the writer's thread
        assert stored == GIVEN or "records.begun_afresh" in actions_for_the_depot(records)
        return len(stored)
    finally:
        records.stop()


@pytest.mark.parametrize("kind", LARGE, ids=lambda kind: kind.__name__)
def test_damage_that_is_met_in_use_is_mended_without_a_restart(
    tmp_path: Path, clock: FakeClock, left: Left, monkeypatch: pytest.MonkeyPatch, kind: Damage
) -> None:
    monkeypatch.setattr(database, "WHOLE_CHECK_BYTES", 0)
    for seed in range(2):
        met_in_use(damaged(tmp_path / str(seed), left, kind, seed), clock)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_thousand_damages(tmp_path: Path, clock: FakeClock, left: Left) -> None:
    kept = told = 0
    for seed in range(1000):
        folder = damaged(tmp_path / "car", left, KINDS[seed % len(KINDS)], seed)
        reads, said = check(folder, clock)
        kept, told = kept + reads, told + said
        shutil.rmtree(folder)
    print(f"1,000 damages: no records shut, no row wrong; {told} told; {kept / 1000:.1f} of {READS} reads kept")
