"""`patrol-anpr evidence` over the records of a car whose patrol has ended."""

import sys
from pathlib import Path

import pytest

from patrol_anpr.commands import cli
from patrol_anpr.commands.evidence import export_evidence, verify_evidence
from patrol_anpr.domain.dossier import EXPORT_ASKED
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.records.keys import Key
from patrol_anpr.settings import Settings
from tests import made
from tests.integration.cars import blind, driving, pictures, settings_of, sign_on


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    blind(monkeypatch)
    monkeypatch.setattr("patrol_anpr.commands.evidence.find_key", lambda folder: Key(bytes(range(32))))
    monkeypatch.setattr("patrol_anpr.build.find_key", lambda folder: Key(bytes(range(32))))
    return settings_of(tmp_path)


def test_a_read_of_a_past_shift_is_exported_and_verified(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = made.a_read("TX64KZW")
    with driving(settings) as (car, _):
        sign_on(car, "LOCAL", "")
        car.patrol.read_made(read, pictures(1))
        with pytest.raises(RecordsFault):  # the patrol has them
            export_evidence(settings, read.read_id, "Court order", tmp_path / "out", covert=False)
        car.patrol.sign_off().result(20)
    assert export_evidence(settings, read.read_id, "Court order", None, covert=False) == 0
    pdf = next((tmp_path / "exports").glob("*/*.pdf"))
    shown = capsys.readouterr().out
    assert str(pdf.parent) in shown
    assert "TX64KZW" not in shown
    assert verify_evidence(pdf) == 0
    assert "pyHanko: the signature is sound" in capsys.readouterr().out
    changed = bytearray(pdf.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "changed.pdf").write_bytes(changed)
    assert verify_evidence(tmp_path / "changed.pdf") == 1
    with driving(settings) as (car, _), car.records._reading() as connection:
        assert car.records.flush(10)
        rows = cars_rows(connection)
    asked = next(row for row in rows if row.action == EXPORT_ASKED)
    assert asked.actor.startswith("IT ")
    assert asked.reason == "Court order"


def cars_rows(connection: object) -> list[object]:
    from patrol_anpr.records import audit

    return list(audit.rows(connection))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "read-1", "--reason", "x"], "Say why"),
        (["export", "read-1", "--reason", "Court order"], "There are no records in"),
        (["verify", "nowhere.pdf"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("PATROL_ANPR__RECORDS__FOLDER", str(tmp_path / "records"))
    monkeypatch.setattr(sys, "argv", ["patrol-anpr", "evidence", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_file_that_is_no_pdf_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(BadInput, match="is no PDF"):
        verify_evidence(tmp_path / "a.pdf")
