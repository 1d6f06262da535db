"""The depot, or its database, is killed while it takes items in: whatever got a receipt is there, and nothing twice."""

import contextlib
import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import items, known_items
from tests.depot.ingesting import AT, AT_ONCE, batch, ingest_batches
from tests.depot.postgresql import Server, on_both
from tests.records.mounted import small_disk

ENOUGH = 1_000_000
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that kills, and no fork server")


class Receipts:
    """What the car has been told. A second receipt must be as the first."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def add(self, told: list[tuple[str, int]]) -> None:
        for item_id, number in told:
            assert self.numbers.setdefault(item_id, number) == number

    def next_batch(self) -> int:
        """The first number to send: the last two batches again, whether their receipts came or not."""
        return max(0, len(self.numbers) - 2 * AT_ONCE)

    def check(self, folder: Path) -> None:
        """Every receipt has its row, and no item is there twice."""
        with contextlib.closing(DepotDatabase(folder)) as database, database.reading() as connection:
            rows = connection.execute(select(items.c.item_id, items.c.seq)).all()
            known = connection.execute(select(func.count()).select_from(known_items)).scalar_one()
        assert len({row.item_id for row in rows}) == len(rows) == known
        held = {row.item_id: row.seq for row in rows}
        assert [it for it, number in self.numbers.items() if held.get(it) != number] == []


@pytest.fixture(scope="module")
def process() -> Iterator[multiprocessing.context.ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.depot.ingesting"])
    return context


def kill_while_it_takes_in(folder: Path, process, times: int) -> None:
    receipts, chance = Receipts(), random.Random(times)
    for _ in range(times):
        heard, said = process.Pipe(duplex=False)
        begin = receipts.next_batch()
        firsts = range(begin, begin + ENOUGH, AT_ONCE)
        depot = process.Process(target=ingest_batches, args=(folder, firsts, said))
        depot.start()
        said.close()
        with heard, contextlib.suppress(EOFError):  # what is left in the pipe was said before the kill
            for _ in range(chance.randint(1, 6)):
                receipts.add(heard.recv())
            threading.Event().wait(chance.uniform(0, 0.02))  # somewhere within a transaction
            os.kill(depot.pid, signal.SIGKILL)
            while True:
                receipts.add(heard.recv())
        depot.join()
    receipts.check(folder)
    assert len(receipts.numbers) > 2 * AT_ONCE


@on_both
def test_five_kills_of_the_depot_lose_nothing(folder: Path, process):
    kill_while_it_takes_in(folder, process, 5)


@pytest.mark.campaign
@on_both
def test_a_hundred_kills_of_the_depot_lose_nothing(folder: Path, process):
    kill_while_it_takes_in(folder, process, 100)


@on_both
def test_a_car_that_asks_again_before_it_is_answered_gets_the_same_receipts(folder: Path):
    told: list[list[tuple[str, int]]] = []
    with contextlib.closing(DepotDatabase(folder, Role.INGEST)) as database:
        ingest = Ingest(database, pictures_in(folder, database), 2**20)

        def ask() -> None:
            told.append([(receipt.item_id, receipt.seq) for receipt in ingest.take("TA14", batch(0), AT).receipts])

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    receipts = Receipts()
    for one in told:
        receipts.add(one)
    assert len(told) == 4
    receipts.check(folder)


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_killed_backend_and_a_server_that_breaks_off_lose_nothing(folder: Path, postgres: Server):
    """Each ends every connection of the server; the depot goes on by itself."""
    receipts, broken = Receipts(), 0
    with contextlib.closing(DepotDatabase(folder, Role.INGEST)) as database:
        ingest = Ingest(database, pictures_in(folder, database), 2**20)
        for turn in range(2):
            killer = threading.Thread(target=postgres.kill_backend if turn else postgres.restart_as_after_a_power_cut)
            killer.start()
            enough = ENOUGH
            while len(receipts.numbers) < enough:
                if enough == ENOUGH and not killer.is_alive():
                    enough = len(receipts.numbers) + 4 * AT_ONCE  # and so many once the server is up again
                try:
                    reply = ingest.take("TA14", batch(len(receipts.numbers)), AT)
                    receipts.add([(receipt.item_id, receipt.seq) for receipt in reply.receipts])
                except DBAPIError:
                    broken += 1
            killer.join()
    assert broken
    receipts.check(folder)


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_a_full_disk_of_the_server_leaves_nothing_half_stored(folder: Path, postgres: Server):
    receipts = Receipts()
    with small_disk(postgres.folder / "small", 2) as disk, contextlib.closing(DepotDatabase(folder, Role.INGEST)) as it:
        ingest = Ingest(it, pictures_in(folder, it), 2**20)

        def take_in(batches: int = 1) -> None:
            for _ in range(batches):
                reply = ingest.take("TA14", batch(len(receipts.numbers)), AT)
                receipts.add([(receipt.item_id, receipt.seq) for receipt in reply.receipts])

        take_in()
        with postgres.items_on(disk, folder):
            filler = disk / "filler"
            filler.write_bytes(b"x" * 1_000_000)
            with pytest.raises(DBAPIError, match="DiskFull"):
                take_in(ENOUGH)
            receipts.check(folder)
            filler.unlink()
            take_in()
        receipts.check(folder)
