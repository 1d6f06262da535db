"""Pictures that wait in memory, and which of them are given up when they are too many. Facts are never among them."""

from collections.abc import Sequence
from typing import Protocol

from patrol_anpr.records.sparing import Sparing

MOST_BYTES = 256 * 2**20
"""About fourteen minutes of one full-HD Read a second."""


class Pictured(Protocol):
    """Something to be written that has pictures in memory."""

    @property
    def of_hit(self) -> bool:
        """Whether the pictures are those of a hit."""
        ...

    @property
    def picture_sizes(self) -> tuple[int, int]:
        """Bytes of overview and patch; 0 for one that is not there."""
        ...

    def give_up(self, which: int) -> None:
        """Let the overview (0) or the patch (1) go."""
        ...


class HeldPictures:
    """Keeps the pictures of what waits within `most_bytes`. Not for several threads: its owner holds a lock.

    First the overviews of Reads without a hit go, then their patches, and only then the same of Reads with one; the
    oldest first; what could not be written and comes back counts as the newest. `given_up` counts them since the start.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self.bytes = 0
        self.given_up = 0
        # One row a turn: overviews without a hit, patches without, overviews of hits, patches of hits.
        self._turns: tuple[dict[int, Pictured], ...] = ({}, {}, {}, {})

    @property
    def are_many(self) -> bool:
        """True when half of the room is taken."""
        return self.bytes > self._most // 2

    @property
    def bytes_of_hits(self) -> int:
        """Bytes of the pictures of hits."""
        held = (self._turns[2] | self._turns[3]).values()
        return sum(sum(one.picture_sizes) for one in held)

    def hold(self, one: Pictured) -> None:
        """Take charge of its pictures, and give up what is too much now."""
        for which, size in enumerate(one.picture_sizes):
            if size:
                self._turns[2 * one.of_hit + which][id(one)] = one
                self.bytes += size
        if self.bytes > self._most:
            self._ease()

    def let_go(self, one: Pictured) -> None:
        """Leave its pictures to whoever writes them now."""
        for which, size in enumerate(one.picture_sizes):
            if self._turns[2 * one.of_hit + which].pop(id(one), None) is not None:
                self.bytes -= size

    def spare(self, ones: Sequence[Pictured], sparing: Sparing) -> int:
        """Let go what is not kept of what is in nobody's charge; return how many pictures that were."""
        dropped = 0
        for one in ones:
            for which, size in enumerate(one.picture_sizes):
                if size and not one.of_hit and sparing > which:
                    one.give_up(which)
                    dropped += 1
        return dropped

    def give_up(self, ones: Sequence[Pictured], *, hits_too: bool) -> None:
        """Give up the pictures of what is in nobody's charge: only the facts can still be written."""
        for one in ones:
            if hits_too or not one.of_hit:
                for which, size in enumerate(one.picture_sizes):
                    if size:
                        self._drop(one, which)

    def _ease(self) -> None:
        for turn, waiting in enumerate(self._turns):
            while waiting and self.bytes > self._most:
                one = waiting.pop(next(iter(waiting)))
                self.bytes -= one.picture_sizes[turn % 2]
                self._drop(one, turn % 2)

    def _drop(self, one: Pictured, which: int) -> None:
        one.give_up(which)
        self.given_up += 1
