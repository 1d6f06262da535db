"""The keys that the depot seals its answers on a stick to: made by the car, and kept until the answers came.

Over the line such a key lives for one question. A stick is away for hours or days, so it lies in the car that long,
sealed; a new one is made for the next stick once an answer to it was opened.
"""

import json
import logging
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.secret import SecretBox

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import made_folder, write_whole

log = logging.getLogger(__name__)

FILE = "answers.sealed"
_MOST = 2
"""The newest, and the one before it, so that a stick can be read in twice."""


class AnswerKeys:
    """The keys in `folder`, sealed with `secret` (32 bytes). One thread at a time. Raises RecordsFault for the disk."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder, self._box = folder, SecretBox(secret)

    def to_seal(self) -> bytes:
        """Return the public key (32 bytes) for the next answer."""
        keys, answered = self._read()
        if not keys or answered:
            keys = [PrivateKey.generate(), *keys][:_MOST]
            self._write(keys, answered=False)
        return bytes(keys[0].public_key)

    def opened(self, sealed: bytes) -> tuple[bytes, PrivateKey] | None:
        """Return an answer and the key it was sealed to; None where it is sealed to none of these, or damaged."""
        keys, answered = self._read()
        for number, key in enumerate(keys):
            try:
                content: bytes = SealedBox(key).decrypt(sealed)
            except (CryptoError, ValueError):
                continue
            if number == 0 and not answered:
                self._write(keys, answered=True)
            return content, key
        return None

    def _read(self) -> tuple[list[PrivateKey], bool]:
        try:
            said = json.loads(self._box.decrypt((self._folder / FILE).read_bytes()))
            return [PrivateKey(bytes.fromhex(one)) for one in said["keys"]], bool(said["answered"])
        except FileNotFoundError:
            return [], False
        except (OSError, CryptoError, ValueError, KeyError, TypeError) as error:
            log.warning("the keys for answers on sticks cannot be read: %s", type(error).__name__)
            return [], False

    def _write(self, keys: list[PrivateKey], *, answered: bool) -> None:
        text = json.dumps({"keys": [bytes(key).hex() for key in keys], "answered": answered}).encode("ascii")
        made_folder(self._folder, "records.folder")
        try:
            write_whole(self._folder / FILE, self._box.encrypt(text))
        except OSError as error:
            raise RecordsFault(
                "The key for the depot's answer cannot be kept in {folder} ({why}). Check the disk and its rights.",
                folder=self._folder,
                why=error.strerror or error,
            ) from error
