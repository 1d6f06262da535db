"""Patterns in a month of searches that misuse leaves. Pure.

What is found names rows and says what they have in common. It is no verdict: most have a good reason, and an auditor,
who is not the person concerned, looks at each. Nothing that is said here holds a mark.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from patrol_anpr.domain.search import ANY, ONE, MarkPattern
from patrol_anpr.domain.vrm import fold


class Pattern(StrEnum):
    """What the rows of a finding have in common. Its value is kept; `word` is for the screen."""

    SAME_MARK = "same_mark"
    OFF_DUTY = "off_duty"
    ON_LEAVE = "on_leave"
    OWN_VEHICLE = "own_vehicle"
    COLLEAGUE = "colleague"
    OWN_ENTRY = "own_entry"
    WIDE_CASE = "wide_case"
    REFUSALS = "refusals"
    EXPORTS = "exports"
    NIGHT = "night"

    @property
    def word(self) -> str:
        """For the screen."""
        return _WORDS[self]


_WORDS = {
    Pattern.SAME_MARK: "The same mark again and again",
    Pattern.OFF_DUTY: "Searched off duty",
    Pattern.ON_LEAVE: "Searched on leave",
    Pattern.OWN_VEHICLE: "Searched for an own vehicle",
    Pattern.COLLEAGUE: "Searched for a colleague's vehicle",
    Pattern.OWN_ENTRY: "Searched for an own entry",
    Pattern.WIDE_CASE: "One case number, many marks",
    Pattern.REFUSALS: "Many refusals",
    Pattern.EXPORTS: "Exports near the quota",
    Pattern.NIGHT: "Searched at unusual hours",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """From how many rows on, within which time (None: the month), a pattern is one, and why."""

    rows: int
    within: timedelta | None
    why: str


THRESHOLDS: Mapping[Pattern, Threshold] = {
    Pattern.SAME_MARK: Threshold(
        6,
        None,
        "An investigation asks for one vehicle a few times; six times in a month are to be explained.",
    ),
    Pattern.OFF_DUTY: Threshold(1, None, "Nobody needs to search off duty; an hour before and after is granted."),
    Pattern.ON_LEAVE: Threshold(1, None, "As off duty, and graver: nobody on leave works on a case."),
    Pattern.OWN_VEHICLE: Threshold(1, None, "There is no policing purpose in one's own or one's family's vehicle."),
    Pattern.COLLEAGUE: Threshold(1, None, "Where a colleague is suspected, another department searches."),
    Pattern.OWN_ENTRY: Threshold(
        1, None, "Who made a vehicle one of interest, and searches for it too, answers to nobody in between."
    ),
    Pattern.WIDE_CASE: Threshold(
        13, None, "More than a dozen marks under one number are a large case, or a number that is used for anything."
    ),
    Pattern.REFUSALS: Threshold(
        5, timedelta(hours=24), "A mistake is refused once or twice; five in a day look for a way round."
    ),
    Pattern.EXPORTS: Threshold(
        16, timedelta(hours=24), "Four fifths of what one person may hand out a day: the quota is used up, not met."
    ),
    Pattern.NIGHT: Threshold(
        3, None, "Between 00:00 and 05:00 UTC, where no duty is known for that hour: once may be a call-out."
    ),
}

NEAR_QUOTA = 0.8
USUAL_QUOTA = 20
"""Reads that one person may hand out a day where the depot says nothing else."""
GRACE = timedelta(hours=1)
"""Before and after a duty."""
LEAST_KNOWN = 4
"""Characters of a pattern: with fewer, it fits vehicles of staff by chance."""
NIGHT_ENDS = 5
"""Hour, UTC."""


@dataclass(frozen=True, slots=True)
class SearchMade:
    """A search as an auditor sees it. `mark` is a whole mark or a pattern ("AB1?CDE"), "" where none was asked for."""

    search_id: str
    staff_id: str
    at: datetime
    case_number: str
    mark: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did, by the id of its row: a refusal, an export."""

    row: str
    staff_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DutyTime:
    """When somebody is on duty, or on leave."""

    begins: datetime
    ends: datetime
    leave: bool = False

    def has(self, moment: datetime, grace: timedelta = timedelta()) -> bool:
        """Whether a moment lies in it."""
        return self.begins - grace <= moment < self.ends + grace


