"""How many false hits a list is going to bring: what a depot shows before it publishes one. Pure.

An innocent vehicle passes, is read, and the Read matches an entry that it is not: because it was misread (which can be
EXACT), or because its own mark is one confusable character from the entry, or could be the entry clipped (CHECK). What
takes two errors at once in one Read is left out, so each number is a little low. So are foreign marks.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from patrol_anpr.domain.parc import carried, carried_folded, unfolded
from patrol_anpr.domain.vrm import ALPHABET, CONFUSABLES, both_legal, fold
from patrol_anpr.hotlists.confusions import FIRST, LAST, Confusions
from patrol_anpr.hotlists.variants import MAX_VARIANTS, variants

READS = 10_000
"""Reads of innocent vehicles for which the numbers stand."""
SAMPLED = 4000
"""Entries that are worked out one by one; of a longer list so many, drawn by chance, stand for all."""
WORST = 20

_FOLDED = sorted({fold(char) for char in ALPHABET})


@dataclass(frozen=True, slots=True)
class EntryFalseHits:
    """False hits of one entry in READS reads of innocent vehicles, by kind."""

    vrm: str
    exact: float
    check: float

    @property
    def all(self) -> float:
        """Both kinds."""
        return self.exact + self.check


@dataclass(frozen=True, slots=True)
class FalseHits:
    """What is expected of a list of `entries` in READS reads, worked out from `sampled` of them; the worst of those."""

    entries: int
    sampled: int
    exact: float
    check: float
    worst: tuple[EntryFalseHits, ...]


def expected_false_hits(vrms: Iterable[str], entries: int, by: Confusions, today: date) -> FalseHits:
    """Work out what a list of `entries` is going to bring.

    `vrms` are its normalised marks in an order that has nothing to do with them: only the first SAMPLED are taken.
    """
    found = [of_entry(vrm, by, today) for vrm in islice(vrms, SAMPLED)]
    scale = entries / len(found) if found else 0.0
    worst = heapq.nlargest(WORST, found, key=lambda one: (one.all, one.vrm))
    exact, check = sum(one.exact for one in found), sum(one.check for one in found)
    return FalseHits(entries, len(found), scale * exact, scale * check, tuple(worst))


def of_entry(vrm: str, by: Confusions, today: date) -> EntryFalseHits:
    """Work out what one entry is going to bring."""
    folded = fold(vrm)
    misread = sum(share * carried_folded(other, today) for other, share in _misread_as(folded, by))
    alike = by.right * sum(carried_folded(other, today) for other in _matching(folded))
    same_letters = by.right * sum(carried(other, today) for other in unfolded(folded) if both_legal(other, vrm))
    clipped = sum(share * carried_folded(other, today) for other, share in _clipped_to(folded, by))
    return EntryFalseHits(vrm, READS * misread, READS * (alike + same_letters + clipped))


def _misread_as(folded: str, by: Confusions) -> Iterator[tuple[str, float]]:
    """Other marks that are misread as this one in one character, and how often."""
    for truth, taken in by.taken_for.items():
        for read, share in taken.items():
            for place, char in enumerate(folded):
                if char == read:
                    yield folded[:place] + truth + folded[place + 1 :], share


def _matching(folded: str) -> Iterator[str]:
    """Other marks that, read right, could be this one to the matcher."""
    for place, char in enumerate(folded):
        for other in CONFUSABLES.get(char, ""):
            yield folded[:place] + other + folded[place + 1 :]
    for rest in {folded[1:], folded[:-1]}:
        if _completes(rest, folded):
            yield rest


def _clipped_to(folded: str, by: Confusions) -> Iterator[tuple[str, float]]:
    """Other marks that, with an end lost, could be this one to the matcher, and how often they lose it."""
    if _completes(folded[1:], folded):
        yield from ((char + folded[1:], by.cut(FIRST)) for char in _FOLDED if char != folded[0])
    if _completes(folded[:-1], folded):
        yield from ((folded[:-1] + char, by.cut(LAST)) for char in _FOLDED if char != folded[-1])


def _completes(rest: str, folded: str) -> bool:
    return any(variant == folded for variant, _ in islice(variants(rest), MAX_VARIANTS - 1))
