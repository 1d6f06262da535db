"""The end of the writer: how long what is still in memory may take, and what is given up for it."""

LONGEST = 60.0
"""Seconds. Whatever the disk does, the end comes after them."""


class Closing:
    """Decides when it is over. Times are monotonic seconds. Not for several threads: its owner holds a lock.

    As long as things are written it goes on. `lean`: only facts are written any more, and of the pictures only those
    of hits; not even those once `hits_too`.
    """

    def __init__(self) -> None:
        self.begun = self.lean = self.hits_too = False
        self.over_at = self._lean_at = self._latest = float("inf")
        self._patience = 0.0

    def begin(self, patience: float, now: float) -> None:
        """Begin: without anything written for `patience` seconds it is over, and lean from half of that on."""
        self.begun, self._patience, self._latest = True, patience, now + LONGEST
        self.progress(now)

    def progress(self, now: float) -> None:
        """Something was written: wait as long again for the next."""
        if self.begun:
            self._lean_at = min(now + self._patience / 2, self._latest)
            self.over_at = min(now + self._patience, self._latest)

    def is_lean(self, now: float) -> bool:
        """Tell whether only facts are to be written now."""
        self.lean = self.lean or (self.begun and now >= self._lean_at)
        return self.lean

    def failed(self, now: float, *, full: bool, hopeless: bool) -> None:
        """Nothing could be written: decide what is still worth a try, with less, or not at all."""
        if not self.begun:
            return
        if hopeless or (full and self.hits_too):
            self.over_at = now
        elif full:
            self._lean_at = now
        self.hits_too = self.hits_too or self.lean
