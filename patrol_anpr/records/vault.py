"""The data key of a shift's records, and who can open it: the depot always, the officer's PIN while the shift is open.

Each shift's records lie in a folder of their own, with two wraps of their key. The one to the depot is there from the
first moment. The one to the PIN is destroyed at lock and sign-off: from then on nothing on this disk opens the records,
while the program that runs has the key in memory. Records without a wrap to a PIN go to the depot as they are.
"""

import base64
import logging
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import DEFAULT_PARALLELISM
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pydantic import TypeAdapter

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import KeyRefused, RecordsFault
from patrol_anpr.plumbing.files import PART, folder_placed_whole, made_folder, sync_folder, write_whole
from patrol_anpr.records.aside import ASIDE
from patrol_anpr.records.database import FILE_NAME as DATABASE
from patrol_anpr.records.evidence import FOLDER as PICTURES
from patrol_anpr.records.faults import unusable
from patrol_anpr.records.held_mark import HELD, HeldMark
from patrol_anpr.records.keys import KEY_BYTES, Key
from patrol_anpr.records.store import ORPHANS
from patrol_anpr.records.witness import FILE_NAME as WITNESS
from patrol_anpr.wire.sealing import RecordKeys

log = logging.getLogger(__name__)

FOLDER = "shifts"
DEPOT_WRAP, PIN_WRAP, EPOCH = "key.depot", "key.pin", "epoch"
"""In the folder of a shift: the wraps of its key. In that of all shifts: the newest epoch of the depot."""
LONGEST = timedelta(hours=16)
"""A wrap to a PIN that a cut ignition left opens nothing after so long."""

_NONCE_BYTES, _SALT_BYTES = 12, 16
TIME_COST, MEMORY_KIB = 3, 2**16
"""Argon2id as RFC 9106 advises where 64 MiB are at hand. `doctor --thief` says what a guess costs on this machine."""


@dataclass(frozen=True, slots=True)
class _Wrap:
    """A wrap to a PIN: whose, when it was made (POSIX seconds), and the key under what the PIN and `salt` give."""

    officer: str
    at: float
    salt: str
    key: str


_WRAP = TypeAdapter(_Wrap)


class RecordsClosed(KeyRefused):
    """No key is in memory: an officer has to sign on first. Nothing is wrong."""


