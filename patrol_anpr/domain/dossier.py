"""All that a car holds of one Read, and how it is handed out as evidence."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from patrol_anpr.domain.audit import AuditHead, AuditRow
from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.domain.shift import Shift

LEAST_REASON, MOST_REASON = 3, 400
"""Characters of the reason for an export."""

EXPORT_ASKED, EXPORT_MADE, EXPORT_FAILED = "evidence.export", "evidence.exported", "evidence.export_failed"
"""The actions of the audit trail: before the files are written, once they are, and where that failed."""


@dataclass(frozen=True, slots=True)
class HitFile:
    """A hit with all that was said of it, in order."""

    hit: Hit
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One Read with everything the records hold about it.

    `evidence` has no bytes where a picture is missing. `officer` is the name on the roster, "" where it is not known.
    `corrections` are what officers said that the plate really says, in order. `audit` are the rows about this Read, its
    hits and its shift; `head` is the newest row of the whole trail.
    """

    read: Read
    evidence: Evidence
    shift: Shift | None
    officer: str
    hits: tuple[HitFile, ...]
    corrections: tuple[ReadCorrection, ...]
    audit: tuple[AuditRow, ...]
    head: AuditHead


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Who wants the evidence of which Read, why, and the folder it goes to.

    `covert` includes hits of SILENT lists: never for the crew, which is not to know of them.
    """

    read_id: str
    by: str
    reason: str
    folder: Path
    covert: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export left: its folder, its PDF, when it was made (UTC), and the SHA-256 of each of its files by name.

    `certificate` is the SHA-256 of the certificate the PDF is signed with, in hex.
    """

    folder: Path
    pdf: Path
    made_at: datetime
    files: tuple[tuple[str, str], ...]
    certificate: str


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """A folder that evidence may go to; `removable` is a stick or a card, with its free bytes."""

    folder: Path
    removable: bool
    free: int


def checked_reason(reason: str) -> str:
    """Return the reason for an export in one line.

    Raises:
        BadInput: it is too short to be one, or too long.
    """
    words = " ".join(reason.split())
    if sum(map(str.isalnum, words)) < LEAST_REASON:
        raise BadInput(sentence("Say why the evidence is exported, in at least {least} letters.", least=LEAST_REASON))
    if len(words) > MOST_REASON:
        raise BadInput(sentence("The reason is too long. Say it in at most {most} characters.", most=MOST_REASON))
    return words
