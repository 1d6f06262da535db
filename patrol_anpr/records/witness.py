"""A witness outside the database: how far the records had come. With it, records that lost their end are told.

A database whose journal was deleted, or that was put back from an old copy, opens without a word and is whole in
itself. Only something kept elsewhere knows that there was more.
"""

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, text

from patrol_anpr.domain.audit import AuditHead
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.records import audit
from patrol_anpr.records.keys import Key

log = logging.getLogger(__name__)

FILE_NAME = "records.head"
WIDTH = 400
"""Bytes of the file: it is overwritten in place, so that it needs no room on a full disk."""

_LAST_READ = text("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'reads'")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far records have come: the newest audit row and the number of Reads ever kept.

    `closed` tells whether the program ended as it should after that.
    """

    audit_seq: int
    audit_hash: str
    reads: int
    closed: bool = False

    @classmethod
    def of(cls, connection: Connection) -> "Standing":
        """Where the database of this connection stands."""
        head = audit.head(connection)
        return cls(head.seq, head.hash, connection.execute(_LAST_READ).scalar_one())

    @property
    def head(self) -> AuditHead:
        """The newest audit row."""
        return AuditHead(self.audit_seq, self.audit_hash)


def goes_on_from(connection: Connection, before: Standing) -> bool:
    """Tell whether the database of this connection is that of `before`, or what became of it, with nothing missing."""
    if Standing.of(connection).reads < before.reads:
        return False
    return before.audit_seq == 0 or audit.hash_at(connection, before.audit_seq) == before.audit_hash


class Witness:
    """The file with the newest Standing, sealed with the key. For one thread at a time.

    It may be behind the database, never before it: it is written after the commit, and not waited for.
    """

    def __init__(self, folder: Path, key: Key) -> None:
        self.file = folder / FILE_NAME
        self._seal: Callable[[bytes], str] = lambda said: hmac.new(key.derived("head"), said, sha256).hexdigest()

    def read(self) -> Standing | None:
        """Return what it says; None when there is none, or none of this key that is whole."""
        try:
            seal, _, said = self.file.read_bytes().strip().partition(b" ")
        except FileNotFoundError:
            return None
        if not hmac.compare_digest(seal, self._seal(said).encode("ascii")):
            log.warning("the file %s is damaged or of another key", FILE_NAME)
            return None
        return Standing(**json.loads(said))

    def place(self, standing: Standing) -> None:
        """Put the file in place for good. Raises OSError."""
        write_whole(self.file, self._line(standing))

    def note(self, standing: Standing) -> None:
        """Overwrite it; one that cannot be written stays behind, which harms nothing."""
        try:
            if not self.file.exists():
                self.place(standing)
                return
            with self.file.open("r+b", buffering=0) as stream:
                stream.write(self._line(standing))
        except OSError as refusal:
            log.info("%s is not up to date: %s", FILE_NAME, refusal.strerror)

    def _line(self, standing: Standing) -> bytes:
        said = json.dumps(asdict(standing)).encode("ascii")
        return (self._seal(said).encode("ascii") + b" " + said).ljust(WIDTH - 1) + b"\n"
