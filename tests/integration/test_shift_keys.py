"""An enrolled car with its depot: what a thief of the laptop gets in each state, and that nothing is lost for it."""

import re
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot_link import closed
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.read import Read
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.shifts import Session
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.records import vault
from patrol_anpr.records.held_mark import HELD
from patrol_anpr.records.keys import Key
from patrol_anpr.records.shift_keys import ShiftKeys
from tests.integration.cars import (
    KEY,
    OFFICER,
    PIN,
    Depot,
    blind,
    driving,
    impatient,
    pictures,
    settings_of,
    sign_on,
    until,
)
from tests.made import a_read

MARK = b"TX64KZW"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "TIME_COST", 1)
    monkeypatch.setattr(vault, "MEMORY_KIB", 32)
    blind(monkeypatch)


def drive(car: Car, number: int, vrm: str = MARK.decode()) -> tuple[Read, list[Hit]]:
    read = a_read(read_id=f"read-{number}", vrm=vrm, captured_monotonic=1000.0 + number)
    return read, list(car.patrol.read_made(read, pictures(number)))


def on_patrol(car: Car, *numbers: int) -> Session:
    assert car.patrol.start_sync().result(30)
    session = sign_on(car)
    for number in numbers:
        drive(car, number)
    assert car.records.flush(20)
    return session


def reads_of(depot: Depot) -> list[str]:
    """The ids of the Reads the depot holds, after all it holds was found sound."""
    held = depot.holds()
    held.assert_sound()
    return [read.read_id for read in held.reads]


def thief(folder: Path, to: Path) -> Path:
    """Everything on the disk of the laptop, as it is this moment."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*.lock"))
    return to


def databases_that_open(folder: Path) -> list[Path]:
    """The databases that open with what lies in the folder and looks like a key, with the car's own, or one derived."""
    found_keys = {KEY}
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_size < 2**12:
            content = file.read_bytes()
            found_keys |= {Key(bytes.fromhex(text.decode())) for text in re.findall(rb"[0-9a-fA-F]{64}", content)}
            found_keys |= {Key(part) for part in (content[:32], content[-32:]) if len(part) == 32}
    secrets = {key.secret for key in found_keys} | {key.derived("database") for key in found_keys}
    found = []
    for database in folder.rglob("records.db"):
        for secret in secrets:
            with closing(open_sqlite(database, key=secret, mode="ro")) as connection:
                try:
                    connection.execute("SELECT count(*) FROM reads").fetchone()
                except sqlcipher.DatabaseError:
                    continue
                found.append(database)
    return found


