"""The PDF of an export: what a person reads, with the pictures and the records attached as they are."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from fpdf import FPDF
from fpdf.fonts import FontFace

from patrol_anpr.domain.audit import AuditHead, AuditRow
from patrol_anpr.domain.dossier import Dossier, HitFile
from patrol_anpr.domain.hit import HitState, MatchKind
from patrol_anpr.domain.plate import PlateColour, vehicle_box
from patrol_anpr.domain.wording import vehicle
from patrol_anpr.evidence.account import Section, moment, text_of
from patrol_anpr.evidence.canonical import Canonical

_FONT = "Helvetica"
"""One of the faces that every PDF viewer has: an embedded OpenType face of ours would not show in all of them."""
SMALL, _TEXT, _HEADING, TITLE = 7.5, 9, 12, 17
_INK, _GREY, _LINE, _FRAME, _PLATE = (20, 24, 30), (90, 98, 108), (190, 196, 204), (0, 140, 255), (230, 20, 30)
_PAGE_WIDTH = 180.0
"""Millimetres between the margins of an A4 page."""
_PATCH_WIDTH, _PATCH_HEIGHT, _OTHER_WIDTH, _OVERVIEW_HEIGHT = 120.0, 34.0, 56.0, 110.0

CAUTION = (
    "A read is a hint from a machine. Look at the picture. A near match (CHECK) is not the mark on the list: the "
    "places that differ are named below."
)
CAUTION_ENTERED = (
    "An officer saw this mark and entered it: nothing here shows the plate. A near match (CHECK) is not the mark on "
    "the list: the places that differ are named below."
)
HOW_TO_CHECK = (
    "Attached to this PDF: the pictures as the car stored them, the records (records.json), the table (evidence.csv) "
    "and the SHA-256 of each (manifest.json). The PDF is signed with this car's own key. To check all of it with "
    "nothing but Python: python3 verify_evidence.py NAME.pdf. The signature shows that nothing was changed since the "
    "car signed it. It does not show by itself whose key it was, nor that the car's clock was right: compare the "
    "fingerprint of the certificate and the newest audit row above with what the depot holds of this car."
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed of an export beside its account."""

    dossier: Dossier
    sections: Sequence[Section]
    records: Sequence[Canonical]
    pictures: Mapping[str, str]
    models: Mapping[str, str]
    certificate: str
    made_at: datetime
    car: str


class Paper(FPDF):
    """A4 pages with a foot that says what they are and how many."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.set_margins(15, 14, 15)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_text_color(*_INK)
        self.set_draw_color(*_LINE)

    def footer(self) -> None:
        """Say at the foot of a page what this is; fpdf asks for it."""
        self.set_y(-13)
        self.set_font(_FONT, size=SMALL)
        self.set_text_color(*_GREY)
        self.cell(w=150, text=shown(self._foot))
        self.cell(w=30, text=f"Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*_INK)

    def say(self, text: str, size: float = _TEXT, *, bold: bool = False, grey: bool = False) -> None:
        """A paragraph."""
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_text_color(*(_GREY if grey else _INK))
        height = 0.46 * size
        self.multi_cell(w=_PAGE_WIDTH, h=height, text=shown(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_text_color(*_INK)

    def head(self, text: str) -> None:
        """A heading, not left alone at the foot of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(3)
        self.say(text, _HEADING, bold=True)
        self.ln(1)

    def rows(self, rows: Iterable[Sequence[str]], widths: Sequence[float], heading: Sequence[str] = ()) -> None:
        """A table with a line below each row."""
        self.set_font(_FONT, size=SMALL)
        with self.table(
            col_widths=tuple(widths),
            width=int(_PAGE_WIDTH),
            borders_layout="HORIZONTAL_LINES",
            line_height=4.4,
            text_align="LEFT",
            first_row_as_headings=bool(heading),
            headings_style=FontFace(emphasis="BOLD", color=_GREY),
            padding=(0.6, 1.5, 0.6, 0),
        ) as table:
            for row in ([heading] if heading else []) + list(rows):
                cells = table.row()
                for text in row:
                    cells.cell(shown(text))


_SIGNS = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--") | {0x2026: "...", 0x20AC: "EUR"}
"""Signs that lists and officers use and the face lacks: quotation marks, dashes, dots, the euro."""


