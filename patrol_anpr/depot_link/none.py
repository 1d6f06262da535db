"""In place of a link whose settings cannot be used: says why, to whoever asks for it."""

from collections.abc import Callable
from datetime import datetime

from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.sentences import marked

Progress = Callable[[SyncProgress], None]


class NoLink:
    """Satisfies ports.DepotLink. A car with it is no car without a depot: nobody signs on to it without a PIN."""

    proven_time: datetime | None = None

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def download(self, progress: Progress) -> bool:
        """Say why there is no depot."""
        raise self._told(marked("Lists"), progress)

    def upload(self, progress: Progress) -> int:
        """Say why there is no depot."""
        raise self._told(marked("Records"), progress)

    def upload_quietly(self, _give_way: Callable[[], bool]) -> int:
        """Say why there is no depot."""
        raise DepotFault(self._reason)

    def look_for_lists(self) -> str:
        """Say why there is no depot."""
        raise DepotFault(self._reason)

    def fetch_models(self, _give_way: Callable[[], bool]) -> bool:
        """Say why there is no depot."""
        raise DepotFault(self._reason)

    def accept_list(self, _list_id: str, _revision: int) -> None:
        """There is none to accept."""

    def stop(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is open."""

    def _told(self, what: str, progress: Progress) -> DepotFault:
        progress(SyncProgress(what, 0, 0, finished=True, problem=self._reason))
        return DepotFault(self._reason)
