"""Records that a car cannot open any more travel as they lie there, file by file, and are opened at the depot.

The car says what they are (POST, a `ClosedManifest`), sends piece by piece (PUT) each file that is not whole there,
says so again and is answered, after as many more POSTs as the depot needs to take them in, with a receipt for the
SHA-256 of that manifest. After a restore of the depot all that it held before goes again, what came by packs too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import Field, StringConstraints

from patrol_anpr.wire.payloads import Count, Sha256, Wire
from patrol_anpr.wire.receipts import PackReply

PIECE_BYTES = 2**20
"""Of one request: it must be over within a request's deadline on a slow line, too."""
MAX_FILE_BYTES = 8 * 2**30
OCTETS = "application/octet-stream"
ClosedId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,79}$")]
FileName = Literal["key.depot", "records.db", "records.db-wal"]
KEY: FileName = "key.depot"
DATABASE: FileName = "records.db"
JOURNAL: FileName = "records.db-wal"
"""What travels of closed records: their key, sealed to the depot; the database; its journal where it was cut off."""


class ClosedFile(Wire):
    """One file as the car has it."""

    name: FileName
    size: Annotated[int, Field(ge=1, le=MAX_FILE_BYTES)]
    sha256: Sha256


class ClosedManifest(Wire):
    """All files of closed records."""

    closed_id: ClosedId
    files: Annotated[tuple[ClosedFile, ...], Field(min_length=1, max_length=3)]


class ClosedArrived(Wire):
    """How many bytes of a file are at the depot."""

    size: Count


class ClosedTaken(Wire):
    """How far the depot has taken closed records in: ask again with `after`, until there is a `reply`."""

    after: Count = 0
    reply: PackReply | None = None


class ClosedOutbox(Protocol):
    """records.ShiftKeys: what of a car only the depot opens. Calls block."""

    def closed(self) -> Sequence[Path]:
        """The folders of closed records that the depot may not hold whole, the oldest first."""
        ...

    def learn(self, epoch: int) -> None:
        """Take word, proven, in which epoch the depot is: what it held in an earlier one is closed() again."""
        ...

    def held(self, folder: Path, epoch: int) -> None:
        """Take word, proven, that the depot holds them in this epoch. Raises RecordsFault."""
        ...
