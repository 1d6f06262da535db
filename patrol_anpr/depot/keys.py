"""The depot's keys: files of mode 0600 in its folder, made where they are missing. Whoever has them is the depot.

Only what standard constructions of libraries do is done with them: Ed25519, X25519 (SealedBox), X.509 on P-256.
"""

import logging
import uuid
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from nacl.public import PrivateKey

from patrol_anpr.depot.authority import Authority, made_authority
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import is_open_to_others, sync_folder, write_whole

log = logging.getLogger(__name__)

FOLDER = "keys"
OPEN_KEYS = (
    "Others on this machine may look into the folder of the depot's keys, so they were not used. Take their rights "
    "away (chmod 700 on Linux)."
)


class DepotKeys:
    """The keys of the depot in `folder`, which are made where they are missing. Any thread may read them.

    `authority` (PEM) is one made elsewhere, taken where there is none yet.
    A back-up of the depot needs them: cars believe no depot with other keys, and must enrol again. Raises RecordsFault
    when they cannot be read or made, or when others may look into their folder.
    """

    def __init__(self, folder: Path, authority: bytes | None = None) -> None:
        self._folder = folder / FOLDER
        try:
            for made in (folder, self._folder):
                if not made.exists():
                    made.mkdir(mode=0o700, parents=True)
                    sync_folder(made.absolute().parent)
            if is_open_to_others(self._folder):
                raise RecordsFault(OPEN_KEYS)
            self.depot_id = str(uuid.UUID(self._kept("depot.id", lambda: str(uuid.uuid4()).encode()).decode().strip()))
            receipts = load_pem_private_key(self._kept("receipts.pem", _new_receipts), None)
            if not isinstance(receipts, Ed25519PrivateKey):
                raise TypeError("not Ed25519")
            self.receipts = receipts
            self.sealing = PrivateKey(bytes.fromhex(self._kept("sealing.key", _new_sealing).decode()))
            self.storage = bytes.fromhex(self._kept("storage.key", _new_storage).decode())
            self.staff = bytes.fromhex(self._kept("staff.key", _new_storage).decode())
            self.authority = Authority.of_pem(
                self._kept("authority.pem", lambda: authority or made_authority(self.depot_id))
            )
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise RecordsFault(
                f"The depot's keys in {self._folder} cannot be read or made. Check the disk and its rights, or put the "
                "folder back from a copy: cars believe no other keys."
            ) from error

    @property
    def folder(self) -> Path:
        """Where they are. The keys of the days lie in a folder within (storage/group_keys.py)."""
        return self._folder

    @cached_property
    def receipt_key(self) -> bytes:
        """The public half of `receipts`: 32 bytes, as a car keeps it."""
        return self.receipts.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @cached_property
    def sealing_key(self) -> bytes:
        """The public half of `sealing`: 32 bytes, as a car keeps it."""
        return bytes(self.sealing.public_key)

    def server_certificate(self, names: list[str]) -> Path:
        """Return the file (PEM, key and certificates) the depot proves with that it has `names`, hosts or addresses.

        Made anew where the one that lies there lacks a name. Raises RecordsFault.
        """
        file = self._folder / "server.pem"
        try:
            had = file.read_bytes() if file.exists() else b""
            held = self.authority.names_in(had)
            if not had or not set(names) <= set(held):
                write_whole(file, self.authority.server_pem([*held, *(name for name in names if name not in held)]))
        except (OSError, ValueError) as error:
            raise RecordsFault("The depot's own certificate cannot be made. Check the disk and the names.") from error
        return file

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the content of a key file; the first of two processes that make it at once wins."""
        file = self._folder / name
        if not file.exists():
            log.warning("the depot's key %s is made", name)
            write_whole(file, make(), replace=False)
        return file.read_bytes()


def _new_receipts() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _new_sealing() -> bytes:
    return bytes(PrivateKey.generate()).hex().encode()


def _new_storage() -> bytes:
    return AESGCM.generate_key(256).hex().encode()
