"""The keys that sign lists: a PEM file each, so that those of people can be encrypted, or carried away on a stick."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, Key

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import made_folder, write_whole

LEAST_PASSPHRASE = 12
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"

Ask = Callable[[str], str]
"""Asks a person for the passphrase of the key file of that name."""


class KeyPlace(StrEnum):
    """Where a key is: open to whoever may read the folder, behind a passphrase, or not here."""

    OPEN = "open"
    PROTECTED = "protected"
    AWAY = "away"


class ListKeys:
    """The key files of the lists in `folder` (`keys` of the depot), and in `more`, which a person may bring.

    A file is named by its role and the beginning of its key id, so that a new key never takes the place of an old one.
    `ask` is asked for passphrases; without it, keys that have one cannot sign. Raises RecordsFault for the disk.
    """

    def __init__(self, folder: Path, more: Sequence[Path] = (), ask: Ask | None = None) -> None:
        self._folder = folder
        self._more = tuple(more)
        self._ask = ask
        self._signers: dict[str, CryptoSigner] = {}

    def make(self, role: str) -> Key:
        """Make a key for a role; returns its public half."""
        made_folder(self._folder, "--folder")
        private = Ed25519PrivateKey.generate()
        signer = CryptoSigner(private)
        keyid: str = signer.public_key.keyid
        _write(self._folder / _name(role, keyid), private, NoEncryption())
        self._signers[keyid] = signer
        return signer.public_key

    def place(self, role: str, keyid: str) -> KeyPlace:
        """Tell where a key is."""
        file = self._file(role, keyid)
        if file is None:
            return KeyPlace.AWAY
        return KeyPlace.PROTECTED if _read(file).startswith(_ENCRYPTED) else KeyPlace.OPEN

    def signer(self, role: str, keyid: str) -> CryptoSigner | None:
        """Return what signs with a key; None where it is away, or nobody is there to be asked for its passphrase.

        Raises BadInput where the passphrase is wrong, or the file holds no such key.
        """
        file = self._file(role, keyid)
        if keyid not in self._signers and file is not None and (self._ask or not _read(file).startswith(_ENCRYPTED)):
            signer = CryptoSigner(self._private(file))
            if signer.public_key.keyid != keyid:
                raise BadInput("The key file {name} holds another key than its name says.", name=file.name)
            self._signers[keyid] = signer
        return self._signers.get(keyid)

    def protect(self, role: str, keyid: str, passphrase: str) -> None:
        """Encrypt the file of a key. Raises BadInput where it is not here or the passphrase is too short."""
        file = self._file(role, keyid)
        if file is None:
            raise BadInput("The key of {role} is not in {folder}.", role=role, folder=self._folder)
        if len(passphrase) < LEAST_PASSPHRASE:
            raise BadInput("A passphrase needs {least} characters or more.", least=LEAST_PASSPHRASE)
        _write(file, self._private(file), BestAvailableEncryption(passphrase.encode()))

    def _private(self, file: Path) -> Ed25519PrivateKey:
        content = _read(file)
        secret = self._ask(file.name).encode() if self._ask and content.startswith(_ENCRYPTED) else None
        try:
            private = load_pem_private_key(content, secret)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise BadInput(
                "The key file {name} cannot be opened. Check its passphrase, or bring back the file.", name=file.name
            )
        return private

    def _file(self, role: str, keyid: str) -> Path | None:
        files = (folder / _name(role, keyid) for folder in (self._folder, *self._more))
        return next((file for file in files if file.is_file()), None)


def _name(role: str, keyid: str) -> str:
    return f"lists-{role}-{keyid[:12]}.pem"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise RecordsFault(
            "The key file {name} cannot be read ({why}). Check its rights.",
            name=file.name,
            why=error.strerror or error,
        ) from error


def _write(file: Path, private: Ed25519PrivateKey, encryption: KeySerializationEncryption) -> None:
    try:
        write_whole(file, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    except OSError as error:
        raise RecordsFault(
            "The key file {name} cannot be written ({why}). Check the disk.",
            name=file.name,
            why=error.strerror or error,
        ) from error
