"""The signed repository of lists and models (TUF, consistent snapshots), as files below `lists` in the depot's folder.

`timestamp.json` is what counts: it is placed last and whole, so that a crash leaves the publication before or the new
one. What it does not lead to is not published.
"""

import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from patrol_anpr.depot.lists.keys import KeyPlace, ListKeys
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import made_folder, place_whole, write_whole
from patrol_anpr.wire.lists import ABOUT, ROLE, HotlistHead, RoleHead
from patrol_anpr.wire.models import MODEL_ROLE, ModelFile, ModelHead

log = logging.getLogger(__name__)

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = TOP = ("root", "targets", "snapshot", "timestamp")
ONLINE = (SNAPSHOT, TIMESTAMP)
"""They sign by themselves, with keys on the depot's machine; those of all others belong to people."""
LIFE: Mapping[str, timedelta] = {SNAPSHOT: timedelta(days=7), TIMESTAMP: timedelta(days=1)}
LONG_LIFE = timedelta(days=365)
"""How long what a role has signed is good for a car that syncs: LIFE, for the others LONG_LIFE."""
FRESH: Mapping[str, timedelta] = {SNAPSHOT: timedelta(days=3), TIMESTAMP: timedelta(hours=23)}
LONG_FRESH = timedelta(days=90)
"""With less than this left it is signed anew when a car asks, where its key is at hand."""
KEPT = timedelta(days=1)
"""What is no longer published stays this long: a car may be on its way through it."""
NOT_WHOLE = "The signed lists of this depot are not there, or not whole. Restore the depot's folder from a back-up."
BUSY_SECONDS = 20.0
_METADATA = re.compile(r"(?:timestamp|[1-9][0-9]{0,9}\.([a-z0-9-]{1,80}))\.json\Z")
_Signed = TypeVar("_Signed", Root, Targets, Snapshot, Timestamp)


@dataclass
class _Published:
    """All that is published at one moment; `targets` is the top role, `roles` those of lists and of models."""

    root: Metadata[Root]
    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Metadata[Targets]
    roles: dict[str, Metadata[Targets]]

    def named(self, role: str) -> Metadata[Any]:
        return self.roles[role] if role not in TOP else getattr(self, role)

    def rule(self, role: str) -> Role:
        """Whose keys sign for a role, and how many of them it needs."""
        return (self.root if role in TOP else self.targets).signed.get_delegated_role(role)

    @property
    def names(self) -> tuple[str, ...]:
        return (*TOP, *self.roles)


@dataclass(frozen=True, slots=True)
class RoleState:
    """One role as the operator sees it: where its keys are, how many must sign, and when what it signed ends."""

    role: str
    keys: Mapping[str, KeyPlace]
    threshold: int
    expires: datetime


class _Busy(RecordsFault):
    """Somebody else is publishing."""


