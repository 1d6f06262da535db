"""A share of some cases with how far it can be trusted, and what may be told to the public of a small number. Pure."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Of the normal distribution, for 95 %."""
SMALL = 5
"""Public figures below 5, also none at all, are told as "fewer than 5"; all others are rounded to the nearest 5."""
FEW_FOR_A_SHARE = 50
"""Of fewer cases the public is told no share: one case more or less would show."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole` cases."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of no cases."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the true share lies, with 95 % confidence (Wilson); 0 to 1 where there were no cases."""
        if not self.whole:
            return 0.0, 1.0
        n, share = self.whole, self.part / self.whole
        centre = share + _Z**2 / (2 * n)
        spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        width = 1 + _Z**2 / n
        low, high = (centre - spread) / width, (centre + spread) / width
        return (0.0 if self.part == 0 else low), (1.0 if self.part == n else high)


def public_count(count: float) -> str:
    """Return a count as the public is told it: of 1 to 3 cases nobody finds out how many, by no total either."""
    whole = round(count)
    if whole < SMALL:
        return f"fewer than {SMALL}"
    return f"about {(whole + SMALL // 2) // SMALL * SMALL:,}"


def public_share(rate: Rate) -> str:
    """Return a share as the public is told it: in whole per cent, or that there are too few cases to say."""
    if rate.share is None or rate.whole < FEW_FOR_A_SHARE:
        return "too few to say"
    if 0 < rate.part < SMALL:
        return f"less than {100 * SMALL / rate.whole:.0f} %"
    return f"about {100 * rate.share:.0f} %"
