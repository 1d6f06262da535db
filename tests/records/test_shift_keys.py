"""The records of an enrolled car: who can open them, and when. A thief has the whole folder and all its keys."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from nacl.public import PrivateKey

from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, Officer
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.records import Records, vault
from patrol_anpr.records.keys import Key
from patrol_anpr.records.records import ACTOR
from patrol_anpr.records.shift_keys import ShiftKeys
from patrol_anpr.records.vault import DEPOT_WRAP, FOLDER, PIN_WRAP, RecordsClosed, Vault
from patrol_anpr.wire.payloads import Kind
from patrol_anpr.wire.sealing import RecordKeys
from tests.conftest import FakeClock
from tests.records.made import PICTURES, Heard, a_proof, a_read, a_receipt, a_shift

DEPOT = PrivateKey.generate()
CAR = Key(bytes(range(32)))
PIN, ANOTHER = "80265914", "73190562"
OFFICERS = (Officer("4821", "A. Example", "$argon2id$v=19$x"), Officer("5177", "B. Example", "$argon2id$v=19$y"))


class Run:
    """One run of the program on the folder."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.heard = Heard()
        self.keys = ShiftKeys(folder, CAR, bytes(DEPOT.public_key), clock)
        self.records = Records.of_shifts(self.keys, clock, self.heard.on_saved, self.heard.on_lamp)
        self.records.start()

    def drive(self, *numbers: int) -> None:
        for number in numbers:
            self.records.keep_read(a_read(number), PICTURES, (), "shift-1")
        assert self.records.flush(20)

    def upload(self) -> None:
        outbox = self.records.outbox
        while batch := outbox.next_batch(100):
            outbox.settle(a_proof([a_receipt(item) for item in batch]))

    def end(self) -> str:
        return self.records.stop()


@pytest.fixture(autouse=True)
def cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses cost little here, but for the one test that measures them."""
    if "real_cost" not in request.fixturenames:
        monkeypatch.setattr(vault, "TIME_COST", 1)
        monkeypatch.setattr(vault, "MEMORY_KIB", 32)


@pytest.fixture
def real_cost() -> None:
    """Guesses cost what they cost a thief."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def run(folder: Path, clock: FakeClock) -> Iterator[Run]:
    run = Run(folder, clock)
    run.records.open_for("4821", PIN)
    run.records.start_shift(a_shift(officer_id="4821"))
    yield run
    run.end()


def stores(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).iterdir())


