"""The PDF of a read that the depot hands out."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.read import ENTERED
from patrol_anpr.evidence.account import Section, moment
from patrol_anpr.evidence.of_depot import HeldRead
from patrol_anpr.evidence.pages import CAUTION, SMALL, TITLE, Paper, size_of
from patrol_anpr.wire.payloads import Kind, sha256_of

HOW_TO_CHECK = (
    "Attached to this PDF: the pictures and the records as the car sent them, to the byte, a table, the depot's signed "
    "receipt for these records (receipt.json), and the SHA-256 of each (manifest.json). The PDF is signed with the "
    "depot's key. To check all of it with nothing but Python: python3 verify_evidence.py NAME.pdf. The signature shows "
    "that nothing was changed since the depot signed it, not whose key it was: compare the fingerprint of the "
    "certificate and the audit row above with what the depot holds. A file NAME.tsr beside it, where there is one, is "
    "the word of a timestamp authority (RFC 3161) that this PDF was there at that time."
)


def pdf_of_depot(held: HeldRead, sections: Sequence[Section], attached: Mapping[str, bytes], certificate: str) -> bytes:
    """Return the PDF, not signed yet."""
    said = held.read.value
    paper = Paper(f"Evidence of {held.read.item_id} · depot {held.depot_id} · {moment(held.made_at)[:27]}")
    paper.set_title(f"Evidence of {held.read.item_id}")
    paper.set_creator("Patrol ANPR")
    paper.set_creation_date(held.made_at)
    paper.add_page()
    paper.say("Evidence of one read, from the depot", TITLE, bold=True)
    paper.say(f"{held.read.item_id} of car {held.car_id}", SMALL, grey=True)
    paper.ln(2)
    if said.get("camera_id") == ENTERED:
        paper.say(str(said.get("vrm", "")), 24, bold=True)
        paper.say("Entered by hand: an officer saw it, no camera read it.", bold=True)
    else:
        paper.say(f"{said.get('vrm', '')}   {said.get('confidence', '?')} %", 24, bold=True)
        paper.say(f"Captured {said.get('captured_at')} by the {said.get('camera_id')} camera")
    if held.officer_says:
        paper.say(f"An officer says that the plate is {held.officer_says}.", bold=True)
    for one in held.records:
        if one.kind == Kind.HIT:
            paper.say(_in_short(one.value))
    paper.ln(2)
    for jpeg, what, height in ((held.patch, "The plate", 34.0), (held.overview, "The scene", 110.0)):
        _picture(paper, jpeg, what, height)
    paper.say(CAUTION, SMALL, grey=True)
    for section in sections:
        paper.head(section.title)
        paper.rows(((one.name, one.value, one.unit) for one in section.lines), (48, 96, 36))
    _proofs(paper, held, certificate)
    for name, content in attached.items():
        paper.embed_file(bytes=content, basename=name, compress=False)
    return bytes(paper.output())


def _in_short(hit: Mapping[str, Any]) -> str:
    """A hit in one sentence; a near match never reads like an exact one."""
    exact = hit.get("kind") == MatchKind.EXACT
    kind = "EXACT match" if exact else f"CHECK: a near match only, the list says {hit.get('listed_vrm')}"
    return f"{kind}. List {hit.get('list_id')}, revision {hit.get('list_revision')}. What officers said of it is below."


def _picture(paper: Paper, jpeg: bytes, what: str, most_height: float) -> None:
    size = size_of(jpeg) if jpeg else None
    if size is None:
        paper.say(f"{what}: there is no picture here.", bold=True)
        return
    paper.say(f"{what}, as the car sent it", SMALL, grey=True)
    scale = min(180.0 / size[0], most_height / size[1])
    left, top = paper.get_x(), paper.get_y()
    paper.image(io.BytesIO(jpeg), x=left, y=top, w=size[0] * scale, h=size[1] * scale)
    paper.set_xy(left, top + size[1] * scale + 2)


def _proofs(paper: Paper, held: HeldRead, certificate: str) -> None:
    paper.head("SHA-256 of the pictures and records, as the car sent them")
    pictures = [(name, sha256_of(jpeg)) for name, jpeg in (("patch", held.patch), ("overview", held.overview)) if jpeg]
    paper.rows([*pictures, *((one.item_id, one.sha256) for one in held.records)], (68, 112))
    paper.head("Certificate of the signature, by its SHA-256")
    paper.rows([(f"Depot {held.depot_id}", certificate)], (68, 112))
    paper.head("Audit trail of the depot: the row about this export")
    row = held.row
    cells = (str(row.seq), moment(row.at)[:23], row.actor, row.action, row.reason, f"{row.prev_hash} -> {row.hash}")
    paper.rows([cells], (10, 25, 20, 27, 40, 58), ("row", "UTC", "who", "what", "why", "hash before -> hash"))
    paper.head("How to check this")
    paper.say(HOW_TO_CHECK)
