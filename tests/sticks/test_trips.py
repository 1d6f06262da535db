"""Old sticks, sticks twice, sticks that were pulled out, full ones: nothing is lost, taken twice, or rolled back."""

import errno
import os
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from patrol_anpr.commands.depot_stick import take_stick
from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.ingest import Ingest, Taken
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.tables import car_manifests
from patrol_anpr.depot_link import Link
from patrol_anpr.depot_link.stick import exporting
from patrol_anpr.domain.errors import RecordsFault, StickFault
from patrol_anpr.plumbing.stick_folder import FULL, StickFolder
from patrol_anpr.wire.manifest import CarManifest, Running
from patrol_anpr.wire.pack import PackReader
from patrol_anpr.wire.stick import ANSWER, INDEX
from tests.conftest import FakeClock
from tests.depot_link.conftest import read_item, shift_item
from tests.records.mounted import small_disk
from tests.sticks.trips import Car, StickDepot

RUNS = Running(software="patrol-anpr 9.8", system="Linux-6", records_version=4)


def round_trip(car: Car, depot: StickDepot):
    car.put()
    depot.take(car.stick)
    return car.take()


def saved(car: Car, to: Path) -> Path:
    """A copy of the stick as it is now."""
    return shutil.copytree(car.stick, to)


def put_back(car: Car, copy: Path) -> None:
    """The old stick is plugged in again."""
    shutil.rmtree(car.stick)
    shutil.copytree(copy, car.stick)


def test_an_old_stick_settles_nothing_twice_and_rolls_no_list_back(
    car: Car, depot: StickDepot, clock, tmp_path: Path
) -> None:
    car.wants_sent([shift_item(1)])
    round_trip(car, depot)
    old = saved(car, tmp_path / "old")
    clock.advance(3600)
    depot.publish(8)
    car.wants_sent([shift_item(2)])
    assert round_trip(car, depot).settled == 1
    assert car.stands.lists["stolen"][0].revision == 2
    held = dict(car.outbox.held)
    put_back(car, old)
    taken = car.take()
    assert (taken.settled, taken.up_to_date) == (0, False)
    assert "The depot offers older lists than it did before." in car.problems
    assert "The stick was written at the depot on" in car.steps[-1].news
    assert car.stands.lists["stolen"][0].revision == 2
    assert car.outbox.held == held
    (became,) = depot.take(car.stick)  # the old stick at the depot again
    assert became.records == 1
    assert depot.held() == ["shift-1", "shift-2"]


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=900)], ids=["clock right", "clock was ahead"])
def test_an_old_stick_does_not_tell_the_depot_what_a_car_held_once(
    depot: StickDepot, stick: Path, clock, tmp_path: Path, ahead: timedelta
) -> None:
    car = depot.car(stick, clock=clock, running=lambda: RUNS)
    car.put()
    old = saved(car, tmp_path / "old")
    round_trip(car, depot)
    clock.advance(60)
    car.put()
    depot.take(car.stick)
    assert depot.lists_of() == [("stolen", 1)]
    if ahead:  # what a car said while its clock was wrong does not silence it
        with closing(DepotDatabase(depot.folder)) as database, database.writing() as connection:
            text = connection.execute(select(car_manifests.c.manifest)).scalars().all()[-1]
            said = CarManifest.model_validate_json(text)
            later = said.model_copy(update={"at": said.at + ahead}).model_dump_json()
            connection.execute(update(car_manifests).values(manifest=later))
    put_back(car, old)
    depot.take(car.stick)
    assert depot.lists_of() == ([] if ahead else [("stolen", 1)])


def test_a_stick_that_was_kept_back_is_out_of_date(car: Car, depot: StickDepot, clock) -> None:
    """Freeze: nothing newer is known in the car, and yet a stick of two days ago updates nothing."""
    car.put()
    depot.take(car.stick)
    clock.advance(2 * 86_400)
    taken = car.take()
    assert not taken.up_to_date
    assert "is out of date, perhaps an old copy" in car.problems
    assert car.stands.lists == {}


