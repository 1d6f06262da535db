"""What an export leaves, and that each byte of it that is changed is found and named by the verifier."""

import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.dossier import Exported, HitFile
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import HitState, MatchKind, Verification
from patrol_anpr.domain.read import ENTERED, Evidence
from patrol_anpr.evidence import package, pages
from patrol_anpr.evidence.package import OVERVIEW, PATCH, RECORDS, TABLE, VERIFIER
from patrol_anpr.resources import ASSETS
from patrol_anpr.wire.payloads import sha256_of
from tests.evidence.made import READ, a_dossier, a_key, a_request, a_writer, verifier
from tests.records import made
from tests.records.mounted import small_disk

FAR = Path("/nowhere-at-all")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exports")
    return a_writer(folder).write(a_dossier(), a_request(folder / "new"))


@pytest.fixture(scope="module")
def pdf(exported: Exported) -> bytes:
    return exported.pdf.read_bytes()


def run_alone(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The verifier as somebody else runs it: isolated from everything installed here."""
    command = [sys.executable, "-I", "-S", str(file.parent / VERIFIER), str(file), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_the_folder_holds_the_pdf_the_table_and_the_verifier(exported: Exported) -> None:
    names = {file.name for file in exported.folder.iterdir()}
    assert names == {exported.pdf.name, TABLE, VERIFIER}
    assert dict(exported.files) == {name: sha256_of((exported.folder / name).read_bytes()) for name in names}
    assert not list(exported.folder.parent.glob("*.part"))


def test_no_name_holds_the_mark(exported: Exported) -> None:
    assert READ.vrm not in str(exported.folder)
    assert READ.read_id in exported.pdf.name
    assert re.fullmatch(r"evidence_\d{8}T\d{6}Z_read-7\.pdf", exported.pdf.name)


def test_whole_evidence_is_sound_with_nothing_but_python(exported: Exported) -> None:
    done = run_alone(exported.pdf)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Sound. Read {READ.read_id}, exported ")
    assert a_key().fingerprint in done.stdout
    assert run_alone(exported.pdf, "--fingerprint", a_key().fingerprint).returncode == 0


def test_a_terminal_that_lacks_a_letter_of_a_name_is_told_all_the_same(tmp_path: Path) -> None:
    done = a_writer(tmp_path).write(a_dossier(), a_request(tmp_path, by="IT An\u0175en"))
    command = [sys.executable, "-S", str(done.folder / VERIFIER), str(done.pdf)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, env=environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "by IT An?en" in ran.stdout


def test_evidence_signed_by_another_key_is_found_by_the_fingerprint(exported: Exported) -> None:
    done = run_alone(exported.pdf, "--fingerprint", "0" * 64)
    assert done.returncode == 1
    assert "another key signed this" in done.stdout


def test_a_file_that_is_not_there_is_a_sentence(exported: Exported) -> None:
    done = run_alone(exported.folder / "gone.pdf")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\0" * 500], ids=["empty", "a head", "zeros"])
def test_what_is_no_evidence_is_said_not_to_be(exported: Exported, tmp_path: Path, content: bytes) -> None:
    (tmp_path / VERIFIER).write_bytes((exported.folder / VERIFIER).read_bytes())
    (tmp_path / "other.pdf").write_bytes(content)
    done = run_alone(tmp_path / "other.pdf")
    assert (done.returncode, done.stderr) == (1, "")
    assert "NOT SOUND" in done.stdout


def made_up(manifest: bytes, records: bytes = b"[]") -> bytes:
    """A file that has the shape of evidence, as anybody can make one."""
    files = {"manifest.json": manifest, "records.json": records}
    parts = [
        b"/EF <</F %d 0 R>> /F (%s)\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\n"
        % (number, name.encode(), number, len(content), content)
        for number, (name, content) in enumerate(files.items(), 5)
    ]
    return b"%PDF-1.7\n" + b"".join(parts) + b"(Evidence of one read with manifest %s)" % sha256_of(manifest).encode()


@pytest.mark.parametrize(
    "content",
    [
        made_up(b"[]"),
        made_up(b"7"),
        made_up(b"[" * 100_000),
        made_up(b'{"format":1,"parts":[]}'),
        made_up(b'{"format":1,"parts":{},"records":[],"certificate":"","audit_head":{}}', b'{"records":[7]}'),
        b"%PDF-1.7 /ByteRange [0 " + b"9" * 5000 + b" 9 9]",
        b"%PDF-1.7 /ByteRange [0 10 12 9]..............",
    ],
    ids=["a list", "a number", "deep", "no parts", "odd records", "huge numbers", "a gap"],
)
def test_what_was_made_up_is_said_not_to_be_sound_without_a_stack_trace(content: bytes) -> None:
    faults, _, _ = verifier().faults_of(content, FAR)
    assert faults


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1 << bit
    return bytes(changed)


def attached(pdf: bytes, name: str) -> int:
    """Where the content of an attachment begins."""
    return pdf.index(verifier().attachments(pdf)[name])


@pytest.mark.parametrize("name", [PATCH, OVERVIEW, RECORDS, TABLE])
def test_a_byte_changed_in_an_attachment_names_it(pdf: bytes, name: str) -> None:
    faults, _, _ = verifier().faults_of(flipped(pdf, attached(pdf, name) + 40), FAR)
    assert "Signature: the PDF was changed after it was signed" in faults
    assert f"{name} (attached) was changed" in faults


def test_a_byte_changed_in_the_manifest_names_it(pdf: bytes) -> None:
    faults, _, _ = verifier().faults_of(flipped(pdf, attached(pdf, "manifest.json") + 40), FAR)
    assert "manifest.json was changed: it is not the one that the signature names" in faults


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b'"kind":"read","record":{"box"', "the read read-7 was changed"),
        (b'"outcome_id":"outcome-1"', "the outcome outcome-1 was changed"),
        (b'"list_id":"pnc"', "the hit hit-1 was changed"),
        (b'"crew":"single"', "the shift shift-1 was changed"),
        (b'"actor":"4821","at":"2026-11-21T21:43:06', "audit row 1 was changed"),
    ],
)
def test_a_byte_changed_in_a_record_names_the_record(pdf: bytes, content: bytes, named: str) -> None:
    begin = attached(pdf, RECORDS)
    at = pdf.index(content, begin) + len(content) - 2
    faults, _, _ = verifier().faults_of(flipped(pdf, at), FAR)
    assert named in faults


def test_a_byte_changed_on_a_page_is_found(pdf: bytes) -> None:
    faults, _, _ = verifier().faults_of(flipped(pdf, pdf.index(b"stream\n", pdf.index(b"/Contents")) + 60), FAR)
    assert faults == ["Signature: the PDF was changed after it was signed"]


def test_something_added_behind_the_signature_is_found(pdf: bytes) -> None:
    faults, _, _ = verifier().faults_of(pdf + b"\n%%EOF", FAR)
    assert faults[0].startswith("Signature: the signature does not cover the whole PDF")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), in_signature=st.booleans(), bit=st.integers(0, 7))
def test_no_byte_can_be_changed_unseen(pdf: bytes, place: float, in_signature: bool, bit: int) -> None:
    begin = pdf.index(b"/Contents <30")
    span = (begin, pdf.index(b"/ByteRange", begin) + 60) if in_signature else (0, len(pdf))
    at = span[0] + int(place * (span[1] - span[0]))
    faults, _, _ = verifier().faults_of(flipped(pdf, at, bit), FAR)
    assert faults


@pytest.mark.parametrize("name", [TABLE, VERIFIER])
def test_a_file_changed_beside_the_pdf_is_named(exported: Exported, pdf: bytes, tmp_path: Path, name: str) -> None:
    for file in (TABLE, VERIFIER):
        (tmp_path / file).write_bytes((exported.folder / file).read_bytes())
    assert verifier().faults_of(pdf, tmp_path)[0] == []
    (tmp_path / name).write_bytes(flipped((tmp_path / name).read_bytes(), 90))
    assert verifier().faults_of(pdf, tmp_path)[0] == [f"{name} (beside the PDF) was changed"]


def test_pictures_that_are_missing_are_said_to_be(tmp_path: Path) -> None:
    done = a_writer(tmp_path).write(a_dossier(evidence=Evidence(b"", b"no picture")), a_request(tmp_path))
    parts = verifier().attachments(done.pdf.read_bytes())
    assert PATCH not in parts
    assert parts[OVERVIEW] == b"no picture"
    assert verifier().faults_of(done.pdf.read_bytes(), FAR)[0] == []


def test_the_pictures_are_attached_as_they_were_stored(pdf: bytes) -> None:
    parts = verifier().attachments(pdf)
    assert (parts[PATCH], parts[OVERVIEW]) == (made.PICTURES.patch, made.PICTURES.overview)


def test_a_full_disk_leaves_nothing_and_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def write_whole(target: Path, content: bytes, **_: bool) -> None:
        if written:
            raise OSError(28, "No space left on device")
        target.write_bytes(content)
        written.append(target)

    monkeypatch.setattr(package, "write_whole", write_whole)
    with pytest.raises(BadInput, match="There is not enough room"):
        a_writer(tmp_path).write(a_dossier(), a_request(tmp_path / "stick"))
    assert list((tmp_path / "stick").iterdir()) == []


def test_a_disk_that_is_really_full_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "stick", 1) as stick:
        (stick / "other").write_bytes(bytes(1004 * 1024))
        with pytest.raises(BadInput, match="There is not enough room"):
            a_writer(tmp_path).write(a_dossier(), a_request(stick / "evidence"))
        assert list((stick / "evidence").iterdir()) == []
        (stick / "other").unlink()
        assert a_writer(tmp_path).write(a_dossier(), a_request(stick / "evidence")).pdf.is_file()


def test_a_disk_that_takes_no_writing_is_a_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "stick", 4) as stick:
        subprocess.run(["mount", "-o", "remount,ro", str(stick)], check=True)
        with pytest.raises(BadInput, match="may not write"):
            a_writer(tmp_path).write(a_dossier(), a_request(stick / "evidence"))


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match="Choose another folder"):
        a_writer(tmp_path).write(a_dossier(), a_request(tmp_path / "file" / "below"))


def test_pyhanko_finds_the_signature_whole(pdf: bytes) -> None:
    from patrol_anpr.evidence.checking import look_at

    looked = look_at(pdf)
    assert looked.sound
    assert looked.fingerprint == a_key().fingerprint
    assert not look_at(flipped(pdf, attached(pdf, PATCH) + 40)).sound


def test_the_verifier_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse((ASSETS / VERIFIER).read_text("utf-8"), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_the_other_looks_of_the_pass_are_attached_and_hashed(tmp_path: Path) -> None:
    looks = (made.jpeg(170, 44, 5), made.jpeg(150, 40, 6))
    evidence = Evidence(made.PICTURES.patch, made.PICTURES.overview, looks)
    done = a_writer(tmp_path).write(a_dossier(evidence=evidence), a_request(tmp_path))
    pdf = done.pdf.read_bytes()
    assert verifier().faults_of(pdf, FAR)[0] == []
    parts = verifier().attachments(pdf)
    assert (parts["patch_2.jpg"], parts["patch_3.jpg"]) == looks
    changed = flipped(pdf, attached(pdf, "patch_3.jpg") + 40)
    assert "patch_3.jpg (attached) was changed" in verifier().faults_of(changed, FAR)[0]


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paragraphs that are printed."""
    printed: list[str] = []
    say = pages.Paper.say

    def noting(paper: pages.Paper, text: str, *style: float, **more: bool) -> None:
        printed.append(text)
        say(paper, text, *style, **more)

    monkeypatch.setattr(pages.Paper, "say", noting)
    return printed


def test_a_mark_that_was_entered_by_hand_is_never_said_to_be_read(tmp_path: Path, words: list[str]) -> None:
    read = replace(READ, camera_id=ENTERED, chars=(1.0,) * 7, confidence=100, models="entered by hand", frames=0)
    dossier = a_dossier(read=read, evidence=Evidence(b"", b""), hits=(), corrections=())
    done = a_writer(tmp_path).write(dossier, a_request(tmp_path))
    assert verifier().faults_of(done.pdf.read_bytes(), FAR)[0] == []
    assert "There is no picture: no camera took one." in words
    assert pages.CAUTION_ENTERED in words
    told = " ".join([*words, (done.folder / TABLE).read_text("utf-8-sig")])
    for claim in ("missing", "as it was read", "onfidence", "as the camera saw it", "Models that read", '"100"'):
        assert claim not in told, claim


def short(**changes: Any) -> str:
    file = a_dossier().hits[0]
    outcomes = changes.pop("outcomes", ())
    return pages._in_short(HitFile(replace(file.hit, **changes), outcomes))


def test_a_hit_of_a_correction_is_never_said_to_match_what_was_read() -> None:
    """The front page shows the read large: "EXACT match" below it would be taken for a match of that."""
    exact = replace(a_dossier().hits[0].hit.match, kind=MatchKind.EXACT)
    said = short(match=exact, corrected_vrm="ZZ07ABD")
    assert said.startswith("EXACT match of the officer's ZZ07ABD, not of what was read. ")
    assert short(match=exact).startswith("EXACT match. ")
    assert short(corrected_vrm="ZZ07ABD").startswith("CHECK: a near match only of the officer's ZZ07ABD, not of what")


def test_the_front_page_says_what_became_of_a_hit_and_that_its_entry_came_later() -> None:
    hit = a_dossier().hits[0].hit
    misread = made.an_outcome(hit, state=HitState.DISMISSED, verification=Verification.MISREAD)
    said = short(outcomes=(misread,), state=HitState.DISMISSED, past=True)
    assert said.endswith("The entry came after the read. An officer dismissed it: misread.")
    really = replace(misread, corrected_vrm="ZZ07ABD")
    assert short(outcomes=(really,), state=HitState.DISMISSED).endswith(": misread, says that the plate is ZZ07ABD.")
    assert short(outcomes=(misread,), state=HitState.ACKNOWLEDGED).endswith("No officer has decided on it.")
    assert "came after" not in short()


@pytest.mark.parametrize(("differ", "said"), [(True, "with another mark (read"), (False, "with the same mark, which")])
def test_the_front_page_says_what_another_camera_read(
    tmp_path: Path, words: list[str], differ: bool, said: str
) -> None:
    read = replace(READ, paired_with="read-6", plates_differ=differ)
    a_writer(tmp_path).write(a_dossier(read=read), a_request(tmp_path))
    assert [one for one in words if said in one and "read-6" in one]


def test_signs_the_face_lacks_are_spelled_otherwise() -> None:
    assert pages.shown("the driver\u2019s \u201cAn\u0175en\u201d \u2013 5 \u20ac") == 'the driver\'s "Anwen" - 5 EUR'
