"""The templates: Jinja2 with every value escaped, and a name that is missing is a fault, not an empty place."""

from datetime import UTC, datetime
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from patrol_anpr.domain.vrm import spaced


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment, which reads each template once."""
    made = Environment(
        loader=PackageLoader("patrol_anpr.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["spaced"] = spaced
    made.filters["moment"] = moment
    made.filters["machine"] = machine
    made.filters["number"] = number
    made.filters["shown"] = shown
    return made


def moment(at: datetime) -> str:
    """Return a moment as people read it: 30 Nov 2026, 14:05:09 UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"


def machine(at: datetime) -> str:
    """Return a moment as machines read it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def number(count: float) -> str:
    """Return a number with its thousands set apart: 12,345."""
    return f"{count:,}"


def shown(cell: str | float) -> str:
    """Return a cell of a report as people read it: counts whole, measures with one place, texts as they are."""
    if isinstance(cell, str):
        return cell
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:,.1f}"
