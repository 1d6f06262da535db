"""Vehicle registration marks: normal form, folding, formats, the date rule, spacing.

Formats and letter rules follow DVLA's published formats for Great Britain and Northern Ireland. A format is a prior and
a flag, never a filter: marks that fit none are kept and matched like any other.
"""

import re
from datetime import date
from enum import StrEnum

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MAX_LENGTH = 12

_FOLD = str.maketrans("OI", "01")
_NOT_VRM = re.compile(r"[^A-Za-z0-9]")


class VrmFormat(StrEnum):
    """The families of UK marks, as far as a pattern can tell."""

    CURRENT = "current"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    NORTHERN_IRELAND = "northern_ireland"
    DATELESS = "dateless"
    Q_PLATE = "q_plate"
    DIPLOMATIC = "diplomatic"
    OTHER = "other"


# Order matters where patterns overlap: the first that fits names the mark.
_PATTERNS: tuple[tuple[VrmFormat, re.Pattern[str]], ...] = (
    (VrmFormat.CURRENT, re.compile(r"([A-HJ-PR-Y]{2})(?!00|01|50)(\d{2})([A-HJ-PR-Z]{3})")),
    (VrmFormat.Q_PLATE, re.compile(r"(Q[1-9]\d{0,2})([A-HJ-PR-Z]{3})")),
    (VrmFormat.PREFIX, re.compile(r"([A-HJ-NPR-TV-Y][1-9]\d{0,2})([A-HJ-PR-Y][A-HJ-PR-Z]{2})")),
    (VrmFormat.SUFFIX, re.compile(r"([A-HJ-PR-Y][A-HJ-PR-Z]{2})([1-9]\d{0,2}[A-HJ-NPR-TV-Y])")),
    (VrmFormat.NORTHERN_IRELAND, re.compile(r"([A-HJ-Z]?[A-Z][IZ]|I[A-Z]|[A-Z]I[A-Z])([1-9]\d{0,3})")),
    (VrmFormat.DIPLOMATIC, re.compile(r"(\d{3})([DX]\d{3})")),
    (VrmFormat.DATELESS, re.compile(r"([1-9]\d{0,3})([A-Z]{1,2})")),
    (VrmFormat.DATELESS, re.compile(r"([1-9]\d{0,2})([A-Z]{1,3})")),
    (VrmFormat.DATELESS, re.compile(r"([A-Z]{1,3})([1-9]\d{0,2})")),
    (VrmFormat.DATELESS, re.compile(r"([A-Z]{1,2})([1-9]\d{0,3})")),
)


def _runs(*parts: tuple[str, int, int]) -> tuple[str, ...]:
    """Every mask of runs such as ("L", 1, 3): one to three letters."""
    masks = [""]
    for kind, least, most in parts:
        masks = [mask + kind * count for mask in masks for count in range(least, most + 1)]
    return tuple(masks)


FORMAT_MASKS: dict[VrmFormat, tuple[str, ...]] = {
    VrmFormat.CURRENT: ("LLDDLLL",),
    VrmFormat.Q_PLATE: _runs(("L", 1, 1), ("D", 1, 3), ("L", 3, 3)),
    VrmFormat.PREFIX: _runs(("L", 1, 1), ("D", 1, 3), ("L", 3, 3)),
    VrmFormat.SUFFIX: _runs(("L", 3, 3), ("D", 1, 3), ("L", 1, 1)),
    VrmFormat.NORTHERN_IRELAND: _runs(("L", 2, 3), ("D", 1, 4)),
    VrmFormat.DIPLOMATIC: ("DDDLDDD",),
    VrmFormat.DATELESS: (
        *_runs(("D", 1, 3), ("L", 1, 3)),
        *_runs(("D", 4, 4), ("L", 1, 2)),
        *_runs(("L", 1, 3), ("D", 1, 3)),
        *_runs(("L", 1, 2), ("D", 4, 4)),
    ),
}
"""The shapes a mark of each format can have: L for a letter, D for a digit, a place each. OTHER has none."""

# What OCR mixes up on UK plates, in both directions, after folding (so there is no O and no I here).
_CONFUSABLE_PAIRS = "2Z 5S 8B 6G D0 Q0 CG VY UV MN MH NH PR KX EF B3 7T 4A"


def _confusables() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in _CONFUSABLE_PAIRS.split():
        for one, other in ((pair[0], pair[1]), (pair[1], pair[0])):
            table[one] = table.get(one, "") + other
    return table


CONFUSABLES: dict[str, str] = _confusables()
"""For each folded character, the characters it is mistaken for."""


def normalise(text: str) -> str:
    """Return `text` in upper case without anything that is not A-Z or 0-9.

    Only ASCII letters are letters of a mark: `upper` would make two of one character (`ß`) and invent a plate.
    """
    return _NOT_VRM.sub("", text).upper()


def fold(vrm: str) -> str:
    """Return `vrm` with O as 0 and I as 1: the UK plate font draws each pair alike."""
    return vrm.translate(_FOLD)


def shape(vrm: str) -> str:
    """Return the mask of a normalised mark: `AB12CDE` becomes `LLDDLLL` (see FORMAT_MASKS)."""
    return "".join("D" if char.isdigit() else "L" for char in vrm)


def _fit(vrm: str) -> tuple[VrmFormat, str]:
    """The first format that fits, and the mark spaced as that format is."""
    for kind, pattern in _PATTERNS:
        if fitting := pattern.fullmatch(vrm):
            *front, back = fitting.groups()
            return kind, f"{''.join(front)} {back}"
    return VrmFormat.OTHER, vrm


def format_of(vrm: str) -> VrmFormat:
    """Name the family of a normalised mark; OTHER when no UK pattern fits."""
    return _fit(vrm)[0]


def spaced(vrm: str) -> str:
    """Return the mark as it stands on a plate: `AB12CDE` becomes `AB12 CDE`. Unknown formats are left whole."""
    return _fit(vrm)[1]


def issued_by(vrm: str, today: date) -> bool:
    """Apply the date rule: False when a current-format mark has an age code that was not issued by `today`.

    A new code starts on 1 March (the year) and 1 September (the year plus 50). Other formats are always True. A False
    flags a misread or a false plate; it never discards one.
    """
    if format_of(vrm) is not VrmFormat.CURRENT:
        return True
    code = int(vrm[2:4])
    year = today.year - 2000
    newest_spring = year if today >= date(today.year, 3, 1) else year - 1
    newest_autumn = year if today >= date(today.year, 9, 1) else year - 1
    return 2 <= code <= newest_spring if code < 50 else 51 <= code <= newest_autumn + 50


def both_legal(one: str, other: str) -> bool:
    """Tell whether two different marks that fold alike are both legal UK marks, as `10AB` and `1OAB` are.

    Where they are, folding must not call them the same: the match is CHECK. `AB1OCDE` and `AB10CDE` are not both
    legal: the first can only be the second misread.
    """
    return one != other and format_of(one) is not VrmFormat.OTHER and format_of(other) is not VrmFormat.OTHER


def is_word(text: str) -> bool:
    """Tell whether `text` has no digit but such as could be an O or an I, and no UK format.

    Every UK mark has a digit, and so have all but a few personal marks of other countries. A text without one is, more
    often than a plate, the name of a maker or a firm on a lorry.
    """
    return format_of(text) is VrmFormat.OTHER and not any(char in "23456789" for char in text)


def edit_distance(one: str, other: str) -> int:
    """Return how many characters must be put in, taken out or changed to make `other` of `one`."""
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, start=1):
        diagonal, row[0] = row[0], place
        for column, wanted in enumerate(other, start=1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (char != wanted))
    return row[-1]