class Repository:
    """The repository below `folder` (the depot's), whose `keys` sign. Processes take turns in changing it.

    Raises RecordsFault where it is damaged or the disk refuses, BadInput where a key is missing that a person has.
    """

    def __init__(self, folder: Path, keys: ListKeys, now: Callable[[], datetime]) -> None:
        self._depot, self._folder = folder, folder / "lists"
        self._metadata, self._targets = self._folder / "metadata", self._folder / "targets"
        self._keys, self._now = keys, now
        self._lock = FileLock(self._folder / "publishing.lock", mode=0o600)

    @property
    def exists(self) -> bool:
        """Whether anything is published, be it that there is no list."""
        return (self._metadata / "timestamp.json").is_file()

    def create(self) -> None:
        """Make the repository and the keys of its top roles, where there is none."""
        if not self.exists:  # a car that asks does not wait for a person who publishes
            with self.turn():
                self._begin()

    def _begin(self) -> None:
        if self.exists:  # another process was quicker
            return
        root = Root(consistent_snapshot=True)
        for role in TOP:
            root.add_key(self._keys.make(role), role)
        published = _Published(
            Metadata(root),
            Metadata(Timestamp()),
            Metadata(Snapshot()),
            Metadata(Targets(delegations=Delegations({}, roles={}))),
            {},
        )
        self._publish_root(published)
        self._publish(published, TARGETS)

    def root(self) -> bytes:
        """The newest root: what a car is given once, by enrolment, to trust this depot's lists."""
        return _bytes_of(self._newest_root())

    def metadata(self, name: str) -> bytes | None:
        """The content of a metadata file; None where there is none of that name."""
        try:
            return (self._metadata / name).read_bytes() if _METADATA.match(name) else None
        except FileNotFoundError:
            return None

    def names(self, roles: Collection[str]) -> list[str]:
        """The names of all metadata that a car needs for these roles of lists: of the root each version there was."""
        published = self._published()
        wanted = (SNAPSHOT, TARGETS, *(role for role in published.roles if role in roles))
        newest = [f"{published.named(role).signed.version}.{role}.json" for role in wanted]
        return [*(path.name for path in self._roots()), "timestamp.json", *newest]

    def target(self, sha256: str) -> Path:
        """Where the file with this SHA-256 lies, if it is published."""
        return self._targets / sha256

    def beside(self, name: str) -> Path:
        """Where something lies that belongs to the lists and is not published."""
        return self._folder / name

    def roles(self) -> dict[str, Targets]:
        """What each role of lists has published last, by its name."""
        return {role: metadata.signed for role, metadata in self._published().roles.items() if ROLE.match(role)}

    def models(self) -> dict[str, Targets]:
        """What each role of models has published last, by its name."""
        return {role: metadata.signed for role, metadata in self._published().roles.items() if MODEL_ROLE.match(role)}

    def about(self, role: str) -> RoleHead | None:
        """What a role has said of itself last; None where there is none of that name."""
        published = self._published().roles.get(role)
        return None if published is None else RoleHead.of(published.signed.unrecognized_fields)

    def is_for(self, role: str, car_id: str) -> bool:
        """Tell whether a car may have what a role publishes."""
        published = self._published().roles.get(role)
        if published is None:
            return False
        fields = published.signed.unrecognized_fields
        return (ModelHead if MODEL_ROLE.match(role) else RoleHead).of(fields).is_for(car_id)

    def files(self, role: str, path: str) -> frozenset[str]:
        """The SHA-256 of each file that a car may fetch as the target of this path; none where it is not published."""
        published = self._published().roles.get(role)
        target = published.signed.targets.get(path) if published is not None else None
        return frozenset() if target is None else _files_of(role, target)

    def states(self) -> list[RoleState]:
        """Each role as the operator sees it."""
        published = self._published()
        found = []
        for role in published.names:
            rule = published.rule(role)
            places = {keyid: self._keys.place(role, keyid) for keyid in rule.keyids}
            found.append(RoleState(role, places, rule.threshold, published.named(role).signed.expires))
        return found

    @contextmanager
    def turn(self, seconds: float = BUSY_SECONDS) -> Iterator[None]:
        """Nobody else changes what is published within the block; blocks may lie in one another.

        Raises RecordsFault where somebody else is still at it after so many seconds.
        """
        for folder in (self._depot, self._folder, self._metadata, self._targets):  # each for its owner alone
            made_folder(folder, "--folder")
        try:
            with self._lock.acquire(timeout=seconds):
                yield
        except Timeout:
            raise _Busy("Somebody else is publishing lists. Wait until they are done, and try again.") from None

    def add_target(self, sha256: str, part: Path) -> None:
        """Take a finished file in, under its SHA-256; it counts once a role has signed it."""
        try:
            place_whole(part, self.target(sha256))
        except OSError as error:
            raise _cannot_write(error) from error

    def publish(self, changes: Mapping[str, Callable[[Targets], None]]) -> None:
        """Have roles of lists, made where there are none, sign what `changes` make of them; all at once."""
        with self.turn():
            published = self._published()
            new = [role for role in changes if role not in published.roles]
            for role in new:
                self._delegate(published, role)
            for role, change in changes.items():
                change(published.roles[role].signed)
            self._publish(published, *([TARGETS] if new else []), *changes)
            self._clean(published)

    def keep_fresh(self) -> None:
        """Sign anew what ends soon and whose keys are at hand; called when a car asks.

        Where somebody is publishing, what is there is good for a while yet.
        """
        if not self._stale(self._published()):
            return
        with suppress(_Busy), self.turn(seconds=0):
            published = self._published()  # another process may have been quicker
            if stale := self._stale(published):
                self._publish(published, *(role for role in stale if role not in ONLINE))

    def outrun(self) -> None:
        """Sign anew with higher versions than any car saw, after a copy of the depot was put back.

        Cars believe nothing older than what they saw. The versions go on from the seconds since 1970: so they are
        higher also where the same copy is put back once more; so do the revisions of models, in their order. A role
        whose keys are away stays as it is in the copy.
        """
        with self.turn():
            published = self._published()
            roles = [role for role in (TARGETS, *published.roles) if self._can_sign(published, role)]
            fields = [published.roles[role].signed.unrecognized_fields for role in roles if MODEL_ROLE.match(role)]
            for place, said in enumerate(sorted(fields, key=lambda one: ModelHead.of(one).revision)):
                head = ModelHead.of(said)
                revision = max(head.revision, int(self._now().timestamp()) + place)
                said[ABOUT] = head.model_copy(update={"revision": revision}).model_dump(mode="json")
            for role in (*roles, *ONLINE):
                signed = published.named(role).signed
                signed.version = max(signed.version, int(self._now().timestamp()))
            self._publish(published, *roles)

    def ask_two(self, role: str) -> None:
        """Ask for the signatures of two keys from now on, whenever a role signs; the second is made here."""
        if role in (ROOT, *ONLINE):
            raise BadInput("Two people can be asked for `targets`, or for an owner's lists.")
        with self.turn():
            published = self._published()
            self._check_known(published, role)
            self._add_key(published, role)
            published.rule(role).threshold = 2
            self._publish_rules(published, role)

    def rotate(self, role: str) -> None:
        """Give a role one new key in place of those it had; cars follow by themselves."""
        with self.turn():
            published = self._published()
            self._check_known(published, role)
            before = self._signers(published, role) if role == ROOT else []
            for keyid in list(published.rule(role).keyids):
                (published.root if role in TOP else published.targets).signed.revoke_key(keyid, role)
            published.rule(role).threshold = 1
            self._add_key(published, role)
            self._publish_rules(published, role, before)

    # Reading

    def _published(self) -> _Published:
        root = _read(self._newest_root(), Root)
        timestamp = _read(self._metadata / "timestamp.json", Timestamp)
        snapshot = _read(self._metadata / f"{timestamp.signed.snapshot_meta.version}.snapshot.json", Snapshot)
        roles = {
            name.removesuffix(".json"): _read(self._metadata / f"{meta.version}.{name}", Targets)
            for name, meta in snapshot.signed.meta.items()
        }
        if TARGETS not in roles:
            raise RecordsFault(NOT_WHOLE)
        return _Published(root, timestamp, snapshot, roles.pop(TARGETS), roles)

    def _newest_root(self) -> Path:
        found = self._roots()
        if not found:
            raise RecordsFault(NOT_WHOLE)
        return found[-1]

    def _roots(self) -> list[Path]:
        found = [path for path in self._metadata.glob("*.root.json") if path.name.split(".")[0].isdigit()]
        return sorted(found, key=lambda path: int(path.name.split(".")[0]))

    def _stale(self, published: _Published) -> list[str]:
        """The roles that should sign anew and can. Root is not among them: it is a person who decides on it."""
        now = self._now()
        return [
            role
            for role in published.names
            if role != ROOT
            and published.named(role).signed.expires - now < FRESH.get(role, LONG_FRESH)
            and self._can_sign(published, role)
        ]

    # Changing

    def _delegate(self, published: _Published, role: str) -> None:
        """Let a new role sign what lies below its own name, and nothing else."""
        delegations = published.targets.signed.delegations
        assert delegations is not None
        assert delegations.roles is not None
        delegations.roles[role] = DelegatedRole(role, [], 1, terminating=True, paths=[f"{role}/*"])
        published.roles[role] = Metadata(Targets())
        self._add_key(published, role)

    def _add_key(self, published: _Published, role: str) -> None:
        (published.root if role in TOP else published.targets).signed.add_key(self._keys.make(role), role)

    def _check_known(self, published: _Published, role: str) -> None:
        if role not in published.names:
            names = ", ".join(published.names)
            raise BadInput("There is no such role. There are: {names}.", names=names)

    def _publish_rules(self, published: _Published, role: str, before: list[Any] | None = None) -> None:
        """Publish that other keys sign for `role`, and with them what it had signed."""
        if role in TOP:
            self._publish_root(published, before or [])
            self._publish(published, *([] if role in (ROOT, *ONLINE) else [role]))
        else:
            self._publish(published, TARGETS, role)

    def _publish_root(self, published: _Published, before: list[Any] | None = None) -> None:
        """A root is published by being there: cars ask for the one after that which they know."""
        self._sign(published, ROOT, before or [])
        self._write(f"{published.root.signed.version}.root.json", published.root)

    def _publish(self, published: _Published, *changed: str) -> None:
        """Sign and write what changed, then the snapshot that names it, then the timestamp that counts."""
        meta = published.snapshot.signed.meta
        for role in changed:
            self._sign(published, role)
        for role in changed:
            version = published.named(role).signed.version
            self._write(f"{version}.{role}.json", published.named(role))
            meta[f"{role}.json"] = MetaFile(version)
        self._sign(published, SNAPSHOT)
        version = published.snapshot.signed.version
        self._write(f"{version}.snapshot.json", published.snapshot)
        published.timestamp.signed.snapshot_meta = MetaFile(version)
        self._sign(published, TIMESTAMP)
        self._write("timestamp.json", published.timestamp)

    def _signers(self, published: _Published, role: str) -> list[Any]:
        found = (self._keys.signer(role, keyid) for keyid in published.rule(role).keyids)
        return [signer for signer in found if signer is not None]

    def _can_sign(self, published: _Published, role: str) -> bool:
        return len(self._signers(published, role)) >= published.rule(role).threshold

    def _sign(self, published: _Published, role: str, before: list[Any] | None = None) -> None:
        metadata = published.named(role)
        if metadata.signatures:  # else it is the first
            metadata.signed.version += 1
        metadata.signed.expires = self._now().replace(microsecond=0) + LIFE.get(role, LONG_LIFE)
        metadata.signatures.clear()
        for signer in [*(before or []), *self._signers(published, role)]:
            metadata.sign(signer, append=True)
        delegator = (published.root if role in TOP else published.targets).signed
        try:
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except UnsignedMetadataError:
            raise BadInput(
                "Nothing was published: {role} needs the signature of {count} of its keys, and not so many are at "
                "hand. Bring them, and name their folder with --keys.",
                role=role,
                count=published.rule(role).threshold,
            ) from None

    def _write(self, name: str, metadata: Metadata[Any]) -> None:
        try:
            write_whole(self._metadata / name, metadata.to_bytes())
        except OSError as error:
            raise _cannot_write(error) from error

    def _clean(self, published: _Published) -> None:
        """Delete what is published no more; no root, since a car may have slept through many."""
        wanted = {f"{one.signed.version}.{role}.json" for role, one in published.roles.items()}
        wanted |= {f"{published.named(role).signed.version}.{role}.json" for role in (TARGETS, SNAPSHOT)}
        for role, metadata in published.roles.items():
            wanted = wanted.union(*(_files_of(role, target) for target in metadata.signed.targets.values()))
        until = self._now() - KEPT
        for file in (*self._metadata.iterdir(), *self._targets.iterdir()):
            if file.name in wanted or file.name == "timestamp.json" or file.name.endswith(".root.json"):
                continue
            if file.stat().st_mtime < until.timestamp():
                file.unlink(missing_ok=True)


