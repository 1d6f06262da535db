"""Making the evidence of a read that is handed out: pictures, signed PDF, timestamp, as one file."""

from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from patrol_anpr.console.state import Console
from patrol_anpr.console.timestamps import timestamp_of
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.search.exporting import Export
from patrol_anpr.depot.settings import evidence_setting
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.evidence.of_depot import HeldRead, SentRecord, evidence_files, zipped
from patrol_anpr.evidence.package import VERIFIER
from patrol_anpr.evidence.signing import SigningKey, find_signing_key
from patrol_anpr.resources import ASSETS


def evidence_file(console: Console, export: Export) -> tuple[str, bytes]:
    """Return the name and the content of the ZIP. Raises DepotFault without a timestamp, RecordsFault, OSError."""
    keys = DepotKeys(console.folder)
    read = export.read
    held = HeldRead(
        depot_id=keys.depot_id,
        car_id=read.car_id,
        received_at=read.received_at,
        records=[SentRecord(one.kind, one.item_id, one.sha256, one.value) for one in export.records],
        patch=_picture(console, read.picture("patch")),
        overview=_picture(console, read.picture("overview")),
        officer_says=read.officer_says,
        receipt={
            "asked": export.asked.model_dump(mode="json"),
            "key": keys.receipt_key.hex(),
            **export.proof.model_dump(mode="json", include={"receipt", "signature", "items"}),
        },
        row=export.row,
        by=export.by,
        case_number=export.case_number,
        reason=export.reason,
        made_at=export.made_at,
    )
    files = dict(evidence_files(held, _signing_key(keys, export.made_at), (ASSETS / VERIFIER).read_bytes()))
    pdf = next(iter(files))
    setting = evidence_setting(console.folder)
    if setting.timestamp_url is not None and setting.timestamp_ca is not None:
        stamp = timestamp_of(files[pdf], setting.timestamp_url, setting.timestamp_ca)
        files[pdf.removesuffix(".pdf") + ".tsr"] = stamp
    return pdf.removesuffix(".pdf") + ".zip", zipped(files, export.made_at)


def _picture(console: Console, sha256: str | None) -> bytes:
    if sha256 is None:
        return b""
    try:
        return console.pictures.content(sha256)
    except Unreadable:
        return b""


def _signing_key(keys: DepotKeys, now: datetime) -> SigningKey:
    """The depot's key for evidence, sealed with one that is derived of its storage key for this alone."""
    secret = HKDF(SHA256(), 32, None, b"patrol-anpr evidence").derive(keys.storage)
    return find_signing_key(keys.folder, secret, f"Depot {keys.depot_id}", now)[0]
