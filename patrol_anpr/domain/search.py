"""Searching Reads by a part of their mark: what an officer enters, and what it finds. Pure."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import Match
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.vrm import fold

ONE, ANY = "?", "*"
"""What stands for one character of a mark, and for any number of them."""
LONGEST_PATTERN = 20
"""Characters; no mark is longer than 12, and each may have a * beside it."""
PAGE = 200
"""Reads of one answer: some screens full."""
READS_SEARCHED, MARK_LOOKED_UP = "reads_searched", "mark_looked_up"
"""The actions of the audit trail; the record they are about is what was entered."""

_NOT_IN_A_PATTERN = re.compile(r"[^A-Za-z0-9?*]")
_MANY = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class MarkPattern:
    """A part of a mark: `?` stands for one character, `*` for any number of them.

    With one of them it describes the whole mark; without, it fits every mark that has it somewhere. O and 0 are one,
    and so are I and 1, as everywhere (vrm.fold). Made by `of`; `text` is in capitals without spaces.
    """

    text: str

    @classmethod
    def of(cls, entered: str) -> "MarkPattern":
        """Make a pattern of what was entered; what no mark has is left out.

        Raises:
            BadInput: nothing is left to look for, or it is longer than any mark.
        """
        text = _MANY.sub(ANY, _NOT_IN_A_PATTERN.sub("", entered).upper())
        if not text:
            raise BadInput("Enter some letters or digits of the mark. ? stands for one character, * for any number.")
        if len(text) > LONGEST_PATTERN:
            raise BadInput("No mark is that long: enter at most {most} characters.", most=LONGEST_PATTERN)
        return cls(text)

    @property
    def glob(self) -> str:
        """The pattern for folded marks, as SQL's GLOB and fnmatch have it."""
        folded = fold(self.text)
        return folded if ONE in folded or ANY in folded else f"{ANY}{folded}{ANY}"

    def fits(self, vrm: str) -> bool:
        """Whether a mark is one of those meant."""
        return fnmatchcase(fold(vrm), self.glob)


@dataclass(frozen=True, slots=True)
class ReadsFound:
    """Some of the Reads that were asked for, in the order they were made, and how many there are in all.

    `first` is the place of the first of them, counted from 0, the oldest: newer ones do not change it.
    """

    first: int
    reads: tuple[Read, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LookUp:
    """What is known of a mark as far as it is entered.

    `matches` are those of the lists in force that the crew may see, the most urgent first; `reads` the newest Reads of
    this shift with it; `oldest` is the oldest list in force, by whose age the answer is judged, None without a list.
    """

    entered: str
    matches: tuple[Match, ...]
    reads: ReadsFound
    oldest: Hotlist | None
