"""Where the depot's signed lists come from: over the line, or off a stick (stick/lists.py).

What a source gives is believed in nothing: what it says of lists is checked by TUF, each file by what was signed of it,
and a key opens its list or not.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from tuf.api.exceptions import DownloadHTTPError, DownloadLengthMismatchError
from tuf.ngclient import FetcherInterface
from typing_extensions import override

from patrol_anpr.depot_link.channel import Channel, NoSuchRoute, Refused, TooLong
from patrol_anpr.depot_link.fetching import fetch
from patrol_anpr.depot_link.held import KeptList
from patrol_anpr.depot_link.signed import NOT_THERE, NotTrusted, SignedFile
from patrol_anpr.domain.clock import can_be
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.wire.lists import ListKeysAsk, ListKeysReply
from patrol_anpr.wire.payloads import HeldReport, Taken

log = logging.getLogger(__name__)

NO_TIME = marked("Time unverified: the depot did not say what time it is, or one that cannot be. Tell IT.")
CLOCK_SLACK = timedelta(minutes=10)
"""A depot's clock may be set back by so much, and no more, before it is not believed."""


class ListSource(Protocol):
    """What a ListDownload fetches from. Calls block."""

    @property
    def proven(self) -> datetime | None:
        """The depot's own time, proven to be its word; None where it has not said."""
        ...

    def time(self, seen_at: datetime) -> datetime:
        """The time to judge signatures by; at `seen_at` a depot was believed last. Raises NotTrusted without one."""
        ...

    @property
    def metadata(self) -> FetcherInterface:
        """What TUF fetches metadata with."""
        ...

    def fetch(self, wanted: SignedFile, folder: Path, arrived: Callable[[int], None]) -> Path | None:
        """Fetch a file of a list into `folder`; None when it is not what was signed.

        `arrived` is told the bytes of each piece. Raises DepotFault, RecordsFault.
        """
        ...

    def secret(self, key_id: str) -> bytes | None:
        """Return the key that opens a list; None where it is not given. Raises DepotFault."""
        ...

    def tell_held(self, lists: Sequence[KeptList]) -> None:
        """Tell the depot which lists the car holds, where that can be done."""
        ...


class OverTheLine:
    """The depot itself, over the car's channel: its identity, its deadlines, its patience."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.metadata = _Fetcher(channel)

    @property
    def proven(self) -> datetime | None:
        """The depot's clock as of its last answer, over a line that proves it."""
        return self._channel.depot_time

    def time(self, seen_at: datetime) -> datetime:
        """The depot's clock; never this computer's own, and never much earlier than it ever was."""
        now = self._channel.depot_time
        if now is None or not can_be(now) or now < seen_at - CLOCK_SLACK:
            raise NotTrusted(NO_TIME)
        return now

    def fetch(self, wanted: SignedFile, folder: Path, arrived: Callable[[int], None]) -> Path | None:
        """Fetch a file, going on from what an earlier try left."""
        return fetch(self._channel, wanted, folder, arrived)

    def secret(self, key_id: str) -> bytes | None:
        """Ask for the key of a list, sealed to a key that is made for this question alone."""
        own = PrivateKey.generate()
        ask = ListKeysAsk(sealed_to=bytes(own.public_key).hex())
        try:
            reply, _ = self._channel.ask("POST", "lists/keys", ListKeysReply, body=ask.model_dump_json().encode())
            return reply.opened(own).get(key_id) if reply is not None else None
        except (Refused, CryptoError):
            return None

    def tell_held(self, lists: Sequence[KeptList]) -> None:
        """Tell the depot; where that fails it is told next time."""
        report = HeldReport(lists=tuple(lists))
        try:
            self._channel.ask("POST", "held", Taken, body=report.model_dump_json().encode())
        except (DepotFault, Refused):
            log.warning("the depot could not be told which lists the car holds; it will be next time")


class _Fetcher(FetcherInterface):
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @override
    def download_bytes(self, url: str, max_length: int) -> bytes:
        return self._channel.patiently(lambda: self._once(url, max_length))

    @override
    def _fetch(self, url: str) -> Iterator[bytes]:
        raise NotImplementedError  # files of lists are fetched by ListSource.fetch, which resumes

    def _once(self, url: str, max_length: int) -> bytes:
        try:
            return self._channel.read_once(url, max_length)
        except TooLong as fault:
            raise DownloadLengthMismatchError("longer than it may be") from fault
        except NoSuchRoute as fault:
            raise DownloadHTTPError("not there", NOT_THERE) from fault
        except Refused as refusal:
            raise DownloadHTTPError("refused", refusal.status) from refusal
