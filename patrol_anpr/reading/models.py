"""The shipped models: each file is checked against models/manifest.json before anything opens it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.plumbing.files import sha256_of_file

MANIFEST = "manifest.json"
_ROLES = ("detector", "ocr", "ocr_near", "ocr_config")
_REMEDY = "Install Patrol ANPR again, or put the file back as it was delivered."


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """A model file that reads: its role, its name, its sha256 (hex), and its version; "" for one of a user's own.

    As text it is what is kept with each Read: the role, and version and start of the sha256, or the name of the file.
    """

    role: str
    file: str
    sha256: str
    version: str = ""

    @classmethod
    def own(cls, role: str, file: Path) -> Self:
        """A model that the settings name. Raises ModelRefused where it cannot be read."""
        try:
            return cls(role, file.name, sha256_of_file(file))
        except OSError as error:
            raise ModelRefused(f"The model {file.name} is missing or cannot be read. Correct the settings.") from error

    def __str__(self) -> str:
        """Say which it is."""
        return f"{self.role} {self.version} ({self.sha256[:8]})" if self.version else f"{self.role} {self.file}"


@dataclass(frozen=True, slots=True)
class FoundModels:
    """What of the shipped models is whole: files and versions by role, and a fault for each that is not.

    `ocr` and `ocr_near` read together (docs/adr/0009-two-ocrs.md); `detector_int8` is the detector in 8 bits, and need
    not be there.
    """

    files: Mapping[str, Path]
    models: Mapping[str, ModelInUse]
    faults: Mapping[str, ModelRefused]


def find_models(folder: Path) -> FoundModels:
    """Check every file of `folder`'s manifest by size and sha256, each for itself.

    A model of a wrong shape is refused where it is opened: make_detector, make_ocr.

    Raises:
        ModelRefused: the manifest cannot be used, so that nothing can be checked.
    """
    files: dict[str, Path] = {}
    models: dict[str, ModelInUse] = {}
    faults: dict[str, ModelRefused] = {}
    for entry in _manifest(folder):
        path = folder / Path(entry["file"]).name
        try:
            digest = _verified(path, entry)
        except ModelRefused as fault:
            faults[entry["role"]] = fault
            continue
        files[entry["role"]] = path
        models[entry["role"]] = ModelInUse(entry["role"], path.name, digest, entry["version"])
    for role in _ROLES:
        if role not in files and role not in faults:
            faults[role] = ModelRefused(f"{MANIFEST} names no model for: {role}. {_REMEDY}")
    return FoundModels(files, models, faults)


def shipped_digests(folder: Path) -> Mapping[str, str]:
    """Return the whole sha256 of each shipped model by the name that Reads give it; nothing where that is not known."""
    try:
        entries = _manifest(folder)
    except ModelRefused:
        return {}
    return {f"{entry['role']} {entry['version']} ({entry['sha256'][:8]})": entry["sha256"] for entry in entries}


def _manifest(folder: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["models"]
        return [{key: entry[key] for key in ("role", "file", "sha256", "size", "version")} for entry in entries]
    except OSError as error:
        raise ModelRefused(f"The list of models {folder / MANIFEST} cannot be read. {_REMEDY}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused(f"The list of models {folder / MANIFEST} is damaged. {_REMEDY}") from error


def _verified(path: Path, entry: dict[str, Any]) -> str:
    """Return the file's sha256 after comparing it with the manifest's."""
    try:
        digest = sha256_of_file(path)
    except OSError as error:
        raise ModelRefused(f"The model {path.name} is missing or cannot be read. {_REMEDY}") from error
    if digest != entry["sha256"] or path.stat().st_size != entry["size"]:
        raise ModelRefused(f"The model {path.name} was changed or is damaged (its checksum is wrong). {_REMEDY}")
    return digest
