"""The key to the records: 256 random bits, in the key store of the operating system or, failing that, in a file."""

import hmac
import logging
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import write_whole

log = logging.getLogger(__name__)

KEY_BYTES = 32
KEY_FILE = "records.key"
CHECK_FILE = "records.check"
SERVICE = "patrol-anpr"
ACCOUNT = "records"
FILE_WARNING = (
    "The key to the records lies in a file beside them, because this laptop offers no key store: "
    "whoever copies the folder can read it. Set up the key store, or encrypt the disk."
)


@dataclass(frozen=True, slots=True)
class Key:
    """The one secret (32 bytes). `warning` is a sentence for the screen, "" when the key store holds the key."""

    secret: bytes = field(repr=False)
    warning: str = ""

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise RecordsFault("The key to the records is damaged. Put the right key back, or ask for help.")

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose only, so that no two uses share a key."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"patrol-anpr {purpose}".encode()).derive(self.secret)

    def refuted(self, folder: Path) -> bool:
        """Tell whether the records in `folder` were made with another key, as far as their mark says."""
        kept = _mark_in(folder)
        return kept is not None and not hmac.compare_digest(kept, self._mark())

    def proven(self, folder: Path) -> bool:
        """Tell whether the mark says that the records in `folder` were made with this key."""
        return _mark_in(folder) is not None and not self.refuted(folder)

    def mark(self, folder: Path) -> None:
        """Leave in `folder` the mark of this key; it tells nothing about the key."""
        if _mark_in(folder) is None:
            write_whole(folder / CHECK_FILE, self._mark())

    def _mark(self) -> bytes:
        return self.derived("check").hex().encode("ascii")


def _mark_in(folder: Path) -> bytes | None:
    try:
        return (folder / CHECK_FILE).read_bytes().strip()
    except FileNotFoundError:
        return None


def find_key(folder: Path) -> Key:
    """Return the key to the records in `folder`, made on the first call.

    A key file counts first, so that records made without a key store open after one was set up. Raises RecordsFault
    when there are records but no key, and when others may read the key file (POSIX).
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / KEY_FILE
    if file.exists():
        return _from_file(file)
    stored = _from_store()
    if stored is not None:
        return stored
    if (folder / CHECK_FILE).exists():
        raise RecordsFault(
            "The key to the records is not in the key store of this laptop. Unlock the key store and start again."
        )
    return _into_store() or _into_file(file)


def _from_store() -> Key | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(SERVICE, ACCOUNT)
    except (KeyringError, RuntimeError) as refusal:
        log.info("no key store: %s", type(refusal).__name__)
        return None
    return None if text is None else Key(_bytes_of(text))


def _into_store() -> Key | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, ACCOUNT, secrets.token_bytes(KEY_BYTES).hex())
    except (KeyringError, RuntimeError) as refusal:
        log.info("no key store: %s", type(refusal).__name__)
        return None
    # Read back: what counts is what the store will say next time.
    return _from_store()


def _from_file(file: Path) -> Key:
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise RecordsFault(
            f"Others may read the key file {file.name}, so it is not used. Take their rights away (mode 0600) "
            "and start again."
        )
    return Key(_bytes_of(file.read_text("ascii", errors="replace")), FILE_WARNING)


def _into_file(file: Path) -> Key:
    write_whole(file, secrets.token_bytes(KEY_BYTES).hex().encode("ascii"), replace=False)
    return _from_file(file)


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        return b""
