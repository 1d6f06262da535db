"""The pages, one file a subject. A page is served only where its router stands here."""

from dataclasses import dataclass

from patrol_anpr.console.pages import home, look, reports, sign_on
from patrol_anpr.depot.staff.duties import Duty

ROUTERS = (
    home.router,
    look.router,
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
    Entry("/reports", "Reports", Duty.SEE_REPORTS),
)
