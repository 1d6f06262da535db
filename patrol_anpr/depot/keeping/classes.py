"""How long each class of records is kept, and why: the one table of it. Pure.

A force may set a period in `[retention]` of `depot.toml`, within its range. A longer one counts at once; a shorter one
only after GRACE, because a section that was lost by mistake must not erase a year of reads in one night.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from patrol_anpr.domain.errors import BadInput

YEAR = 365
"""Days. The least for reads that the database itself lets go, whatever is set."""
GRACE = timedelta(days=7)


class Keep(StrEnum):
    """What is kept equally long."""

    READS = "reads"
    HITS = "hits"
    DECIDED = "decided"
    CAR_AUDIT = "car_audit"
    SEARCHES = "searches"
    MANIFESTS = "manifests"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Period:
    """How many days a class is kept where the force says nothing, what it may say, what is in it, and why so long."""

    days: int
    least: int
    most: int
    what: str
    why: str


PERIODS: Mapping[Keep, Period] = {
    Keep.READS: Period(
        YEAR,
        YEAR,
        2 * YEAR,
        "Reads that raised no hit with their pictures; shifts, coverage, entries by officers, incidents, refused items",
        "Twelve months is the national standard's most; some forces are allowed two years.",
    ),
    Keep.HITS: Period(
        YEAR,
        YEAR,
        2 * YEAR,
        "Hits that nobody decided on, with their reads, pictures and corrections",
        "Nothing came of them: they tell no more than reads.",
    ),
    Keep.DECIDED: Period(
        2 * YEAR,
        YEAR,
        6 * YEAR,
        "Hits with an outcome, confirmed or dismissed, with their reads, pictures and corrections",
        "A stop may be complained of for a year and longer, and what a list was worth is seen over two years.",
    ),
    Keep.CAR_AUDIT: Period(
        6 * YEAR,
        2 * YEAR,
        7 * YEAR,
        "Rows of cars' audit trails",
        "Who did what must be told for as long as somebody may be held to account: six years, as for a civil claim.",
    ),
    Keep.SEARCHES: Period(
        6 * YEAR,
        2 * YEAR,
        7 * YEAR,
        "Searches: who asked what and why",
        "Misuse comes out years later, and is answered for as long as the audit: six years.",
    ),
    Keep.MANIFESTS: Period(
        2 * YEAR,
        YEAR,
        6 * YEAR,
        "What cars ran and which lists they held; the newest of each car stays",
        "A decided hit is judged by the lists and the version that its car had.",
    ),
    Keep.KNOWN: Period(
        3 * YEAR,
        3 * YEAR,
        10 * YEAR,
        "Id and SHA-256 of items that are erased: what keeps them from coming in again",
        "A laptop may come back from a drawer and send its records anew. After three years it is enrolled anew, empty.",
    ),
}

FOR_GOOD: Mapping[str, str] = {
    "The depot's audit trail": (
        "Each row proves the one before, and cars have signed them: a trail that is cut proves nothing. It names staff "
        "and records by their ids, and no vehicle."
    ),
    "Links of cars' audit trails": "Hashes alone. Without them a row of before that is missing would not show.",
    "What the audit found and drew, its figures, and reviews": (
        "As the trail: what was said of somebody's searches must not be changed afterwards. It names staff by their "
        "ids, and no vehicle."
    ),
    "Accounts of staff, also those that ended": "Without them nobody would know whom the audit names.",
    "What each camera could see, a day at a time": "Seconds, without an officer, a mark or a place.",
    "The erasure log": "It says how much went and when, and nothing of what it was.",
    "Figures a day": (
        "Counts without a mark, an officer or a place. What they are counted of, as far as it is kept apart from the "
        "records, goes after 450 days."
    ),
    "Closed records that could not be taken in whole": (
        "They lie as the car sent them, so nobody knows their age. They are told until an operator has dealt with them."
    ),
    "Evidence on hold": "Until a person releases it. A hold whose review is overdue is told, and never ends by itself.",
    "That a record was on hold": "Who held it, why, and who released it, as the trail says, too; not the record.",
    "Decisions on entries that cars called out of date": (
        "Who decided what, and why: the owner of a list may be asked for it years later. They name the outcome by its "
        "id."
    ),
}
"""What has no date, and why."""


def periods_of(section: Mapping[str, object]) -> dict[Keep, int]:
    """Return the days of each class, as `[retention]` of depot.toml says ("reads_days = 730"). Raises BadInput."""
    names = {f"{keep}_days": keep for keep in Keep}
    if unknown := section.keys() - names.keys():
        raise BadInput(f"[retention] has {', '.join(sorted(unknown))}. It takes {', '.join(names)}.")
    days = {keep: period.days for keep, period in PERIODS.items()}
    for name, value in section.items():
        period = PERIODS[names[name]]
        if not isinstance(value, int) or isinstance(value, bool) or not period.least <= value <= period.most:
            raise BadInput(f"[retention] {name} must be a whole number of days from {period.least} to {period.most}.")
        days[names[name]] = value
    if "hits_days" not in section:
        days[Keep.HITS] = max(days[Keep.HITS], days[Keep.READS])
    if "decided_days" not in section:
        days[Keep.DECIDED] = max(days[Keep.DECIDED], days[Keep.HITS])
    if not days[Keep.READS] <= days[Keep.HITS] <= days[Keep.DECIDED] < days[Keep.KNOWN]:
        raise BadInput(
            "[retention]: reads_days may not be more than hits_days, nor that more than decided_days, and known_days "
            "must be more than all three: a hit without its read, or an item that comes in again, would mislead."
        )
    return days


@dataclass(frozen=True, slots=True)
class InForce:
    """The period of a class that counts; a shorter one that is `wanted` counts GRACE after `wanted_since`."""

    days: int
    wanted: int | None = None
    wanted_since: datetime | None = None

    def towards(self, days: int, own: datetime, agreed: datetime) -> "InForce":
        """Return what counts where `days` is set: by the depot's `own` clock, and by the one that others agree with.

        It returns an equal value where nothing changes.
        """
        if days >= self.days:
            return InForce(days)
        if self.wanted != days or self.wanted_since is None:
            return InForce(self.days, days, own)
        return InForce(days) if agreed - self.wanted_since >= GRACE else self


def first_kept(days: Mapping[Keep, int], today: date) -> dict[Keep, date]:
    """Return the first day of each class that must be kept still."""
    return {keep: today - timedelta(days=number) for keep, number in days.items()}