def role_of(name: str) -> str:
    """The role of lists or models that a metadata file of this name belongs to; "" for what every car may have."""
    found = _METADATA.match(name)
    role = found.group(1) if found else None
    return "" if role is None or role in TOP else role


def head_of(target: TargetFile) -> HotlistHead:
    """What is signed of a list. Raises ValueError where it is none."""
    return HotlistHead.of(target.custom or {}, target.hashes["sha256"], target.length)


def model_file_of(target: TargetFile) -> ModelFile:
    """What is signed of a file of models. Raises ValueError where it is none."""
    return ModelFile.of(target.path, target.custom or {}, target.hashes["sha256"], target.length)


def _files_of(role: str, target: TargetFile) -> frozenset[str]:
    if MODEL_ROLE.match(role):
        return frozenset([model_file_of(target).sha256])
    return frozenset(file.sha256 for file in head_of(target).files)


def _read(path: Path, kind: type[_Signed]) -> Metadata[_Signed]:
    try:
        found: Metadata[_Signed] = Metadata.from_bytes(_bytes_of(path))
    except RepositoryError as error:
        raise RecordsFault(NOT_WHOLE) from error
    if found.signed.type != kind.type:
        raise RecordsFault(NOT_WHOLE)
    return found


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordsFault(NOT_WHOLE) from error


def _cannot_write(error: OSError) -> RecordsFault:
    return RecordsFault(
        "The lists could not be published ({why}). Those before stay in force. Check the disk.",
        why=error.strerror or error,
    )
