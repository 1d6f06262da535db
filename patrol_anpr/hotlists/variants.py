"""The marks that a read may stand for besides its own. Pure: the matcher looks them up, and a depot counts them."""

from collections.abc import Iterator

from patrol_anpr.domain.vrm import ALPHABET, CONFUSABLES, FORMAT_MASKS, fold, shape

MAX_VARIANTS = 64
"""Marks looked up for one read in each list, so that a read has a known cost."""
SHORTEST_PARTIAL = 5
"""Characters a read must have to count as a clipped mark; a shorter rest would fit too many."""

_FOLDED_ALPHABET = "".join(char for char in ALPHABET if fold(char) == char)
_MASKS = sorted({mask for masks in FORMAT_MASKS.values() for mask in masks if len(mask) > SHORTEST_PARTIAL})


def variants(folded: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give the folded marks that a folded read may stand for besides its own, the likeliest kind first.

    Each comes with the places (from 0, of that mark) where it differs from the read: first one character taken for
    another that OCR confuses with it, then, for a read that could be a UK mark clipped by one character at either end,
    the whole marks. A mark of no UK format is never completed: that would be guessing.
    """
    for place, char in enumerate(folded):
        for other in CONFUSABLES.get(char, ""):
            yield folded[:place] + other + folded[place + 1 :], (place,)
    if len(folded) >= SHORTEST_PARTIAL:
        masks = [mask for mask in _MASKS if len(mask) == len(folded) + 1]
        first = {mask[0] for mask in masks if _fits(folded, mask[1:])}
        last = {mask[-1] for mask in masks if _fits(folded, mask[:-1])}
        for char in _FOLDED_ALPHABET:
            if _may_be(char, first):
                yield char + folded, (0,)
            if _may_be(char, last) and folded + char != char + folded:
                yield folded + char, (len(folded),)


def _fits(folded: str, mask: str) -> bool:
    return all(_may_be(char, {kind}) for char, kind in zip(folded, mask, strict=True))


def _may_be(char: str, kinds: set[str]) -> bool:
    """Tell whether a folded character can stand for a letter or digit: 0 may be O and 1 may be I."""
    return bool(kinds) if char in "01" else shape(char) in kinds
