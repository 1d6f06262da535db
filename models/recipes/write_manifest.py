"""Enter a model file in models/manifest.json: its size, sha256, version and provenance.

    python models/recipes/write_manifest.py ocr models/plate_ocr_uk.onnx --version 2 --provenance "..."

The car refuses a model that the manifest does not describe to the byte (`patrol-anpr doctor`). What the figures are,
and on what they were measured, belongs into models/MODEL_CARD.md: it is not written by this command.
"""

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODELS = Path(__file__).resolve().parents[1]
ROLES = ("detector", "detector_int8", "ocr", "ocr_near", "ocr_config")
_MADE_LIKE = {"detector_int8": "detector", "ocr_near": "ocr"}  # a new role takes form and licence from another


@dataclass(frozen=True, slots=True)
class Entry:
    """What is new of a model; the role keeps its input and its licence, unless `takes` and `licence` say otherwise.

    A role that is new takes both from the one it is made like.
    """

    role: str
    file: Path
    version: str
    provenance: str
    licence: str | None = None
    takes: str | None = None


def enter(manifest: Path, entry: Entry) -> None:
    """Replace the entry of a role in `manifest`.

    Raises:
        OSError: the manifest or the file cannot be read.
        LookupError: the manifest has no such role.
        ValueError: the file does not lie beside the manifest, or is another one of the version that is there.
    """
    if entry.file.resolve().parent != manifest.resolve().parent:
        raise ValueError(f"{entry.file.name} does not lie beside {manifest.name}: copy it there first.")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    known = _entry_of(content, entry.role)
    if known is None and (origin := _entry_of(content, _MADE_LIKE.get(entry.role, ""))):
        known = origin | {"role": entry.role, "version": "", "sha256": ""}
        content["models"].insert(content["models"].index(origin) + 1, known)
    if known is None:
        raise LookupError(f"{manifest.name} has no model of the role {entry.role}.")
    payload = entry.file.read_bytes()
    digest = hashlib.sha256(payload).hexdigest()
    if known["version"] == entry.version and known["sha256"] != digest:
        raise ValueError(f"Version {entry.version} is another file: reads are recorded with the version, so raise it.")
    known |= {
        "file": entry.file.name,
        "sha256": digest,
        "size": len(payload),
        "version": entry.version,
        "provenance": entry.provenance,
    }
    if entry.licence:
        known["licence"] = entry.licence
    if entry.takes:
        known["input"] = entry.takes
    manifest.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _entry_of(content: dict[str, Any], role: str) -> dict[str, Any] | None:
    return next((one for one in content["models"] if one["role"] == role), None)


def main() -> None:
    """Enter a file and say what is left to do."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("file", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--provenance", required=True, help="from what, on what, for how long, on which machine")
    parser.add_argument("--licence")
    given = parser.parse_args()
    enter(MODELS / "manifest.json", Entry(given.role, given.file, given.version, given.provenance, given.licence))
    print(f"Entered {given.file.name}. Now write its figures, data and limits into {MODELS / 'MODEL_CARD.md'}.")


if __name__ == "__main__":
    main()
