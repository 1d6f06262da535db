"""The pages of the window, one table: a new page is one line here and one in Window._make_screens."""

from dataclasses import dataclass
from enum import Enum

from ui.models.views import EVERYTHING, MAY_SHOW, Shown, View
from ui.text import Say

_SYMBOLS = MAY_SHOW[View.DRIVER]


class When(Enum):
    """When a page is shown."""

    BEFORE = "before"
    """Before and after a patrol: the officer is led from one to the next, and no bar leads elsewhere."""
    PATROL = "patrol"
    """On patrol."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `name` is the attribute of Window that holds its screen.

    `words` are those of the button that leads to it: on the bottom bar, or with `under` on the page of the bar that is
    named there, two taps from anywhere. `shows` is what its screen shows; without it a page is the observer's alone.
    """

    name: str
    when: When
    words: Say | None = None
    under: str = ""
    shows: frozenset[Shown] = EVERYTHING - {Shown.PIN}


PAGES = (
    Page("sign_on", When.BEFORE, shows=frozenset({Shown.OFFICER, Shown.PIN, Shown.SCROLLING})),
    Page("sync", When.BEFORE, shows=frozenset({Shown.FIGURES, Shown.SCROLLING})),
    Page("start_check", When.BEFORE, shows=EVERYTHING - {Shown.LISTS, Shown.TYPING, Shown.PIN}),
    Page("live", When.PATROL, Say.LIVE),
    Page("hits", When.PATROL, Say.HITS),
    Page("reads", When.PATROL, Say.READS),
    Page("export", When.PATROL, Say.EVIDENCE, under="hits"),
    Page("enter_vrm", When.PATROL, Say.ENTER_VRM),
    Page("shift", When.PATROL, Say.SHIFT),
    Page("car", When.PATROL, Say.CAR),
    Page("settings", When.PATROL, Say.SETTINGS, under="car"),
    Page("lock", When.PATROL, Say.LOCK, under="car", shows=MAY_SHOW[View.LOCKED]),
    Page("driver", When.PATROL, Say.DRIVER, under="car", shows=_SYMBOLS),
)
BY_NAME = {page.name: page for page in PAGES}
ON_THE_BAR = {page.name: page.words for page in PAGES if page.words is not None and not page.under}
"""The words of each button of the bottom bar, from left to right."""
BEFORE_PATROL = frozenset(page.name for page in PAGES if page.when is When.BEFORE)
WITHOUT_BAR = BEFORE_PATROL | {"driver", "lock"}
"""Pages with nothing below them: one leads on by itself, the driver's view and the lock have one way out."""


def ways_from(name: str) -> tuple[Page, ...]:
    """The pages that a page of the bar leads to."""
    return tuple(page for page in PAGES if page.under and page.under == name)


def is_allowed(name: str, view: View) -> bool:
    """Whether a view may show a page: nothing on it that the view may not show, and its time is now."""
    page = BY_NAME[name]
    in_time = (page.when is When.BEFORE) is (view is View.BEFORE_PATROL)
    return in_time and page.shows <= MAY_SHOW[view]
