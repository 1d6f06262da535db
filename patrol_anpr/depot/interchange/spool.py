"""The adapter that comes with the depot: a folder a batch, of JSON lines and JPEG files, for others to fetch."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from patrol_anpr.depot.interchange.adapter import AdapterFault, Batch
from patrol_anpr.depot.interchange.national import NationalRecord
from patrol_anpr.plumbing.files import PART, folder_placed_whole, new_file, sha256_of_file

RECORDS, SUMS = "records.jsonl", "SHA256SUMS"


class Spool:
    """Writes each batch as a folder of its name into `folder`, which must be there: all of it at once, or nothing.

    Satisfies Adapter. A batch whose folder is there already, whole, was handed over.
    """

    name = "spool"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, batch: Batch) -> None:
        """Write a batch. Raises AdapterFault."""
        target = self._folder / batch.name
        try:
            if not self._folder.is_dir():
                raise AdapterFault(
                    "The spool folder is not there. Make it, or mount what it lies on; see [national] in depot.toml."
                )
            for half in self._folder.glob(f"{batch.name}.*{PART}"):  # of a run that was cut off
                _delete(half)
            if target.exists():
                _check(target)
                return
            with folder_placed_whole(target) as made:
                _fill(made, batch)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise AdapterFault(f"The spool folder cannot be written ({why}). Check its disk and its rights.") from error


def _fill(folder: Path, batch: Batch) -> None:
    sums: dict[str, str] = {}

    def write(name: str, content: bytes) -> None:
        if name not in sums:  # two reads of one frame share its overview
            with new_file(folder / name) as file:
                file.write(content)
            sums[name] = hashlib.sha256(content).hexdigest()

    lines = []
    for record in batch.records:
        for picture in (record.patch, record.overview):
            if picture is not None:
                write(_name_of(picture), picture)
        lines.append(json.dumps(_said(record), ensure_ascii=True, separators=(",", ":")))
    write(RECORDS, "".join(f"{line}\n" for line in lines).encode("ascii"))
    with new_file(folder / SUMS) as file:
        file.write("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode("ascii"))


def _said(record: NationalRecord) -> Mapping[str, Any]:
    at = record.captured_at.astimezone(UTC)
    return {
        "record_id": record.record_id,
        "vrm": record.vrm,
        "captured_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "feed_id": record.feed_id,
        "source_id": record.source_id,
        "camera_id": record.camera_id,
        "latitude": record.latitude,
        "longitude": record.longitude,
        "confidence": record.confidence,
        "motion": record.motion.value,
        "patch": None if record.patch is None else _name_of(record.patch),
        "overview": None if record.overview is None else _name_of(record.overview),
    }


def _name_of(picture: bytes) -> str:
    return f"{hashlib.sha256(picture).hexdigest()}.jpg"


def _check(folder: Path) -> None:
    """Raise AdapterFault unless every file of a batch is what its sums say."""
    damaged = AdapterFault(
        "A batch in the spool folder is not what was written. Move its folder away, and look into who changed it."
    )
    try:
        sums = (folder / SUMS).read_text("ascii").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        raise damaged from None
    for line in sums:
        digest, _, name = line.partition("  ")
        if not (folder / name).is_file() or sha256_of_file(folder / name) != digest:
            raise damaged


def _delete(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
