"""What the depot offers to this car, as people signed it: checked by TUF before a list or a model is fetched.

Whoever holds the line, or the depot itself, can keep the car from newer ones, which is told. They cannot make it take
one that its owner has not signed, an older one, or another one.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from patrol_anpr.domain.errors import KnownError, RecordsFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.wire.lists import CLOSED_ROLE, ROLE, HotlistHead, RoleHead, WithdrawnList, path_of
from patrol_anpr.wire.models import KNOWN, MODEL_ROLE, ModelFile, ModelHead, ModelSet, checked_files
from patrol_anpr.wire.models import OPEN_ROLE as MODELS_FOR_ALL
from patrol_anpr.wire.models import path_of as path_of_model

log = logging.getLogger(__name__)

METADATA, TARGETS = "lists/metadata/", "lists/targets/"
TIMESTAMP = METADATA + "timestamp.json"
"""Another one whenever anything is published; signed anew once an hour, too."""
FOLDER = "signed"
LIMITS = UpdaterConfig(
    max_root_rotations=64,
    root_max_length=64_000,
    timestamp_max_length=16_000,
    snapshot_max_length=250_000,
    targets_max_length=1_000_000,
)
"""Bytes that are read of each file at most. An owner's role with a hundred lists has some 60,000."""
MOST_ROLES = 200
NOT_THERE = 404

OUT_OF_DATE = marked("What the depot offers is out of date, perhaps an old copy. Tell IT.")
OLDER = marked("The depot offers older lists than it did before. Tell IT.")
TOO_LONG = marked("What the depot sends is longer than it may be. Tell IT.")
NOT_SIGNED = marked("What the depot offers is not signed as it must be, or was changed on the way. Tell IT.")
NONE_SIGNED = marked("The depot offers no signed lists. Tell IT.")
NO_ROOT = marked("This car does not know whose signature to trust. Enrol it again, or tell IT.")
NO_ROOM = marked("It could not be written to the disk. Check the free space, then sync again.")


class NotTrusted(KnownError):
    """What the depot offers cannot be believed; the text says why."""


