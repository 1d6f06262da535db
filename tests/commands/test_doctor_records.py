"""What `doctor` says of the records: whether they open, how many there are, and whether the audit trail is whole."""

import os
from pathlib import Path

import pytest

from patrol_anpr.commands import doctor
from patrol_anpr.commands.finding import Finding
from patrol_anpr.domain.health import LampState
from patrol_anpr.records.store import Store
from patrol_anpr.settings import Settings
from tests.conftest import FakeClock
from tests.faults.test_records_gone import READS, cut_off, drive
from tests.records.made import AT, KEY, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    key = folder / "records.key"
    key.touch(mode=0o600)
    key.write_text(KEY.secret.hex())
    return folder


def findings(folder: Path) -> list[Finding]:
    settings = Settings.model_validate({"records": {"folder": folder}})
    return list(doctor._guarded("records", doctor._records, settings))


def said(folder: Path) -> list[tuple[str, LampState]]:
    return [(finding.part, finding.state) for finding in findings(folder)]


WELL = [("records", LampState.GOOD), ("audit", LampState.GOOD)]


def test_a_car_that_has_no_records_yet_is_well(folder: Path) -> None:
    assert said(folder) == WELL


def test_records_are_counted_and_their_trail_is_checked_also_while_a_patrol_runs(
    folder: Path, clock: FakeClock
) -> None:
    drive(folder, clock)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    records, audit = findings(folder)
    assert records.found.startswith(f"{READS} reads, ")
    assert (records.state, audit.state) == (LampState.GOOD, LampState.GOOD)
    assert audit.found.startswith("1 entries")
    assert {file: file.read_bytes() for file in before} == before
    with opened(folder, clock) as running:
        running.audit("4821", "read.viewed", "read-1")
        assert running.flush(20)
        assert findings(folder)[1].found.startswith("3 entries")


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit SET reason = 'nothing' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"],
)
def test_a_trail_that_somebody_changed_is_bad(folder: Path, clock: FakeClock, change: str) -> None:
    with opened(folder, clock) as records:
        records.audit("4821", "read.viewed", "read-1")
        records.audit("4821", "read.viewed", "read-2")
    store = Store.open(folder, KEY, AT)
    with store.database.writing() as connection, connection.begin():
        for trigger in ("audit_never_change", "audit_never_go"):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql(change)
    store.close(clean=True)
    _, audit = findings(folder)
    assert audit.state is LampState.BAD
    assert audit.found == "the trail is broken at entry 2"


def test_a_trail_whose_end_was_cut_off_is_bad(folder: Path, clock: FakeClock) -> None:
    with opened(folder, clock) as records:
        records.audit("4821", "read.viewed", "read-1")
    older = (folder / "records.db").read_bytes()
    drive(folder, clock)
    (folder / "records.db").write_bytes(older)
    assert said(folder) == [
        ("records", LampState.GOOD),
        ("records", LampState.BAD),
        ("audit", LampState.BAD),
    ]


def test_a_deleted_journal_is_bad(folder: Path, clock: FakeClock, tmp_path: Path) -> None:
    cut_off(folder, clock, tmp_path / "left")
    (tmp_path / "left" / "records.db-wal").unlink()
    assert LampState.BAD in {finding.state for finding in findings(tmp_path / "left")}


@pytest.mark.parametrize("harm", ["empty", "gone", "text", "another key"])
def test_records_that_cannot_be_read_are_bad_in_a_sentence(folder: Path, clock: FakeClock, harm: str) -> None:
    drive(folder, clock)
    file = folder / "records.db"
    match harm:
        case "empty":
            os.truncate(file, 0)
        case "gone":
            file.unlink()
        case "text":
            file.write_bytes(b"this is no database " * 999)
        case "another key":
            (folder / "records.key").write_text(bytes(range(9, 41)).hex())
    [finding] = findings(folder)
    assert finding.state is LampState.BAD
    assert finding.found.endswith(".")


def test_what_was_set_aside_is_told_until_somebody_takes_it_away(folder: Path, clock: FakeClock) -> None:
    drive(folder, clock)
    (folder / "records.db").unlink()
    with opened(folder, clock):
        pass
    *well, aside = findings(folder)
    assert [(finding.part, finding.state) for finding in well] == WELL
    assert aside.state is LampState.WARN
    assert "set aside" in aside.found
    assert "depot" in aside.advice
