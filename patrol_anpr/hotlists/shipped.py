"""A list in force from its files: the whole list as it once was, and at most one delta with what changed since."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import ListChange, Tier, Voi
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.rows import REMOVED, by_mark, voi_of

MOST_COUNTED = 20_000
"""Rows that are compared to tell what a revision changed; it takes some tenths of a second."""


class ShippedList:
    """One revision of a list, open for looking up: by any thread, one at a time. `head` says which.

    `count` is how many entries it has.
    """

    def __init__(self, base: CompactFile, delta: CompactFile | None = None) -> None:
        self._base, self._delta = base, delta
        newest = delta or base
        self.head, self.count, self.key = newest.head.hotlist, newest.head.entries, base.key

    @classmethod
    def open(cls, base: Path, key: ListKey, delta: Path | None = None) -> "ShippedList":
        """Open a list.

        Raises:
            RecordsFault: a file is not there, damaged, of another version or key, or the delta is of another base.
        """
        with ExitStack() as undo:
            files = []
            for path in (base, *([delta] if delta else [])):
                files.append(CompactFile.open(path, key))
                undo.callback(files[-1].close)
            if [file.head.base for file in files] != ["", files[0].file_id][: len(files)]:
                raise RecordsFault("The files of this list do not belong together: fetch the list again.")
            undo.pop_all()
        return cls(*files)

    def with_key(self, key: ListKey) -> "ShippedList":
        """Open the same list with another key. Raises RecordsFault as `open` does."""
        return ShippedList.open(self._base.path, key, self._delta.path if self._delta is not None else None)

    @property
    def files(self) -> tuple[CompactFile, ...]:
        """The whole list, and the delta where there is one."""
        return (self._base,) if self._delta is None else (self._base, self._delta)

    def rows(self, mark: int) -> list[bytes | None]:
        """Return the rows of a mark in the order of the list; None for one that cannot be read."""
        rows = (self._delta.rows(mark) if self._delta else []) or self._base.rows(mark)
        return [row for row in rows if row != REMOVED]

    def every_row(self) -> Iterator[tuple[int, bytes]]:
        """Give every mark with its row, in the order of the marks. Raises RecordsFault where one cannot be read."""
        if self._delta is None:
            yield from self._base.every_row()
            return
        both = (by_mark(file.every_row(), which) for which, file in enumerate(self.files))
        for mark, found in groupby(merge(*both, key=itemgetter(0, 1)), key=itemgetter(0)):
            *_, (_, _, rows) = found
            yield from ((mark, row) for row in rows if row != REMOVED)

    def changed_since(self, before: "ShippedList | None") -> ListChange:
        """Tell how many entries this revision added and cancelled; None for each where there are too many to count.

        Nobody else may look up either meanwhile.
        """
        old = () if before is None else before.files
        shared = {file.file_id for file in old} & {file.file_id for file in self.files}
        was, now = ([file for file in files if file.file_id not in shared] for files in (old, self.files))
        if sum(file.count for file in (*was, *now)) > MOST_COUNTED:
            covert = self.head.tier is Tier.SILENT  # no entry of it is told, and the list is not named either
            return ListChange(self.head.list_id, *((0, 0) if covert else (None, None)))
        try:
            gone, came = _marks(was), _marks(now)
            if shared:
                gone = came = gone | came
            lost = before.told(gone) if before is not None else Counter[bytes]()
            found = self.told(came)
        except RecordsFault:
            return ListChange(self.head.list_id, None, None)
        return ListChange(self.head.list_id, (found - lost).total(), (lost - found).total())

    def told(self, marks: Iterable[int]) -> Counter[bytes]:
        """The rows of some marks that the crew may know of."""
        rows = [row for mark in marks for row in self.rows(mark) if row is not None]
        return Counter(row for row in rows if (voi := voi_of(row)) and voi.tier is not Tier.SILENT)

    def entries(self, folded: str) -> list[Voi | None]:
        """Return the VOIs whose VRM folds to `folded`, in the order of the list.

        None, once and last, stands for entries of this mark that cannot be read: it is on the list, and what the list
        says of it is lost.
        """
        rows = self.rows(self.key.mark(folded))
        found: list[Voi | None] = [voi for row in rows if row and (voi := voi_of(row)) and fold(voi.vrm) == folded]
        if None in rows:
            found.append(None)
        return found

    def close(self) -> None:
        """Close the files; nothing may be looked up any more."""
        for file in self.files:
            file.close()


def _marks(files: Iterable[CompactFile]) -> set[int]:
    return {mark for file in files for mark, _ in file.every_row()}
