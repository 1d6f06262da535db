"""What a car trusts: one depot, its authority and its public keys."""

import dataclasses
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import made_folder, write_whole

FILE = "trust.json"


@dataclass(frozen=True, slots=True)
class Trust:
    """The depot this car was enrolled at. Nothing in it is secret; what counts is that nobody changes it.

    Args:
        depot_id: the depot's UUID.
        ca: PEM, who may vouch for the depot and its cars.
        receipt_key: Ed25519, 32 bytes: what the depot signs receipts with.
        sealing_key: X25519, 32 bytes: what only the depot may open is sealed to it.
        lists_root: root.json of the depot's signed lists; empty where it publishes none.
        address: where the depot was when the car enrolled.
    """

    depot_id: str
    ca: bytes
    receipt_key: bytes
    sealing_key: bytes
    lists_root: bytes = b""
    address: str = ""


def keep(folder: Path, trust: Trust) -> None:
    """Keep what a car trusts in its identity folder, in the place of what it trusted before. Raises RecordsFault."""
    made_folder(folder, "records.folder")
    said = {field.name: getattr(trust, field.name) for field in dataclasses.fields(Trust)}
    text = json.dumps(
        {name: b64encode(part).decode() if isinstance(part, bytes) else part for name, part in said.items()}
    )
    try:
        write_whole(folder / FILE, text.encode())
    except OSError as error:
        raise RecordsFault(
            "What this car trusts cannot be kept in {folder} ({why}). Check the disk and its rights.",
            folder=folder,
            why=error.strerror or error,
        ) from error


def read(folder: Path) -> Trust | None:
    """Return what a car trusts, None before its enrolment. Raises RecordsFault when that is damaged."""
    try:
        said = json.loads((folder / FILE).read_bytes())
        return Trust(
            depot_id=str(said["depot_id"]),
            ca=b64decode(said["ca"], validate=True),
            receipt_key=b64decode(said["receipt_key"], validate=True),
            sealing_key=b64decode(said["sealing_key"], validate=True),
            lists_root=b64decode(said.get("lists_root", ""), validate=True),
            address=str(said.get("address", "")),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordsFault(
            "What this car trusts cannot be read from {folder}. Enrol the car again: `patrol-anpr enrol`.",
            folder=folder,
        ) from error
