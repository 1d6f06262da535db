"""What the depot offers to this car, as the owners of the lists signed it: checked by TUF before a list is fetched.

Whoever holds the line, or the depot itself, can keep the car from newer lists, which is told. They cannot make it take
a list that its owner has not signed, an older one, or another one.
"""

import logging
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
            for role in self._roles():
                known = self._file(role).exists()
                try:
                    found, about = self._signed_by(role)
                    if not lists.keys().isdisjoint(found):
                        raise RepositoryError("a list of another owner")  # whoever was trusted first keeps it
                except (RepositoryError, DownloadError, ValueError) as fault:
                    absent = isinstance(fault, DownloadHTTPError) and fault.status_code == NOT_THERE
                    hidden = absent and role.startswith(CLOSED_ROLE) and not known
                    if not hidden:  # else it is for other cars
                        log.warning("what a role of lists offers is not believed: %s", type(fault).__name__)
                        faults[role] = _why(fault)
                else:
                    lists |= found
                    withdrawn |= {(role, gone.list_id): gone for gone in about.withdrawn}
        return Offer(tuple(lists.values()), withdrawn, faults)

    def _roles(self) -> Sequence[str]:
        delegations = self._read("targets").delegations
        roles = delegations.roles if delegations is not None else None
        return [role for role in (roles or {}) if ROLE.match(role)][:MOST_ROLES]

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
