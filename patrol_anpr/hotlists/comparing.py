"""What one revision of a list changes of another. Pure; both are read once, in the order of their marks."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import merge
from itertools import groupby
from operator import itemgetter

from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.hotlists.rows import by_mark, voi_of

MOST_LISTED = 200
"""Changes of each kind that are listed; all are counted."""

Rows = Iterable[tuple[int, bytes]]


class ChangeKind(StrEnum):
    """ADDED and REMOVED entries; RETIERED has another tier or action; REWORDED says anything else in other words."""

    ADDED = "added"
    REMOVED = "removed"
    RETIERED = "retiered"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `before` is None for what was added, `after` for what was removed."""

    kind: ChangeKind
    before: Voi | None
    after: Voi | None


@dataclass(slots=True)
class Comparison:
    """The changes counted by kind, the first of each kind, and how many entries stayed as they were."""

    counts: Counter[ChangeKind] = field(default_factory=Counter)
    first: list[Change] = field(default_factory=list)
    same: int = 0

    def add(self, change: Change) -> None:
        """Count a change."""
        self.counts[change.kind] += 1
        if self.counts[change.kind] <= MOST_LISTED:
            self.first.append(change)


def compared(before: Rows, after: Rows) -> Comparison:
    """Compare two revisions whose rows were written with one key. Raises what reading the rows raises."""
    found = Comparison()
    for same, changes in _by_mark(before, after):
        found.same += same
        for change in changes:
            found.add(change)
    return found


def every_change(before: Rows, after: Rows) -> Iterator[Change]:
    """Give every change between two revisions, as `compared` counts them."""
    for _, changes in _by_mark(before, after):
        yield from changes


def _by_mark(before: Rows, after: Rows) -> Iterator[tuple[int, Iterable[Change]]]:
    """For each mark how many entries stayed, and what changed."""
    both = merge(by_mark(before, 0), by_mark(after, 1), key=itemgetter(0, 1))
    for _, of_mark in groupby(both, itemgetter(0)):
        rows = {which: Counter(rows) for _, which, rows in of_mark}
        was, now = rows.get(0, Counter()), rows.get(1, Counter())
        changed = _changes(list(_vois(was - now)), list(_vois(now - was))) if was != now else ()
        yield (was & now).total(), changed


def _vois(rows: Counter[bytes]) -> Iterator[Voi]:
    return (voi for row in rows.elements() if (voi := voi_of(row)) is not None)


def _changes(gone: list[Voi], came: list[Voi]) -> Iterator[Change]:
    """Pair what went with what came of the same VRM; the rest was removed and added."""
    for after in came:
        before = next((voi for voi in gone if voi.vrm == after.vrm), None)
        if before is None:
            yield Change(ChangeKind.ADDED, None, after)
            continue
        gone.remove(before)
        other = (before.tier, before.action) != (after.tier, after.action)
        yield Change(ChangeKind.RETIERED if other else ChangeKind.REWORDED, before, after)
    for before in gone:
        yield Change(ChangeKind.REMOVED, before, None)
