"""Hotlists: versioned lists of vehicles of interest (VOI)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.sentences import marked

_TIER_WORDS = (marked("Immediate"), marked("Priority"), marked("Routine"), marked("Silent"))


class Tier(IntEnum):
    """Urgency of a list or an entry; the lower the number, the more urgent."""

    IMMEDIATE = 1
    PRIORITY = 2
    ROUTINE = 3
    SILENT = 4

    @property
    def word(self) -> str:
        """The word an officer sees and hears."""
        return _TIER_WORDS[self.value - 1]


OWN_LIST = "own-"
"""What the id of a car's own list begins with, and no other's."""
HOT_LIST = "hot"
"""The id of the list of what the depot's operators add by hand while cars are out."""


@dataclass(frozen=True, slots=True)
class Hotlist:
    """The head of a list. `revision` grows with each change; `issued_at` and `valid_until` are UTC."""

    list_id: str
    name: str
    owner: str
    revision: int
    tier: Tier
    issued_at: datetime
    valid_until: datetime | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is a car's own, made by its officers: no sync brings it, and its age says nothing of others."""
        return self.list_id.startswith(OWN_LIST)

    @property
    def is_by_hand(self) -> bool:
        """Whether it changes one entry at a time, by hand: its age says nothing of how new what it holds is."""
        return self.is_own or self.list_id == HOT_LIST


def list_id_of(name: str) -> str:
    """Make an id for a list from its name; raises BadInput when nothing of the name is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not slug:
        raise BadInput("The name of a list needs a letter or a digit.")
    return slug[:40]


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a new revision of a list changed. Entries of the SILENT tier are no matter of the crew, and not counted.

    `added` and `cancelled` are numbers of entries; None where so much is new that nobody counted.
    """

    list_id: str
    added: int | None
    cancelled: int | None


LEAST_SHARE, MOST_GROWTH = 0.6, 10.0
"""A new revision with fewer than 60 % of the entries of the last, or over ten times as many, is likely a mistake."""


def is_absurd(before: int, now: int) -> bool:
    """Tell whether a list that goes from `before` to `now` entries may be a mistake, so that a person is asked."""
    return now < before * LEAST_SHARE or now > before * MOST_GROWTH


@dataclass(frozen=True, slots=True)
class ListDoubt:
    """A revision that a person has to look at before it is put in force: it goes from `before` to `now` entries."""

    list_id: str
    name: str
    revision: int
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class Voi:
    """One vehicle of interest: the 16 columns of the file, with `tier` worked out (an entry may raise its own)."""

    vrm: str
    make: str = ""
    model: str = ""
    colour: str = ""
    action: str = ""
    markers: str = ""
    reason: str = ""
    nim_code: str = ""
    information: str = ""
    force_area: str = ""
    weed_date: date | None = None
    pnc_id: str = ""
    gsc: str = ""
    cad: str = ""
    spare_1: str = ""
    spare_2: str = ""
    tier: Tier = Tier.ROUTINE


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line of a hotlist file that was not loaded. `number` counts from 1; `reason` is a plain sentence."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtedLine:
    """A line that was loaded, and what a person should look at in it."""

    number: int
    doubt: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `rejected` and `doubted` hold the first such lines; `rejected_count` counts all.

    `ignored` counts the lines that a mapping file says to pass over.
    """

    entries: int
    rejected_count: int
    rejected: tuple[RejectedLine, ...]
    weeded: int
    doubted: tuple[DoubtedLine, ...] = ()
    ignored: int = 0


class ListFaultKind(StrEnum):
    """What is wrong with a list that should be in force.

    PARTLY: it is in force, and some of its entries cannot be read. UNSURE: it is not known which lists should be.
    """

    DAMAGED = "damaged"
    MISSING = "missing"
    PARTLY = "partly"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class ListFault:
    """A list that should be in force and is not: its name ("" for UNSURE), and a sentence that says what to do."""

    kind: ListFaultKind
    name: str
    sentence: str
