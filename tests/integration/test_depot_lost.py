"""A depot is lost and comes back from a copy an hour old: after the next sync it holds everything, once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from nacl.public import PrivateKey

from patrol_anpr.commands.depot_care import verify_depot
from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.backup.copying import make_copy
from patrol_anpr.depot.backup.pool import Pool
from patrol_anpr.depot.backup.restoring import restore_copy
from patrol_anpr.depot_link import Link
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.records import Records
from tests.conftest import FakeClock
from tests.depot_link.conftest import QUICK
from tests.integration.cars import Held
from tests.records.made import PATIENCE, PICTURES, a_read, opened

KEY = PrivateKey.generate()


@contextmanager
def serving(folder: Path, clock: FakeClock) -> Iterator[DepotServer]:
    server = DepotServer(folder, now=clock.utc)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def sync(records: Records, server: DepotServer, identity: Identity, clock: FakeClock, folder: Path) -> None:
    """Send what waits, as the car does."""
    said = []
    link = Link(
        server.url,
        identity,
        records.outbox,
        folder / "lists",
        lambda *_: None,
        lambda _: None,
        clock,
        pause=lambda _: None,
        patience=QUICK,
    )
    try:
        assert link.upload(said.append) == 0, said[-1].problem
    finally:
        link.close()


def drive(records: Records, numbers: range) -> None:
    for number in numbers:
        records.keep_read(a_read(number), PICTURES, [], None)
    assert records.flush(PATIENCE)


def test_a_lost_depot_comes_back_and_the_car_sends_what_the_copy_lacks(tmp_path: Path, clock: FakeClock) -> None:
    folder, copies = tmp_path / "depot", Pool(tmp_path / "copies")
    identity = enrolled(folder, tmp_path / "identity", now=clock.utc())
    with opened(tmp_path / "car", clock) as records:
        drive(records, range(1, 6))
        with serving(folder, clock) as depot:
            sync(records, depot, identity, clock, tmp_path)
            made = make_copy(folder, copies, KEY.public_key, clock.utc(), lambda *_: None)
            clock.advance(timedelta(hours=1).total_seconds())
            drive(records, range(6, 11))
            sync(records, depot, identity, clock, tmp_path)
        assert len(Held.of(folder).reads) == 10
        assert records.outbox.waiting() == 0
        shutil.rmtree(folder)

        restore_copy(made.copy.file, KEY, folder, clock.utc(), "operator", lambda *_: None)
        assert len(Held.of(folder).reads) == 5
        with serving(folder, clock) as depot:
            sync(records, depot, identity, clock, tmp_path)
        assert records.outbox.waiting() == 0
    held = Held.of(folder)
    assert (held.refused, held.without_picture) == (0, [])
    assert len(held.item_ids) == len(set(held.item_ids)), "none twice"
    assert {read.read_id for read in held.reads} == {f"read-{number}" for number in range(1, 11)}
    assert verify_depot(folder) == 0
