"""Writes the evidence of a Read: a folder with the signed PDF, its table, and the verifier; whole, or not at all."""

import errno
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.dossier import Dossier, Exported, ExportPlace, ExportRequest
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.sentences import Sentence, sentence
from patrol_anpr.evidence.account import account
from patrol_anpr.evidence.canonical import manifest_file, records_file, records_of
from patrol_anpr.evidence.places import places
from patrol_anpr.evidence.signing import SigningKey, signed
from patrol_anpr.evidence.table import table
from patrol_anpr.plumbing.files import folder_placed_whole, write_whole
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.records import Origin

VERIFIER = "verify_evidence.py"
PATCH, OVERVIEW, RECORDS, TABLE, MANIFEST = "patch.jpg", "overview.jpg", "records.json", "evidence.csv", "manifest.json"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class EvidenceWriter:
    """Satisfies ports.EvidenceWriting. `folder` is the car's own for exports.

    `signing_key` is asked at each export; it may wait for the disk, and raise. `assets` has the verifier; `models` are
    the SHA-256 of the models' files, by the name that Reads give them.
    """

    def __init__(
        self,
        folder: Path,
        signing_key: Callable[[], SigningKey],
        clock: Clock,
        origin: Origin,
        assets: Path,
        models: Mapping[str, str],
    ) -> None:
        self._folder, self._signing_key = folder, signing_key
        self._clock, self._origin = clock, origin
        self._assets, self._models = assets, models

    def places(self) -> Sequence[ExportPlace]:
        """Where an export may go, the car's own folder first. Waits for the drives."""
        return places(self._folder)

    def write(self, dossier: Dossier, request: ExportRequest) -> Exported:
        """Write the folder of an export into `request.folder`; names hold no mark.

        Raises:
            BadInput: the folder cannot be written to: it is full, gone, or not ours.
            RecordsFault: there is no key to sign with.
        """
        key, made_at = self._signing_key(), self._clock.utc()
        verifier = (self._assets / VERIFIER).read_bytes()
        pdf, csv_file = self._pdf(dossier, request, key, made_at, verifier)
        name = f"evidence_{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}_{_safe(dossier.read.read_id)}"
        files = {f"{name}.pdf": pdf, TABLE: csv_file, VERIFIER: verifier}
        target = request.folder / name
        try:
            request.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with folder_placed_whole(target) as folder:
                for file, content in files.items():
                    write_whole(folder / file, content, sync_name=False)
        except OSError as error:
            raise BadInput(_why_not(error, request.folder)) from error
        hashes = tuple((file, sha256_of(content)) for file, content in files.items())
        return Exported(target, target / f"{name}.pdf", made_at, hashes, key.fingerprint)

    def _pdf(
        self, dossier: Dossier, request: ExportRequest, key: SigningKey, made_at: datetime, verifier: bytes
    ) -> tuple[bytes, bytes]:
        """The signed PDF and its table."""
        from patrol_anpr.evidence.pages import Printed, pdf_of

        car = self._origin.source_id
        sections = account(dossier, request, self._origin, made_at)
        records = records_of(dossier)
        evidence = dossier.evidence
        others = [(f"patch_{number}.jpg", jpeg) for number, jpeg in enumerate(evidence.patches, 2)]
        stored = [(PATCH, evidence.patch), (OVERVIEW, evidence.overview), *others]
        pictures = {name: jpeg for name, jpeg in stored if jpeg}
        csv_file = table(sections)
        attached = {**pictures, RECORDS: records_file(dossier, records), TABLE: csv_file}
        models = {name: digest for name, digest in self._models.items() if name in dossier.read.models}
        manifest = manifest_file(
            dossier,
            request,
            self._origin,
            made_at,
            records,
            {**attached, VERIFIER: verifier},
            models,
            key.fingerprint,
        )
        printed = Printed(
            dossier=dossier,
            sections=sections,
            records=records,
            pictures={name: sha256_of(jpeg) for name, jpeg in pictures.items()},
            models=models,
            certificate=key.fingerprint,
            made_at=made_at,
            car=car,
        )
        pdf = pdf_of(printed, {**attached, MANIFEST: manifest})
        reason = f"Evidence of one read with manifest {sha256_of(manifest)}"
        return signed(pdf, key, owner=f"Car {car}", reason=reason), csv_file


def _safe(read_id: str) -> str:
    """The id of a Read as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in read_id)[:40]


def _why_not(error: OSError, folder: Path) -> Sentence:
    if error.errno in _FULL:
        return sentence(
            "There is not enough room in {folder}. Make room or choose another folder; nothing was left there.",
            folder=folder,
        )
    if error.errno in _REFUSED:
        return sentence(
            "This program may not write to {folder}. Choose another folder, or take the write protection off.",
            folder=folder,
        )
    if not folder.parent.exists():
        return sentence(
            "The folder {folder} is not there. Plug the drive in again or choose another folder.", folder=folder
        )
    return sentence(
        "The evidence could not be written to {folder} ({reason}). Choose another folder.",
        folder=folder,
        reason=error.strerror or type(error).__name__,
    )
