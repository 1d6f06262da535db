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
    """An entry of the menu, seen by who has the duty."""

    path: str
    words: str
    duty: Duty


MENU: tuple[Entry, ...] = (
    Entry("/", "Start", Duty.BE_SIGNED_ON),
    Entry("/fleet", "Fleet", Duty.SEE_FLEET),
    Entry("/search", "Search", Duty.SEARCH),
    Entry("/authorisations", "Authorisations", Duty.AUTHORISE),
    Entry("/car-audit", "A car's reads", Duty.AUDIT),
    Entry("/roster", "Roster", Duty.KEEP_ROSTER),
    Entry("/lists", "Lists", Duty.SEE_LISTS),
    Entry("/reports", "Reports", Duty.SEE_REPORTS),
    Entry("/holds", "Evidence on hold", Duty.HOLD),
    Entry("/audit", "Audit", Duty.AUDIT),
    Entry("/retention", "Retention", Duty.SEE_RETENTION),
    Entry("/accounts", "Accounts", Duty.KEEP_ACCOUNTS),
    Entry("/training", "Training", Duty.KEEP_ACCOUNTS),
)
