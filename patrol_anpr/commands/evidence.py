"""`patrol-anpr evidence`: hand out a Read from this car's records, and check what was handed out."""

import getpass
import subprocess
import sys
from pathlib import Path

from patrol_anpr.build import evidence_writer, origin_of
from patrol_anpr.commands.terminal import complain, say
from patrol_anpr.domain.dossier import ExportRequest, checked_reason
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.enrolment import as_enrolled, identity_of
from patrol_anpr.evidence.checking import look_at
from patrol_anpr.evidence.package import VERIFIER
from patrol_anpr.patrol.export import Exports
from patrol_anpr.records.exposure import has_shifts
from patrol_anpr.records.keys import find_key
from patrol_anpr.records.records import Records
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock


def export_evidence(settings: Settings, read_id: str, reason: str, folder: Path | None, *, covert: bool) -> int:
    """Export one Read in the name of whoever runs this; prints where it is. Returns 0.

    Raises:
        BadInput, RecordsFault: as Exports.hand_out; also when a patrol has these records open, or there are none.
    """
    reason, clock, records_folder = checked_reason(reason), SystemClock(), settings.records.folder
    settings = as_enrolled(settings, identity_of(settings))
    if not records_folder.is_dir():
        raise BadInput(f"There are no records in {records_folder}. Name their folder in records.folder.")
    if has_shifts(records_folder):
        raise BadInput(
            "The records of an enrolled car open only when an officer signs on: export in the car, during the shift of "
            "the read, or from what the depot holds."
        )
    records = Records.open(
        records_folder,
        find_key(records_folder),
        clock,
        on_saved=lambda _: None,
        on_lamp=lambda _: None,
        origin=origin_of(settings),
    )
    records.start()
    try:
        writer = evidence_writer(settings, records, clock)
        exports = Exports(records, writer)
        to = folder.absolute() if folder is not None else writer.places()[0].folder
        request = ExportRequest(read_id, f"IT {getpass.getuser()}", reason, to, covert=covert)
        exported = exports.hand_out(request)
        exports.close()
    finally:
        lost = records.stop()
    if lost:
        raise RecordsFault(lost)
    say(f"Exported to {exported.folder}")
    for name, digest in exported.files:
        say(f"{digest}  {name}")
    say(f"Certificate of this car: {exported.certificate}")
    return 0


def verify_evidence(file: Path) -> int:
    """Check a PDF twice: its signature by pyHanko, and all of it by the one-file verifier. Returns 0 or 1."""
    try:
        pdf = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}).") from error
    looked = look_at(pdf)
    if looked.sound:
        say(f"pyHanko: the signature is sound, and over all of the file. Certificate {looked.fingerprint}")
    else:
        complain(f"pyHanko: the signature is NOT SOUND: {looked.summary}.")
    own = subprocess.run(
        [sys.executable, "-I", str(ASSETS / VERIFIER), str(file)], capture_output=True, text=True, check=False
    )
    for line in (own.stdout + own.stderr).splitlines():
        say(line)
    return 0 if looked.sound and own.returncode == 0 else 1