@pytest.mark.parametrize("behind", [timedelta(hours=1), timedelta(days=365 * 40)])
def test_a_clock_that_stands_behind_the_depots_tells_nothing_of_a_sticks_age(
    car: Car, depot: StickDepot, clock, behind: timedelta
) -> None:
    car.wants_sent([shift_item(1)])
    car.put()
    depot.take(car.stick)
    clock.advance(-behind.total_seconds())
    taken = car.take()
    assert (taken.settled, taken.up_to_date) == (1, False)  # receipts have no age
    assert "This computer's clock is behind the depot's" in car.problems
    assert car.stands.lists == {}


def test_a_clock_that_is_ahead_never_makes_the_line_be_disbelieved(car: Car, depot: StickDepot, clock) -> None:
    car.put()
    depot.take(car.stick)
    clock.advance(5 * 3600)
    assert car.take().up_to_date
    clock.advance(-5 * 3600)  # it was wrong, and is set right
    car.put()
    depot.take(car.stick)
    assert car.take().up_to_date


def test_receipts_of_a_depot_before_its_restore_are_not_believed_after_it(
    car: Car, depot: StickDepot, clock, tmp_path: Path
) -> None:
    car.wants_sent([shift_item(1), shift_item(2)])
    before = shutil.copytree(depot.folder, tmp_path / "copy")
    car.put()
    depot.take(car.stick)
    old = saved(car, tmp_path / "old")
    assert car.take().settled == 2
    shutil.rmtree(depot.folder)
    shutil.copytree(before, depot.folder)
    clock.advance(60)
    with closing(DepotDatabase(depot.folder)) as database, database.writing() as connection:
        begin_epoch(connection, clock.utc())
    assert depot.held() == []
    car.wants_sent([shift_item(3)])
    taken = round_trip(car, depot)
    assert (taken.settled, taken.proven_at) == (1, None)  # the car learns of a new epoch, and has not asked yet
    put_back(car, old)
    car.take()
    assert "as it was before it was put back from a copy" in car.problems
    assert round_trip(car, depot).proven_at == clock.utc()  # it asked what the depot still holds, and heard: nothing
    assert car.outbox.waiting() == 2
    assert round_trip(car, depot).settled == 2
    assert depot.held() == ["shift-1", "shift-2", "shift-3"]


def test_a_list_for_other_cars_is_not_on_the_stick(car: Car, depot: StickDepot, clock) -> None:
    covert = depot.publish(3, "covert", owner="Covert", audience=("TA15",), valid_until=clock.utc() + timedelta(days=2))
    other = depot.car(car.stick, "TA15", clock)
    car.put()
    other.put()
    mine, theirs = depot.take(car.stick)
    assert (mine.lists, theirs.lists) == (1, 2)
    assert not list(car.to_car.glob(f"{covert.sha256}*"))
    assert b"covert" not in b"".join(file.read_bytes() for file in car.stick.rglob("*") if file.is_file()).lower()
    assert car.take().up_to_date
    assert other.take().up_to_date
    assert (set(car.stands.lists), set(other.stands.lists)) == ({"stolen"}, {"stolen", "covert"})
    again = car.put()
    assert again.records == 0


def test_two_exports_on_one_stick_are_one_and_nothing_is_written_twice(car: Car, depot: StickDepot) -> None:
    car.wants_sent([shift_item(1), *map(read_item, range(4))])
    car.put()
    first = {file: file.stat().st_mtime_ns for file in car.to_depot.glob("*.pack")}
    assert car.put().records == 5
    assert {file: file.stat().st_mtime_ns for file in car.to_depot.glob("*.pack")} == first
    car.wants_sent([read_item(9)])
    assert car.put().records == 6
    (became,) = depot.take(car.stick)
    assert (became.records, len(depot.held())) == (6, 6)
    assert car.take().settled == 6
    assert car.put().records == 0
    assert not list(car.to_depot.glob("*.pack"))  # what the depot holds goes from the stick


