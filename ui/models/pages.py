"""The pages of the window, one table: a new page is one line here and one in Window._make_screens."""

from dataclasses import dataclass
from enum import Enum

from ui.text import Say


class When(Enum):
    """When a page is shown."""

    BEFORE = "before"
    """Before and after a patrol: the officer is led from one to the next, and no bar leads elsewhere."""
    PATROL = "patrol"
    """On patrol."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `name` is the attribute of Window that holds its screen.

    `bar` are the words of its button on the bottom bar; `under` names the page of the bar that leads to it, two taps
    from anywhere.
    """

    name: str
    when: When
    bar: Say | None = None
    under: str = ""


PAGES = (
    Page("sign_on", When.BEFORE),
    Page("sync", When.BEFORE),
    Page("start_check", When.BEFORE),
    Page("live", When.PATROL, Say.LIVE),
    Page("hits", When.PATROL, Say.HITS),
    Page("reads", When.PATROL, Say.READS),
    Page("shift", When.PATROL, Say.SHIFT),
    Page("driver", When.PATROL),
)
ON_THE_BAR = {page.name: page.bar for page in PAGES if page.bar is not None}
"""The words of each button of the bottom bar, from left to right."""
BEFORE_PATROL = frozenset(page.name for page in PAGES if page.when is When.BEFORE)
WITHOUT_BAR = BEFORE_PATROL | {"driver"}
"""Pages with nothing below them: one leads on by itself, the driver's view has one way out."""
