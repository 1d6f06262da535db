"""A list in force from its files: the whole list as it once was, and at most one delta with what changed since."""

from contextlib import ExitStack
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.rows import voi_of


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

    def entries(self, folded: str) -> list[Voi | None]:
        """Return the VOIs whose VRM folds to `folded`, in the order of the list.

        None, once and last, stands for entries of this mark that cannot be read: it is on the list, and what the list
        says of it is lost.
        """
        mark = self.key.mark(folded)
        rows = (self._delta.rows(mark) if self._delta else []) or self._base.rows(mark)
        found: list[Voi | None] = [voi for row in rows if row and (voi := voi_of(row)) and fold(voi.vrm) == folded]
        if None in rows:
            found.append(None)
        return found

    def close(self) -> None:
        """Close the files; nothing may be looked up any more."""
        for file in self.files:
            file.close()
