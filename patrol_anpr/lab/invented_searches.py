"""A month of invented searches by invented staff: a clean one, and ways of misuse that can be planted in it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, insert

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.oversight.patterns import Act, DutyTime, Known, Month, Pattern, SearchMade
from patrol_anpr.depot.search.asking import SEARCHED, hash_of
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.tables import searches
from patrol_anpr.domain.vrm import VrmFormat, fold
from patrol_anpr.lab.marks import random_mark

PURPOSES = ("volume", "priority", "serious", "vulnerable")
_SHIFT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class InventedSearches:
    """What was done in a month, and what is known of staff. The same seed gives the same."""

    begins: datetime
    month: Month
    known: Known
    rng: np.random.Generator = field(repr=False, compare=False)

    @property
    def staff(self) -> Sequence[str]:
        """Who searches."""
        return sorted(self.known.times)

    def with_searches(self, more: Sequence[SearchMade]) -> "InventedSearches":
        """Return it with more searches."""
        return replace(self, month=replace(self.month, searches=[*self.month.searches, *more]))


def clean_month(begins: datetime, staff: Sequence[str], seed: int, *, days: int = 28) -> InventedSearches:
    """Make a month in which everybody works five days a week, early or late, and searches for their own cases."""
    rng = np.random.default_rng(seed)
    taken: set[str] = set()
    times: dict[str, list[DutyTime]] = {}
    vehicles: dict[str, frozenset[str]] = {}
    made: list[SearchMade] = []
    exports: list[Act] = []
    for who in staff:
        vehicles[who] = frozenset({fold(_mark(rng, taken))})
        times[who] = [
            DutyTime(start, start + _SHIFT)
            for day in range(days)
            if (begins + timedelta(days=day)).weekday() < 5
            for start in [begins + timedelta(days=day, hours=7 * int(rng.integers(1, 3)))]
        ]
        mark, mine = "", 0
        for duty in times[who]:
            for _ in range(rng.integers(0, 3)):
                mark = _mark(rng, taken) if mine % 3 == 0 else mark  # a vehicle is asked for three times, for one case
                at = duty.begins + timedelta(minutes=int(rng.integers(5, 471)))
                made.append(SearchMade(f"s{seed}-{len(made)}", who, at, f"{who.upper()}/{mine // 9}", mark))
                mine += 1
        exports += [Act(f"e{seed}-{who}-{n}", who, one.at) for n, one in enumerate(made[::9]) if one.staff_id == who]
    return InventedSearches(begins, Month(made, (), exports), Known(times, vehicles), rng)


def plant(clean: InventedSearches, pattern: Pattern, who: str) -> InventedSearches:
    """Return the month with one way of misuse by one person more."""
    return _PLANTS[pattern](clean, who)


def _mark(rng: np.random.Generator, taken: set[str]) -> str:
    while (mark := random_mark(rng, {VrmFormat.CURRENT: 1.0})) in taken:
        pass
    taken.add(mark)
    return mark


def _search(clean: InventedSearches, who: str, n: int, at: datetime, mark: str, case: str = "") -> SearchMade:
    return SearchMade(f"planted-{who}-{n}-{int(clean.rng.integers(1 << 32)):08x}", who, at, case or f"P{n}", mark)


def _on_duty(clean: InventedSearches, who: str, n: int) -> datetime:
    duties = [one for one in clean.known.times[who] if not one.leave]
    return duties[n % len(duties)].begins + timedelta(hours=2, minutes=n)


def _same_mark(clean: InventedSearches, who: str) -> InventedSearches:
    mark = _mark(clean.rng, set())
    return clean.with_searches([_search(clean, who, n, _on_duty(clean, who, n), mark) for n in range(7)])


def _off_duty(clean: InventedSearches, who: str) -> InventedSearches:
    duty = clean.known.times[who][0]
    at = duty.begins.replace(hour=5, minute=30)
    return clean.with_searches([_search(clean, who, 0, at, _mark(clean.rng, set()))])


def _on_leave(clean: InventedSearches, who: str) -> InventedSearches:
    saturday = next(day for day in (clean.begins + timedelta(days=n) for n in range(7)) if day.weekday() == 5)
    leave = DutyTime(saturday, saturday + timedelta(days=2), leave=True)
    times = {**clean.known.times, who: [*clean.known.times[who], leave]}
    on_leave = replace(clean, known=replace(clean.known, times=times))
    return on_leave.with_searches([_search(clean, who, 0, saturday + timedelta(hours=12), _mark(clean.rng, set()))])


def _own_vehicle(clean: InventedSearches, who: str) -> InventedSearches:
    [mark] = clean.known.vehicles[who]
    return clean.with_searches([_search(clean, who, 0, _on_duty(clean, who, 3), f"{mark[:5]}?{mark[6:]}")])


def _colleague(clean: InventedSearches, who: str) -> InventedSearches:
    other = next(one for one in clean.staff if one != who)
    [mark] = clean.known.vehicles[other]
    return clean.with_searches([_search(clean, who, 0, _on_duty(clean, who, 4), mark)])


def _own_entry(clean: InventedSearches, who: str) -> InventedSearches:
    mark = _mark(clean.rng, set())
    entered = replace(clean, known=replace(clean.known, entries={who: frozenset({fold(mark)})}))
    return entered.with_searches([_search(clean, who, 0, _on_duty(clean, who, 8), mark)])


def _wide_case(clean: InventedSearches, who: str) -> InventedSearches:
    taken: set[str] = set()
    return clean.with_searches(
        [_search(clean, who, n, _on_duty(clean, who, n), _mark(clean.rng, taken), "MISC/1") for n in range(14)]
    )


def _refusals(clean: InventedSearches, who: str) -> InventedSearches:
    at = _on_duty(clean, who, 5)
    refused = [Act(f"r-{who}-{n}", who, at + timedelta(minutes=4 * n)) for n in range(6)]
    return replace(clean, month=replace(clean.month, refusals=[*clean.month.refusals, *refused]))


def _exports(clean: InventedSearches, who: str) -> InventedSearches:
    at = _on_duty(clean, who, 6)
    exported = [Act(f"x-{who}-{n}", who, at + timedelta(minutes=7 * n)) for n in range(17)]
    return replace(clean, month=replace(clean.month, exports=[*clean.month.exports, *exported]))


def _night(clean: InventedSearches, who: str) -> InventedSearches:
    night = clean.begins + timedelta(days=2, hours=2)
    taken: set[str] = set()
    return clean.with_searches(
        [_search(clean, who, n, night + timedelta(minutes=9 * n), _mark(clean.rng, taken)) for n in range(3)]
    )


_PLANTS: Mapping[Pattern, Callable[[InventedSearches, str], InventedSearches]] = {
    Pattern.SAME_MARK: _same_mark,
    Pattern.OFF_DUTY: _off_duty,
    Pattern.ON_LEAVE: _on_leave,
    Pattern.OWN_VEHICLE: _own_vehicle,
    Pattern.COLLEAGUE: _colleague,
    Pattern.OWN_ENTRY: _own_entry,
    Pattern.WIDE_CASE: _wide_case,
    Pattern.REFUSALS: _refusals,
    Pattern.EXPORTS: _exports,
    Pattern.NIGHT: _night,
}


def put_searches_in(connection: Connection, month: Month) -> None:
    """Put invented searches into a depot, as searching keeps them; the rows of its audit say that it was now."""
    rows = []
    for n, search in enumerate(month.searches):
        question = Question.of(search.at - timedelta(days=7), search.at, mark=search.mark)
        values = {
            "search_id": search.search_id,
            "staff_id": search.staff_id,
            "at": search.at,
            "reach": "recent",
            "purpose": PURPOSES[n % len(PURPOSES)],
            "case_number": search.case_number,
            "reason": "an invented search of an invented case",
            "asked": json.dumps(question.says(), sort_keys=True, separators=(",", ":")),
            "authorisation_id": None,
        }
        sha256 = hash_of(values)
        rows.append({**values, "sha256": sha256, "found": n % 5, "more": 0})
        add_audit(connection, f"staff {search.staff_id}", SEARCHED, search.search_id, f"invented, asked {sha256}")
    if rows:
        connection.execute(insert(searches), rows)
