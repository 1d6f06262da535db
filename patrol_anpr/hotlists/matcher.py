"""A read VRM against the lists in force."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Protocol

from patrol_anpr.domain.hit import Match, MatchKind
from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.domain.vrm import both_legal, fold, normalise
from patrol_anpr.hotlists.variants import MAX_VARIANTS, variants

UNREAD = "ENTRY DAMAGED, VERIFY BY RADIO"
"""The reason of a mark that is on a list, where what the list says of it cannot be read."""

OVER = "LIST EXPIRED, VERIFY BY RADIO"
"""The reason of a mark on a list that ended too long ago for what it says to be shown."""
HIDE_AFTER = timedelta(hours=72)
"""How long after its end a list's entries are still told in full, where nothing else is said."""

_log = logging.getLogger(__name__)


class ListInForce(Protocol):
    """A list of the shelf, in memory, or the car's own: one that can be looked up, by one thread at a time."""

    head: Hotlist

    def entries(self, folded: str) -> Sequence[Voi | None]:
        """Return the VOIs whose VRM folds to `folded`; None for what the list says of this mark and cannot be read."""
        ...

    def close(self) -> None:
        """Look nothing up any more."""
        ...


Damaged = Callable[[Hotlist], None]


def _log_damaged(hotlist: Hotlist) -> None:
    _log.error("Hotlist %s is damaged", hotlist.list_id)


class Matcher:
    """The lists in force, and what a read VRM matches in them. Safe to use from several threads.

    A list that turns out to be damaged is told to `on_damaged`, once, and stays in force: a mark that is on it, and
    whose entry cannot be read, is a CHECK that says so. So is, without what its entry says, a mark on a list that ended
    longer than `hide_after` ago: it may be wanted still, and only control can tell.
    """

    def __init__(self, on_damaged: Damaged = _log_damaged, hide_after: timedelta = HIDE_AFTER) -> None:
        self._on_damaged, self._hide_after = on_damaged, hide_after
        self._lock = threading.Lock()
        self._indexes: tuple[ListInForce, ...] = ()
        self._damaged: tuple[ListInForce, ...] = ()  # those that are told

    @property
    def hotlists(self) -> Sequence[Hotlist]:
        """The heads of the lists in force."""
        return tuple(index.head for index in self._indexes)

    def swap(self, indexes: Sequence[ListInForce]) -> None:
        """Put `indexes` in force in place of all before, which are closed unless they are among the new ones.

        A match under way is finished with the old set first: no read is matched against a mixture.
        """
        with self._lock:
            before, self._indexes = self._indexes, tuple(indexes)
            for index in before:
                if index not in self._indexes:
                    index.close()
            self._damaged = tuple(index for index in self._damaged if index in self._indexes)

    def put(self, index: ListInForce) -> None:
        """Put `index` in force in place of any revision of the same list; the others stay."""
        self._replace(index.head.list_id, (index,))

    def drop(self, list_id: str) -> None:
        """Put a list out of force; the others stay."""
        self._replace(list_id, ())

    def _replace(self, list_id: str, by: tuple[ListInForce, ...]) -> None:
        with self._lock:
            before = [index for index in self._indexes if index.head.list_id == list_id]
            self._indexes = (*(index for index in self._indexes if index not in before), *by)
            for index in before:
                index.close()
            self._damaged = tuple(index for index in self._damaged if index in self._indexes)

    def _found(self, read: str, index: ListInForce, at: datetime, today: date) -> "_Found":
        found, until = _found(read, index, today), index.head.valid_until
        return _hidden(found) if until is not None and at > until + self._hide_after else found

    def close(self) -> None:
        """Put no list in force and close the files."""
        self.swap(())

    def match(self, vrm: str, at: datetime) -> list[Match]:
        """Return what a read VRM matches at the time `at` (aware), the most urgent first, EXACT before CHECK.

        Each VOI comes at most once. An entry is in force to the end of its weed date in UTC, which is at most an hour
        longer than in the UK. Where an EXACT match is one the crew is told of, CHECK matches are left out: the officer
        is to look at one picture against one mark, and if that look says misread, the corrected VRM is matched again.
        An EXACT match on a silent list hides nothing, for nobody looks. None hides an entry of this very mark that
        cannot be read: it may be the more urgent one.
        """
        read = normalise(vrm)
        today = at.astimezone(UTC).date()
        with self._lock:
            found = [self._found(read, index, at, today) for index in self._indexes]
            damaged = [index for index, of_list in zip(self._indexes, found, strict=True) if of_list.damaged]
            new = [index.head for index in damaged if index not in self._damaged]
            self._damaged += tuple(index for index in damaged if index not in self._damaged)
        for hotlist in new:
            self._on_damaged(hotlist)
        matches = [match for of_list in found for match in of_list.matches]
        if any(match.kind is MatchKind.EXACT and match.tier is not Tier.SILENT for match in matches):
            matches = [match for match in matches if match.kind is MatchKind.EXACT]
        matches += [match for of_list in found for match in of_list.unread]
        return sorted(matches, key=lambda match: (match.tier, match.kind is MatchKind.CHECK))


