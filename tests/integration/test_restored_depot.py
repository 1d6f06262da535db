"""A depot is put back from an older copy: its cars send again what it lost, and erase nothing that it does not hold."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import items, picture_places
from patrol_anpr.depot_link import Link
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.records import Records
from patrol_anpr.wire.payloads import ReadPayload
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import PATIENCE, PICTURES, a_hit, a_read, a_shift, an_outcome, opened


class Around:
    """A real car, its real depot, and copies of the depot's folder."""

    def __init__(self, folder: Path, records: Records, clock: FakeClock) -> None:
        self.depot = folder / "depot"
        self.records = records
        self._folder, self._clock = folder, clock
        self._identity = enrolled(self.depot, folder / "identity", "TA14", now=clock.utc())
        self.problem = ""

    def upload(self) -> int:
        server = DepotServer(self.depot, now=self._clock.utc)
        server.start()
        try:
            link = Link(
                server.url,
                self._identity,
                self.records.outbox,
                self._folder / "lists",
                lambda *_: None,
                lambda *_: None,
                self._clock,
                pause=lambda _: None,
            )
            with closing(link):
                return link.upload(lambda step: setattr(self, "problem", step.problem))
        finally:
            server.stop()

    def copy(self, name: str) -> None:
        shutil.copytree(self.depot, self._folder / name)

    def put_back(self, name: str) -> None:
        shutil.rmtree(self.depot)
        shutil.copytree(self._folder / name, self.depot)

    def begin_epoch(self) -> None:
        with closing(DepotDatabase(self.depot, Role.OPERATOR)) as database, database.writing() as connection:
            begin_epoch(connection, self._clock.utc())

    def held(self) -> set[str]:
        with closing(DepotDatabase(self.depot, Role.INGEST)) as database, database.reading() as connection:
            rows = connection.execute(select(items)).all()
            pictures = pictures_in(self.depot, database)
            for row in rows:
                if row.kind == "read":
                    read = ReadPayload.model_validate_json(row.payload)
                    assert read.patch_sha256
                    assert read.overview_sha256
                    assert pictures.content(read.patch_sha256)
                    assert pictures.content(read.overview_sha256)
            return {row.item_id for row in rows}


@pytest.fixture
def around(tmp_path: Path, clock: FakeClock):
    with opened(tmp_path / "car", clock, origin=Origin(source_id="TA14")) as records:
        records.start_shift(a_shift())
        yield Around(tmp_path, records, clock)


def keep(records: Records, *numbers: int) -> None:
    for number in numbers:
        hit = a_hit(a_read(number), number)
        records.keep_read(hit.read, PICTURES, [hit], SHIFT)
        records.keep_outcome(an_outcome(hit, number))
    assert records.flush(PATIENCE)


def test_what_a_restored_depot_lost_is_sent_again_with_its_pictures(around: Around, clock: FakeClock):
    keep(around.records, 1, 2)
    assert around.upload() == 0
    around.copy("an hour ago")
    keep(around.records, 3, 4)
    assert around.upload() == 0
    before = around.held()
    for _ in range(2):  # the same copy twice: each time it is another epoch
        around.put_back("an hour ago")
        around.begin_epoch()
        assert "read:read-3" not in around.held()
        clock.advance(60)
        assert around.upload() == 0
        assert around.held() == before
        assert around.upload() == 0


def test_a_read_whose_pictures_did_not_come_back_is_not_held(around: Around, clock: FakeClock):
    """The copy of the database was whole, and a segment of pictures was lost."""
    keep(around.records, 1, 2)
    assert around.upload() == 0
    before = around.held()
    with closing(DepotDatabase(around.depot, Role.RETENTION)) as database, database.writing() as connection:
        connection.execute(delete(picture_places))
    around.begin_epoch()
    assert around.upload() == 0
    assert around.held() == before, "with every picture"


def test_nothing_is_erased_that_only_an_earlier_epoch_held(around: Around, clock: FakeClock):
    keep(around.records, 1)
    assert around.upload() == 0
    around.copy("before")
    keep(around.records, 2)
    around.records.end_shift(a_shift(ended_at=clock.utc()))
    assert around.records.flush(PATIENCE)
    assert around.upload() == 0
    around.put_back("before")
    around.begin_epoch()
    clock.advance(8 * 24 * 3600)
    # A sync breaks off after it has learnt of the epoch, and before it has asked.
    outbox, ask = around.records.outbox, around.records.outbox.unproven
    outbox.unproven = lambda _: []  # type: ignore[method-assign]
    around.upload()
    outbox.unproven = ask  # type: ignore[method-assign]
    assert around.records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == 0
    assert around.upload() == 0
    assert "read:read-2" in around.held()
    clock.advance(8 * 24 * 3600)
    assert around.records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == 2


def test_a_depot_put_back_without_a_new_epoch_after_one_is_not_believed(around: Around, clock: FakeClock):
    """An older epoch than the car has seen: a replay, or a restore that nobody ended."""
    keep(around.records, 1)
    around.copy("first")
    around.begin_epoch()
    assert around.upload() == 0
    keep(around.records, 2)
    around.put_back("first")
    with pytest.raises(DepotFault, match="put back from a copy"):
        around.upload()
    assert "put back from a copy" in around.problem
    assert around.records.outbox.waiting() > 0
    clock.advance(60)
    around.begin_epoch()
    assert around.upload() == 0
    assert {"read:read-1", "read:read-2"} <= around.held()
