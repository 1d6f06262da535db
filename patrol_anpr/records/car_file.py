"""What a car must know before anybody signs on, in one small file under the car's own key. No mark, place or picture.

The roster with its verifiers and when it came, the depot's table of dispositions, the PINs entered lately, and rows of
the audit trail that wait until the records open.
"""

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.shift import Officer, PinTry
from patrol_anpr.plumbing.files import made_folder, write_whole
from patrol_anpr.records.keys import Key

log = logging.getLogger(__name__)

FILE_NAME = "car.sealed"
MOST_TRIES = 200
"""PINs that are remembered: more than are free in a car, so that the wait holds after a restart."""
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class UntoldRow:
    """A row of the audit trail that is in no trail yet; `entry_id` keeps it from being there twice."""

    entry_id: str
    at: datetime
    monotonic: float
    actor: str
    action: str
    object_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CarContent:
    """What the file holds. `synced_at`: when the roster came, by the car's clock; None before the first."""

    officers: tuple[Officer, ...] = ()
    synced_at: datetime | None = None
    dispositions: tuple[Disposition, ...] = ()
    tries: tuple[PinTry, ...] = ()
    untold: tuple[UntoldRow, ...] = ()


_CONTENT = TypeAdapter(CarContent)


class CarFile:
    """Keeps it, for any thread. Changing it waits for the disk; what the disk does not take is known until the end."""

    def __init__(self, folder: Path, car: Key) -> None:
        self._file = folder / FILE_NAME
        self._cipher = AESGCM(car.derived("car file"))
        self._lock = threading.Lock()
        self.opens = True
        """Whether what lies there was made with this key, as far as that can be told."""
        self.content = self._read()

    def keep_roster(self, officers: Sequence[Officer], at: datetime) -> None:
        """Replace the roster; it came now."""
        with self._lock:
            self._keep(replace(self.content, officers=tuple(officers), synced_at=at))

    def keep_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Replace the depot's table."""
        with self._lock:
            self._keep(replace(self.content, dispositions=tuple(dispositions)))

    def note_try(self, one: PinTry, untold: UntoldRow | None) -> None:
        """Remember a PIN that was entered, and its row of the trail where the records are not open."""
        with self._lock:
            tries = (*self.content.tries, one)[-MOST_TRIES:]
            rows = (*self.content.untold, *([untold] if untold else []))
            self._keep(replace(self.content, tries=tries, untold=rows))

    def keep_untold(self, rows: Sequence[UntoldRow]) -> None:
        """Keep these rows for the next records; none: all are in the trail."""
        with self._lock:
            if rows or self.content.untold:
                self._keep(replace(self.content, untold=tuple(rows)))

    def _keep(self, content: CarContent) -> None:
        self.content = content
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, _CONTENT.dump_json(content), FILE_NAME.encode())
        try:
            made_folder(self._file.parent, "records.folder")
            write_whole(self._file, sealed)
        except OSError as refusal:
            log.warning("%s is not up to date: %s", FILE_NAME, refusal.strerror)

    def _read(self) -> CarContent:
        try:
            return _CONTENT.validate_json(_plain(self._file, self._cipher))
        except FileNotFoundError:
            return CarContent()
        except (OSError, InvalidTag, ValueError, ValidationError) as error:
            log.warning("%s does not open: %s. A sync brings the roster anew", FILE_NAME, type(error).__name__)
            self.opens = not isinstance(error, InvalidTag)
            return CarContent()


def opens(folder: Path, car: Key) -> bool:
    """Tell whether the file in `folder` opens with this key."""
    try:
        _plain(folder / FILE_NAME, AESGCM(car.derived("car file")))
    except (OSError, InvalidTag, ValueError):
        return False
    return True


def _plain(file: Path, cipher: AESGCM) -> bytes:
    sealed = file.read_bytes()
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], FILE_NAME.encode())
