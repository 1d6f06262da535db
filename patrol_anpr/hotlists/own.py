"""The car's own list: what its officers made vehicles of interest. In one sealed file, whole, beside the other lists.

No sync touches it. The shelf's note says how far it has come, so that a list that is gone or an older one is noticed.
"""

import hashlib
import hmac
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError

from patrol_anpr.domain.by_hand import OwnVoi
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import OWN_LIST, Hotlist, Tier, Voi, list_id_of
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.note import NotedList
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.plumbing.files import made_folder, write_whole

log = logging.getLogger(__name__)

FILE = "own.sealed"
NAME = "This car"
MOST_ENTRIES = 500
"""Entries an officer can still oversee (judged); more is a list, which the depot publishes."""
LOST = (
    "The entries that officers made in this car are gone or damaged. The depot knows those of earlier shifts: ask for "
    "them, and make those that are still needed again."
)
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class _Content:
    """The file: its revision grows with each change."""

    revision: int
    entries: tuple[OwnVoi, ...]


_CONTENT = TypeAdapter(_Content)


class _InForce:
    """The entries as the matcher asks for them; one whose time is over is left out."""

    def __init__(self, head: Hotlist, entries: Sequence[OwnVoi], clock: Clock) -> None:
        self.head, self._clock = head, clock
        self._by_mark: dict[str, list[OwnVoi]] = {}
        for entry in entries:
            self._by_mark.setdefault(fold(entry.vrm), []).append(entry)

    def entries(self, folded: str) -> list[Voi]:
        """The VOIs whose VRM folds to `folded`."""
        now = self._clock.utc()
        return [entry.voi() for entry in self._by_mark.get(folded, ()) if entry.expires_at > now]

    def close(self) -> None:
        """Nothing is open."""


class OwnList:
    """Satisfies ports.OwnList. Changing it waits for the disk; asking does not. Any thread may call.

    It lies with the files of `shelf`, under their key. `car` is the car's call sign, `clock` the one by which ends are
    judged.
    """

    def __init__(self, shelf: Shelf, car: str, matcher: Matcher, clock: Clock) -> None:
        self._file = shelf.folder / FILE
        self._cipher = AESGCM(hmac.new(shelf.key, b"own list", hashlib.sha256).digest())
        self._list_id, self._owner = OWN_LIST + (list_id_of(car) if car else "car"), car
        self._shelf, self._matcher, self._clock = shelf, matcher, clock
        self._lock = threading.Lock()
        self._content = _Content(0, ())

    @property
    def list_id(self) -> str:
        """The id of the list."""
        return self._list_id

    @property
    def entries(self) -> tuple[OwnVoi, ...]:
        """The entries in force, the newest first."""
        now = self._clock.utc()
        return tuple(entry for entry in reversed(self._content.entries) if entry.expires_at > now)

    def load(self) -> str:
        """Put what is on the disk in force; returns a sentence where entries were lost, else "".

        A loss is told once: what is left counts from then on.
        """
        noted = self._shelf.noted(self._list_id)
        content = self._read()
        lost = noted is not None and (content is None or content.revision < noted.revision)
        if content is None and noted is None and self._file.exists():
            lost = True
        if lost:
            log.error("the car's own list is gone, damaged or an older one")
            revision = max(noted.revision if noted else 0, content.revision if content else 0) + 1
            content = _Content(revision, content.entries if content else ())
            self._write(content)
        self._use(content or _Content(0, ()))
        return LOST if lost else ""

    def add(self, entry: OwnVoi) -> None:
        """Put an entry in force, at once and over restarts.

        Raises:
            BadInput: there are too many already.
            RecordsFault: the disk does not take it; nothing was changed.
        """
        with self._lock:
            kept = self._unexpired()
            if len(kept) >= MOST_ENTRIES:
                raise BadInput(
                    "This car has {most} entries of its own already. Withdraw some first.",
                    most=MOST_ENTRIES,
                )
            self._change((*kept, entry))

    def withdraw(self, voi_id: str) -> OwnVoi:
        """Take an entry out of force for good; returns it.

        Raises:
            BadInput: there is no such entry in force.
            RecordsFault: the disk does not take it; nothing was changed.
        """
        with self._lock:
            kept = self._unexpired()
            gone = next((entry for entry in kept if entry.voi_id == voi_id), None)
            if gone is None:
                raise BadInput("This entry is not in force any more.")
            self._change(tuple(entry for entry in kept if entry is not gone))
            return gone

    def _unexpired(self) -> tuple[OwnVoi, ...]:
        now = self._clock.utc()
        return tuple(entry for entry in self._content.entries if entry.expires_at > now)

    def _change(self, entries: tuple[OwnVoi, ...]) -> None:
        content = _Content(self._content.revision + 1, entries)
        self._write(content)
        self._use(content)

    def _use(self, content: _Content) -> None:
        self._content = content
        if not content.entries:
            self._matcher.drop(self._list_id)
            return
        newest = content.entries[-1].made_at
        head = Hotlist(self._list_id, NAME, self._owner, content.revision, Tier.PRIORITY, newest)
        self._matcher.put(_InForce(head, content.entries, self._clock))

    def _write(self, content: _Content) -> None:
        made_folder(self._shelf.folder, "hotlists.folder")
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, _CONTENT.dump_json(content), FILE.encode())
        try:
            write_whole(self._file, sealed)
        except OSError as error:
            raise RecordsFault(
                "The entry could not be kept ({why}). Check the disk, then try again.", why=error.strerror or error
            ) from error
        sha256 = hashlib.sha256(sealed).hexdigest()
        try:
            self._shelf.note(NotedList(self._list_id, NAME, content.revision, FILE, sha256))
        except RecordsFault as fault:  # the entries are safe; only their loss would go unnoticed
            log.warning("how far the car's own list has come could not be noted: %s", type(fault).__name__)

    def _read(self) -> _Content | None:
        try:
            sealed = self._file.read_bytes()
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], FILE.encode())
            return _CONTENT.validate_json(plain)
        except FileNotFoundError:
            return None
        except (OSError, InvalidTag, ValueError, ValidationError) as error:
            log.warning("the car's own list does not open: %s", type(error).__name__)
            return None
