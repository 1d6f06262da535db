"""Fetching one signed file: over as many connections as it takes, and not a byte more than was signed."""

import logging
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import requests

from patrol_anpr.depot_link.channel import NOT_THE_DEPOT, Channel, Refused, TryAgain
from patrol_anpr.depot_link.held import NO_ROOM
from patrol_anpr.depot_link.signed import SignedFile
from patrol_anpr.domain.errors import DepotFault, RecordsFault
from patrol_anpr.plumbing.files import PART

log = logging.getLogger(__name__)

MEDIA = "application/octet-stream"


def fetch(channel: Channel, wanted: SignedFile, folder: Path, arrived: Callable[[int], None]) -> Path | None:
    """Fetch a file into `folder`, going on from what an earlier try left; None when it is not what was signed.

    `arrived` is told the bytes of each piece. Raises DepotFault as Channel does, RecordsFault for the disk.
    """
    part = folder / f"{wanted.sha256}{PART}"
    for _ in range(2):  # what was left of an earlier transfer may be what spoils the first
        try:
            while not channel.patiently(lambda: _fetch_more(channel, wanted, part, arrived)):
                pass
        except Refused:
            break
        if wanted.is_whole(part):
            return part
        log.warning("a file did not arrive as it was signed")
        part.unlink(missing_ok=True)
    part.unlink(missing_ok=True)
    return None


def _fetch_more(channel: Channel, wanted: SignedFile, part: Path, arrived: Callable[[int], None]) -> bool:
    """Ask for what `part` lacks; True when the answer came to its end, False when it broke but got further."""
    begin = part.stat().st_size if part.exists() else 0
    if begin >= wanted.bytes:
        return True
    headers = {"Range": f"bytes={begin}-", "If-Range": f'"{wanted.sha256}"'} if begin else {}
    try:
        with channel.open("GET", wanted.path, headers=headers) as response:
            if response.headers.get("content-type", "").split(";")[0].strip().lower() != MEDIA:
                raise DepotFault(NOT_THE_DEPOT)
            if not _goes_on(response, begin):
                begin = 0
                part.unlink(missing_ok=True)
            _receive(response, part, wanted.bytes - begin, arrived)
    except TryAgain:
        if part.exists() and part.stat().st_size > begin:
            return False
        raise
    return True


def _receive(response: requests.Response, part: Path, room: int, arrived: Callable[[int], None]) -> None:
    """Append the answer to `part`, at most one byte more than `room`: endless content ends there."""
    chunks = response.iter_content(1 << 14)
    with part.open("ab", buffering=0) as file:
        while room >= 0 and (chunk := next(chunks, None)):
            _append(file, chunk[: room + 1])
            room -= len(chunk)
            arrived(len(chunk))


def _goes_on(response: requests.Response, begin: int) -> bool:
    """Tell whether the answer goes on at `begin`; otherwise it is the whole from its start."""
    if response.status_code == 206 and response.headers.get("content-range", "").startswith(f"bytes {begin}-"):
        return True
    if response.status_code == 206:
        raise DepotFault(NOT_THE_DEPOT)
    return begin == 0


def _append(file: FileIO, chunk: bytes) -> None:
    # Only the disk's own errors become a RecordsFault; those of the line are OSErrors too and must pass.
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise RecordsFault(NO_ROOM) from error