def _hidden(found: "_Found") -> "_Found":
    """What is told of a list that ended long ago: that the mark is on it, and nothing that its entry says.

    That its entries cannot be read is no damage: what opens them was dropped (`Shelf.drop_details`).
    """
    near = [match for match in found.matches if match.kind is MatchKind.CHECK]
    same = [match for match in found.matches if match.kind is MatchKind.EXACT]
    return _Found([_hide(match) for match in near], [_hide(match) for match in (*same, *found.unread)], damaged=False)


def _hide(match: Match) -> Match:
    voi = Voi(match.voi.vrm, action="VERIFY BY RADIO", reason=OVER, tier=match.voi.tier)
    return Match(MatchKind.CHECK, voi, match.hotlist, match.tier, match.differing)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a read matches on one list. `unread` are entries of its very mark that cannot be read."""

    matches: list[Match]
    unread: list[Match]
    damaged: bool


def _found(read: str, index: ListInForce, today: date) -> _Found:
    matches: list[Match] = []
    if not read:
        return _Found(matches, [], damaged=False)
    folded, head = fold(read), index.head
    same = index.entries(folded)
    for voi in _in_force(same, today):
        if both_legal(read, voi.vrm):
            matches.append(_check(voi, head, _differing(read, voi.vrm)))
        else:
            matches.append(Match(MatchKind.EXACT, voi, head, voi.tier))
    damaged = None in same
    unread = [Match(MatchKind.CHECK, _unread(read, head), head, head.tier)] if damaged else []
    for variant, differing in islice(variants(folded), MAX_VARIANTS - 1):
        near = index.entries(variant)
        matches += [_check(voi, head, differing) for voi in _in_force(near, today)]
        if None in near:
            damaged = True
            matches.append(_check(_unread(variant, head), head, differing))
    return _Found(matches, unread, damaged)


def _in_force(entries: Sequence[Voi | None], today: date) -> Iterator[Voi]:
    return (voi for voi in entries if voi is not None and (voi.weed_date is None or voi.weed_date >= today))


def _unread(vrm: str, hotlist: Hotlist) -> Voi:
    """Stands for entries that cannot be read. What they say, and how urgent they are, only control can tell."""
    return Voi(vrm, action="VERIFY BY RADIO", reason=UNREAD, tier=hotlist.tier)


def _check(voi: Voi, hotlist: Hotlist, differing: tuple[int, ...]) -> Match:
    """A CHECK match is one step less urgent than its entry. It is never hidden by that: only silent stays silent."""
    tier = voi.tier if voi.tier is Tier.SILENT else Tier(min(voi.tier + 1, Tier.ROUTINE))
    return Match(MatchKind.CHECK, voi, hotlist, tier, differing)


def _differing(one: str, other: str) -> tuple[int, ...]:
    return tuple(place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