class Vault:
    """Owns the key of the records in use. `open`, `wrap` and `shut` wait for the disk and are for one thread.

    `car` is the car's own key: a wrap to a PIN lies under it too, so that a copied disk without the key store cannot
    be searched for the PIN. `sealing_key` is the depot's public key (32 bytes).
    """

    def __init__(self, folder: Path, car: Key, sealing_key: bytes, clock: Clock) -> None:
        self.folder = folder / FOLDER
        self._cipher = AESGCM(car.derived("pin wrap"))
        self._sealing_key, self._clock = sealing_key, clock
        self._in_use: tuple[Path, Key] | None = None
        self.epoch = epoch_in(folder)
        """The newest epoch of the depot that was proven. What is held was held in this one, or may be gone."""

    def store(self) -> tuple[Path, Key]:
        """The folder of the records in use and their key. Raises RecordsClosed while there is none. For any thread."""
        if self._in_use is None:
            raise RecordsClosed("The records open when an officer signs on.")
        return self._in_use

    @property
    def is_open(self) -> bool:
        """Whether the key is in memory."""
        return self._in_use is not None

    def open(self, officer_id: str, pin: str) -> bool:
        """Take the records that this officer's shift was cut off in, or begin new ones; True: those there were.

        Without a PIN new ones that only the depot opens; with one no other records open with a PIN from then on.
        Raises RecordsFault when the disk will not have it.
        """
        try:
            found = self._cut_off(officer_id, pin)
            self._in_use = found or self._begin(officer_id, pin)
            for folder in self._folders():
                if pin and folder != self._in_use[0]:
                    _destroy(folder / PIN_WRAP)
        except OSError as error:
            raise unusable(error) from error
        return found is not None

    def wrap(self, officer_id: str, pin: str) -> None:
        """Let this PIN open the records in use at the next start. Raises RecordsFault."""
        folder, key = self.store()
        try:
            write_whole(folder / PIN_WRAP, self._wrapped(officer_id, pin, key))
        except OSError as error:
            raise unusable(error) from error

    def shut(self) -> None:
        """Let no PIN open the records any more; the key stays in memory. Raises RecordsFault where the wrap stays."""
        try:
            for folder in self._folders():
                _destroy(folder / PIN_WRAP)
        except OSError as error:
            raise RecordsFault(
                "The records could not be locked on the disk ({why}): with the PIN they still open. Check the disk.",
                why=error.strerror or error,
            ) from error

    def expire(self) -> None:
        """Destroy wraps to a PIN that a cut ignition left too long ago, or that nothing opens."""
        for folder in self._folders():
            with suppress(OSError):
                wrap = self._read(folder / PIN_WRAP)
                if wrap is None or abs(self._clock.utc().timestamp() - wrap.at) > LONGEST.total_seconds():
                    _destroy(folder / PIN_WRAP)

    def newest(self) -> Path | None:
        """The folder of the records that were begun last."""
        return next(reversed(self._folders()), None)

    @property
    def waits_for_pin(self) -> bool:
        """Whether there are records that a PIN opens."""
        return any((folder / PIN_WRAP).exists() for folder in self._folders())

    def closed(self) -> Sequence[Path]:
        """The folders of records that nothing here opens and the depot may not hold whole, the oldest first."""
        in_use = self._in_use[0] if self._in_use else None
        return [
            folder
            for folder in self._folders()
            if folder != in_use and not (folder / PIN_WRAP).exists() and not self._is_held(folder)
        ]

    def _is_held(self, folder: Path) -> bool:
        mark = HeldMark.of(folder)
        return mark is not None and mark.epoch >= self.epoch

    def learn(self, epoch: int) -> None:
        """Take word, proven, in which epoch the depot is: after a restore nothing is known to be held any more."""
        if epoch <= self.epoch:
            return
        self.epoch = epoch
        try:
            made_folder(self.folder, "records.folder")
            write_whole(self.folder / EPOCH, str(epoch).encode("ascii"))
        except (OSError, RecordsFault) as refusal:  # it is learnt again before anything is deleted
            log.warning("the epoch of the depot could not be noted: %s", type(refusal).__name__)

    def note_held(self, folder: Path, epoch: int) -> None:
        """Take word that in `epoch` the depot holds all that the records in `folder` had for it. Raises OSError."""
        HeldMark(self._clock.utc().timestamp(), epoch).put(folder)

    def leave(self) -> None:
        """Forget the key of the records in use: whoever opens next begins new ones."""
        self._in_use = None

    def forget(self, before: datetime) -> int:
        """Delete closed records that the depot has held since `before`, key first; returns how many.

        Only after it has said in which epoch it is: what it held before a restore stays.
        """
        gone = 0
        in_use = self._in_use[0] if self._in_use else None
        for folder in self._folders():
            with suppress(OSError):
                if folder != in_use and self._held_before(folder, before):
                    for wrap in (PIN_WRAP, DEPOT_WRAP):
                        _destroy(folder / wrap)
                    shutil.rmtree(folder)
                    gone += 1
        with suppress(OSError):
            if self._held_before(self.folder.parent, before):
                self._forget_those_before(self.folder.parent)
                gone += 1
        return gone

    def _held_before(self, folder: Path, before: datetime) -> bool:
        mark = HeldMark.of(folder)
        return mark is not None and mark.epoch >= self.epoch and mark.at <= before.timestamp()

    @staticmethod
    def _forget_those_before(folder: Path) -> None:
        """Delete what lies in the folder of the records from before the car was enrolled; the word of it last."""
        for name in (PICTURES, ORPHANS, ASIDE):
            shutil.rmtree(folder / name, ignore_errors=True)
        for file in (*folder.glob(f"{DATABASE}*"), folder / WITNESS, folder / HELD):
            file.unlink(missing_ok=True)

    def _folders(self) -> Sequence[Path]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(folder for folder in found if folder.is_dir() and not folder.name.endswith(PART))

    def _begin(self, officer_id: str, pin: str) -> tuple[Path, Key]:
        made_folder(self.folder, "records.folder")
        key = Key(secrets.token_bytes(KEY_BYTES))
        number = len(self._folders()) + 1  # the clock may say the same twice, or go back
        folder = self.folder / f"{number:05}-{self._clock.utc():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        with folder_placed_whole(folder) as part:
            write_whole(part / DEPOT_WRAP, record_keys(key).sealed_to(self._sealing_key))
            if pin:
                write_whole(part / PIN_WRAP, self._wrapped(officer_id, pin, key))
        return folder, key

    def _cut_off(self, officer_id: str, pin: str) -> tuple[Path, Key] | None:
        self.expire()
        for folder in reversed(self._folders()):
            key = self._unwrapped(folder / PIN_WRAP, officer_id, pin)
            if key is not None:
                return folder, key
        return None

    def _wrapped(self, officer_id: str, pin: str, key: Key) -> bytes:
        salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
        boxed = bytes(SecretBox(stretched(pin, salt)).encrypt(key.secret))
        said = _Wrap(officer_id, self._clock.utc().timestamp(), salt.hex(), base64.b64encode(boxed).decode("ascii"))
        return nonce + self._cipher.encrypt(nonce, _WRAP.dump_json(said), PIN_WRAP.encode())

    def _unwrapped(self, file: Path, officer_id: str, pin: str) -> Key | None:
        wrap = self._read(file)
        if wrap is None or wrap.officer != officer_id:
            return None
        try:
            box = SecretBox(stretched(pin, bytes.fromhex(wrap.salt)))
            return Key(box.decrypt(base64.b64decode(wrap.key)))
        except CryptoError:
            log.warning("records do not open with this PIN")
            return None

    def _read(self, file: Path) -> _Wrap | None:
        """What a wrap to a PIN says; None where there is none, or none of this car that is whole."""
        try:
            sealed = file.read_bytes()
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], PIN_WRAP.encode())
            return _WRAP.validate_json(plain)
        except FileNotFoundError:
            return None
        except (InvalidTag, ValueError) as refusal:
            log.warning("a wrap to a PIN is damaged or of another car: %s", type(refusal).__name__)
            return None


def epoch_in(folder: Path) -> int:
    """Return the newest epoch that a car noted in the folder of its records; 0 where it has noted none."""
    try:
        return int((folder / FOLDER / EPOCH).read_bytes())
    except (OSError, ValueError):
        return 0


def record_keys(key: Key) -> RecordKeys:
    """What the depot needs of a key: what the database and the pictures lie under."""
    return RecordKeys(database=key.derived("database").hex(), pictures=key.derived("pictures").hex())


def stretched(pin: str, salt: bytes) -> bytes:
    """Return the 32 bytes that a PIN gives, at a price for whoever guesses."""
    return hash_secret_raw(
        pin.encode(), salt, TIME_COST, MEMORY_KIB, DEFAULT_PARALLELISM, SecretBox.KEY_SIZE, type=Type.ID
    )


def _destroy(file: Path) -> None:
    """Overwrite a file and delete it. Where a disk keeps old blocks, what protects them is the car's key. OSError."""
    with suppress(FileNotFoundError):
        with file.open("r+b", buffering=0) as stream:
            stream.write(os.urandom(file.stat().st_size))
            os.fsync(stream.fileno())
        file.unlink()
        sync_folder(file.parent)
