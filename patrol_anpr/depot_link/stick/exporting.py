"""Putting what the depot does not hold on a stick: sealed to the depot, signed by the car, nothing of it in plain.

What is on a stick from an earlier try counts still, and is not written anew. Nothing leaves the car by this: only the
depot's receipts, which the stick brings back, settle anything.
"""

import hashlib
import logging
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from patrol_anpr.depot_link.closed import closed_manifest
from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.errors import StickFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.stick import PutOnStick
from patrol_anpr.plumbing.stick_folder import StickFolder
from patrol_anpr.wire.closed import ClosedOutbox
from patrol_anpr.wire.manifest import ManifestReport
from patrol_anpr.wire.outbox import Outbox, OutboxItem
from patrol_anpr.wire.pack import MAX_ITEM_BYTES, MAX_ITEMS, MAX_PACK_BYTES, Pack, picture_bytes
from patrol_anpr.wire.payloads import URGENT, HeldReport, canonical_json, sha256_of
from patrol_anpr.wire.receipts import MAX_HELD_ASKED, HoldingsQuestion
from patrol_anpr.wire.stick import (
    CLOSED,
    FOLDER,
    HEAD,
    INDEX,
    MAX_FILES,
    MAX_INDEX_BYTES,
    OURS,
    PACK,
    PIECE,
    PIECE_BYTES,
    TO_DEPOT,
    BadStick,
    ClosedPiece,
    StickClosed,
    StickFile,
    StickHead,
    StickIndex,
    index_of,
    parted,
    sealed,
    tag_of,
    with_signature,
)

log = logging.getLogger(__name__)

PACK_BYTES = 4 * 2**20
_AT_ONCE = 100
_INDEX_EVERY = 32 * 2**20
"""Bytes after which the index is written: what came before it counts when the stick is pulled out."""
TOO_LARGE = marked("Some records are damaged or too large for the depot. They stay in the car. Tell IT.")
MOST_FILES = marked("The rest did not go on this stick: it holds as many files as it may. Bring it to the depot first.")
STOPPED = marked("It was stopped. What is on the stick by now counts.")
NOT_READ = marked("The records of an earlier shift could not be read from this computer's disk. They stay in the car.")


