"""The marks that vehicles in the UK carry, as far as what is expected of a list needs it. Pure.

Within a format every legal mark is taken as equally likely: what is expected of many entries comes out right, and of
one entry about.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import product

from patrol_anpr.domain.vrm import VrmFormat, format_of, issued_by

UK_PROPORTIONS: Mapping[VrmFormat, float] = {
    VrmFormat.CURRENT: 0.84,
    VrmFormat.PREFIX: 0.06,
    VrmFormat.SUFFIX: 0.015,
    VrmFormat.DATELESS: 0.04,
    VrmFormat.NORTHERN_IRELAND: 0.035,
    VrmFormat.Q_PLATE: 0.005,
    VrmFormat.DIPLOMATIC: 0.005,
}
"""Rough shares of the formats among vehicles in use; a judgement, not a statistic. For training, flatten them."""

_AGES = 51
"""Age codes that are issued in November 2026; two more a year make no difference here."""
_MARKS: Mapping[VrmFormat, int] = {
    VrmFormat.CURRENT: 23**2 * _AGES * 24**3,
    VrmFormat.PREFIX: 21 * 999 * 23 * 24**2,
    VrmFormat.SUFFIX: 23 * 24**2 * 999 * 21,
    VrmFormat.NORTHERN_IRELAND: 2002 * 9999,
    VrmFormat.DATELESS: 9999 * 702 + 999 * 17576 + 999 * 18278 + 9000 * 702,
    VrmFormat.Q_PLATE: 999 * 24**3,
    VrmFormat.DIPLOMATIC: 1000 * 2 * 1000,
}
"""How many marks of each format are legal, by the patterns in `vrm.py`."""

_BOTH = {"0": "0O", "1": "1I"}


def carried(vrm: str, today: date) -> float:
    """Return how likely the next vehicle is to carry this normalised mark; 0 for one that no vehicle has."""
    kind = format_of(vrm)
    if kind is VrmFormat.OTHER or not issued_by(vrm, today):
        return 0.0
    return UK_PROPORTIONS[kind] / _MARKS[kind]


@lru_cache(maxsize=200_000)
def carried_folded(folded: str, today: date) -> float:
    """Return how likely the next vehicle is to carry a mark that folds to this one."""
    return sum(carried(vrm, today) for vrm in unfolded(folded))


def unfolded(folded: str) -> Iterator[str]:
    """Give every mark that folds to this one."""
    return map("".join, product(*(_BOTH.get(char, char) for char in folded)))
