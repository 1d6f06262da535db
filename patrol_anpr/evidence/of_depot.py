"""The evidence of a read as the depot hands it out: what its car sent, to the byte, and the depot's word on it."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.evidence.account import NOT_RECORDED, Line, Section, characters, moment
from patrol_anpr.evidence.canonical import FORMAT, audit_of
from patrol_anpr.evidence.package import MANIFEST, OVERVIEW, PATCH, RECORDS, TABLE, VERIFIER
from patrol_anpr.evidence.signing import SigningKey, signed
from patrol_anpr.evidence.table import table
from patrol_anpr.wire.payloads import canonical_json, sha256_of

RECEIPT = "receipt.json"


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A record as a car sent it. `value` is its JSON, of whose canonical form `sha256` is."""

    kind: str
    item_id: str
    sha256: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldRead:
    """A read that a depot hands out: the first of `records`, and those about it.

    `patch` and `overview` are JPEG, empty where there is none. `receipt` is the depot's signed word that it holds these
    records, as JSON. `row` is the row of the depot's audit trail about this export. `officer_says` is the mark that an
    officer's last word says, where it is another.
    """

    depot_id: str
    car_id: str
    received_at: datetime
    records: Sequence[SentRecord]
    patch: bytes
    overview: bytes
    officer_says: str | None
    receipt: Mapping[str, Any]
    row: AuditRow
    by: str
    case_number: str
    reason: str
    made_at: datetime

    @property
    def read(self) -> SentRecord:
        """The read itself."""
        return self.records[0]


def evidence_files(held: HeldRead, key: SigningKey, verifier: bytes) -> Mapping[str, bytes]:
    """Return the files of the evidence by name, the signed PDF first; no name holds a mark."""
    from patrol_anpr.evidence.depot_pages import pdf_of_depot

    sections = tuple(_account(held))
    csv_file = table(sections)
    pictures = {name: jpeg for name, jpeg in ((PATCH, held.patch), (OVERVIEW, held.overview)) if jpeg}
    plain = [{"kind": one.kind, "id": one.item_id, "record": one.value} for one in held.records]
    records = canonical_json({"format": FORMAT, "records": plain, "audit": [audit_of(held.row)]})
    attached = {**pictures, RECORDS: records, TABLE: csv_file, RECEIPT: canonical_json(held.receipt)}
    manifest = _manifest(held, {**attached, VERIFIER: verifier}, key.fingerprint)
    pdf = pdf_of_depot(held, sections, {**attached, MANIFEST: manifest}, key.fingerprint)
    reason = f"Evidence of one read with manifest {sha256_of(manifest)}"
    safe = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in held.read.item_id)[:40]
    name = f"evidence_{held.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}_{safe}.pdf"
    return {name: signed(pdf, key, owner=f"Depot {held.depot_id}", reason=reason), TABLE: csv_file, VERIFIER: verifier}


def zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return files as one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6]), content)
    return out.getvalue()


def _manifest(held: HeldRead, parts: Mapping[str, bytes], certificate: str) -> bytes:
    return canonical_json(
        {
            "format": FORMAT,
            "read": held.read.item_id,
            "made_at": held.made_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "by": held.by,
            "reason": held.reason,
            "case": held.case_number,
            "car": held.car_id,
            "depot": held.depot_id,
            "parts": {name: sha256_of(content) for name, content in parts.items()},
            "records": [{"kind": one.kind, "id": one.item_id, "sha256": one.sha256} for one in held.records],
            "audit_head": {"seq": held.row.seq, "hash": held.row.hash},
            "certificate": certificate,
        }
    )


def _account(held: HeldRead) -> Iterator[Section]:
    """All of it, in the order it is printed: every field of every record under the name it is sent by."""
    yield Section(
        "This export",
        (
            Line("Made", moment(held.made_at)),
            Line("Handed out by", held.by),
            Line("Case", held.case_number),
            Line("Reason", held.reason),
            Line("Depot", held.depot_id),
            Line("Car that sent it", held.car_id),
            Line("Received by the depot", moment(held.received_at)),
        ),
    )
    counts: dict[str, int] = {}
    for one in held.records:
        counts[one.kind] = number = counts.get(one.kind, 0) + 1
        title = "The read" if one is held.read else f"{one.kind.capitalize()} {number}"
        yield Section(title, tuple(_line(name, said) for name, said in one.value.items()))
        if one is held.read and isinstance(chars := one.value.get("chars"), list):
            yield Section("Confidence by character", tuple(characters(str(one.value.get("vrm", "")), chars)))


_UNITS = {
    "latitude": "degrees, WGS 84",
    "longitude": "degrees, WGS 84",
    "confidence": "percent",
    "speed": "metres a second",
    "heading": "degrees from north",
    "fix_age": "seconds",
    "clock_offset": "seconds",
    "box": "pixels of the overview",
}


def _line(name: str, said: object) -> Line:
    unit = _UNITS.get(name, "") if said is not None else ""
    told = NOT_RECORDED if name == "looked" and not said else _text(said)  # that is no word that nobody looked
    return Line(name.replace("_", " ").capitalize(), told, unit)


def _text(said: object) -> str:
    match said:
        case None | "":
            return NOT_RECORDED
        case bool():
            return "yes" if said else "no"
        case dict():
            return ", ".join(f"{name} {_text(value)}" for name, value in said.items())
        case list():
            return ", ".join(map(_text, said)) or "none"
        case _:
            return str(said)