class StickExport:
    """One export to one stick. `seal_to` is the depot's key (32 bytes), `answer_key` the car's for the answer."""

    def __init__(
        self,
        drive: Path,
        credentials: Credentials,
        seal_to: bytes,
        answer_key: bytes,
        outbox: Outbox,
        closed: ClosedOutbox | None,
        report: ProgressReport,
        give_up: Callable[[], bool],
    ) -> None:
        self._credentials, self._seal_to, self._answer_key = credentials, seal_to, answer_key
        self._outbox, self._closed, self._report, self._give_up = outbox, closed, report, give_up
        verifier = credentials.verifier
        self._folder = StickFolder(drive, FOLDER, tag_of(verifier.depot_id, verifier.car_id), TO_DEPOT)
        self._before: dict[str, StickFile] = {}
        self._files: dict[str, StickFile] = {}
        self._since_index = 0
        self._records = self._shifts = self._left = 0

    def run(self, at: datetime, manifest: ManifestReport | None, held: HeldReport) -> PutOnStick:
        """Write what waits. Raises StickFault where nothing could be put on it, RecordsFault."""
        shifts = () if self._closed is None else tuple(self._closed.closed())
        waiting = self._outbox.waiting()
        self._report.expect(waiting, self._outbox.waiting_bytes() + sum(map(_bytes_of, shifts)))
        self._folder.make()
        self._before = {file.name: file for file in self._own_index()}
        self._put(HEAD, self._head(at, manifest, held))
        problem = ""
        try:
            for items in self._batches():
                self._put_pack(items)
            for shift in shifts:
                self._put_closed(shift)
        except StickFault as fault:  # what is on it by then counts
            problem = fault.sentence
            self._report.problem(problem)
            self._write_index(self._before | self._files)
            self._left = max(self._left, waiting - self._records - self._shifts)
            if not self._records and not self._shifts:
                raise
        else:
            self._write_index(self._files)
            self._folder.keep_only(set(self._files), OURS)
        return PutOnStick(self._records, self._shifts, self._left, problem)

    def _own_index(self) -> Sequence[StickFile]:
        """What this car put on the stick before; nothing of that is believed unless this car signed it."""
        content = self._folder.read(INDEX, MAX_INDEX_BYTES)
        try:
            signature, text = parted(content or b"")
            if self._credentials.is_own(text, signature):
                return index_of(text).files
        except BadStick:
            pass
        return ()

    def _head(self, at: datetime, manifest: ManifestReport | None, held: HeldReport) -> bytes:
        asked = tuple(self._outbox.unproven(MAX_HELD_ASKED))  # also without any: the answer says which epoch it is
        question = HoldingsQuestion(nonce=secrets.token_hex(16), items=asked).model_dump_json()
        verifier = self._credentials.verifier
        return canonical_json(
            StickHead(
                depot_id=verifier.depot_id,
                car_id=verifier.car_id,
                at=at,
                certificate=b64encode(self._credentials.certificate),
                request=self._credentials.request(),
                answer_key=self._answer_key.hex(),
                question=question,
                manifest=manifest,
                held=held,
            )
        )

    def _batches(self) -> Iterator[list[OutboxItem]]:
        """Yield the records of each pack: the same again while nothing of them was settled."""
        items: list[OutboxItem] = []
        size = 0
        for item in self._outbox.all_waiting(_AT_ONCE):
            needed = len(item.payload) + picture_bytes([item])
            damaged = sha256_of(item.payload) != item.sha256
            if damaged or len(item.payload) > MAX_ITEM_BYTES or needed > MAX_PACK_BYTES // 2:
                log.error("a record is damaged, or too large for a pack; it stays in the car")
                self._left += 1
                self._report.problem(TOO_LARGE)
                continue
            size += needed
            full = size > PACK_BYTES or len(items) == MAX_ITEMS
            if items and (full or (item.kind in URGENT) != (items[0].kind in URGENT)):
                yield items
                items, size = [], needed
            items.append(item)
        if items:
            yield items

    def _put_pack(self, items: Sequence[OutboxItem]) -> None:
        pack = Pack.of(self._credentials.car_id, items)
        if not self._is_whole(pack.pack_id + PACK):
            self._put(PACK, pack.piece(0, pack.size), pack.pack_id)
        self._records += len(items)
        self._report.step(items=len(items), sent=pack.size)

    def _put_closed(self, folder: Path) -> None:
        """Put closed records on it as they lie here, in pieces."""
        try:
            manifest = closed_manifest(folder)
            if manifest is None:
                return
            pieces: list[ClosedPiece] = []
            for file in manifest.files:
                with (folder / file.name).open("rb") as stream:
                    for offset in range(0, file.size, PIECE_BYTES):
                        name = _name_of_piece(manifest.closed_id, file.name, file.sha256, offset)
                        if not self._is_whole(name + PIECE):
                            stream.seek(offset)
                            self._put(PIECE, stream.read(PIECE_BYTES), name)
                        pieces.append(ClosedPiece(file=file.name, offset=offset, name=name + PIECE))
                        self._report.step(sent=min(PIECE_BYTES, file.size - offset))
        except OSError as error:  # of this computer: those of the stick are told as StickFault
            log.warning("closed records were not put on a stick: %s", type(error).__name__)
            self._report.problem(NOT_READ)
            return
        said = canonical_json(StickClosed(manifest=manifest, pieces=tuple(pieces)))
        self._put(CLOSED, said, sha256_of(said))
        self._shifts += 1

    def _put(self, ending: str, content: bytes, name: str = "") -> None:
        """Seal a content and put it on the stick; without a name it has that of its SHA-256."""
        if self._give_up():
            raise StickFault(STOPPED)
        if len(self._files) >= MAX_FILES - 1:
            raise StickFault(MOST_FILES)
        content = sealed(content, self._seal_to)
        digest = sha256_of(content)
        file = StickFile(name=(name or digest) + ending, sha256=digest, size=len(content))
        self._folder.write(file.name, content)
        self._files[file.name] = file
        self._since_index += file.size
        if self._since_index > _INDEX_EVERY:
            self._write_index(self._before | self._files)

    def _is_whole(self, name: str) -> bool:
        """Whether a file is on the stick from before as this car put it there."""
        file = self._before.get(name)
        if file is None:
            return False
        digest = hashlib.sha256()
        for chunk in self._folder.chunks(name, file.size):
            digest.update(chunk)
        if digest.hexdigest() != file.sha256:
            return False
        self._files[name] = file
        return True

    def _write_index(self, files: Mapping[str, StickFile]) -> None:
        """Write which files count. Of two heads only the new one does."""
        counting = [file for file in files.values() if not file.name.endswith(HEAD) or file.name in self._files]
        text = canonical_json(StickIndex(files=tuple(counting[-MAX_FILES:])))
        self._folder.write(INDEX, with_signature(text, self._credentials.signature_of(text)))
        self._since_index = 0


def _name_of_piece(*said: object) -> str:
    return sha256_of(" ".join(map(str, said)).encode())


def _bytes_of(shift: Path) -> int:
    try:
        return sum(file.stat().st_size for file in shift.iterdir() if file.is_file())
    except OSError:
        return 0
