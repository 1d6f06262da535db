"""The pages, one file a subject. A page is served only where its router stands here."""

from dataclasses import dataclass

from patrol_anpr.console.pages import (
    accounts,
    first_time,
    fleet,
    home,
    look,
    me,
    public,
    reports,
    sign_on,
)
from patrol_anpr.depot.staff.duties import Duty

ROUTERS = (
    accounts.router,
    first_time.router,
    fleet.router,
    home.router,
    look.router,
    me.router,
    public.router,
    reports.router,
    sign_on.router,
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
    Entry("/reports", "Reports", Duty.SEE_REPORTS),
    Entry("/accounts", "Accounts", Duty.KEEP_ACCOUNTS),
)
