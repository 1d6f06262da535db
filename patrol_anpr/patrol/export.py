"""Handing out a Read as evidence: on record first, then written, then the hashes of what was written on record."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from patrol_anpr.domain.dossier import (
    EXPORT_ASKED,
    EXPORT_FAILED,
    EXPORT_MADE,
    Exported,
    ExportPlace,
    ExportRequest,
    checked_reason,
)
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.shift import Crew, Shift
from patrol_anpr.patrol.ports import EvidenceWriting, Recording

ON_RECORD_SECONDS = 20.0
"""How long an export waits for its audit row to be on the disk: nothing is handed out before."""


class Exports:
    """The one way evidence leaves the car. Calls return at once; the work is done on a thread of its own."""

    def __init__(
        self, recording: Recording, writing: EvidenceWriting | None, moving: Callable[[], bool | None] = lambda: None
    ) -> None:
        self._recording, self._writing, self._moving = recording, writing, moving
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="evidence-export")

    def places(self) -> "Future[Sequence[ExportPlace]]":
        """Where an export may go, the car's own folder first."""
        return self._thread.submit(self._places)

    def export(self, read_id: str, reason: str, folder: Path, shift: Shift) -> "Future[Exported]":
        """Hand out a Read of `shift` in the name of its officer.

        Raises:
            BadInput: the reason is none, or the driver is alone and drives. The Future: as `hand_out`, and BadInput for
                a Read of another shift.
        """
        if shift.crew is Crew.SINGLE and self._moving() is True:
            raise BadInput("Stop the car first. Evidence is not exported while you drive alone.")
        request = ExportRequest(read_id, shift.officer_id, checked_reason(reason), folder)
        return self._thread.submit(self.hand_out, request, shift)

    def hand_out(self, request: ExportRequest, shift: Shift | None = None) -> Exported:
        """Write what `request` asks for, of `shift` only unless that is None; waits for the disk.

        Raises:
            BadInput: there is no such Read in this car, or the folder takes nothing.
            RecordsFault: the request could not be put on record, or there is no key to sign with.
        """
        self._recording.audit(request.by, EXPORT_ASKED, request.read_id, request.reason)
        try:
            exported = self._write(request, shift)
        except BaseException:
            self._recording.audit(request.by, EXPORT_FAILED, request.read_id, "nothing was handed out")
            raise
        named = ", ".join(f"{Path(name).suffix[1:]} {digest}" for name, digest in exported.files)
        self._recording.audit(
            request.by, EXPORT_MADE, request.read_id, f"sha256: {named}; certificate {exported.certificate}"
        )
        return exported

    def _write(self, request: ExportRequest, shift: Shift | None) -> Exported:
        writing = self._writer()
        if not self._recording.flush(ON_RECORD_SECONDS):
            raise RecordsFault(
                "The reason could not be put on record, so nothing was exported. Look at the lamp of the records, then "
                "try again."
            )
        dossier = self._recording.dossier(request.read_id, covert=request.covert)
        if dossier is None:
            raise BadInput("This read is not in this car any more. The depot holds it.")
        if shift is not None and (dossier.shift is None or dossier.shift.shift_id != shift.shift_id):
            raise BadInput("This read is not of your shift. Ask the depot for its evidence.")
        return writing.write(dossier, request)

    def _places(self) -> Sequence[ExportPlace]:
        return self._writer().places()

    def _writer(self) -> EvidenceWriting:
        if self._writing is None:
            raise BadInput("This car exports no evidence. Ask the depot.")
        return self._writing

    def close(self) -> None:
        """End: an export under way is finished, what waits is given up."""
        self._thread.shutdown(wait=True, cancel_futures=True)
