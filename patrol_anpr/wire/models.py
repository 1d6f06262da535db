"""What the signed description of a set of models says, and how its roles and paths are named. Both sides read it here.

A set is the files by which a car reads. They travel as targets of TUF beside the lists (`lists.py`), in roles of their
own: a role of lists cannot sign a model, nor one of models a list. A role has one set, whose files are its targets, so
that no file of one set is ever taken with one of another.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from patrol_anpr.wire.lists import ABOUT
from patrol_anpr.wire.payloads import Count, Id, Name, Sha256, Wire, canonical_json, sha256_of

OPEN_ROLE, CLOSED_ROLE = "model-all", "model-"
"""The role of the set for all cars, and what begins the names of those for some."""
MODEL_ROLE = re.compile(r"model-(?:all|[0-9a-f]{32})\Z")
NEEDED = ("detector", "ocr", "ocr_near", "ocr_config")
"""What a set has to have; `detector_int8`, the detector in 8 bits, may be there, too."""
KNOWN = (*NEEDED, "detector_int8")
MOST_BYTES = 256 * 2**20
"""Of one file (judged: twenty times the shipped ones)."""
MOST_FILES = 16
LONGEST_WHY = 500

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.(onnx|yaml)$")]
"""A plain name: it leads to no other folder, and to nothing that is run when it is opened."""


class ModelFile(Wire):
    """One file of a set: what it is for, and what was signed of its content."""

    role: Id
    file: FileName
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]

    @property
    def custom(self) -> dict[str, Any]:
        """What is signed beside the file's path, hash and length, which TUF signs itself."""
        return {"role": self.role, "version": self.version}

    @classmethod
    def of(cls, path: str, custom: Mapping[str, Any], sha256: str, size: int) -> "ModelFile":
        """Read it back. Raises ValueError where it is no such thing."""
        return cls.model_validate({**custom, "file": path.partition("/")[2], "sha256": sha256, "size": size})


class ModelHead(Wire):
    """What a role of models says of its set: the revision counts over all sets of a depot; `audience` None: all cars.

    With `shadow` the set does not take over: it reads beside the one in use, and only what differs is counted.
    """

    name: Name
    revision: Annotated[int, Field(ge=1, le=2**53)]
    issued_at: AwareDatetime
    audience: tuple[Id, ...] | None = None
    shadow: bool = False
    withdrawn: bool = False

    def is_for(self, car_id: str) -> bool:
        """Tell whether the set is for a car."""
        return self.audience is None or car_id in self.audience

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "ModelHead":
        """Read it from the fields of a role's signed metadata. Raises ValueError where it is not there."""
        try:
            return cls.model_validate(fields[ABOUT])
        except (KeyError, ValidationError):
            raise ValueError("no head of a set of models") from None


class ModelSet(Wire):
    """A set of models that was signed, with its files."""

    head: ModelHead
    files: Annotated[tuple[ModelFile, ...], Field(max_length=MOST_FILES)]

    @property
    def content(self) -> str:
        """By which it is known what was found out of these very files, whatever their set is called: a SHA-256."""
        return sha256_of(canonical_json({one.role: one.sha256 for one in self.files}))


def checked_files(files: Iterable[ModelFile]) -> tuple[ModelFile, ...]:
    """Return the files of a whole set, by name. Raises ValueError where one is missing, or two are for the same."""
    found = tuple(sorted(files, key=lambda one: one.file))
    roles, names = [one.role for one in found], [one.file.casefold() for one in found]
    if len(set(roles)) < len(roles) or len(set(names)) < len(names) or len(found) > MOST_FILES:
        raise ValueError("two files are for the same, or have one name")
    if missing := [role for role in NEEDED if role not in roles]:
        raise ValueError(f"there is no file for {', '.join(missing)}")
    for one in found:
        if (one.role == "ocr_config") != one.file.endswith(".yaml"):
            raise ValueError(f"{one.file} is no file for {one.role}")
    return found


def path_of(role: str, file: ModelFile) -> str:
    """The path of a file's target: a role may sign what lies below its own name, and nothing else."""
    return f"{role}/{file.file}"


class ShadowCounts(Wire):
    """What a shadow run counted: pictures, and plates that both read alike, otherwise, or only one of them.

    `characters` counts the plates that differ by how many characters do: the first in one, the last in six or more.
    `missed` counts pictures that the new set did not get through.
    """

    pictures: Count = 0
    agree: Count = 0
    differ: Count = 0
    only_old: Count = 0
    only_new: Count = 0
    missed: Count = 0
    characters: Annotated[tuple[Count, ...], Field(min_length=6, max_length=6)] = (0,) * 6


class NewModels(Wire):
    """How far a car is with the newest set that it was offered. `why` says in a sentence why it is not in use."""

    name: Name
    revision: Count
    content: Sha256
    state: Annotated[str, StringConstraints(max_length=20)]
    why: Annotated[str, StringConstraints(max_length=LONGEST_WHY)] = ""
    shadow: ShadowCounts | None = None
