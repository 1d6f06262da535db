"""The pictures: encrypted files beside the database, and the small copies that travel to the depot."""

import hashlib
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.read import Evidence
from patrol_anpr.plumbing.files import PART, sync_folder, write_whole
from patrol_anpr.records.keys import Key

log = logging.getLogger(__name__)

FOLDER = "pictures"
ENDING = ".evidence"
NONCE_BYTES = 12
LENGTH_BYTES = 4
_MANY = 2**32 - 1
"""In place of the patch's length: more pictures follow, each with its own. Earlier versions knew two pictures only."""

PATCH_SIZE = (120, 60)
PATCH_BYTES = 3 * 1024
OVERVIEW_SIZE = (960, 720)
OVERVIEW_BYTES = 25 * 1024
"""The national limits for what is sent: patch 120x60 px or 3 KB, overview 25 KB."""

_QUALITIES = (85, 70, 55, 42, 30, 20, 12)
_SHRINK = 0.75


class Pictures:
    """One encrypted file a Read: all its pictures together, so that there are all or none.

    AES-256-GCM with the read id as associated data: a file moved to another Read's name does not open.
    """

    def __init__(self, folder: Path, key: Key) -> None:
        self.folder = folder / FOLDER
        self._cipher = AESGCM(key.derived("pictures"))

    def open(self) -> None:
        """Make the folder. Raises OSError, and RecordsFault when something else has its name."""
        if self.folder.exists() and not self.folder.is_dir():
            raise RecordsFault(
                '"{folder}" in the folder of the records is no folder. Move it away and start again.', folder=FOLDER
            )
        self.folder.mkdir(exist_ok=True)
        sync_folder(self.folder.parent)

    def file_of(self, read_id: str) -> Path:
        """Where the pictures of a Read lie; the name tells nothing and is safe whatever the id holds."""
        return self.folder / (hashlib.sha256(read_id.encode()).hexdigest()[:40] + ENDING)

    def keep(self, read_id: str, evidence: Evidence) -> None:
        """Write the pictures; their names last after `sync`. Doing it again is harmless. Raises OSError.

        Where both were given up there is no file.
        """
        if not (evidence.patch or evidence.overview):
            self.remove(read_id)
            return
        plain = _packed(evidence)
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, plain, read_id.encode())
        write_whole(self.file_of(read_id), sealed, sync_name=False)

    def sync(self) -> None:
        """Make the names of all pictures kept so far last."""
        sync_folder(self.folder)

    def load(self, read_id: str) -> Evidence | None:
        """Return the pictures of a Read, or None when the file is gone or is not what was written."""
        try:
            sealed = self.file_of(read_id).read_bytes()
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], read_id.encode())
        except FileNotFoundError:
            return None
        except (OSError, InvalidTag, ValueError) as refusal:
            log.warning("the pictures of a read do not open: %s", type(refusal).__name__)
            return None
        return _unpacked(plain)

    def remove(self, read_id: str) -> None:
        """Delete the pictures of a Read; none there is as good."""
        self.file_of(read_id).unlink(missing_ok=True)

    @property
    def any(self) -> bool:
        """Tell whether there is a picture at all."""
        return next(self._files(), None) is not None

    def strays(self, read_ids: Collection[str]) -> tuple[list[Path], int]:
        """Return the files that belong to none of these Reads, and how many of the Reads have no file."""
        wanted = {self.file_of(read_id).name for read_id in read_ids}
        found = {file.name: file for file in self._files()}
        return [file for name, file in found.items() if name not in wanted], len(wanted - found.keys())

    def drop_halves(self) -> None:
        """Delete what a crash left in the middle of being written: it was never whole, and never will be."""
        for file in self._files(PART):
            file.unlink(missing_ok=True)

    def _files(self, ending: str = ENDING) -> Iterator[Path]:
        """Yield our own files only: a disk may keep a folder of its own there."""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.endswith(ending) and entry.is_file(follow_symlinks=False):
                    yield Path(entry.path)


def _packed(evidence: Evidence) -> bytes:
    """Put the pictures one behind the other; patch and overview alone as they ever were."""
    if not evidence.patches:
        return _sized(evidence.patch) + evidence.overview
    many = _MANY.to_bytes(LENGTH_BYTES, "big")
    return many + b"".join(map(_sized, (evidence.patch, evidence.overview, *evidence.patches)))


def _sized(picture: bytes) -> bytes:
    return len(picture).to_bytes(LENGTH_BYTES, "big") + picture


def _unpacked(plain: bytes) -> Evidence:
    first, rest = _first_of(plain)
    if first is not None:
        return Evidence(first, rest)
    pictures = list[bytes]()
    while rest:
        picture, rest = _first_of(rest)
        pictures.append(picture or b"")
    patch, overview, *patches = pictures
    return Evidence(patch, overview, tuple(patches))


def _first_of(plain: bytes) -> tuple[bytes | None, bytes]:
    """Return the first picture and what follows it; None for the mark that there are many."""
    length, rest = int.from_bytes(plain[:LENGTH_BYTES], "big"), plain[LENGTH_BYTES:]
    return (None, rest) if length == _MANY else (rest[:length], rest[length:])


def small_copies(evidence: Evidence) -> Evidence:
    """Return patch and overview within the limits for upload, as JPEG. What does not decode goes as it is.

    The other patches of the pass are for the officer's eyes and stay on the car.
    """
    return Evidence(
        _within(evidence.patch, PATCH_SIZE, PATCH_BYTES), _within(evidence.overview, OVERVIEW_SIZE, OVERVIEW_BYTES)
    )


def _within(jpeg: bytes, size: tuple[int, int], most: int) -> bytes:
    """Shrink to `size` (width, height), then lower quality and after that size until at most `most` bytes."""
    pixels = _decoded(jpeg)
    if pixels is None:
        return jpeg
    height, width = pixels.shape[:2]
    if len(jpeg) <= most and width <= size[0] and height <= size[1]:
        return jpeg
    scale = min(1.0, size[0] / width, size[1] / height)
    while True:
        wanted = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = pixels if wanted == (width, height) else cv2.resize(pixels, wanted, interpolation=cv2.INTER_AREA)
        for quality in _QUALITIES:
            _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
            if coded.size <= most:
                return coded.tobytes()
        scale *= _SHRINK


def _decoded(jpeg: bytes) -> Pixels | None:
    if not jpeg:
        return None
    try:
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if decoded is None else np.asarray(decoded, np.uint8)