def shown(text: str) -> str:
    """The text in letters the face has: ŵ without its hat rather than not at all. The attached records have it."""
    return "".join(letter if letter < "\u0100" else _plain(letter) for letter in text.translate(_SIGNS))


def _plain(letter: str) -> str:
    base = normalize("NFKD", letter)[:1]
    return base if base and base < "\u0100" else "?"


def pdf_of(printed: Printed, attached: Mapping[str, bytes]) -> bytes:
    """Return the PDF, not signed yet."""
    read = printed.dossier.read
    paper = Paper(f"Evidence of read {read.read_id} · car {printed.car} · {moment(printed.made_at)[:27]}")
    paper.set_title(f"Evidence of read {read.read_id}")
    paper.set_creator("Patrol ANPR")
    paper.set_creation_date(printed.made_at)
    paper.add_page()
    _front(paper, printed)
    for section in printed.sections:
        paper.head(section.title)
        paper.rows(((one.name, one.value, one.unit) for one in section.lines), (48, 96, 36))
    _hashes(paper, printed)
    _audit(paper, printed.dossier.audit, printed.dossier.head)
    for name, content in attached.items():
        paper.embed_file(bytes=content, basename=name, compress=False)
    return bytes(paper.output())


def _front(paper: Paper, printed: Printed) -> None:
    dossier = printed.dossier
    read = dossier.read
    paper.say("Evidence of one read", TITLE, bold=True)
    paper.say(f"Read {read.read_id}", SMALL, grey=True)
    paper.ln(2)
    if read.is_entered:
        paper.say(read.vrm, 24, bold=True)
        paper.say(f"Entered by hand {moment(read.captured_at)}: an officer saw it, no camera read it.", bold=True)
    else:
        paper.say(f"{read.vrm}   {read.confidence} %", 24, bold=True)
        paper.say(f"Captured {moment(read.captured_at)} by the {read.camera_id} camera")
    if read.paired_with is not None:
        said = "another mark" if read.plates_differ else "the same mark, which makes this read surer"
        taken = f"Another camera's read is taken to be of the same vehicle, with {said} (read {read.paired_with})."
        paper.say(taken, bold=read.plates_differ)
    if dossier.corrections:
        paper.say(f"An officer says that the plate is {dossier.corrections[-1].vrm}.", bold=True)
    for file in dossier.hits:
        paper.say(_in_short(file))
    if not dossier.hits:
        paper.say("No hit that the crew may see came of this read.")
    paper.ln(2)
    if read.is_entered:
        paper.say("There is no picture: no camera took one.", bold=True)
    else:
        _patch(paper, dossier)
        _overview(paper, dossier)
    paper.ln(2)
    paper.say(CAUTION_ENTERED if read.is_entered else CAUTION, SMALL, grey=True)


def _in_short(file: HitFile) -> str:
    """A hit in one paragraph: what matched what, and what was said of it last."""
    hit, match = file.hit, file.hit.match
    what = f"the officer's {hit.corrected_vrm}, not of what was read" if hit.corrected_vrm else ""
    if match.kind is MatchKind.EXACT:
        kind = f"EXACT match of {what}" if what else "EXACT match"
    else:
        kind = f"CHECK: a near match only{f' of {what}' if what else ''}, the list says {match.voi.vrm}"
    listed = f"{match.hotlist.name}, revision {match.hotlist.revision}, issued {moment(match.hotlist.issued_at)}"
    parts = [f"{kind}. Tier {int(match.tier)} {match.tier.word}. {vehicle(match.voi)}. List: {listed}."]
    if hit.past:
        parts.append("The entry came after the read.")
    parts.append(f"{_STANDS[hit.state]}{_verified(file)}.")
    return " ".join(parts)


_STANDS = {
    HitState.RAISED: "No officer has decided on it",
    HitState.ACKNOWLEDGED: "No officer has decided on it",
    HitState.ACTIONED: "An officer confirmed it",
    HitState.DISMISSED: "An officer dismissed it",
}


def _verified(file: HitFile) -> str:
    """What the last word on a decided hit says of the read: ": misread"."""
    if file.hit.is_open:
        return ""
    said = next((one for one in reversed(file.outcomes) if one.verification is not None), None)
    if said is None:
        return ""
    really = f", says that the plate is {said.corrected_vrm}" if said.corrected_vrm else ""
    return f": {text_of(said.verification)}{really}"


