"""A list of a few entries that is in memory only, for a Matcher."""

from collections.abc import Sequence

from patrol_anpr.domain.hotlist import Hotlist, Voi
from patrol_anpr.domain.vrm import fold


class MemoryList:
    """A few entries under one head; what Index is for a list file."""

    def __init__(self, head: Hotlist, vois: Sequence[Voi]) -> None:
        self.head = head
        self._vois = tuple(vois)

    def entries(self, folded: str) -> list[Voi]:
        """Return the VOIs whose VRM folds to `folded`, in their order."""
        return [voi for voi in self._vois if fold(voi.vrm) == folded]

    def close(self) -> None:
        """Nothing is open."""
