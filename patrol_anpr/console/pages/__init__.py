"""The pages, one file a subject. A page is served only where its router stands here."""

from dataclasses import dataclass

from patrol_anpr.console.pages import (
    accounts,
    audit,
    authorisations,
    car_audit,
    first_time,
    fleet,
    holds,
    home,
    list_drafts,
    list_entries,
    lists,
    look,
    me,
    public,
    reports,
    retention,
    reviews,
    roster,
    search,
    sign_on,
    training,
)
from patrol_anpr.depot.staff.duties import Duty

ROUTERS = (
    accounts.router,
    authorisations.router,
    car_audit.router,
    audit.router,
    first_time.router,
    fleet.router,
    holds.router,
    home.router,
    list_drafts.router,
    list_entries.router,
    lists.router,
    look.router,
    me.router,
    public.router,
    reports.router,
    search.router,
    roster.router,
    retention.router,
    reviews.router,
    sign_on.router,
    training.router,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu, seen by who has the duty. `about` is what the first page says of it."""

    path: str
    words: str
    duty: Duty
    about: str


MENU: tuple[Entry, ...] = (
    Entry("/", "Start", Duty.BE_SIGNED_ON, ""),
    Entry("/fleet", "Fleet", Duty.SEE_FLEET, "Which cars need somebody, and why. Enrol or refuse a car."),
    Entry("/search", "Search", Duty.SEARCH, "Find reads of a mark, a time or a place, for a case."),
    Entry("/authorisations", "Authorisations", Duty.AUTHORISE, "Grant or refuse what others ask to search."),
    Entry("/car-audit", "A car's reads", Duty.AUDIT, "Where one car was, for an audit that was authorised."),
    Entry(
        "/roster", "Roster", Duty.KEEP_ROSTER, "The officers who may sign on in the cars, their training and policy."
    ),
    Entry("/lists", "Lists", Duty.SEE_LISTS, "What cars compare marks with: publish, go back, take out."),
    Entry("/reports", "Reports", Duty.SEE_REPORTS, "Hits, stops, misreads and coverage, in numbers."),
    Entry(
        "/holds", "Evidence on hold", Duty.HOLD, "What is kept beyond its date, why, and when that is looked at again."
    ),
    Entry("/audit", "Audit", Duty.AUDIT, "What was searched and why, patterns of misuse, the sample of each month."),
    Entry("/retention", "Retention", Duty.SEE_RETENTION, "How long what is kept, and what was erased."),
    Entry("/accounts", "Accounts", Duty.KEEP_ACCOUNTS, "Who may come here, and with which roles."),
    Entry("/training", "Training", Duty.KEEP_ACCOUNTS, "Until when the training and policy of the staff are good."),
)
