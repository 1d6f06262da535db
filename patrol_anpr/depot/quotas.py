"""How much one car may ask of the depot. A car beyond that waits and keeps what it has: nothing is lost by it."""

import threading
from collections import deque
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.settings import Quotas
from patrol_anpr.depot.tables import picture_places

_MINUTE = timedelta(minutes=1)
ALWAYS_BYTES = 2 * 10**6
"""So much is records, not pictures: hits and reads come through whatever their pictures have used up."""


class TooMuch(Exception):
    """A car has used up its share: an HTTP status, a sentence, and after how many seconds it may come back."""

    def __init__(self, status: int, problem: str, seconds: float) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.seconds = max(1, round(seconds))


class QuotaKeeper:
    """Counts for each car. Any thread may call."""

    def __init__(self, quotas: Quotas, database: DepotDatabase) -> None:
        self._quotas = quotas
        self._database = database
        self._lock = threading.Lock()
        self._requests: dict[str, deque[datetime]] = {}

    def count_request(self, car_id: str, now: datetime) -> None:
        """Count a request. Raises TooMuch (429) when the car has made too many within a minute."""
        with self._lock:
            made = self._requests.setdefault(car_id, deque())
            while made and not now - _MINUTE < made[0] <= now:
                made.popleft()
            if len(made) >= self._quotas.requests_a_minute:
                wait = (made[0] + _MINUTE - now).total_seconds()
                raise TooMuch(429, "This car asks too often. It goes on within a minute.", wait)
            made.append(now)

    def check_bytes(self, car_id: str, size: int, now: datetime) -> None:
        """Raise TooMuch (507) when `size` more bytes are too many for a day of this car. Few bytes always pass.

        Raises SQLAlchemyError.
        """
        day = now.astimezone(UTC).date()
        if size <= ALWAYS_BYTES or self._sent(car_id, day.isoformat()) + size <= self._quotas.megabytes_a_day * 10**6:
            return
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        said = "This car has sent its share of pictures for today. The depot takes more after midnight (UTC)."
        raise TooMuch(507, said, (midnight - now).total_seconds())

    def check_closed(self, lying: int) -> None:
        """Raise TooMuch (507) where so many bytes of a car's closed records would lie here, not taken in."""
        if lying > self._quotas.megabytes_a_day * 10**6:
            said = "Too much of this car's closed records is not taken in yet. `patrol-anpr depot doubts` says why."
            raise TooMuch(507, said, 3600.0)

    def _sent(self, car_id: str, day: str) -> int:
        """Return the bytes of the pictures that a car sent on a day."""
        ours = (picture_places.c.car_id == car_id) & (picture_places.c.key_group == day)
        with self._database.reading() as connection:
            query = select(func.coalesce(func.sum(picture_places.c.length), 0)).where(ours)
            return int(connection.execute(query).scalar_one())
