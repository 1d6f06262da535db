"""Handing reads out: a file that anybody can check, within a quota, and nothing without the trail and the timestamp."""

import importlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import audit, read_exports
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.resources import ASSETS
from tests.console.people import Person, words_of
from tests.console.test_search_pages import OVERVIEW, PATCH, PICTURES, ask, people
from tests.console.timestamp_authority import Authority, running_authority
from tests.depot.postgresql import Server, on_both
from tests.depot.searched import NOW, correction, hit, misread, read, take

__all__ = ["people"]
WHY = {"reason": "For the file of the prosecutor"}


def hand_out(analyst: Person, mark: str = "AB12CDE"):
    path = ask(analyst, mark)
    return analyst.submit(f"{path}/reads/1/evidence", WHY)


def check(folder: Path) -> tuple[int, str]:
    """What the verifier that comes with the evidence says, by nothing but Python."""
    (pdf,) = folder.glob("*.pdf")
    told = subprocess.run(
        [sys.executable, folder / "verify_evidence.py", pdf], capture_output=True, text=True, timeout=60, check=False
    )
    return told.returncode, told.stdout


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def a_read_and_all_about_it(folder: Path) -> None:
    take(folder, read("a", "AB12CDE", pictures=PICTURES), hit("h", "a", "AB12CDE"), misread("o", "h", "AB12CDF"))
    take(folder, correction("c", "a", "AB12CDG"), read("x", "AB12CDX"))


@on_both
def test_a_read_is_handed_out_and_anybody_can_check_it(folder: Path, people, console: ConsoleServer, tmp_path: Path):
    a_read_and_all_about_it(folder)
    analyst = people(StaffRole.ANALYST)
    answer = hand_out(analyst)
    assert answer.status_code == 200, words_of(answer.text)
    assert "AB12" not in answer.headers["content-disposition"]
    evidence = unpacked(answer.content, tmp_path / "evidence")
    code, said = check(evidence)
    assert (code, "whose receipt names these records" in said) == (0, True), said
    (pdf,) = evidence.glob("*.pdf")
    script = f"import sys; sys.path.insert(0, {str(ASSETS)!r}); import verify_evidence as v; import pathlib; "
    script += f"import json; p = v.attachments(pathlib.Path({str(pdf)!r}).read_bytes()); "
    script += "print(json.dumps([json.loads(p['records.json']), {n: c.hex() for n, c in p.items()}]))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    records, parts = json.loads(told.stdout)
    kinds = [one["kind"] for one in records["records"]]
    assert kinds == ["read", "hit", "outcome", "correction"]
    assert (bytes.fromhex(parts["patch.jpg"]), bytes.fromhex(parts["overview.jpg"])) == (PATCH, OVERVIEW)
    with console.app.state.console.database(Role.RETENTION).reading() as connection:
        actions = connection.execute(select(audit.c.action).order_by(audit.c.seq)).scalars().all()
    assert [one for one in actions if "evidence" in one] == ["evidence.export", "evidence.exported"]
    with console.app.state.console.database(Role.SEARCH).reading() as connection:
        (row,) = connection.execute(select(read_exports)).all()
    assert (row.staff_id, len(row.sha256)) == ("the-analyst", 64)


def test_what_was_changed_afterwards_shows(folder: Path, people, tmp_path: Path):
    a_read_and_all_about_it(folder)
    sent = hand_out(people(StaffRole.ANALYST)).content
    for part in ("pdf", "csv", "verify_evidence.py"):
        evidence = unpacked(sent, tmp_path / part)
        (file,) = evidence.glob(f"*{part}")
        content = bytearray(file.read_bytes())
        if part == "pdf":
            content[content.index(b"AB12CDE")] ^= 1
        else:
            content += b"\n# more\n"
        file.write_bytes(content)
        assert check(evidence)[0] == 1, part


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ASSETS))
    return importlib.import_module("verify_evidence")


def test_the_verifier_knows_a_signature_of_the_depots_key(verifier):
    for number in range(4):
        key = Ed25519PrivateKey.generate()
        public, content = key.public_key().public_bytes_raw(), bytes([number]) * 50 * number
        signature = key.sign(content)
        assert verifier.is_ed25519(public, content, signature)
        for at in (0, 31, 32, 63):
            changed = bytearray(signature)
            changed[at] ^= 1
            assert not verifier.is_ed25519(public, content, bytes(changed))
        assert not verifier.is_ed25519(public, content + b".", signature)
        order = verifier.ORDER.to_bytes(32, "little")
        again = int.from_bytes(signature[32:], "little") + int.from_bytes(order, "little")
        assert not verifier.is_ed25519(public, content, signature[:32] + again.to_bytes(32, "little"))
    assert not verifier.is_ed25519(b"\xff" * 32, b"", b"\0" * 64)


