"""The keys to the records and the lists: 256 random bits in the key store of the system or, failing that, in a file.

A key file lies in the folder it opens, so that each folder has what it needs wherever the other one is.
"""

import hmac
import logging
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from patrol_anpr.domain.errors import KeyRefused, RecordsFault
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.plumbing.files import made_folder, write_whole

log = logging.getLogger(__name__)

KEY_BYTES = 32
SERVICE = "patrol-anpr"
ACCOUNT = "records"

RECORDS, LISTS = marked("records"), marked("hotlists")
"""What a folder holds: its key file and its mark are named after it."""
WRONG_KEY = (
    "The records in {folder} do not open with this key: it belongs to another folder or laptop. Put the key they were "
    "made with back, or change records.folder."
)
ANOTHER_KEY = (
    "The key was exchanged since the start: the records will not open with it next time. Put the right key back, and "
    "tell IT before the laptop is switched off."
)
KEY_FILE, CHECK_FILE = f"{RECORDS}.key", f"{RECORDS}.check"


@dataclass(frozen=True, slots=True)
class Key:
    """The one secret (32 bytes). `warning` is a sentence for the screen, "" when the key store holds the key.

    `place` says where it was found: "file", "store", or "" for a key that was given.
    """

    secret: bytes = field(repr=False)
    warning: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise KeyRefused("The key to the records is damaged. Put the right key back, or ask for help.")

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
        """Leave in `folder` the mark of this key and where it was found; it tells nothing about the key."""
        if not self.proven(folder):
            write_whole(folder / CHECK_FILE, self._mark() + b"\n" + self.place.encode("ascii"))

    def _mark(self) -> bytes:
        return self.derived("check").hex().encode("ascii")


def _mark_in(folder: Path) -> bytes | None:
    try:
        return (folder / CHECK_FILE).read_bytes().partition(b"\n")[0].strip()
    except FileNotFoundError:
        return None


def find_key(folder: Path, purpose: str = RECORDS) -> Key:
    """Return the key to what is kept in `folder`, RECORDS or LISTS, made on the first call.

    A key file in the folder counts first, so that what was made without a key store opens after one was set up. Lists
    can be fetched again, so theirs is made anew where it is lost.

    Raises:
        KeyRefused: there are records but no key, others may read the key file (POSIX), or it is damaged.
        RecordsFault: the folder cannot be made or read.
    """
    made_folder(folder, f"{purpose}.folder")
    file = folder / f"{purpose}.key"
    try:
        if file.exists():
            return _from_file(file, purpose)
        stored = _from_store()
        if stored is not None:
            return stored
        if purpose == RECORDS and (folder / CHECK_FILE).exists():
            raise KeyRefused(_lost_key(folder, file))
        return _into_store() or _into_file(file, purpose)
    except OSError as error:
        raise RecordsFault(
            "The key in {folder} cannot be read or made ({why}). Check the folder and its rights.",
            folder=folder,
            why=error.strerror or error,
        ) from error


def _lost_key(folder: Path, file: Path) -> str:
    kept = (folder / CHECK_FILE).read_bytes().partition(b"\n")[2].strip()
    missing = sentence(
        "The key file {file} is missing from {folder}. Put it back, from a copy: without it these records cannot be "
        "opened.",
        file=file.name,
        folder=folder,
    )
    locked = "The key to the records is not in the key store of this laptop. Unlock the key store and start again."
    return {b"file": missing, b"store": locked}.get(
        kept, sentence("{locked} If the key was in a file: {missing}", locked=sentence(locked), missing=missing)
    )


def _from_store() -> Key | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(SERVICE, ACCOUNT)
    except (KeyringError, RuntimeError) as refusal:
        log.info("no key store: %s", type(refusal).__name__)
        return None
    return None if text is None else Key(_bytes_of(text), place="store")


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


def _from_file(file: Path, purpose: str) -> Key:
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyRefused(
            "Others may read the key file {file}, so it is not used. Take their rights away "
            "(mode 0600) and start again.",
            file=file,
        )
    warning = sentence(
        "The key to the {purpose} lies in a file beside them, because this laptop offers no key store: whoever copies "
        "the folder can read it. Set up the key store, or encrypt the disk.",
        purpose=sentence(purpose),
    )
    return Key(_bytes_of(file.read_text("ascii", errors="replace")), warning, "file")


def _into_file(file: Path, purpose: str) -> Key:
    write_whole(file, secrets.token_bytes(KEY_BYTES).hex().encode("ascii"), replace=False)
    return _from_file(file, purpose)


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        return b""
