"""A whole car hands out a Read: from the officer's reason to files that the one-file verifier finds sound."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.build import evidence_writer
from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.dossier import EXPORT_ASKED, EXPORT_MADE
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hit import ControlAnswer
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.evidence.signing import KEY_FILE
from patrol_anpr.patrol.car import Car
from patrol_anpr.records import audit, find_key
from patrol_anpr.wire.payloads import AuditPayload, Kind
from tests import made
from tests.conftest import FakeClock
from tests.evidence.made import a_dossier, a_request, verifier
from tests.fakes import FakeRecording
from tests.integration.cars import Depot, blind, driving, hotlist_lines, pictures, settings_of, sign_on, write_csv
from tests.records.test_keys import MemoryStore
from ui.app import discard, make_application
from ui.window import Window


def rows_of(car: Car) -> list[AuditRow]:
    assert car.records.flush(10)
    with car.records._reading() as connection:
        return list(audit.rows(connection))


def test_a_hit_goes_from_the_road_to_sound_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    settings = settings_of(tmp_path)
    with driving(settings) as (car, _):
        for name, tier in (("stolen", Tier.PRIORITY), ("covert", Tier.SILENT)):
            head = made.a_hotlist(tier, list_id=name, name=name)
            car.shelf.put_in_force(head, write_csv(tmp_path / f"{name}.csv", hotlist_lines(["TX64KZW"])))
        session = sign_on(car, "LOCAL", "")
        read = made.a_read("TX64KZW")
        evidence = pictures(1)
        hits = car.patrol.read_made(read, evidence)
        shown = next(hit for hit in hits if hit.tier is Tier.PRIORITY)
        covert = next(hit for hit in hits if hit.tier is Tier.SILENT)
        session.confirm(shown.hit_id, looked=True)
        session.answer(shown.hit_id, ControlAnswer.CONFIRMED)
        session.dispose(shown.hit_id, Disposition.ARREST)
        session.correct_read(read, "TX64KZV").result(20)
        places = car.patrol.export.places().result(20)
        assert places[0].folder == tmp_path / "exports"
        exported = session.export(read.read_id, "Court file", places[0].folder).result(60)
        again = session.export(read.read_id, "Another court", tmp_path / "stick").result(60)
        rows = rows_of(car)
        assert car.records.verify_audit().whole
    pdf = exported.pdf.read_bytes()
    faults, fingerprint, manifest = verifier().faults_of(pdf, exported.folder)
    assert faults == []
    assert fingerprint == exported.certificate == again.certificate  # one key a car
    parts = verifier().attachments(pdf)
    assert (parts["patch.jpg"], parts["overview.jpg"]) == (evidence.patch, evidence.overview)
    said = json.loads(parts["records.json"])
    assert [one["record"]["disposition"] for one in said["records"] if one["kind"] == "outcome"] == [
        None,
        None,
        {"value": "stopped_arrest", "word": "Arrest", "kind": "stopped"},
    ]
    table = parts["evidence.csv"].decode("utf-8-sig")
    assert '"Looked at the picture (who, when, character seen)","LOCAL' in table
    assert '"Control\'s answer (what, told whom, when)","confirmed, LOCAL' in table
    assert [one["record"]["vrm"] for one in said["records"] if one["kind"] == "correction"] == ["TX64KZV"]
    assert covert.hit_id.encode() not in b"".join(parts.values())
    assert [one["id"] for one in said["records"] if one["kind"] == "hit"] == [shown.hit_id]
    about = [(row.action, row.reason) for row in rows if row.object_id == read.read_id and "export" in row.action]
    assert about[0] == (EXPORT_ASKED, "Court file")
    assert about[1][0] == EXPORT_MADE
    assert all(digest in about[1][1] for _, digest in exported.files)
    made_rows = [row.object_id for row in rows if row.action == "evidence.key_made"]
    assert made_rows == [fingerprint]
    asked = next(row for row in rows if row.action == EXPORT_ASKED)
    assert manifest["audit_head"] == {"seq": asked.seq, "hash": asked.hash}


def test_the_key_lasts_is_nobody_elses_and_one_that_is_damaged_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    file = tmp_path / "records" / KEY_FILE
    fingerprints = []
    for number in range(2):
        with driving(settings_of(tmp_path)) as (car, _):
            session = sign_on(car, "LOCAL", "")
            read = made.a_read("TX64KZW")
            car.patrol.read_made(read, pictures(number))
            fingerprints.append(session.export(read.read_id, "Court file", tmp_path / "out").result(60).certificate)
            if sys.platform != "win32":
                assert file.stat().st_mode & 0o077 == 0
    assert fingerprints[0] == fingerprints[1]
    assert b"PRIVATE" not in file.read_bytes()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with driving(settings_of(tmp_path)) as (car, _):
        session = sign_on(car, "LOCAL", "")
        read = made.a_read("TX64KZW")
        car.patrol.read_made(read, pictures(3))
        with pytest.raises(RecordsFault, match="is damaged or of another car"):
            session.export(read.read_id, "Court file", tmp_path / "out").result(60)


def test_after_sign_off_nothing_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    with driving(settings_of(tmp_path)) as (car, _):
        session = sign_on(car, "LOCAL", "")
        read = made.a_read("TX64KZW")
        car.patrol.read_made(read, pictures(1))
        car.patrol.sign_off().result(20)
        with pytest.raises(BadInput, match="signed off"):
            session.export(read.read_id, "Court file", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_officer_exports_a_hit_in_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication, qtbot: QtBot
) -> None:
    blind(monkeypatch)
    make_application()
    with driving(settings_of(tmp_path)) as (car, _):
        window = Window(car.patrol)
        window.show()
        window.begin(car.patrol.sign_on("LOCAL", "", car.patrol.units()[0], Crew.WITH_OBSERVER).result(20))
        window.show_page("live")
        read = made.a_read("TX64KZW")
        car.patrol.read_made(read, pictures(1))
        window.exporting.ask(read)
        qtbot.waitUntil(lambda: bool(window.export.places), timeout=20_000)
        for button in (window.export.reasons[0], window.export.go):
            qtbot.waitUntil(lambda: not window.dead_time.active)
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.export.said.text().startswith("Exported"), timeout=60_000)
        discard(qapp, window)
    pdf = next((tmp_path / "exports").glob("*/*.pdf"))
    assert verifier().faults_of(pdf.read_bytes(), pdf.parent)[0] == []


def test_the_depot_holds_what_the_evidence_is_compared_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    with Depot(tmp_path / "depot") as depot, driving(settings_of(tmp_path / "car", depot=depot)) as (car, _):
        assert car.patrol.start_sync().result(20)
        session = sign_on(car)
        read = made.a_read("TX64KZW")
        car.patrol.read_made(read, pictures(1))
        exported = session.export(read.read_id, "Court file", tmp_path / "out").result(60)
        assert car.patrol.sign_off().result(60) == 0
        rows = [one for one in depot.holds().payloads[Kind.AUDIT] if isinstance(one, AuditPayload)]
    _, fingerprint, manifest = verifier().faults_of(exported.pdf.read_bytes(), exported.folder)
    assert [row.object_id for row in rows if row.action == "evidence.key_made"] == [fingerprint]
    asked = next(row for row in rows if row.action == EXPORT_ASKED)
    assert {"seq": asked.seq, "hash": asked.hash} == manifest["audit_head"]
    done = next(row for row in rows if row.action == EXPORT_MADE)
    assert all(digest in done.reason for _, digest in exported.files)


def test_with_a_key_store_as_windows_has_one_no_key_lies_in_the_folder(tmp_path: Path) -> None:
    """What seals the signing key comes from the store; after a restart the car signs as the same car."""
    before, store = keyring.get_keyring(), MemoryStore()
    settings, recording = settings_of(tmp_path), FakeRecording()
    keyring.set_keyring(store)
    try:
        find_key(settings.records.folder).mark(settings.records.folder)  # as records do that are there already
        signed = [
            evidence_writer(settings, recording, FakeClock()).write(a_dossier(), a_request(tmp_path / str(number)))  # type: ignore[arg-type]
            for number in range(2)
        ]
        store.locked = True
        with pytest.raises(RecordsFault):
            evidence_writer(settings, recording, FakeClock()).write(a_dossier(), a_request(tmp_path / "2"))  # type: ignore[arg-type]
    finally:
        keyring.set_keyring(before)
    assert len({one.certificate for one in signed}) == 1
    assert [action for _, action in recording.audits] == ["evidence.key_made"]
    assert [file.name for file in settings.records.folder.glob("*.key")] == [KEY_FILE]  # sealed, and no other
    assert not (tmp_path / "2").exists()