@dataclass(frozen=True, slots=True)
class SignedFile:
    """One file of a list, as it was signed, and where it is to be asked for."""

    path: str
    sha256: str
    bytes: int

    def is_whole(self, file: Path) -> bool:
        """Tell whether a file is what was signed."""
        try:
            return file.stat().st_size == self.bytes and sha256_of_file(file) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Offered:
    """One list that is offered: its head, the role that signed it, and its target."""

    head: HotlistHead
    role: str
    target: TargetFile

    @property
    def sha256(self) -> str:
        """The hash of its file."""
        return self.head.sha256

    def files(self, base: str) -> tuple[SignedFile, ...]:
        """What a car fetches that holds the whole list with the SHA-256 `base` ("": none): the list's own file last."""
        name = self.target.path.partition("/")[2]
        files = self.head.files
        wanted = files[1:] if len(files) > 1 and files[0].sha256 == base else files
        return tuple(SignedFile(f"{TARGETS}{self.role}/{one.sha256}.{name}", one.sha256, one.bytes) for one in wanted)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that is offered to this car, signed. `faults`: the roles whose lists cannot be believed now, and why."""

    lists: Sequence[Offered]
    withdrawn: Mapping[tuple[str, str], WithdrawnList]  # by role and list id
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfferedModels:
    """One set of models that is offered, and the role that signed it."""

    models: ModelSet
    role: str

    def file(self, one: ModelFile) -> SignedFile:
        """Where one of its files is to be asked for."""
        return SignedFile(f"{TARGETS}{self.role}/{one.sha256}.{one.file}", one.sha256, one.size)


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """The sets of models that are offered to this car. `withdrawn` and `faults` are by role, as those of an Offer."""

    sets: Sequence[OfferedModels]
    withdrawn: Mapping[str, ModelHead]
    faults: Mapping[str, str]


class SignedLists:
    """One look at what the depot offers, at the time `now`, which must not be this computer's own.

    `folder` keeps what was believed last, so that nothing older is believed later. `root` is the metadata that this car
    was given to trust by. Raises NotTrusted and whatever `metadata` does.
    """

    def __init__(self, metadata: FetcherInterface, folder: Path, root: bytes, now: datetime) -> None:
        if not root:
            raise NotTrusted(NO_ROOT)
        self._folder = folder
        with _plainly():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._updater = Updater(str(folder), METADATA, fetcher=metadata, config=LIMITS, bootstrap=root)
        # TUF asks this computer's clock, which may stand at 1970 or 2040; it has no other way in for a better time.
        self._updater._trusted_set.reference_time = now

    def offer(self) -> Offer:
        """Return what is offered to this car."""
        lists: dict[str, Offered] = {}
        withdrawn: dict[tuple[str, str], WithdrawnList] = {}
        faults: dict[str, str] = {}
        with _plainly():
            self._updater.refresh()
            for role in self._roles(ROLE):
                with self._excused(role, faults):
                    found, about = self._signed_by(role)
                    if not lists.keys().isdisjoint(found):
                        raise RepositoryError("a list of another owner")  # whoever was trusted first keeps it
                    lists |= found
                    withdrawn |= {(role, gone.list_id): gone for gone in about.withdrawn}
        return Offer(tuple(lists.values()), withdrawn, faults)

    def models(self) -> ModelOffer:
        """Return the sets of models that are offered to this car."""
        sets: list[OfferedModels] = []
        withdrawn: dict[str, ModelHead] = {}
        faults: dict[str, str] = {}
        with _plainly():
            self._updater.refresh()
            for role in self._roles(MODEL_ROLE):
                with self._excused(role, faults):
                    found = self._models_of(role)
                    if found.head.withdrawn:
                        withdrawn[role] = found.head
                    else:
                        sets.append(OfferedModels(found, role))
        return ModelOffer(sets, withdrawn, faults)

    @contextmanager
    def _excused(self, role: str, faults: dict[str, str]) -> Iterator[None]:
        """Note in `faults` why a role cannot be believed; nothing of one that is for other cars."""
        known = self._file(role).exists()
        try:
            yield
        except (RepositoryError, DownloadError, ValueError) as fault:
            absent = isinstance(fault, DownloadHTTPError) and fault.status_code == NOT_THERE
            if not (absent and _is_for_some(role) and not known):
                log.warning("what a role offers is not believed: %s", type(fault).__name__)
                faults[role] = _why(fault)

    def _roles(self, kind: re.Pattern[str]) -> Sequence[str]:
        delegations = self._read("targets").delegations
        roles = delegations.roles if delegations is not None else None
        return [role for role in (roles or {}) if kind.match(role)][:MOST_ROLES]

    def _models_of(self, role: str) -> ModelSet:
        """The set that a role has signed. Raises as `_signed_by` does."""
        self._updater.get_targetinfo(f"{role}/-")
        signed = self._read(role)
        head = ModelHead.of(signed.unrecognized_fields)
        files = []
        for path in signed.targets:
            target = self._updater.get_targetinfo(path)
            if target is None or target.custom is None:
                raise RepositoryError("a model at a path that is not the role's")
            file = ModelFile.of(path, target.custom, target.hashes.get("sha256", ""), target.length)
            if path != path_of_model(role, file):
                raise RepositoryError("a model at a path that is not its own")
            files.append(file)
        # What a newer depot has for newer cars is passed over.
        known = [one for one in files if one.role in KNOWN]
        return ModelSet(head=head, files=() if head.withdrawn else checked_files(known))

    def _signed_by(self, role: str) -> tuple[dict[str, Offered], RoleHead]:
        """What a role has signed. Raises RepositoryError, DownloadError, ValueError where it cannot be believed."""
        self._updater.get_targetinfo(f"{role}/-")  # names no list: has the role fetched and checked
        signed = self._read(role)
        found: dict[str, Offered] = {}
        for path in signed.targets:
            target = self._updater.get_targetinfo(path)  # None for a path that the role may not sign
            if target is None or target.custom is None:
                raise RepositoryError("a list at a path that is not the role's")
            head = HotlistHead.of(target.custom, target.hashes.get("sha256", ""), target.length)
            if path != path_of(role, head) or head.list_id in found:
                raise RepositoryError("a list at a path that is not its own")
            found[head.list_id] = Offered(head, role, target)
        return found, RoleHead.of(signed.unrecognized_fields)

    def _read(self, role: str) -> Targets:
        """What a role signed, from the file that TUF keeps of it once it is checked."""
        signed = Metadata[Targets].from_file(str(self._file(role))).signed
        assert isinstance(signed, Targets)
        return signed

    def _file(self, role: str) -> Path:
        return self._folder / f"{role}.json"


def _is_for_some(role: str) -> bool:
    """Tell whether a role is for some cars only, so that its absence says nothing."""
    return role.startswith(CLOSED_ROLE) or (MODEL_ROLE.match(role) is not None and role != MODELS_FOR_ALL)


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn what TUF raises into a sentence."""
    try:
        yield
    except (RepositoryError, DownloadError, ValueError) as fault:
        log.warning("what the depot offers is not believed: %s", type(fault).__name__)
        raise NotTrusted(_why(fault)) from fault
    except OSError as error:
        raise RecordsFault(NO_ROOM) from error


def _why(fault: Exception) -> str:
    return next(why for kind, why in _REASONS if isinstance(fault, kind))


_REASONS = (
    (ExpiredMetadataError, OUT_OF_DATE),
    (BadVersionNumberError, OLDER),
    (DownloadLengthMismatchError, TOO_LONG),
    (DownloadHTTPError, NONE_SIGNED),
    (Exception, NOT_SIGNED),
)