def _patch(paper: Paper, dossier: Dossier) -> None:
    others = "; right: other looks in the same pass" if dossier.evidence.patches else ""
    paper.say(f"The plate, as the camera saw it{others}", SMALL, grey=True)
    patch = dossier.evidence.patch
    size = size_of(patch)
    if size is None:
        paper.say("This picture is missing.", bold=True)
        return
    left, top = paper.get_x(), paper.get_y()
    scale = min(_PATCH_WIDTH / size[0], _PATCH_HEIGHT / size[1])
    height = size[1] * scale
    paper.image(io.BytesIO(patch), x=left, y=top, w=size[0] * scale, h=height)
    for number, other in enumerate(dossier.evidence.patches):
        if (sides := size_of(other)) is not None:
            smaller = min(_OTHER_WIDTH / sides[0], (_PATCH_HEIGHT / 2 - 1) / sides[1])
            beside = (left + _PATCH_WIDTH + 4, top + number * _PATCH_HEIGHT / 2)
            paper.image(io.BytesIO(other), *beside, w=sides[0] * smaller, h=sides[1] * smaller)
    paper.set_xy(left, top + (_PATCH_HEIGHT if dossier.evidence.patches else height) + 1)


def _overview(paper: Paper, dossier: Dossier) -> None:
    read, overview = dossier.read, dossier.evidence.overview
    paper.say(
        "The scene. Red: the place of the plate, as recorded. Blue: where its vehicle is, guessed from that.",
        SMALL,
        grey=True,
    )
    size = size_of(overview)
    if size is None:
        paper.say("This picture is missing.", bold=True)
        return
    scale = min(_PAGE_WIDTH / size[0], _OVERVIEW_HEIGHT / size[1])
    left, top = paper.get_x(), paper.get_y()
    paper.image(io.BytesIO(overview), x=left, y=top, w=size[0] * scale, h=size[1] * scale)
    rear = read.colour is not PlateColour.WHITE
    for box, ink, width in ((vehicle_box(read.box, *size, rear=rear), _FRAME, 0.7), (read.box, _PLATE, 0.4)):
        paper.set_draw_color(*ink)
        paper.set_line_width(width)
        paper.rect(left + box.x1 * scale, top + box.y1 * scale, box.width * scale, box.height * scale)
    paper.set_draw_color(*_LINE)
    paper.set_line_width(0.2)
    paper.set_xy(left, top + size[1] * scale)


def size_of(jpeg: bytes) -> tuple[int, int] | None:
    """Width and height of a picture; None for what is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(jpeg)) as picture:
            picture.load()
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError):
        return None


def _hashes(paper: Paper, printed: Printed) -> None:
    paper.head("SHA-256 of the pictures as stored")
    pictures: list[Any] = [(name, digest) for name, digest in printed.pictures.items()]
    none = "none: no camera took one" if printed.dossier.read.is_entered else "none: they are missing in this car"
    paper.rows(pictures or [("Pictures", none)], (68, 112))
    paper.head("SHA-256 of the records (canonical JSON: keys sorted, no blanks, ASCII)")
    paper.rows(((f"{one.kind} {one.record_id}", one.sha256) for one in printed.records), (68, 112))
    if not printed.dossier.read.is_entered:
        paper.head("Models that read, by the SHA-256 of their files")
        named: list[Any] = [(name, digest) for name, digest in printed.models.items()]
        models = f"{printed.dossier.read.models} (no file of these is in this car now)"
        paper.rows(named or [("Models", models)], (68, 112))
    paper.head("Certificate of the signature, by its SHA-256")
    paper.rows([(f"Car {printed.car}", printed.certificate)], (68, 112))


def _audit(paper: Paper, rows: Sequence[AuditRow], head: AuditHead) -> None:
    paper.head("Audit trail: the rows about this read, its hits and its shift")
    lines = [
        (str(row.seq), moment(row.at)[:23], row.actor, row.action, row.reason, f"{row.prev_hash} -> {row.hash}")
        for row in rows
    ]
    paper.rows(lines, (10, 25, 20, 27, 40, 58), ("row", "UTC", "who", "what", "why", "hash before -> hash"))
    paper.ln(2)
    paper.say(f"Newest row of the whole trail when this was made: {head.seq}, {head.hash}", SMALL)
    paper.head("How to check this")
    paper.say(HOW_TO_CHECK)
