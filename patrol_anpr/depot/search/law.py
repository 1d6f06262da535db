"""Who may search for what: the law of the depot as one table and one function. Pure.

Reads are kept so that crimes are cleared up, not so that people are followed. So a search has a purpose from a closed
list and a case; the older the reads, the graver the case must be, and beyond 90 days a second, senior person says yes
beforehand. Nobody lists where a car, and so an officer, has been, but in an audit that was authorised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from patrol_anpr.depot.search.question import Question
from patrol_anpr.domain.errors import BadInput

LEAST_REASON, MOST_REASON = 10, 400
MOST_CASE = 40
"""Characters."""
LONGEST_WITHOUT_MARK = timedelta(hours=24)
"""Of a search for whoever was at a place."""
LONGEST_OPEN_ENDED = timedelta(days=31)
"""Of a search by the middle of a mark alone: it fits many strangers, and no index helps to find them."""
LONGEST_AUDIT = timedelta(days=31)
"""Of a listing of one car's reads."""
LONGEST_AUTHORISED = timedelta(days=28)
"""An authorisation ends by itself after that."""
WARNED = timedelta(days=30)
"""So long before training or policy ends each search says so."""


class Purpose(StrEnum):
    """What a search may be for. The list is closed."""

    VULNERABLE = "vulnerable"
    VOLUME = "volume"
    PRIORITY = "priority"
    SERIOUS = "serious"
    MAJOR = "major"
    COUNTER_TERRORISM = "counter_terrorism"
    AUDIT = "audit"

    @property
    def word(self) -> str:
        """For the screen."""
        return _WORDS[self]


_WORDS = {
    Purpose.VULNERABLE: "Missing or vulnerable person",
    Purpose.VOLUME: "Volume crime",
    Purpose.PRIORITY: "Priority crime",
    Purpose.SERIOUS: "Serious crime",
    Purpose.MAJOR: "Major crime",
    Purpose.COUNTER_TERRORISM: "Counter-terrorism",
    Purpose.AUDIT: "Audit of the police's own use",
}


class Reach(StrEnum):
    """How old the reads may be that a search sees. The value is what the database's own wall is told."""

    RECENT = "recent"
    YEAR = "year"
    BEYOND = "beyond"

    @property
    def word(self) -> str:
        """For the screen."""
        return {"recent": "to 90 days", "year": "to 12 months", "beyond": "beyond 12 months"}[self.value]


RECENT, YEAR = timedelta(days=90), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Rule:
    """For one reach: the purposes that may search so far back, and whether a second person must authorise it."""

    purposes: frozenset[Purpose]
    authorised: bool


