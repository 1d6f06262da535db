"""What `doctor --thief` says: by trying what lies on the disk, in each state of a car."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol_anpr.commands import doctor, thief
from patrol_anpr.commands.evidence import export_evidence
from patrol_anpr.commands.finding import Finding
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.plumbing.at_rest import Encryption
from patrol_anpr.records import keys, vault
from patrol_anpr.records.keys import KEY_FILE, LISTS, find_key
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from tests.conftest import FakeClock
from tests.integration.cars import hotlist_lines, write_csv
from tests.records.made import PICTURES, a_read, opened
from tests.records.test_shift_keys import CAR, OFFICERS, PIN, Run


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses cost little; the disk is not encrypted, and no memory is written out."""
    monkeypatch.setattr(vault, "TIME_COST", 1)
    monkeypatch.setattr(vault, "MEMORY_KIB", 32)
    monkeypatch.setattr(thief, "disk_encryption", lambda folder: Encryption.NO)
    monkeypatch.setattr(thief, "plain_swap", list)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir(mode=0o700)
    return folder


def leave_key(folder: Path) -> None:
    """As where the system has no key store."""
    (folder / KEY_FILE).touch(mode=0o600)
    (folder / KEY_FILE).write_text(CAR.secret.hex())


@pytest.fixture
def run(folder: Path, clock: FakeClock) -> Iterator[Run]:
    run = Run(folder, clock)
    run.records.keep_roster(OFFICERS)
    run.records.open_for("4821", PIN)
    run.drive(1, 2)
    yield run
    run.end()


def settings_of(folder: Path) -> Settings:
    return Settings.model_validate({"records": {"folder": folder}, "hotlists": {"folder": folder.parent / "lists"}})


def said(folder: Path) -> list[tuple[str, LampState]]:
    return [(one.found, one.state) for one in thief.thief_findings(settings_of(folder))]


NOTHING = ("opens no reads and no pictures", LampState.GOOD)
PLAIN_DISK = ("the disk is not encrypted", LampState.WARN)
SEALED = ("1 shift(s) open at the depot only, 1 of them not known to be there", LampState.GOOD)


@pytest.mark.parametrize("leave", [lambda run: run.records.lock_up(), lambda run: (run.records.lock_up(), run.end())])
def test_after_lock_and_sign_off_a_thief_opens_nothing(run: Run, folder: Path, leave: Callable[[Run], object]) -> None:
    leave(run)
    assert said(folder) == [NOTHING, SEALED, PLAIN_DISK]


def test_with_the_cars_key_in_a_file_the_verifiers_can_be_searched(run: Run, folder: Path) -> None:
    leave_key(folder)
    run.records.lock_up()
    nothing, sealed, roster, disk = said(folder)
    assert (nothing, sealed, disk) == (NOTHING, SEALED, PLAIN_DISK)
    assert roster[0].startswith("has the officers' names and can search for their PINs: 0.")
    assert roster[1] is LampState.WARN


def test_while_a_shift_is_open_its_pin_opens_it(run: Run, folder: Path) -> None:
    with_store, _ = said(folder)
    assert with_store == (
        "opens 1 shift(s) with the PIN of the officer, and with the key store of this user",
        LampState.GOOD,
    )
    leave_key(folder)
    in_file, *_ = said(folder)
    assert in_file[0].startswith("opens 1 shift(s) with the PIN of the officer, for which they can search: 0.0")
    assert in_file[0].endswith("core-days for half of all 8-digit PINs")
    assert in_file[1] is LampState.WARN


def test_records_of_a_car_that_is_not_enrolled_open_with_the_key_beside_them(folder: Path, clock: FakeClock) -> None:
    leave_key(folder)
    with opened(folder, clock, key=CAR) as records:
        records.keep_read(a_read(), PICTURES, (), "shift-1")
        records.flush(20)
        (found, state), _ = said(folder)
    assert found == "opens 1 reads with their pictures: the key lies beside them"
    assert state is LampState.WARN


def test_a_list_key_in_a_file_and_plain_swap_are_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = folder.parent / "lists"
    (lists / "arriving" / "signed").mkdir(mode=0o700, parents=True)
    lists.chmod(0o700)
    monkeypatch.setattr(keys, "_from_store", lambda: None)
    monkeypatch.setattr(keys, "_into_store", lambda: None)
    secret = find_key(lists, LISTS).derived("hotlists")
    shelf = Shelf(lists, secret, Matcher(), SystemClock())
    for name, tier in (("wanted", Tier.IMMEDIATE), ("covert", Tier.SILENT), ("stolen", Tier.PRIORITY)):
        csv = write_csv(folder.parent / "list.csv", hotlist_lines(["TX64KZW"]))
        shelf.put_in_force(Hotlist(name, name, "Force", 1, tier, datetime.now(UTC)), csv)
    for one in shelf.in_force:
        one.close()
    monkeypatch.setattr(thief, "plain_swap", lambda: ["/swapfile"])
    monkeypatch.setattr(thief, "disk_encryption", lambda folder: Encryption.YES)
    assert [found for found, _ in said(folder)] == [
        "opens no reads and no pictures",
        "opens 3 list(s), 1 of them urgent and 1 silent, also after a lock and a sign-off: their key lies beside them",
        "reads what lists there are: their names, owners, contacts and cars, and no entry of them",
        "the disk is encrypted: switched off, it gives nothing of all this",
        "memory is written out in plain to /swapfile",
    ]


def test_doctor_says_of_closed_shifts_what_waits(run: Run, folder: Path) -> None:
    def records() -> list[Finding]:
        return list(doctor._guarded("records", doctor._records, settings_of(folder)))

    assert [one.found for one in records()] == [
        "1 shift(s) open at the officer's sign-on, 0 shift(s) are closed: the depot opens them"
    ]
    run.records.lock_up()
    assert [one.found for one in records()] == [
        "1 shift(s) are closed: the depot opens them",
        "1 closed shift(s) wait for the depot",
    ]


def test_evidence_of_an_enrolled_car_is_exported_in_the_car(run: Run, folder: Path) -> None:
    with pytest.raises(BadInput, match="open only when an officer signs on"):
        export_evidence(settings_of(folder), "read-1", "court", None, covert=False)
