"""How often the reader takes one character for another: what `lab/confusions.py` measured on drawn plates. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Self

FIRST, LAST = "^", "$"
"""Stand for the first and the last character of a mark, where the Read lacks it."""
_FILE = "confusions.tsv"


@dataclass(frozen=True)
class Confusions:
    """Counts over Reads of drawn plates, folded (no O, no I).

    `reads` is how many; `others` were wrong in a way that `pairs` cannot say: in two characters, or longer. `pairs`
    counts (what stood there, what was read), right ones as well; (FIRST, "") and (LAST, "") Reads that lack an end.
    """

    reads: int
    others: int
    pairs: Counter[tuple[str, str]]

    @classmethod
    def none(cls) -> Self:
        """Nothing counted yet."""
        return cls(0, 0, Counter())

    def __add__(self, other: "Confusions") -> "Confusions":
        return Confusions(self.reads + other.reads, self.others + other.others, self.pairs + other.pairs)

    @cached_property
    def taken_for(self) -> Mapping[str, Mapping[str, float]]:
        """For each character the shares (0 to 1) of Reads in which another one was read in its place."""
        stood = Counter[str]()
        for (truth, read), count in self.pairs.items():
            if read:
                stood[truth] += count
        shares: dict[str, dict[str, float]] = {}
        for (truth, read), count in self.pairs.items():
            if read and read != truth:
                shares.setdefault(truth, {})[read] = count / stood[truth]
        return shares

    @cached_property
    def right(self) -> float:
        """The share of Reads (0 to 1) that are right in every character."""
        wrong = sum(count for (truth, read), count in self.pairs.items() if read != truth)
        return 1 - (wrong + self.others) / self.reads if self.reads else 0.0

    def cut(self, end: str) -> float:
        """The share of Reads that lack the character at an end, FIRST or LAST."""
        return self.pairs[end, ""] / self.reads if self.reads else 0.0

    def summary(self) -> str:
        """Return in words what was counted."""
        worst = sorted(
            ((share, truth, read) for truth, taken in self.taken_for.items() for read, share in taken.items()),
            reverse=True,
        )
        pairs = ", ".join(f"{truth} as {read} {100 * share:.2f} %" for share, truth, read in worst[:10])
        return (
            f"{self.reads} Reads, {100 * self.right:.1f} % right; first character lost {100 * self.cut(FIRST):.2f} %, "
            f"last {100 * self.cut(LAST):.2f} %; {pairs}"
        )

    def text(self, source: str) -> str:
        """Return it as the file that `confusions_of` reads; `source` says how it was made."""
        rows = [f"{truth}\t{read}\t{count}" for (truth, read), count in sorted(self.pairs.items())]
        return "\n".join([f"# {source}", f"# {self.summary()}", f"reads\t{self.reads}\t{self.others}", *rows, ""])


def confusions_of(text: str) -> Confusions:
    """Read a table. Raises ValueError where it is none."""
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    (_, reads, others), *counts = rows
    return Confusions(int(reads), int(others), Counter({(truth, read): int(count) for truth, read, count in counts}))


@lru_cache(maxsize=1)
def measured_confusions() -> Confusions:
    """The table that comes with the program."""
    return confusions_of(files("patrol_anpr.hotlists").joinpath(_FILE).read_text("utf-8"))
