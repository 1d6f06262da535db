"""What a search asks for: a mark, a time, an area, a car. Pure."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.search import ANY, ONE, MarkPattern
from patrol_anpr.domain.vrm import MAX_LENGTH, both_legal, fold

LEAST_KNOWN = 3
"""Characters of a pattern that must be known: with fewer it would find a crowd of strangers."""
WIDEST_METRES = 5_000.0
METRES_A_DEGREE = 111_320.0
"""Of latitude; of longitude that times the cosine of the latitude."""


class How(StrEnum):
    """How a read answers what was asked; its word stands beside it wherever it is shown."""

    EXACT = "exact"
    """The mark that was asked for, letter for letter or after folding (O and 0, I and 1)."""
    SIMILAR = "similar"
    """It folds to the same mark, and both are marks that may be issued: it may be another vehicle."""
    FITS = "fits"
    """It fits the pattern that was asked for, as others do."""
    CORRECTED = "corrected"
    """The camera read what was asked for, and an officer says that the plate says something else."""
    PLACE = "place"
    """It was in the place and time that were asked for; no mark was."""

    @property
    def word(self) -> str:
        """For the screen."""
        return _WORDS[self]


_WORDS = {
    How.EXACT: "EXACT",
    How.SIMILAR: "CHECK: similar mark",
    How.FITS: "Fits the pattern",
    How.CORRECTED: "CHECK: an officer says another mark",
    How.PLACE: "In the place and time",
}


@dataclass(frozen=True, slots=True)
class Area:
    """A circle: its centre in degrees (WGS 84) and its radius."""

    latitude: float
    longitude: float
    metres: float

    @classmethod
    def of(cls, latitude: float, longitude: float, metres: float) -> "Area":
        """Check an area that was entered. Raises BadInput."""
        if not (abs(latitude) <= 85 and abs(longitude) <= 180):  # NaN, too
            raise BadInput("Give the latitude from -85 to 85 and the longitude from -180 to 180 degrees.")
        if not 10 <= metres <= WIDEST_METRES:
            raise BadInput(f"Give a radius from 10 to {WIDEST_METRES:.0f} metres.")
        return cls(latitude, longitude, metres)

    def has(self, latitude: float, longitude: float) -> bool:
        """Whether a place lies in it, on a flat Earth: to a metre or so for so small a circle."""
        north = (latitude - self.latitude) * METRES_A_DEGREE
        east = (longitude - self.longitude) * METRES_A_DEGREE * math.cos(math.radians(self.latitude))
        return math.hypot(north, east) <= self.metres


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, from `begin` to before `end` (UTC). An empty text or None: it does not matter.

    `mark` is a whole mark or a pattern of one, as MarkPattern spells it. Made by `of`.
    """

    begin: datetime
    end: datetime
    mark: str = ""
    car_id: str = ""
    area: Area | None = None

    @classmethod
    def of(
        cls, begin: datetime, end: datetime, *, mark: str = "", car_id: str = "", area: Area | None = None
    ) -> "Question":
        """Make a question of what was entered. Raises BadInput where it is none."""
        if begin >= end:
            raise BadInput("The time ends before it begins. Check both times.")
        text = MarkPattern.of(mark).text if mark.strip() else ""
        if _has_wildcard(text) and len(_known(text)) < LEAST_KNOWN:
            raise BadInput(
                f"Too little of the mark is known. Give {LEAST_KNOWN} of its characters or more, or a place and a time."
            )
        if text and not _has_wildcard(text) and len(text) > MAX_LENGTH:
            raise BadInput(f"No mark is that long: enter at most {MAX_LENGTH} characters.")
        return cls(begin.astimezone(UTC), end.astimezone(UTC), text, car_id.strip(), area)

    @property
    def is_pattern(self) -> bool:
        """Whether some of the mark is not known."""
        return _has_wildcard(self.mark)

    @property
    def is_open_ended(self) -> bool:
        """Whether neither the first nor the last character of the mark is known."""
        return self.is_pattern and _has_wildcard(self.mark[0]) and _has_wildcard(self.mark[-1])

    def within(self, other: "Question") -> bool:
        """Whether it asks for no more than another question does: the same, and no other time."""
        same = (self.mark, self.car_id, self.area) == (other.mark, other.car_id, other.area)
        return same and other.begin <= self.begin and self.end <= other.end

    def says(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self) | {"begin": self.begin.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def said(cls, plain: Mapping[str, Any]) -> "Question":
        """Make a question of what `says` returned."""
        area = None if plain["area"] is None else Area(**plain["area"])
        begin, end = (datetime.fromisoformat(plain[name]) for name in ("begin", "end"))
        return cls(begin, end, plain["mark"], plain["car_id"], area)

    def how(self, read: str, officer: str | None) -> How:
        """Tell how a read answers it. `read` is what the camera says, `officer` what an officer says, if one does."""
        if not self.mark:
            return How.PLACE
        mark = officer or read
        fits = MarkPattern(self.mark).fits(mark) if self.is_pattern else fold(mark) == fold(self.mark)
        if not fits:
            return How.CORRECTED
        if self.is_pattern:
            return How.FITS
        return How.SIMILAR if both_legal(mark, self.mark) else How.EXACT


def _has_wildcard(text: str) -> bool:
    return ONE in text or ANY in text


def _known(text: str) -> str:
    return text.replace(ONE, "").replace(ANY, "")