def test_the_receipt_must_be_for_these_records(verifier):
    item = {"item_id": "read:a", "sha256": "0" * 64, "status": "held", "seq": 7}
    asked = {"nonce": "0"}
    said = {"root": verifier.merkle_root([item]), "items": 1, "depot_id": "d"}
    said["pack"] = verifier.sha256_of(verifier.spelled(asked))
    manifest = {"records": [{"id": "read:a", "sha256": "0" * 64}], "depot": "d"}
    receipt = {"receipt": json.dumps(said), "items": [item], "asked": asked, "key": "0" * 64, "signature": "0" * 128}
    unsigned = ["the depot's receipt is not signed with the key that it names"]
    assert list(verifier.changed_receipt(manifest, receipt)) == unsigned
    for wrong in (
        receipt | {"items": [item | {"seq": 8}]},
        receipt | {"asked": {"nonce": "1"}},
        receipt | {"items": [item, item]},
    ):
        assert len(list(verifier.changed_receipt(manifest, wrong))) > 1
    other = manifest | {"records": [{"id": "read:b", "sha256": "0" * 64}]}
    assert len(list(verifier.changed_receipt(other, receipt))) == 2


def test_nobody_hands_out_more_than_the_quota_of_a_day(folder: Path, people, console: ConsoleServer):
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / "depot.toml", b"[evidence]\nexports_a_day = 1\n")
    take(folder, read("a", "AB12CDE"))
    analyst = people(StaffRole.ANALYST)
    assert hand_out(analyst).status_code == 200
    refused = hand_out(analyst)
    assert (refused.status_code, "as many as one person may" in words_of(refused.text)) == (422, True)
    assert hand_out(people(StaffRole.ANALYST, "another")).status_code == 200
    with console.app.state.console.database(Role.AUDITOR).reading() as connection:
        told = connection.execute(select(audit.c.actor).where(audit.c.action == "export refused")).scalars().all()
    assert told == ["staff the-analyst"], "an auditor sees who was refused"


def test_what_one_did_not_find_is_not_handed_out_and_a_reason_is_needed(folder: Path, people):
    take(folder, read("a", "AB12CDE"))
    path = ask(people(StaffRole.ANALYST), "AB12CDE")
    assert people(StaffRole.ANALYST, "another").submit(f"{path}/reads/1/evidence", WHY).status_code == 404
    assert people(StaffRole.ANALYST).submit(f"{path}/reads/2/evidence", WHY).status_code == 404
    assert people(StaffRole.ANALYST).submit(f"{path}/reads/1/evidence", {"reason": "so"}).status_code == 422
    assert people(StaffRole.AUDITOR).submit(f"{path}/reads/1/evidence", WHY).status_code == 403


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_without_the_trail_nothing_is_handed_out(folder: Path, people, postgres: Server):
    take(folder, read("a", "AB12CDE", pictures=PICTURES))
    analyst = people(StaffRole.ANALYST)
    path = ask(analyst, "AB12CDE")
    postgres.run("REVOKE INSERT ON audit FROM patrol_search", postgres.database_of(folder))
    answer = analyst.submit(f"{path}/reads/1/evidence", WHY)
    assert (answer.status_code, answer.headers["content-type"].startswith("text/html")) == (503, True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory):
    with running_authority(tmp_path_factory.mktemp("tsa") / "tsa") as running:
        yield running


def test_a_timestamp_authority_says_when_it_was(folder: Path, people, authority: Authority, tmp_path: Path):
    folder.mkdir(mode=0o700, exist_ok=True)
    setting = f"[evidence]\ntimestamp_url = '{authority.url}'\ntimestamp_ca = '{authority.root}'\n"
    write_whole(folder / "depot.toml", setting.encode())
    take(folder, read("a", "AB12CDE", pictures=PICTURES))
    analyst = people(StaffRole.ANALYST)
    evidence = unpacked(hand_out(analyst).content, tmp_path / "evidence")
    (pdf,), (stamp,) = evidence.glob("*.pdf"), evidence.glob("*.tsr")
    assert authority.verify(pdf, stamp)
    code, said = check(evidence)
    assert (code, f"timestamp    {NOW:%Y}" in said) == (0, True), said
    content = bytearray(stamp.read_bytes())
    content[content.index(f"{NOW:%Y}".encode())] ^= 1
    stamp.write_bytes(content)
    code, said = check(evidence)
    assert (code, "Timestamp: " in said) == (1, True), said
    authority.lies = True
    try:
        refused = hand_out(analyst)
        assert (refused.status_code, "nothing was handed out" in words_of(refused.text)) == (503, True)
    finally:
        authority.lies = False
    write_whole(folder / "depot.toml", setting.replace(authority.url, "http://127.0.0.1:9/").encode())
    assert hand_out(analyst).status_code == 503
