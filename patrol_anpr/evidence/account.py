"""What the evidence of a Read says, field by field: the one account that the PDF and the table are made of. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum, IntEnum
from itertools import zip_longest
from typing import Any

from patrol_anpr.domain.dossier import Dossier, ExportRequest, HitFile
from patrol_anpr.domain.hit import Outcome
from patrol_anpr.domain.read import Read
from patrol_anpr.wire.records import Origin

NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name, its value as text and the unit of the value, "" where it has none."""

    name: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one record under a title."""

    title: str
    lines: tuple[Line, ...]


_NAMES: Mapping[str, tuple[str, str]] = {
    "read_id": ("Id of the read", ""),
    "Read.vrm": ("Mark as it was read", ""),
    "ReadCorrection.vrm": ("What the officer says the plate is", ""),
    "Voi.vrm": ("Mark on the list", ""),
    "confidence": ("Confidence", "percent"),
    "chars": ("Confidence of each character", "0 to 1"),
    "camera_id": ("Camera", ""),
    "captured_monotonic": ("Captured, monotonic", "seconds of that run"),
    "frames": ("Frames that say this mark", ""),
    "box": ("Place of the plate (x1, y1, x2, y2)", "pixels of the overview"),
    "Read.colour": ("Colour of the plate", ""),
    "Voi.colour": ("Colour of the vehicle", ""),
    "candidates": ("Texts that were seen, the best first", ""),
    "format_flag": ("Format of the mark", ""),
    "models": ("Models", ""),
    "fix_age": ("Age of the position at capture", "seconds"),
    "clock_source": ("Clock compared with", ""),
    "clock_offset": ("Clock of the computer minus that", "seconds"),
    "lists": ("Lists in force (id, revision)", ""),
    "paired_with": ("Read of the same vehicle by another camera", ""),
    "plates_differ": ("That camera read another mark", ""),
    "latitude": ("Latitude", "degrees, WGS 84"),
    "longitude": ("Longitude", "degrees, WGS 84"),
    "at_monotonic": ("Position received, monotonic", "seconds of that run"),
    "at_utc": ("Time of the receiver", ""),
    "speed": ("Speed", "metres a second"),
    "heading": ("Heading", "degrees from north"),
    "hdop": ("Dilution of precision (HDOP)", ""),
    "raised_monotonic": ("Raised, monotonic", "seconds of that run"),
    "differing": ("Places that differ, from 0", ""),
    "corrected_vrm": ("What the officer says the plate is", ""),
    "look": ("Looked at the picture (who, when, character seen)", ""),
    "answer": ("Control's answer (what, told whom, when)", ""),
    "override": ("Stopped without a look or control's word, because", ""),
    "with_hit": ("Decided together with this hit, whose picture was looked at", ""),
    "muted": ("Made no sound: an officer had muted its entry", ""),
    "past": ("The entry came after the read", ""),
    "looked": ("Said with the picture on the screen", ""),
    "look_choice": ("Character seen at the doubtful place", ""),
    "control": ("What control said", ""),
    "nim_code": ("NIM code", ""),
    "pnc_id": ("PNC id", ""),
    "gsc": ("GSC marking", ""),
    "cad": ("CAD", ""),
    "undone": ("Takes the one before back", ""),
}
"""Name and unit of the fields whose own name does not say it; of each record where two mean something else by it."""


def account(dossier: Dossier, request: ExportRequest, origin: Origin, made_at: datetime) -> tuple[Section, ...]:
    """Return all of it, in the order it is printed."""
    read = dossier.read
    sections = [
        Section(
            "This export",
            (
                Line("Made", moment(made_at)),
                Line("Exported by", request.by),
                Line("Reason", request.reason),
                Line("Car", origin.source_id or NOT_RECORDED),
                Line("Force", origin.feed_id or NOT_RECORDED),
                Line("Software", origin.software or NOT_RECORDED),
            ),
        ),
        *_of_read(read),
    ]
    if read.fix is None:
        sections.append(Section("Position", (Line("Position", NOT_RECORDED),)))
    else:
        sections.append(Section("Position", tuple(_lines(read.fix))))
    if dossier.shift is not None:
        named = (Line("Name of the officer, by the roster of this car at the export", dossier.officer or NOT_RECORDED),)
        sections.append(Section("Shift", (*_lines(dossier.shift), *named)))
    for number, correction in enumerate(dossier.corrections, 1):
        sections.append(Section(f"Correction {number} of the read by an officer", tuple(_lines(correction))))
    for number, file in enumerate(dossier.hits, 1):
        sections += _of_hit(f"Hit {number}", file)
    return tuple(sections)


_OF_A_CAMERA = (
    *("chars", "confidence", "frames", "box", "colour", "candidates", "models", "first_seen", "last_seen"),
    *("paired_with", "plates_differ"),
)
"""What a Read that an officer entered holds only because every Read has these fields: it says nothing."""


def _of_read(read: Read) -> Iterator[Section]:
    if read.is_entered:
        entered = Line("Mark as an officer entered it", read.vrm)
        yield Section("The read", (entered, *_lines(read, without=("vrm", "fix", *_OF_A_CAMERA))))
    else:
        yield Section("The read", tuple(_lines(read, without=("fix",))))
        yield Section("Confidence by character", tuple(characters(read.vrm, read.chars)))


def characters(vrm: str, chars: Sequence[float]) -> Iterator[Line]:
    """One line a character of the mark."""
    for number, (character, sure) in enumerate(zip_longest(vrm, chars), 1):
        value = NOT_RECORDED if sure is None else f"{100 * sure:.1f}"
        yield Line(f"{number}: {character or '-'}", value, "percent")


def _of_hit(title: str, file: HitFile) -> Iterator[Section]:
    hit, match = file.hit, file.hit.match
    own = _lines(hit, without=("read", "match", "decided_monotonic"))  # which no record keeps: outcomes have their time
    yield Section(title, (*own, *_lines(match, without=("voi", "hotlist"))))
    yield Section(f"{title}: the list", tuple(_lines(match.hotlist)))
    yield Section(f"{title}: the entry as the list has it", tuple(_lines(match.voi)))
    if not file.outcomes:
        yield Section(f"{title}: outcomes", (Line("Outcomes", "none so far"),))
    for number, outcome in enumerate(file.outcomes, 1):
        yield Section(f"{title}: outcome {number} of {len(file.outcomes)}", tuple(_of_outcome(outcome)))


def _of_outcome(outcome: Outcome) -> Iterator[Line]:
    """What an outcome does not speak of is left out. That no look is on record is no word that nobody looked."""
    name = _NAMES["looked"][0]
    for line in _lines(outcome):
        if line.name == name and not outcome.looked:
            yield Line(name, NOT_RECORDED)
        elif line.value != NOT_RECORDED:
            yield line


def _lines(value: Any, without: Sequence[str] = ()) -> Iterator[Line]:
    """One line a field; a field that comes to a record later is printed without anything to do here."""
    for field in fields(value):
        if field.name not in without:
            said = getattr(value, field.name)
            known = _NAMES.get(f"{type(value).__name__}.{field.name}") or _NAMES.get(field.name)
            name, unit = known or (field.name.replace("_", " ").capitalize(), "")
            yield Line(name, text_of(said), unit if said is not None else "")


def text_of(value: Any) -> str:  # noqa: PLR0911  one way for each kind of value
    """A value in words and figures; what is not there is said to be not recorded."""
    match value:
        case None | "":
            return NOT_RECORDED
        case bool():
            return "yes" if value else "no"
        case IntEnum():
            return f"{int(value)} ({value.name.lower()})"
        case Enum():
            return str(value.value).replace("_", " ")
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case float():
            return f"{value:.7g}" if abs(value) < 1e6 else f"{value:.3f}"
        case tuple() | list():
            return ", ".join(_one_of(part) for part in value) or "none"
        case _ if is_dataclass(value):
            return ", ".join(text_of(getattr(value, field.name)) for field in fields(value))
        case _:
            return str(value)


def _one_of(part: Any) -> str:
    return " revision ".join(map(str, part)) if isinstance(part, tuple) else text_of(part)


def moment(at: datetime) -> str:
    """A time in UTC to the millisecond, and on the clock on the wall where this is made."""
    local = at.astimezone()
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"
    day = "" if local.date() == at.astimezone(UTC).date() else f"{local:%Y-%m-%d} "
    return f"{utc} ({day}{local:%H:%M:%S} local, UTC{local:%z})"
