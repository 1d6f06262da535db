"""Months in UTC, as texts ("2026-11"): what is looked at and counted together. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

DAYS_TO_PULL = 3
"""What is pulled after that day of the next month is late, and says so."""


def month_of(moment: datetime) -> str:
    """Return the month of a moment."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def span_of(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month and that of the next."""
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    return first, (first + timedelta(days=32)).replace(day=1)


def months_ended(since: datetime, now: datetime) -> Iterator[str]:
    """Give every month from that of `since` that has ended by now, the oldest first."""
    month = month_of(since)
    while (after := span_of(month)[1]) <= now:
        yield month
        month = month_of(after)


def is_late(month: str, pulled_at: datetime) -> bool:
    """Tell whether what was pulled for a month came after its date."""
    return pulled_at >= span_of(month)[1] + timedelta(days=DAYS_TO_PULL)
