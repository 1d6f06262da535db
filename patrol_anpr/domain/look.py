"""Look before list: which character of the picture is asked for before an entry is shown. Pure.

Who is told what to see, sees it. So the picture stands alone first, and the officer says which of a few characters
stands at the doubtful place; neither the choices nor their order tell which of them is the list's.
"""

from dataclasses import dataclass
from enum import StrEnum

from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.vrm import CONFUSABLES, fold, normalise

MOST_CHOICES = 4


class LookFirst(StrEnum):
    """When the picture is shown before the entry. CHECK_AND_IMMEDIATE: for a car that stands, tier 1 as well."""

    OFF = "off"
    CHECK = "check"
    CHECK_AND_IMMEDIATE = "check_and_immediate"


@dataclass(frozen=True, slots=True)
class LookQuestion:
    """What to ask: `place` of the `count` characters read (from 1), and what could stand there, in alphabetic order.

    The choices are folded: 0 stands for O too, and 1 for I, since plates draw each pair alike. `listed` is the one that
    the list has there, for when it was answered.
    """

    place: int
    count: int
    choices: tuple[str, ...]
    listed: str


def question_of(hit: Hit, when: LookFirst, *, stands: bool) -> LookQuestion | None:
    """Return what is asked of the picture before the entry is shown; None where the entry is shown at once.

    A mark that differs at several places is asked for the first; one that matches in all is asked where the reading is
    least sure. A mark that an officer corrected was looked at already.
    """
    immediate = when is LookFirst.CHECK_AND_IMMEDIATE and stands and hit.tier is Tier.IMMEDIATE
    if hit.corrected_vrm is not None or not (immediate or (when is not LookFirst.OFF and _is_check(hit))):
        return None
    read, listed = fold(hit.read.vrm), fold(normalise(hit.match.voi.vrm))
    if not read or not listed:
        return None
    place, there = _doubt(hit, read, listed)
    choices = _choices(read[place], there)
    return LookQuestion(place + 1, len(read), choices, there) if len(choices) > 1 else None


def _doubt(hit: Hit, read: str, listed: str) -> tuple[int, str]:
    """The doubtful place of the read, from 0, and the character that the list has there."""
    if read == listed:
        sure = dict(enumerate(hit.read.chars))
        place = min(range(len(read)), key=lambda one: (read[one] not in CONFUSABLES, sure.get(one, 0.0)))
        return place, read[place]
    if len(read) != len(listed):  # a clipped plate: what stands at that end?
        end = 0 if 0 in hit.match.differing else -1
        return end % len(read), listed[end]
    place = next(number for number, (one, other) in enumerate(zip(read, listed, strict=True)) if one != other)
    return place, listed[place]


def _is_check(hit: Hit) -> bool:
    return hit.match.kind is MatchKind.CHECK


def _choices(read: str, listed: str) -> tuple[str, ...]:
    """Both and what looks like them; the same whichever of the two is the list's."""
    both = {read, listed}
    alike = [character for one in sorted(both) for character in CONFUSABLES.get(one, "")]
    others = sorted(set(alike) - both, key=lambda one: (-alike.count(one), one))
    return tuple(sorted(both | set(others[: MOST_CHOICES - len(both)])))
