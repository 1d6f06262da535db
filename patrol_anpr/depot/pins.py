"""Which PINs an officer may have: eight digits that a thief of a laptop does not try first."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

FEWEST, MOST = 8, 12
"""Digits; a car's pad takes no more. A hundred million PINs is what makes a search last weeks and not minutes."""
_FEWEST_DIFFERENT = 4
_KEYPAD = ("147258369147", "741852963741", "369258147369", "159357159", "951753951", "123698741236", "147896321478")
"""Ways of a finger over the pad, which lists of common PINs are full of; six keys of one are enough."""
_KNOWN = ("31415926", "27182818", "11235813", "24681012", "13579135", "97531975", "86420864", "14916253")


def why_refused(pin: str, officer_id: str) -> str:
    """Return why an officer may not have this PIN, as the end of a sentence; "" where they may. It repeats no digit."""
    if not (pin.isascii() and pin.isdigit()) or not FEWEST <= len(pin) <= MOST:
        return f"a PIN of {FEWEST} to {MOST} digits"
    own = "".join(filter(str.isdigit, officer_id))
    easy = (
        len(set(pin)) < _FEWEST_DIFFERENT
        or _repeats(pin)
        or _runs(pin)
        or any(way[place : place + 6] in pin for way in _KEYPAD for place in range(len(way) - 5))
        or any(pin.startswith(known) for known in _KNOWN)
        or any(_is_date(*parts) for parts in _dates(pin))
        or (len(own) >= FEWEST // 2 and own in pin)
    )
    return "a PIN that is not easily guessed: no run, pattern, date or officer id" if easy else ""


def _repeats(pin: str) -> bool:
    """Whether it is one group of digits again and again."""
    return any(pin == (pin[:size] * len(pin))[: len(pin)] for size in range(1, len(pin) // 2 + 1))


def _runs(pin: str) -> bool:
    """Whether most digits follow the one before them, up or down (0 comes after 9)."""
    steps = [(int(after) - int(before)) % 10 for before, after in pairwise(pin)]
    return max(steps.count(1), steps.count(9), steps.count(0)) >= len(steps) - 2


def _dates(pin: str) -> Iterator[tuple[str, str, str]]:
    """What of it may be year, month and day."""
    for place in range(len(pin) - 7):
        eight = pin[place : place + 8]
        yield eight[4:], eight[2:4], eight[:2]
        yield eight[4:], eight[:2], eight[2:4]
        yield eight[:4], eight[4:6], eight[6:]


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year < 2100
    except ValueError:
        return False