LAW: Mapping[Reach, Rule] = {
    Reach.RECENT: Rule(frozenset(Purpose), authorised=False),
    Reach.YEAR: Rule(
        frozenset({Purpose.SERIOUS, Purpose.MAJOR, Purpose.COUNTER_TERRORISM, Purpose.AUDIT}), authorised=True
    ),
    Reach.BEYOND: Rule(frozenset({Purpose.MAJOR, Purpose.COUNTER_TERRORISM}), authorised=True),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `may_search` and `may_audit` are the duties; until when training and signed policy are good."""

    staff_id: str
    may_search: bool
    may_audit: bool
    training_ends: date | None
    policy_ends: date | None


@dataclass(frozen=True, slots=True)
class Why:
    """Why it is asked. Made by `of`."""

    purpose: Purpose
    case_number: str
    reason: str

    @classmethod
    def of(cls, purpose: str, case_number: str, reason: str) -> "Why":
        """Check what was entered. Raises BadInput."""
        if purpose not in set(Purpose):
            raise BadInput("Choose what the search is for. Only what is on the list is a purpose.")
        case, words = (" ".join(text.split()) for text in (case_number, reason))
        if not any(map(str.isalnum, case)):
            raise BadInput("Give the number of the case. Without a case there is no search.")
        if len(case) > MOST_CASE:
            raise BadInput(f"The number of the case is too long. Give at most {MOST_CASE} characters.")
        if sum(map(str.isalnum, words)) < LEAST_REASON:
            raise BadInput(f"Say why this is searched for, in at least {LEAST_REASON} letters.")
        if len(words) > MOST_REASON:
            raise BadInput(f"The reason is too long. Say it in at most {MOST_REASON} characters.")
        return cls(Purpose(purpose), case, words)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a senior person was asked to allow, and what came of it. Times are UTC; None: not so far.

    `granted_by` is None where it was refused, or nobody decided yet.
    """

    authorisation_id: str
    asked_by: str
    question: Question
    why: Why
    one_use: bool
    granted_by: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it allows anything now."""
        granted = self.granted_by is not None and self.granted_by != self.asked_by
        ended = self.revoked_at is not None or (self.one_use and self.used_at is not None)
        return granted and not ended and self.expires_at is not None and now < self.expires_at

    def covers(self, staff_id: str, question: Question, why: Why, now: datetime) -> bool:
        """Whether it allows this person this search now: for the same purpose and case, and no more than it names."""
        same = (self.asked_by, self.why.purpose, self.why.case_number) == (staff_id, why.purpose, why.case_number)
        return same and self.holds(now) and question.within(self.question)


class Refused(BadInput):
    """The law does not allow this search. The text says why, and what would be allowed."""


class NeedsAuthorisation(Refused):
    """A senior person may allow it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A search that the law allows, how far back it reaches, and what its asker is to be told beside the answer."""

    reach: Reach
    warnings: tuple[str, ...] = ()


def reach_of(begin: datetime, now: datetime) -> Reach:
    """Tell how far back a search reaches that begins then."""
    age = now - begin
    if age < RECENT:
        return Reach.RECENT
    return Reach.YEAR if age < YEAR else Reach.BEYOND


def judge(
    asker: Asker, question: Question, why: Why, now: datetime, authorisation: Authorisation | None = None
) -> Allowed:
    """Allow a search, or raise Refused. `now` is the clock of the database."""
    warnings = check_currency(asker, now.date())
    listing = why.purpose is Purpose.AUDIT
    if not (asker.may_audit if listing else asker.may_search):
        raise Refused("Your role does not allow this search.")
    _check_scope(question, now, listing=listing)
    reach = reach_of(question.begin, now)
    rule = LAW[reach]
    if why.purpose not in rule.purposes:
        raise Refused(
            f"Reads {_OLD[reach]} are not searched for this purpose. It may be: "
            f"{', '.join(purpose.word for purpose in Purpose if purpose in rule.purposes)}."
        )
    if (rule.authorised or listing) and (
        authorisation is None or not authorisation.covers(asker.staff_id, question, why, now)
    ):
        what = "A listing of one car's reads" if listing else f"A search of reads {_OLD[reach]}"
        raise NeedsAuthorisation(f"{what} needs the authorisation of a senior person beforehand. Ask for it.")
    return Allowed(reach, warnings)


_OLD = {Reach.RECENT: "of the last 90 days", Reach.YEAR: "older than 90 days", Reach.BEYOND: "older than 12 months"}


def check_currency(asker: Asker, today: date) -> tuple[str, ...]:
    """Return what is to be said of training and policy that end soon. Raises Refused where one has ended."""
    warnings = []
    for name, ends in (("Your training for searching", asker.training_ends), ("Your signed policy", asker.policy_ends)):
        if ends is None:
            raise Refused(f"{name} is not on record. An administrator enters it with your account.")
        if ends < today:
            raise Refused(f"{name} ended on {ends}. Renew it; until then you cannot search.")
        if ends - today <= WARNED:
            warnings.append(f"{name} ends on {ends}. After that you cannot search.")
    return tuple(warnings)


def _check_scope(question: Question, now: datetime, *, listing: bool) -> None:
    """Refuse what would follow people about, or ask for what is not yet."""
    length = question.end - question.begin
    if question.begin > now:
        raise Refused("That time has not come yet. Check the times; they are in UTC.")
    if listing:
        if not question.car_id or question.mark or question.area is not None:
            raise Refused("An audit lists the reads of one car. Name the car, and neither a mark nor a place.")
        if length > LONGEST_AUDIT:
            raise Refused(f"An audit lists at most {LONGEST_AUDIT.days} days. Shorten the time.")
        return
    if question.is_open_ended and length > LONGEST_OPEN_ENDED:
        raise Refused(
            f"Of a mark whose first and last character are not known at most {LONGEST_OPEN_ENDED.days} days are "
            "searched. Shorten the time, or give one of them."
        )
    if question.mark:
        return
    if question.car_id:
        raise Refused(
            "A car alone is not searched for: that would list where its crew has been. Give a mark; or an auditor asks "
            "for an authorised audit."
        )
    if question.area is None:
        raise Refused("Give a mark, or a place and a time.")
    if length > LONGEST_WITHOUT_MARK:
        hours = LONGEST_WITHOUT_MARK.total_seconds() / 3600
        raise Refused(f"Without a mark at most {hours:.0f} hours are searched. Shorten the time, or give a mark.")


def checked_expiry(days: int, now: datetime) -> datetime:
    """Return when an authorisation of so many days ends. Raises BadInput."""
    if not 1 <= days <= LONGEST_AUTHORISED.days:
        raise BadInput(f"An authorisation lasts from 1 to {LONGEST_AUTHORISED.days} days.")
    return now + timedelta(days=days)
