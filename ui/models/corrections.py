"""What the officers of this shift corrected, by Read. Pure."""

from collections.abc import Iterable, Sequence

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.read import Read


class Corrections:
    """Every correction once, those of a Read in their order."""

    def __init__(self) -> None:
        self._by_read: dict[str, list[ReadCorrection]] = {}

    def add(self, corrections: Iterable[ReadCorrection]) -> None:
        """Take corrections; those known already change nothing."""
        for one in corrections:
            of_read = self._by_read.setdefault(one.read_id, [])
            if one not in of_read:
                of_read.append(one)
                of_read.sort(key=lambda correction: correction.at)

    def of(self, read_id: str) -> Sequence[ReadCorrection]:
        """The corrections of a Read, the oldest first."""
        return tuple(self._by_read.get(read_id, ()))

    def last(self, read_id: str) -> str:
        """The mark a Read was corrected to; "" where it was not."""
        of_read = self._by_read.get(read_id)
        return of_read[-1].vrm if of_read else ""

    def mark(self, read: Read) -> str:
        """The mark of a Read as far as is known: what it was corrected to, else what was read."""
        return self.last(read.read_id) or read.vrm

    def clear(self) -> None:
        """Forget them: the shift is over."""
        self._by_read.clear()
