"""A whole car and a whole depot, and a real stick between them: FAT or exFAT where this machine can mount that."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr import build
from patrol_anpr.commands.cli import app
from patrol_anpr.commands.depot_stick import take_stick
from patrol_anpr.commands.stick import put_on_stick, take_off_stick
from patrol_anpr.depot_link.stick import exporting
from patrol_anpr.patrol.car import Car
from patrol_anpr.records import vault
from patrol_anpr.wire.stick import FOLDER
from tests.integration.cars import (
    KEY,
    LISTED,
    Depot,
    blind,
    driving,
    impatient,
    pictures,
    settings_of,
    sign_on,
)
from tests.made import a_read
from tests.records.mounted import usb_stick

MARK = LISTED[0]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "TIME_COST", 1)
    monkeypatch.setattr(vault, "MEMORY_KIB", 32)
    monkeypatch.setattr(build, "find_key", lambda *_: KEY)
    monkeypatch.setattr("patrol_anpr.enrolment.find_key", lambda *_: KEY)
    blind(monkeypatch)
    impatient(monkeypatch)


def drive(car: Car, *numbers: int) -> None:
    for number in numbers:
        read = a_read(read_id=f"read-{number}", vrm=MARK, captured_monotonic=1000.0 + number)
        car.patrol.read_made(read, pictures(number))
    assert car.records.flush(20)


def reads_of(depot: Depot) -> list[str]:
    held = depot.holds()
    held.assert_sound()
    return [read.read_id for read in held.reads]


def test_a_shift_goes_by_a_stick_while_the_car_is_on_and_its_receipts_come_back(tmp_path: Path) -> None:
    with usb_stick(tmp_path / "stick", 64) as stick, Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, heard):
            assert car.patrol.start_sync().result(30)
            depot.switch_off()
            sign_on(car)
            drive(car, 1, 2, 3)
            waiting = car.patrol.sign_off().result(30)
            assert waiting > 3
            put = car.patrol.sticks.put(stick).result(30)
            assert (put.records, put.left) == (waiting, 0)
            assert car.records.waiting() >= waiting  # nothing left the car
            plain = [
                file for file in (stick / FOLDER).rglob("*") if file.is_file() and MARK.encode() in file.read_bytes()
            ]
            assert plain == []
            depot.publish([*LISTED, "UX15ZDN"])
            assert take_stick(depot.folder, stick, "") == 0
            assert reads_of(depot) == ["read-1", "read-2", "read-3"]
            taken = car.patrol.sticks.take(stick).result(30)
            assert taken.up_to_date
            assert taken.settled == waiting
            assert [head.revision for head in car.shelf.sound] == [2]
            assert not [problem for problem in heard.problems[-2:] if problem]


def test_a_shift_that_only_the_depot_opens_goes_by_a_stick_as_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PIECE_BYTES", 100_000)  # so that it takes several
    with usb_stick(tmp_path / "stick", 64) as stick, Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result(30)
            depot.switch_off()
            sign_on(car)
            drive(car, 1, 2)
            assert car.patrol.sign_off().result(30) > 0
        assert put_on_stick(settings, stick) == 0
        assert "0 records and 1 closed shifts" in capsys.readouterr().out
        pieces = sorted((stick / FOLDER).rglob("*.piece"))
        assert len(pieces) > 2
        lost = pieces[1].read_bytes()
        pieces[1].unlink()
        assert take_stick(depot.folder, stick, "") == 1
        assert "1 of its files are missing" in capsys.readouterr().err
        assert reads_of(depot) == []
        pieces[1].write_bytes(lost)
        assert take_stick(depot.folder, stick, "") == 0
        assert reads_of(depot) == ["read-1", "read-2"]
        assert take_stick(depot.folder, stick, "") == 0  # once more: nothing twice, the same receipt
        assert reads_of(depot) == ["read-1", "read-2"]
        assert take_off_stick(settings, stick) == 0
        assert "0 more records and 1 more closed shifts" in capsys.readouterr().out
        assert put_on_stick(settings, stick) == 0  # the depot holds it: it does not go again
        assert "0 records and 0 closed shifts" in capsys.readouterr().out


def test_the_command_line_says_what_is_wrong_with_a_stick(tmp_path: Path) -> None:
    runner = CliRunner()
    for command in (["stick", "export"], ["stick", "import"], ["depot", "stick", "take"]):
        assert runner.invoke(app, [*command, str(tmp_path / "none")]).exit_code == 1