@dataclass(frozen=True, slots=True)
class Known:
    """What the check knows of staff, by id: their duty times and leave, and marks, folded.

    `vehicles` are their own; `entries` what they, as officers of the same id, made vehicles of interest in a car.
    """

    times: Mapping[str, Sequence[DutyTime]]
    vehicles: Mapping[str, frozenset[str]]
    entries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    exports_a_day: int = USUAL_QUOTA


@dataclass(frozen=True, slots=True)
class Month:
    """What was done in a month."""

    searches: Sequence[SearchMade]
    refusals: Sequence[Act] = ()
    exports: Sequence[Act] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Rows that have something in common: their ids in the order of time, and what it is, as a sentence."""

    pattern: Pattern
    staff_id: str
    rows: tuple[str, ...]
    says: str


def thresholds(exports_a_day: int) -> Mapping[Pattern, Threshold]:
    """Return the table for a depot where one person may hand out so many reads a day."""
    near = max(2, math.ceil(NEAR_QUOTA * exports_a_day))
    return {**THRESHOLDS, Pattern.EXPORTS: replace(THRESHOLDS[Pattern.EXPORTS], rows=near)}


def find_patterns(month: Month, known: Known) -> list[Finding]:
    """Return what is found in a month, by pattern and person."""
    rules: Sequence[Callable[[Month, Known], Iterable[Finding]]] = (
        _same_mark,
        _off_duty,
        _on_leave,
        _own_vehicle,
        _colleague,
        _own_entry,
        _wide_case,
        _refusals,
        _exports,
        _night,
    )
    return [finding for rule in rules for finding in rule(month, known)]


def unchecked(month: Month, known: Known) -> list[str]:
    """Say what could not be checked: silence there means nothing."""
    who = {search.staff_id for search in month.searches}
    said = []
    if without := sum(not known.times.get(one) for one in who):
        said.append(f"No duty times are known of {without} of {len(who)} who searched: off duty and leave not checked.")
    if without := sum(not known.vehicles.get(one) for one in who):
        said.append(f"No vehicles are known of {without} of {len(who)} who searched: own vehicles not checked.")
    return said


def _same_mark(month: Month, _: Known) -> Iterator[Finding]:
    for (who, _mark), made in _grouped(month, lambda search: (search.staff_id, fold(search.mark))).items():
        if made[0].mark:
            yield from _found(Pattern.SAME_MARK, who, made, "{count} for one mark")


def _off_duty(month: Month, known: Known) -> Iterator[Finding]:
    def is_off(search: SearchMade) -> bool:
        times = known.times.get(search.staff_id, ())
        return bool(times) and not any(one.has(search.at, GRACE) for one in times)

    yield from _each(Pattern.OFF_DUTY, month, is_off, "{count} outside of all known duties")


def _on_leave(month: Month, known: Known) -> Iterator[Finding]:
    def is_on_leave(search: SearchMade) -> bool:
        return any(one.leave and one.has(search.at) for one in known.times.get(search.staff_id, ()))

    yield from _each(Pattern.ON_LEAVE, month, is_on_leave, "{count} during leave")


def _own_vehicle(month: Month, known: Known) -> Iterator[Finding]:
    def is_own(search: SearchMade) -> bool:
        return _asks_for(search, known.vehicles.get(search.staff_id, frozenset()))

    yield from _each(Pattern.OWN_VEHICLE, month, is_own, "{count} that the searcher's own vehicle fits")


def _colleague(month: Month, known: Known) -> Iterator[Finding]:
    def is_a_colleagues(search: SearchMade) -> bool:
        return any(_asks_for(search, marks) for who, marks in known.vehicles.items() if who != search.staff_id)

    yield from _each(Pattern.COLLEAGUE, month, is_a_colleagues, "{count} that a colleague's vehicle fits")


def _own_entry(month: Month, known: Known) -> Iterator[Finding]:
    def is_own(search: SearchMade) -> bool:
        return _asks_for(search, known.entries.get(search.staff_id, frozenset()))

    yield from _each(Pattern.OWN_ENTRY, month, is_own, "{count} that an entry of the searcher fits")


def _wide_case(month: Month, _: Known) -> Iterator[Finding]:
    for (who, _case), made in _grouped(month, lambda search: (search.staff_id, search.case_number)).items():
        marks = {fold(search.mark) for search in made if search.mark}
        if len(marks) >= THRESHOLDS[Pattern.WIDE_CASE].rows:
            rows = tuple(search.search_id for search in made)
            yield Finding(Pattern.WIDE_CASE, who, rows, f"{len(marks)} marks under one case number")


def _refusals(month: Month, _: Known) -> Iterator[Finding]:
    yield from _dense(
        Pattern.REFUSALS, THRESHOLDS[Pattern.REFUSALS], month.refusals, "{count} searches refused within a day"
    )


def _exports(month: Month, known: Known) -> Iterator[Finding]:
    threshold = thresholds(known.exports_a_day)[Pattern.EXPORTS]
    yield from _dense(Pattern.EXPORTS, threshold, month.exports, "{count} reads exported within a day")


def _night(month: Month, known: Known) -> Iterator[Finding]:
    def is_at_night(search: SearchMade) -> bool:
        on_duty = any(not one.leave and one.has(search.at, GRACE) for one in known.times.get(search.staff_id, ()))
        return search.at.astimezone(UTC).hour < NIGHT_ENDS and not on_duty

    yield from _each(Pattern.NIGHT, month, is_at_night, "{count} between 00:00 and 05:00 UTC without a duty")


def _asks_for(search: SearchMade, folded: frozenset[str]) -> bool:
    """Whether one of the folded marks would answer to what was asked."""
    if not search.mark or not folded:
        return False
    if ONE in search.mark or ANY in search.mark:
        known = len(search.mark.replace(ONE, "").replace(ANY, ""))
        return known >= LEAST_KNOWN and any(MarkPattern(fold(search.mark)).fits(mark) for mark in folded)
    return fold(search.mark) in folded


def _each(pattern: Pattern, month: Month, fits: Callable[[SearchMade], bool], says: str) -> Iterator[Finding]:
    """Give one finding a person, of all searches that fit."""
    some = Month([search for search in month.searches if fits(search)])
    for (who,), made in _grouped(some, lambda search: (search.staff_id,)).items():
        yield from _found(pattern, who, made, says)


def _grouped(
    month: Month, key: Callable[[SearchMade], tuple[str, ...]]
) -> Mapping[tuple[str, ...], Sequence[SearchMade]]:
    groups: dict[tuple[str, ...], list[SearchMade]] = defaultdict(list)
    for search in sorted(month.searches, key=lambda search: (search.at, search.search_id)):
        groups[key(search)].append(search)
    return groups


def _found(pattern: Pattern, who: str, made: Sequence[SearchMade], says: str) -> Iterator[Finding]:
    if len(made) >= THRESHOLDS[pattern].rows:
        yield Finding(pattern, who, tuple(search.search_id for search in made), says.format(count=_counted(len(made))))


def _counted(count: int) -> str:
    return "1 search" if count == 1 else f"{count} searches"


def _dense(pattern: Pattern, threshold: Threshold, acts: Sequence[Act], says: str) -> Iterator[Finding]:
    """Give one finding a person: all acts that lie with enough others within the time of the threshold."""
    assert threshold.within is not None
    by_person: dict[str, list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda act: (act.at, act.row)):
        by_person[act.staff_id].append(act)
    for who, done in by_person.items():
        rows: dict[str, None] = {}
        for first in range(len(done) - threshold.rows + 1):
            last = first + threshold.rows - 1
            if done[last].at - done[first].at <= threshold.within:
                rows.update(dict.fromkeys(act.row for act in done[first : last + 1]))
        if rows:
            yield Finding(pattern, who, tuple(rows), says.format(count=len(rows)))
