"""Whether an officer's training and signed policy are good. Pure. It is shown at the depot, and never blinds a car."""

from datetime import date, timedelta
from enum import IntEnum

WARNED = timedelta(days=30)
"""So long before its end it is told."""


class Currency(IntEnum):
    """How good it is, the worst first. NOT_KEPT: the roster says nothing of it."""

    ENDED = 0
    ENDS_SOON = 1
    NOT_KEPT = 2
    GOOD = 3

    @property
    def word(self) -> str:
        """The word that people see."""
        return ("Ended", "Ends soon", "Not on the roster", "Good")[self]


def currency_of(ends: date | None, today: date) -> Currency:
    """Judge what is good up to and with the day `ends`."""
    if ends is None:
        return Currency.NOT_KEPT
    if ends < today:
        return Currency.ENDED
    return Currency.ENDS_SOON if ends - today <= WARNED else Currency.GOOD
