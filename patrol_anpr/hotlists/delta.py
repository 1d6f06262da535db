"""What changed of a list since a file of it was written, as a small file that lies over that one.

A delta holds every entry of each mark whose entries changed, and REMOVED for a mark that has none any more. So a mark
is looked up in one of the two files, and nothing of the large one is ever written again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.hotlists.building import write_file
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.placing import placed_whole
from patrol_anpr.hotlists.rows import REMOVED, by_mark
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.plumbing.files import new_file

Row = tuple[int, bytes]
"""A mark and an entry of it."""

_mark = itemgetter(0)


class TooMuchChanged(Exception):
    """A delta would not be small: the whole list is to be sent."""


def build_delta(before: CompactFile, after: CompactFile, target: Path, most: int) -> int:
    """Write at `target` what makes the list of `after` of the file `before`; return how many rows that takes.

    Both have one key. Both are read once, in their order; memory is that of the two open files.

    Raises:
        TooMuchChanged: it would take more than `most` rows. There is no file then.
        RecordsFault: a file cannot be read or written. There is no file then.
    """
    with placed_whole(target) as beside, new_file(beside) as file:
        rows = _at_most(most, changes(before.every_row(), after.every_row()))
        return write_file(file, rows, after.head.hotlist, before.key, base=before.file_id, entries=after.head.entries)


def build_changed_delta(
    before: ShippedList, rows: Mapping[int, Sequence[bytes]], target: Path, head: Hotlist, entries: int
) -> None:
    """Write at `target` the delta of a list that is `before` but for some marks; nothing but its old delta is read.

    `rows` has all rows of each mark that changed, none where it has no entry any more; `entries` is how many the list
    has then. Raises RecordsFault: a file cannot be read or written. There is no file then.
    """
    base, *deltas = before.files
    of_mark: dict[int, list[bytes]] = {}
    for mark, row in (pair for delta in deltas for pair in delta.every_row()):
        of_mark.setdefault(mark, []).append(row)
    of_mark |= {mark: list(kept) or [REMOVED] for mark, kept in rows.items()}
    other = sorted((mark, kept) for mark, kept in of_mark.items() if kept != (base.rows(mark) or [REMOVED]))
    with placed_whole(target) as beside, new_file(beside) as file:
        written = ((mark, row) for mark, kept in other for row in kept)
        write_file(file, written, head, before.key, base=base.file_id, entries=entries)


def changes(before: Iterable[Row], after: Iterable[Row]) -> Iterator[Row]:
    """Give the rows of a delta; both come in the order of their marks."""
    both = merge(by_mark(before, 0), by_mark(after, 1), key=itemgetter(0, 1))
    for mark, found in groupby(both, _mark):
        rows = {which: of_mark for _, which, of_mark in found}
        if rows.get(0) != rows.get(1):
            yield from ((mark, row) for row in rows.get(1, [REMOVED]))


def _at_most(most: int, rows: Iterable[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise TooMuchChanged
        yield row
