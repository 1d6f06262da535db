"""The real clock, for tests that wait for real processes."""

import time
from datetime import UTC, datetime


class RealClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)
