"""What a mark that is being entered can become: which UK formats, what comes next, what cannot be. Pure.

A hint, never a filter: marks of other countries and personal marks are taken like any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product

from patrol_anpr.domain.vrm import FORMAT_MASKS, VrmFormat, format_of, issued_by, shape

_FILL = {"L": "AZI", "D": "2"}
"""What completes a mark where any of them will do: A and 2 may stand anywhere, Northern Ireland has a Z or an I."""


@dataclass(frozen=True, slots=True)
class MarkHint:
    """What is known of a mark as far as it is entered.

    `format` is its family where it is whole, else OTHER; `may_become` are the families it can still become with more
    characters, the commonest first; `next_letter` and `next_digit` tell what may follow. `impossible` is the first
    place (from 0) that no UK mark has so, None where there is none. `not_issued`: its age code is none yet.
    """

    format: VrmFormat
    may_become: tuple[VrmFormat, ...]
    next_letter: bool
    next_digit: bool
    impossible: int | None
    not_issued: bool


def hint(vrm: str, today: date) -> MarkHint:
    """Judge a normalised mark, or the beginning of one."""
    longer = [(kind, rest) for kind, rest in _completions(vrm) if rest]
    whole = format_of(vrm)
    known = len(vrm)
    while known and whole is VrmFormat.OTHER and not _may_begin(vrm[:known]):
        known -= 1
    return MarkHint(
        format=whole,
        may_become=tuple(dict.fromkeys(kind for kind, _ in longer)),
        next_letter=any(rest[0] == "L" for _, rest in longer),
        next_digit=any(rest[0] == "D" for _, rest in longer),
        impossible=None if known == len(vrm) else known,
        not_issued=not issued_by(vrm, today),
    )


def _may_begin(vrm: str) -> bool:
    return format_of(vrm) is not VrmFormat.OTHER or bool(_completions(vrm))


@lru_cache(maxsize=256)
def _completions(vrm: str) -> tuple[tuple[VrmFormat, str], ...]:
    """The families a beginning can become, each with the mask of what is missing; the likeliest first."""
    return tuple(_found(vrm))


def _found(vrm: str) -> Iterator[tuple[VrmFormat, str]]:
    for kind, masks in FORMAT_MASKS.items():
        for mask in masks:
            rest = mask[len(vrm) :]
            if rest and mask.startswith(shape(vrm)) and _can_be(vrm, rest, kind):
                yield kind, rest


def _can_be(vrm: str, rest: str, kind: VrmFormat) -> bool:
    fills = product(*(_FILL[place] for place in rest))
    return any(format_of(vrm + "".join(fill)) is kind for fill in fills)
