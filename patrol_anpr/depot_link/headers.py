"""What the head of an answer says of time. Whoever answers may write anything there: it is read, or it is nothing."""

import email.utils
from datetime import UTC, datetime

_MOST_DIGITS = 9


def moment_of(text: str) -> datetime | None:
    """Return the moment (UTC) of a Date header; None for what is none, or lies outside of the calendar."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def wait_of(text: str, now: datetime) -> float | None:
    """Return the wait in seconds, 0 or more, that a Retry-After header asks for at `now`; None for what is none."""
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return float(text)
    moment = moment_of(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())