def test_a_thief_of_the_laptop_opens_nothing_after_lock_or_sign_off(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            session = on_patrol(car, 1, 2)
            running = thief(tmp_path / "car", tmp_path / "running")
            car.patrol.lock.lock()
            until(lambda: not list((tmp_path / "car").rglob(vault.PIN_WRAP)))
            locked = thief(tmp_path / "car", tmp_path / "locked")
            drive(car, 3)  # locked is not blind
            car.patrol.lock.unlock(PIN).result(10)
            assert len(list((tmp_path / "car").rglob(vault.PIN_WRAP))) == 1
            for hit, _ in car.patrol.open_hits():
                session.confirm(hit.hit_id)
            assert car.patrol.sign_off().result(30) == 0
            off = thief(tmp_path / "car", tmp_path / "off")
        assert reads_of(depot) == ["read-1", "read-2", "read-3"]
    for copy in (running, locked, off):
        assert not [file for file in (copy / "records").rglob("*") if file.is_file() and MARK in file.read_bytes()]
        assert databases_that_open(copy) == []
    assert [bool(list(copy.rglob(vault.PIN_WRAP))) for copy in (running, locked, off)] == [True, False, False]


def test_the_ignition_is_cut_and_the_officer_goes_on(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            on_patrol(car, 1, 2)
            cut = thief(tmp_path / "car", tmp_path / "cut")
        with driving(settings_of(cut, depot=depot)) as (car, heard):
            with pytest.raises(BadInput, match="not right"):
                sign_on(car, OFFICER, "11223344")
            session = sign_on(car)
            assert [read.read_id for read in car.patrol.recent_reads()] == ["read-2", "read-1"]
            assert len(car.patrol.open_hits()) == 2
            assert any("Recovered: 2 reads." in lamp.advice for lamp in heard.lamps)
            session.dismiss(car.patrol.open_hits()[0][0].hit_id)
            assert car.patrol.sign_off().result(30) == 0
        assert reads_of(depot) == ["read-1", "read-2"]


def test_records_from_before_the_enrolment_are_sent_before_shifts_have_keys(tmp_path: Path) -> None:
    with driving(settings_of(tmp_path / "car")) as (car, _):
        sign_on(car, "LOCAL", "")
        drive(car, 1)
        assert car.records.flush(20)
        assert (tmp_path / "car" / "records" / "records.db").exists()  # as ever: there is no depot to seal to
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            on_patrol(car, 2)
            assert car.patrol.sign_off().result(30) == 0
        assert not (tmp_path / "car" / "records" / vault.FOLDER).exists()
        with driving(settings) as (car, _):
            on_patrol(car, 3)
            assert [read.read_id for read in car.patrol.recent_reads()] == ["read-3"]
            assert car.patrol.sign_off().result(30) == 0
        assert (tmp_path / "car" / "records" / vault.FOLDER).exists()
        assert [read.read_id for read in depot.holds().reads] == ["read-1", "read-2", "read-3"]


def test_a_shift_that_was_locked_when_the_ignition_was_cut_reaches_the_depot_as_it_is(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            session = on_patrol(car, 1, 2)
            hit = car.patrol.open_hits()[0][0]
            session.dismiss(hit.hit_id)
            car.patrol.lock.lock()
            until(lambda: not list((tmp_path / "car").rglob(vault.PIN_WRAP)))
            drive(car, 3)
            assert car.records.flush(20)
            cut = thief(tmp_path / "car", tmp_path / "cut")
        with driving(settings_of(cut, depot=depot)) as (car, heard):
            assert (car.patrol.start_upload().result(60), heard.problems) == (1, [""])  # its own first row of the trail
            assert reads_of(depot) == ["read-1", "read-2", "read-3"]
            sign_on(car)
            assert list(car.patrol.recent_reads()) == []
            drive(car, 4)
            assert car.patrol.sign_off().result(60) == 0
        assert reads_of(depot) == ["read-1", "read-2", "read-3", "read-4"]
        assert {one.hit_id for one in depot.holds().hits} >= {hit.hit_id}
        assert not list((depot.folder / "closed").rglob("records.db"))


def test_a_closed_shift_waits_while_the_depot_is_away_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            on_patrol(car, 1)
            depot.switch_off()
            car.patrol.lock.lock()
            until(lambda: not list((tmp_path / "car").rglob(vault.PIN_WRAP)))
        with driving(settings) as (car, heard):
            sign_on(car)
            told = "The records of an earlier shift are closed."
            assert any(told in lamp.advice for lamp in heard.lamps)
            assert car.patrol.sign_off().result(60) > 1
            depot.switch_on()
            assert (car.patrol.start_upload().result(60), heard.problems[-1]) == (0, "")
        assert reads_of(depot) == ["read-1"]


def test_closed_records_that_do_not_open_stay_at_the_depot_as_they_came(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            on_patrol(car, 1)
            car.patrol.lock.lock()
            until(lambda: not list((tmp_path / "car").rglob(vault.PIN_WRAP)))
        (database,) = (tmp_path / "car").rglob("records.db")
        database.write_bytes(bytes(4096) + database.read_bytes()[4096:])
        with driving(settings) as (car, _):
            assert car.patrol.start_upload().result(60) == 1
            assert car.patrol.start_upload().result(60) == 1
        (kept,) = (depot.folder / "closed").rglob("records.db")
        assert kept.read_bytes() == database.read_bytes()
        assert depot.holds().incidents == 1


def test_shifts_that_only_the_depot_opens_are_sent_again_after_it_was_restored_and_kept_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        depot.switch_off()
        shutil.copytree(depot.folder, tmp_path / "copy")
        depot.switch_on()
        with driving(settings) as (car, _):
            on_patrol(car, 1, 2)
            assert car.patrol.sign_off().result(60) == 0
        assert reads_of(depot) == ["read-1", "read-2"]
        depot.switch_off()
        shutil.rmtree(depot.folder)
        shutil.copytree(tmp_path / "copy", depot.folder)
        with closing(DepotDatabase(depot.folder)) as database, database.writing() as connection:
            begin_epoch(connection, datetime.now(UTC))
        depot.switch_on()
        with driving(settings) as (car, _):
            (shift,) = (tmp_path / "car" / "records" / vault.FOLDER).glob("0*")
            assert (shift / HELD).exists()
            with monkeypatch.context() as patch:
                patch.setattr(closed, "_NAMES", ())  # the epoch is learnt, and the line breaks
                patch.setattr(ShiftKeys, "held", lambda *_: None)
                car.patrol.start_upload().result(60)
            now = datetime.now(UTC)
            car.records.purge(now, now, keep_days=0)
            assert (shift / "records.db").exists(), "the depot does not hold it any more"
            assert car.patrol.start_upload().result(60) == 1
            assert reads_of(depot) == ["read-1", "read-2"]
            now = datetime.now(UTC)
            car.records.purge(now, now, keep_days=0)
            assert not shift.exists()
