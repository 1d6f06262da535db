"""Taking in what a car put on a stick: packs and closed records, each with the receipt that the line would give."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from patrol_anpr.depot.closed import ClosedRecords, NotWhole
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.ingest import Ingest, Taken
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.receipts import signed
from patrol_anpr.depot.sticks.coming import Coming
from patrol_anpr.wire.closed import PIECE_BYTES as APPENDED_BYTES
from patrol_anpr.wire.closed import ClosedManifest
from patrol_anpr.wire.pack import BadPack, read_pack
from patrol_anpr.wire.payloads import ReceiptStatus, canonical_json, sha256_of
from patrol_anpr.wire.receipts import PackReply
from patrol_anpr.wire.stick import CLOSED, PACK, BadStick, StickClosed, closed_of

log = logging.getLogger(__name__)

DAMAGED = "{count} of its files are missing, or not what the car signed. The car still holds what is in them."
NOT_READ = "{count} of its files were not understood. The car still holds what is in them; the log says more."
LEFT = "Some of its closed records could not be taken in. They are kept: see `patrol-anpr depot doubts`."


@dataclass(slots=True)
class Receipts:
    """What the depot signed for, and how it went. `problems` are sentences for the operator."""

    packs: list[PackReply] = field(default_factory=list)
    closed: list[PackReply] = field(default_factory=list)
    records: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


class Taking:
    """Takes in what one car put on one stick. Raises what the database and the disk raise, and StickFault."""

    def __init__(
        self,
        coming: Coming,
        keys: DepotKeys,
        database: DepotDatabase,
        ingest: Ingest,
        closed: ClosedRecords,
        now: Callable[[], datetime],
    ) -> None:
        self._coming, self._keys, self._database = coming, keys, database
        self._ingest, self._closed, self._now = ingest, closed, now
        self._car_id = coming.car.car_id
        self._files = {file.name: file for file in coming.index.files}
        self._became = Receipts()

    def run(self, progress: Callable[[int, int], None]) -> Receipts:
        """Take all of it in; `progress` is told bytes done and bytes in all."""
        damaged = not_read = done = 0
        of = sum(file.size for file in self._coming.index.files)
        for file in (*self._coming.index.named(PACK), *self._coming.index.named(CLOSED)):
            try:
                content = self._coming.content(file)
                if content is None:
                    damaged += 1
                elif file.name.endswith(PACK):
                    self._pack(content)
                else:
                    shift = closed_of(content)
                    damaged += not self._shift(shift)
                    done += sum(self._files[one.name].size for one in shift.pieces if one.name in self._files)
            except (BadStick, BadPack) as bad:
                log.warning("a file on a stick of %s is not taken: %s", self._car_id, bad)
                not_read += 1
            done += file.size
            progress(done, of)
        self._became.problems += [DAMAGED.format(count=damaged)] if damaged else []
        self._became.problems += [NOT_READ.format(count=not_read)] if not_read else []
        return self._became

    def _pack(self, content: bytes) -> None:
        pack = read_pack(content)
        if pack.manifest.car_id != self._car_id:
            raise BadPack("a pack of another car")
        taken = self._ingest.take(self._car_id, pack, self._now())
        held = sum(one.status is ReceiptStatus.HELD for one in taken.receipts)
        self._became.records += held
        self._became.refused += len(taken.receipts) - held
        self._became.packs.append(signed(self._keys, self._car_id, pack.pack_id, taken, self._now()))

    def _shift(self, shift: StickClosed) -> bool:
        """Take closed records in; False where a piece of them is not here as the car signed it."""
        try:  # they may have come over the line, or by this stick before
            self._take_shift(shift.manifest)
        except NotWhole:
            if not self._bring(shift):
                return False
            try:
                self._take_shift(shift.manifest)
            except NotWhole:
                return False
        return True

    def _bring(self, shift: StickClosed) -> bool:
        closed_id = shift.manifest.closed_id
        for piece in shift.pieces:
            file = self._files.get(piece.name)
            plain = None if file is None else self._coming.content(file)
            if plain is None:
                return False
            here = self._closed.size(self._car_id, closed_id, piece.file)
            for start in range(max(0, here - piece.offset), len(plain), APPENDED_BYTES):
                some = plain[start : start + APPENDED_BYTES]
                self._closed.append(self._car_id, closed_id, piece.file, piece.offset + start, some)
        return True

    def _take_shift(self, manifest: ClosedManifest) -> None:
        after: int | None = 0
        while after is not None:
            step = self._closed.take(self._car_id, manifest, after, self._now())
            if step.left and LEFT not in self._became.problems:
                self._became.problems.append(LEFT)
            after = step.after
        with self._database.reading() as connection:
            nothing_apart = Taken((), (), epoch_of(connection))
        name = sha256_of(canonical_json(manifest))
        self._became.closed.append(signed(self._keys, self._car_id, name, nothing_apart, self._now()))
