"""The depot's lists as a stick carries them: a ListSource. They are checked as those that come over the line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError, DownloadLengthMismatchError
from tuf.ngclient import FetcherInterface
from typing_extensions import override

from patrol_anpr.depot_link.held import KeptList
from patrol_anpr.depot_link.list_source import CLOCK_SLACK
from patrol_anpr.depot_link.signed import METADATA, NOT_THERE, NotTrusted, SignedFile
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import PART
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.stick import LIST

LASTS = timedelta(days=1)
"""What the depot says of the moment is believed for so long, as its signed timestamp of lists is."""
CLOCK_BEHIND = marked(
    "This computer's clock is behind the depot's, so it cannot be told how old the stick is. Set the clock, or wait "
    "for GPS, then try again."
)


class OffAStick:
    """What the depot put on a stick at `at`, which it signed. `now` is the time in this car, as well as it is known.

    Nobody can ask the depot what time it is. So the latest time that is known counts: an old stick is out of date, and
    a clock that stands before the stick was written tells nothing.
    """

    def __init__(
        self, folder: StickFolder, at: datetime, now: datetime, metadata: Mapping[str, bytes], keys: Mapping[str, bytes]
    ) -> None:
        self._folder, self._at, self._now, self._keys = folder, at, now, keys
        self.metadata = _Carried(metadata)

    @property
    def is_fresh(self) -> bool:
        """Whether the stick was written within the last day, as far as that is known."""
        return self._at - CLOCK_SLACK <= self._now <= self._at + LASTS

    @property
    def proven(self) -> datetime:
        """The depot's own time, as it signed it."""
        return self._at

    def time(self, seen_at: datetime) -> datetime:
        """The time to judge signatures by. Raises NotTrusted where this computer's clock is behind the depot's."""
        if self._now < self._at - CLOCK_SLACK:
            raise NotTrusted(CLOCK_BEHIND)
        return max(self._now, self._at, seen_at)

    def fetch(self, wanted: SignedFile, folder: Path, arrived: Callable[[int], None]) -> Path | None:
        """Copy a file off the stick; None when it is not what was signed."""
        part = folder / f"{wanted.sha256}{PART}"
        copied = self._folder.copy_out(wanted.sha256 + LIST, wanted.bytes, part, arrived)
        if copied and wanted.is_whole(part):
            return part
        part.unlink(missing_ok=True)
        return None

    def secret(self, key_id: str) -> bytes | None:
        """Return the key of a list, as the depot gave it to this car."""
        return self._keys.get(key_id)

    def tell_held(self, lists: Sequence[KeptList]) -> None:
        """The next stick says which lists the car holds."""


class _Carried(FetcherInterface):
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    @override
    def download_bytes(self, url: str, max_length: int) -> bytes:
        content = self._files.get(url.removeprefix(METADATA))
        if content is None:
            raise DownloadHTTPError("not there", NOT_THERE)
        if len(content) > max_length:
            raise DownloadLengthMismatchError("longer than it may be")
        return content

    @override
    def _fetch(self, url: str) -> Iterator[bytes]:
        raise NotImplementedError  # files of lists are copied by `fetch`
