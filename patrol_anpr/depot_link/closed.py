"""Sending records that this car cannot open any more: as they lie there, for the depot alone."""

import logging
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

from patrol_anpr.depot_link.channel import NOT_THE_DEPOT, Channel, Refused
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.errors import DepotFault, RecordsFault
from patrol_anpr.wire.closed import (
    DATABASE,
    JOURNAL,
    KEY,
    OCTETS,
    PIECE_BYTES,
    ClosedArrived,
    ClosedFile,
    ClosedManifest,
    ClosedOutbox,
    ClosedTaken,
    FileName,
)
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from patrol_anpr.wire.receipts import NotProven, Verifier

log = logging.getLogger(__name__)

_NAMES: tuple[FileName, ...] = (KEY, DATABASE, JOURNAL)
_NOT_WHOLE = 409
NOT_TAKEN = "The records of an earlier shift were not taken by the depot. They are kept in the car and sent next time."


class ClosedUpload:
    """One try to send what is closed. Lives for one upload of Link."""

    def __init__(self, channel: Channel, verifier: Verifier, outbox: ClosedOutbox, report: ProgressReport) -> None:
        self._channel, self._verifier, self._outbox, self._report = channel, verifier, outbox, report
        self._epoch = 0

    def run(self, epoch: int, give_way: Callable[[], bool] = lambda: False) -> None:
        """Send them one after the other until `give_way`. Raises DepotFault; what arrived by then need not go again.

        `epoch` is the depot's, just proven.
        """
        self._epoch = epoch
        for folder in self._outbox.closed():
            if give_way():
                return
            try:
                self._send(folder, give_way)
            except (Refused, OSError, RecordsFault) as fault:
                log.warning("closed records were not sent: %s", type(fault).__name__)
                self._report.problem(NOT_TAKEN)

    def _send(self, folder: Path, give_way: Callable[[], bool]) -> None:
        manifest = closed_manifest(folder)
        if manifest is None:
            self._outbox.held(folder, self._epoch)  # cut off before anything was written
            return
        for tries_left in (2, 1, 0):  # first it is asked: a receipt that was lost on the way is given again
            try:
                self._prove(manifest, folder)
            except Refused as refusal:
                if not tries_left or refusal.status != _NOT_WHOLE:
                    raise
            else:
                return
            for file in manifest.files:
                if not self._send_file(folder, file, give_way):
                    return

    def _send_file(self, folder: Path, file: ClosedFile, give_way: Callable[[], bool]) -> bool:
        path = f"closed/{folder.name}/{file.name}"
        here = self._size(*self._channel.ask("GET", path, ClosedArrived))
        with (folder / file.name).open("rb") as stream:
            while here < file.size:
                if give_way():
                    return False
                stream.seek(here)
                piece = stream.read(PIECE_BYTES)
                asked = f"{path}?offset={here}"
                after = self._size(*self._channel.ask("PUT", asked, ClosedArrived, body=piece, media=OCTETS))
                if after <= here:
                    raise DepotFault(NOT_THE_DEPOT)
                self._report.step(sent=after - here)
                here = after
        return True

    @staticmethod
    def _size(reply: ClosedArrived | None, _tag: str) -> int:
        assert reply is not None  # 304 answers a tag, and none was sent
        return reply.size

    def _prove(self, manifest: ClosedManifest, folder: Path) -> None:
        """Have the depot take them in, and believe nothing but its signature. Raises DepotFault, Refused."""
        body, after = canonical_json(manifest), 0
        while True:
            path = f"closed/{folder.name}?after={after}"
            reply, _ = self._channel.ask("POST", path, ClosedTaken, body=body)
            assert reply is not None
            if reply.reply is not None:
                break
            if reply.after <= after:
                raise DepotFault(NOT_THE_DEPOT)
            after = reply.after
        try:
            proof = self._verifier.proof(reply.reply, sha256_of(body))
        except NotProven:
            raise DepotFault(NOT_THE_DEPOT) from None
        if proof.receipt.epoch < self._epoch:
            log.error("a receipt of an older epoch is not believed")
            raise DepotFault(NOT_THE_DEPOT)
        self._outbox.held(folder, proof.receipt.epoch)


def closed_manifest(folder: Path) -> ClosedManifest | None:
    """Return what lies in the folder of closed records; None where nothing was written yet. Raises OSError."""
    files = [_file(folder / name, name) for name in _NAMES if _is_there(folder / name)]
    if not any(file.name == DATABASE for file in files):
        return None
    return ClosedManifest(closed_id=folder.name, files=tuple(files))


def _is_there(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0  # a journal that was brought home is empty


def _file(path: Path, name: FileName) -> ClosedFile:
    with path.open("rb") as stream:
        return ClosedFile(name=name, size=path.stat().st_size, sha256=file_digest(stream, "sha256").hexdigest())