def stolen(folder: Path, to: Path, clock: FakeClock) -> Vault:
    """All that lies on the disk, with the car's own key (as where there is no key store), in the thief's hands."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*.lock"))
    return Vault(to, CAR, bytes(DEPOT.public_key), clock)


def opens(vault: Vault, pin: str) -> bool:
    return vault.open("4821", pin)


def holds(folder: Path, mark: bytes) -> bool:
    return any(mark in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_before_anybody_signs_on_the_records_are_closed(folder: Path, clock: FakeClock) -> None:
    run = Run(folder, clock)
    with pytest.raises(RecordsClosed, match="when an officer signs on"):
        run.keys.key()
    assert run.records.recent_reads("shift-1", 5) == []
    assert run.heard.wait_for_word("Records closed")
    assert run.end() == ""
    assert not (folder / FOLDER).exists()


def test_a_shift_goes_on_with_the_pin_after_the_ignition_was_cut(run: Run, folder: Path, clock: FakeClock) -> None:
    run.drive(1, 2, 3)
    run.end()  # without a sign-off: the wrap stays
    again = Run(folder, clock)
    assert again.records.recent_reads("shift-1", 5) == []
    again.records.open_for("4821", PIN)
    assert [read.read_id for read in again.records.recent_reads("shift-1", 5)] == ["read-3", "read-2", "read-1"]
    assert again.records.evidence_of("read-2") is not None
    assert again.records.verify_audit().whole
    assert len(stores(folder)) == 1
    again.end()


def test_a_kill_leaves_what_the_pin_opens_and_says_how_much(
    run: Run, folder: Path, clock: FakeClock, tmp_path: Path
) -> None:
    run.drive(1, 2)
    copy = tmp_path / "killed"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.lock"))
    again = Run(copy, clock)
    again.records.open_for("4821", PIN)
    assert "Patrol ANPR was cut off last time. Recovered: 2 reads." in again.records.notices
    assert [lamp.word for lamp in again.heard.lamps if lamp.key.startswith("start")] == ["At the start"]
    again.end()


@pytest.mark.parametrize("way", ["lock", "sign off and close"])
def test_after_lock_and_sign_off_nothing_on_the_disk_opens(
    run: Run, folder: Path, clock: FakeClock, tmp_path: Path, way: str
) -> None:
    run.drive(1, 2)
    before = stolen(folder, tmp_path / "before", clock)
    run.records.lock_up()
    if way != "lock":
        run.end()
    copy = tmp_path / "copy"
    thiefs = stolen(folder, copy, clock)
    (there,) = stores(copy)
    assert not (there / PIN_WRAP).exists()
    assert not holds(copy, b"ZZ01ABC")
    assert not holds(copy, PICTURES.overview[:40])
    assert opens(before, PIN)  # the copy of before shows that this way of opening works
    assert not opens(thiefs, PIN)
    for secret in (CAR.secret, CAR.derived("database"), bytes(32)):
        thief = open_sqlite(there / "records.db", key=secret, mode="ro")
        with closing(thief), pytest.raises(sqlcipher.DatabaseError, match="not a database"):
            thief.execute("SELECT count(*) FROM reads")


def test_the_depot_opens_what_nothing_here_opens(run: Run, folder: Path) -> None:
    run.drive(1, 2)
    run.records.lock_up()
    run.end()
    (there,) = stores(folder)
    keys = RecordKeys.opened((there / DEPOT_WRAP).read_bytes(), DEPOT)
    with closing(open_sqlite(there / "records.db", key=bytes.fromhex(keys.database), mode="ro")) as database:
        assert database.execute("SELECT count(*) FROM reads").fetchone() == (2,)


def test_while_it_is_locked_the_program_goes_on(run: Run) -> None:
    run.drive(1)
    run.records.lock_up()
    run.drive(2)
    assert len(run.records.recent_reads("shift-1", 5)) == 2
    assert run.records.outbox.next_batch(1)


def test_unlocking_lets_the_pin_open_them_again(run: Run, folder: Path, clock: FakeClock, tmp_path: Path) -> None:
    run.records.lock_up()
    run.records.unlock_for("4821", PIN)
    assert opens(stolen(folder, tmp_path / "copy", clock), PIN)
    assert not opens(stolen(folder, tmp_path / "another", clock), ANOTHER)


def test_another_officer_begins_new_records_and_closes_those_before(run: Run, folder: Path, clock: FakeClock) -> None:
    run.drive(1)
    run.end()
    again = Run(folder, clock)
    clock.advance(60)
    again.records.open_for("5177", ANOTHER)
    assert again.records.recent_reads("shift-1", 5) == []
    first, second = stores(folder)
    assert again.keys.vault.closed() == [first]
    assert (second / PIN_WRAP).exists()
    again.end()
    third = Run(folder, clock)
    third.records.open_for("4821", PIN)
    assert third.records.recent_reads("shift-1", 5) == []
    third.end()


def test_new_records_say_where_the_trail_before_them_ended(run: Run, folder: Path, clock: FakeClock) -> None:
    run.records.audit("4821", "set", "", "loudness")
    run.end()
    again = Run(folder, clock)
    clock.advance(60)
    again.records.open_for("5177", ANOTHER)
    again.records.flush(20)
    first, second = stores(folder)
    rows = audit_of(second, again.keys.key())
    begun = next(row for row in rows if row[1] == "records.begun")
    assert begun[0] == ACTOR
    assert begun[3].startswith(f"after {first.name}, entry ")
    again.end()


def audit_of(store: Path, key: Key) -> list[tuple[str, str, str, str]]:
    with closing(open_sqlite(store / "records.db", key=key.derived("database"), mode="ro")) as database:
        return database.execute("SELECT actor, action, object_id, reason FROM audit ORDER BY seq").fetchall()


def test_each_shift_of_a_run_has_its_own_records_once_the_depot_holds_those_before(
    run: Run, folder: Path, clock: FakeClock
) -> None:
    run.drive(1)
    run.upload()
    run.records.lock_up()  # as at the sign-off
    clock.advance(60)
    run.records.audit("5177", PIN_ACCEPTED, "5177")
    run.records.open_for("5177", ANOTHER)
    assert run.records.recent_reads("shift-1", 5) == []
    first, second = stores(folder)
    assert run.keys.vault.closed() == []  # the depot holds it
    assert (second / PIN_WRAP).exists()
    assert not (first / PIN_WRAP).exists()
    assert ("5177", PIN_ACCEPTED) in [row[:2] for row in audit_of(second, run.keys.key())]
    run.drive(2)
    assert run.records.waiting()


def test_what_waits_for_the_depot_goes_on_in_the_same_records(run: Run, folder: Path, clock: FakeClock) -> None:
    run.drive(1)
    run.records.lock_up()
    run.records.open_for("5177", ANOTHER)
    assert len(stores(folder)) == 1
    assert Kind.READ in [item.kind for item in run.records.outbox.next_batch(100)]


def test_refused_pins_are_known_after_a_kill_before_any_sign_on(folder: Path, clock: FakeClock, tmp_path: Path) -> None:
    run = Run(folder, clock)
    run.records.keep_roster(OFFICERS)
    run.records.audit("4821", PIN_REFUSED, "4821")
    copy = tmp_path / "killed"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.lock"))
    run.end()
    again = Run(copy, clock)
    assert again.records.roster() == list(OFFICERS)
    assert [(one.officer_id, one.right) for one in again.records.pin_tries()] == [("4821", False)]
    assert again.records.synced_at() == clock.utc()
    again.records.open_for("4821", PIN)
    (store,) = stores(copy)
    assert [row[:2] for row in audit_of(store, again.keys.key())].count(("4821", PIN_REFUSED)) == 1
    again.end()


def test_what_was_kept_before_any_sign_on_outlasts_the_end(folder: Path, clock: FakeClock) -> None:
    first = Run(folder, clock)
    first.records.audit("nobody", "set", "", "loudness")
    assert first.end() == ""
    again = Run(folder, clock)
    again.records.open_for("4821", PIN)
    (store,) = stores(folder)
    assert ("nobody", "set") in [row[:2] for row in audit_of(store, again.keys.key())]
    again.end()


def test_a_wrap_that_a_cut_ignition_left_opens_nothing_the_next_day(run: Run, folder: Path, clock: FakeClock) -> None:
    run.end()
    left = Vault(folder, CAR, bytes(DEPOT.public_key), clock)
    clock.advance(15 * 3600)
    assert left.waits_for_pin
    clock.advance(2 * 3600)
    assert not opens(left, PIN)


def test_sqlite_itself_reads_nothing(run: Run, folder: Path) -> None:
    run.drive(1)
    (store,) = stores(folder)
    with closing(sqlite3.connect(store / "records.db")) as thief, pytest.raises(sqlite3.DatabaseError):
        thief.execute("SELECT * FROM reads")


def test_a_guess_of_the_pin_costs_a_thief_what_it_should(
    real_cost: None, run: Run, folder: Path, clock: FakeClock, tmp_path: Path
) -> None:
    copy = stolen(folder, tmp_path / "copy", clock)
    began = time.process_time()
    assert not opens(copy, ANOTHER)
    assert time.process_time() - began > 0.03


def test_what_comes_with_nobody_signed_on_is_kept_for_the_depot_alone(run: Run, folder: Path, clock: FakeClock) -> None:
    run.drive(1)
    run.end()
    alone = Run(folder, clock)
    alone.drive(2)
    assert alone.end() == ""
    first, second = stores(folder)
    assert [(one / PIN_WRAP).exists() for one in (first, second)] == [True, False]
    again = Run(folder, clock)
    again.records.open_for("4821", PIN)  # the shift that was cut off goes on all the same
    assert [read.read_id for read in again.records.recent_reads("shift-1", 5)] == ["read-1"]
    assert again.keys.vault.closed() == [second]
    again.end()
