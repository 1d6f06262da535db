"""Invented marks: lawful by their format, with letters about as common as on the road, belonging to nobody we know."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from patrol_anpr.domain.parc import UK_PROPORTIONS
from patrol_anpr.domain.vrm import VrmFormat, format_of

# The first letter of a current mark is its region. London and the south east register most vehicles; J, T, U and X are
# not regions and rare.
_REGIONS = {
    **dict(zip("ABCDEFGHKLMNOPRSVWY", (5, 6, 5, 6, 5, 5, 6, 5, 5, 9, 6, 6, 4, 4, 6, 7, 5, 6, 6), strict=True)),
    **dict.fromkeys("JTUX", 0.4),
}
_SECOND = {**dict.fromkeys("ABCDEFGHJKLMNOPRSTUVWXY", 1.0), "X": 0.8, "J": 0.7, "O": 0.6, "U": 0.9}
_THREE = "ABCDEFGHJKLMNOPRSTUVWXYZ"  # of a current mark
_OLD = "ABCDEFGHJKLMNOPRSTUVWXY"  # of a prefix mark; I, Q and Z were not used
_YEAR = "ABCDEFGHJKLMNPRSTVWXY"  # of a prefix or suffix mark
_AGES = [f"{year:02d}" for year in range(2, 27)] + [f"{year:02d}" for year in range(51, 77)]
_IRISH = (
    [f"I{place}" for place in "ABGJLW"]
    + [f"{place}I" for place in "JOUX"]
    + [f"{place}Z" for place in "ABCDEFGHJKLMNOPRSTUVWXY"]
)


def random_mark(rng: np.random.Generator, proportions: Mapping[VrmFormat, float] = UK_PROPORTIONS) -> str:
    """Invent one mark; formats appear in `proportions` (they need not add up to 1)."""
    formats = list(proportions)
    shares = np.array([proportions[each] for each in formats], float)
    return random_mark_of(rng, formats[int(rng.choice(len(formats), p=shares / shares.sum()))])


def random_mark_of(rng: np.random.Generator, kind: VrmFormat) -> str:
    """Invent one mark of a format; KeyError for OTHER, which has no rule to follow."""
    invent = _INVENTORS[kind]
    while True:  # families overlap at their rims (`AZ 12` is dateless by look): draw again until the family fits
        mark = invent(rng)
        if format_of(mark) is kind:
            return mark


def _letters(rng: np.random.Generator, choice: str, count: int) -> str:
    return "".join(choice[index] for index in rng.integers(len(choice), size=count))


def _weighted(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    shares = np.array(list(weights.values()), float)
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]


def _one(rng: np.random.Generator, choice: Sequence[str]) -> str:
    return choice[int(rng.integers(len(choice)))]


def _number(rng: np.random.Generator, digits: int) -> str:
    """A number of one to `digits` digits without a leading nought; the long ones are the common ones."""
    length = int(rng.choice(np.arange(1, digits + 1), p=_towards_long(digits)))
    return str(int(rng.integers(10 ** (length - 1), 10**length)))


def _towards_long(digits: int) -> list[float]:
    weights = [2.0**length for length in range(digits)]
    return [weight / sum(weights) for weight in weights]


def _current(rng: np.random.Generator) -> str:
    newest_first = np.linspace(0.4, 1.0, 25)  # old vehicles leave the road
    ages = np.concatenate([newest_first, newest_first, [1.0]])
    age = _AGES[int(rng.choice(len(_AGES), p=ages / ages.sum()))]
    return _weighted(rng, _REGIONS) + _weighted(rng, _SECOND) + age + _letters(rng, _THREE, 3)


def _prefix(rng: np.random.Generator) -> str:
    return _one(rng, _YEAR) + _number(rng, 3) + _letters(rng, _OLD, 3)


def _suffix(rng: np.random.Generator) -> str:
    return _letters(rng, _OLD, 3) + _number(rng, 3) + _one(rng, _YEAR)


def _dateless(rng: np.random.Generator) -> str:
    count = int(rng.integers(1, 4))
    letters, number = _letters(rng, _OLD, count), _number(rng, 3 if count == 3 else 4)
    return letters + number if rng.random() < 0.5 else number + letters


def _northern_ireland(rng: np.random.Generator) -> str:
    return _letters(rng, "ABCDEFGHJKLMNOPRSTUVWXYZ", 1) + _one(rng, _IRISH) + _number(rng, 4)


def _q_plate(rng: np.random.Generator) -> str:
    return "Q" + _number(rng, 3) + _letters(rng, _OLD, 3)


def _diplomatic(rng: np.random.Generator) -> str:
    return f"{rng.integers(101, 400)}{_one(rng, 'DX')}{rng.integers(101, 1000)}"


_INVENTORS: Mapping[VrmFormat, Callable[[np.random.Generator], str]] = {
    VrmFormat.CURRENT: _current,
    VrmFormat.PREFIX: _prefix,
    VrmFormat.SUFFIX: _suffix,
    VrmFormat.DATELESS: _dateless,
    VrmFormat.NORTHERN_IRELAND: _northern_ireland,
    VrmFormat.Q_PLATE: _q_plate,
    VrmFormat.DIPLOMATIC: _diplomatic,
}