def test_what_went_by_line_and_by_stick_is_held_once(car: Car, depot: StickDepot, clock, tmp_path: Path) -> None:
    car.wants_sent([shift_item(1), *map(read_item, range(3))])
    car.put()
    server = DepotServer(depot.folder, now=depot.now)
    server.start()
    try:
        stands = car.stands
        link = Link(server.url, car.identity, car.outbox, tmp_path / "l", stands, stands.keep_roster, clock)
        assert link.upload(lambda _: None) == 0
        link.close()
    finally:
        server.stop()
    receipts = dict(car.outbox.held)
    (became,) = depot.take(car.stick)
    assert (became.records, became.problems) == (4, ())
    assert len(depot.held()) == 4
    assert car.take().settled == 0
    assert car.outbox.held == receipts


@pytest.fixture
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of a record or two, and an index after each."""
    monkeypatch.setattr(exporting, "PACK_BYTES", 6000)
    monkeypatch.setattr(exporting, "_INDEX_EVERY", 1)


@pytest.mark.parametrize("number", [0, 1, 2, 5, 8, 11])
def test_a_stick_that_is_pulled_out_loses_nothing_and_goes_on_from_there(
    car: Car, depot: StickDepot, small_packs: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    items = [shift_item(1), *map(read_item, range(6))]
    car.wants_sent(items)
    written: list[str] = []
    write = StickFolder.write

    def pulled(folder: StickFolder, name: str, content: bytes) -> None:
        if len(written) == number:
            half = car.to_depot / f"{name}.00112233.part"
            half.write_bytes(content[: len(content) // 2])
            raise StickFault("pulled out")
        written.append(name)
        write(folder, name, content)

    monkeypatch.setattr(StickFolder, "write", pulled)
    with pytest.raises(StickFault):
        car.put()
    assert car.outbox.waiting() == 7
    monkeypatch.setattr(StickFolder, "write", write)
    before = len([name for name in written if name.endswith(".pack")])
    depot.take(car.stick)  # at the depot only that counts which was named
    held = len(depot.held())
    assert held <= 2 * before
    assert held >= before - 1
    old = {file.name: file.stat().st_mtime_ns for file in car.to_depot.glob("*.pack")}
    assert car.put().records == 7
    indexed = [name for name in old if (car.to_depot / name).stat().st_mtime_ns == old[name]]
    assert len(indexed) >= before - 1  # what counted was not written anew
    assert not list(car.to_depot.glob("*.part"))
    depot.take(car.stick)
    assert car.take().settled == 7
    assert depot.held() == sorted(item.item_id for item in items)


def test_an_answer_that_was_cut_off_is_refused_and_the_depot_writes_it_again(car: Car, depot: StickDepot) -> None:
    car.wants_sent([shift_item(1)])
    car.put()
    depot.take(car.stick)
    whole = (car.to_car / ANSWER).read_bytes()
    (car.to_car / ANSWER).write_bytes(whole[:-100])
    with pytest.raises(StickFault):
        car.take()
    depot.take(car.stick)
    assert car.take().settled == 1


def test_a_full_stick_takes_what_it_can_and_says_so(
    car: Car, depot: StickDepot, tmp_path: Path, small_packs: None
) -> None:
    with small_disk(tmp_path / "small", 3) as small:
        car.stick = small
        car.wants_sent([shift_item(1), *(read_item(number, (900, 600)) for number in range(4))])
        put = car.put()
        assert 0 < put.records < 5
        assert put.records + put.left == 5
        assert "The stick is full" in put.problem
        assert "The stick is full" in car.problems
        shutil.copytree(small, tmp_path / "copy", dirs_exist_ok=True)
        (became,) = depot.take(tmp_path / "copy")
        assert became.records == put.records
        assert car.outbox.waiting() == 5


def test_a_stick_that_cannot_be_written_to_is_told_and_can_still_be_read(
    car: Car, depot: StickDepot, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 8) as small:
        car.stick = small
        car.wants_sent([shift_item(1)])
        car.put()
        depot.take(small)
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        with pytest.raises(StickFault, match="cannot be written to"):
            car.put()
        with pytest.raises(StickFault, match="cannot be written to"):
            depot.take(small)
        assert car.take().settled == 1


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ENOENT])
def test_what_a_broken_stick_refuses_is_a_sentence(car: Car, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    car.wants_sent([shift_item(1)])
    monkeypatch.setattr("patrol_anpr.plumbing.stick_folder.write_whole", refuse)
    with pytest.raises(StickFault, match="pulled out, or is broken"):
        car.put()
    assert car.outbox.waiting() == 1


def test_a_list_that_does_not_fit_is_told_and_the_receipts_come_all_the_same(
    car: Car, depot: StickDepot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StickFault(FULL)

    car.wants_sent([shift_item(1)])
    car.put()
    monkeypatch.setattr(StickFolder, "copy_in", full)
    (became,) = depot.take(car.stick)
    assert (became.records, became.lists) == (1, 0)
    assert became.problems == ("The list Stolen could not be put on the stick: " + FULL,)
    taken = car.take()
    assert (taken.settled, taken.up_to_date) == (1, False)


def test_the_stick_says_nothing_to_who_finds_it(car: Car, depot: StickDepot) -> None:
    car.wants_sent([shift_item(1), *map(read_item, range(3))])
    car.put()
    depot.take(car.stick)
    found = b"".join(file.read_bytes() for file in car.stick.rglob("*") if file.is_file())
    names = "".join(str(path) for path in car.stick.rglob("*"))
    for secret in ("AB00CDE", "PC1", "TA14", "Stolen", "stolen", "officer", "\xff\xd8\xff"):
        assert secret.encode("latin-1") not in found
        assert secret not in names
    assert b"files" in (car.to_depot / INDEX).read_bytes()  # names and hashes are all that can be read
    assert repository_of(depot.folder).root() not in found


def test_a_depot_whose_disk_is_full_says_so_and_takes_the_stick_in_later(
    depot: StickDepot, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one half of the packs in: the next try gives receipts for all."""
    depot.now = lambda: datetime.now(UTC)  # the command asks no other clock
    car = depot.car(stick, "TA15", FakeClock(depot.now()))
    car.wants_sent([shift_item(1), *map(read_item, range(3))])
    car.put()
    take = Ingest.take

    def full(ingest: Ingest, car_id: str, pack: PackReader, now: datetime) -> Taken:
        if depot.held():
            raise OSError(errno.ENOSPC, "No space left on device")
        return take(ingest, car_id, pack, now)

    monkeypatch.setattr(Ingest, "take", full)
    with pytest.raises(RecordsFault, match="the car still holds it"):
        take_stick(depot.folder, car.stick, "")
    assert len(depot.held()) == 1
    assert not car.to_car.exists()
    monkeypatch.setattr(Ingest, "take", take)
    depot.take(car.stick)
    assert car.take().settled == 4


def test_officers_come_by_a_stick_and_an_old_one_puts_nobody_back(
    car: Car, depot: StickDepot, clock, tmp_path: Path
) -> None:
    depot.officers("PC1", "PC2")
    round_trip(car, depot)
    assert [one.officer_id for one in car.stands.officers] == ["PC1", "PC2"]
    old = saved(car, tmp_path / "old")
    clock.advance(3600)
    depot.officers("PC1")
    round_trip(car, depot)
    assert [one.officer_id for one in car.stands.officers] == ["PC1"]
    put_back(car, old)
    car.take()
    assert "The roster on the stick is older than the one in the car" in car.problems
    assert [one.officer_id for one in car.stands.officers] == ["PC1"]


def test_officers_of_a_stick_that_is_days_old_are_not_taken(car: Car, depot: StickDepot, clock) -> None:
    car.put()
    depot.take(car.stick)
    clock.advance(3 * 86_400)
    car.take()
    assert car.stands.officers == ()
