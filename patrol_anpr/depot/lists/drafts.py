"""A draft: a list on its way from an uploaded file, or from the revision before, to being published.

It lies in a folder of its own below `drafts` of the depot: what is known of it, the uploaded file until it is checked,
then the list as it was built, sealed, and what the check found. A draft that is worked on is locked: by that a console
that was started anew sees whether the work goes on.
"""

import hashlib
import hmac
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import Confirmation, ListWish
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import DoubtedLine
from patrol_anpr.hotlists.comparing import Change, ChangeKind
from patrol_anpr.hotlists.false_hits import FalseHits
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.plumbing.files import made_folder, write_whole

FOLDER = "drafts"
KEPT = timedelta(days=7)
"""A draft that nobody publishes is deleted after so long: it holds what the list holds."""
START_SECONDS = timedelta(seconds=60)
"""What a process takes at most until it holds the draft that it is to work on (judged, for a busy machine)."""
MOST_UPLOAD = 1024**3
"""Bytes of an uploaded file; a list of 5 million entries has some 700 MB, in a ZIP 100."""

_STATE, _RESULT, _BUILT, _REJECTS, _UPLOAD, _LOCK = "draft.json", "result", "built", "rejects.csv", "upload", "lock"
_ID = re.compile(r"[0-9a-f]{16}\Z")
_NONCE_BYTES = 12
GONE = "There is no such draft any more: it was published, discarded, or a week old."


class Stage(StrEnum):
    """How far a draft is."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    PUBLISHING = "publishing"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who says that a draft is to be published; `why` confirms an absurd size."""

    staff_id: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What became of the lines of a file, and of the list: it goes from `before` to `entries`.

    `against` is the revision that it was compared with, 0 where there was none.
    """

    entries: int
    rejected: int
    weeded: int
    ignored: int
    doubted: tuple[DoubtedLine, ...]
    against: int
    before: int
    absurd: bool


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found of entries; it names marks. `first` are the first changes of each kind."""

    counts: dict[ChangeKind, int]
    same: int
    first: tuple[Change, ...]
    false_hits: FalseHits


class Draft(BaseModel):
    """What is known of a draft. `back_to`: it is the revision before, of that number, and no file was uploaded.

    `mapping` is the text of the mapping file, "" for the usual form; it is that which fits until one was chosen.

    `entry_days`: an entry without a weed date ends after so many days. `fault` is why the last piece of work failed.
    """

    model_config = ConfigDict(frozen=True)

    draft_id: str
    stage: Stage
    made_at: datetime
    made_by: str
    file_name: str
    wish: ListWish
    mapping: str = ""
    mapping_name: str = ""
    mapping_chosen: bool = False
    entry_days: int | None = None
    back_to: int | None = None
    begun_at: datetime | None = None
    lines: int = 0
    report: CheckReport | None = None
    approvals: tuple[Approval, ...] = ()
    fault: str = ""
    revision: int = 0

    @property
    def works(self) -> bool:
        """Whether it is being checked or published, as far as it was begun."""
        return self.stage in (Stage.CHECKING, Stage.PUBLISHING)

    @property
    def people(self) -> frozenset[str]:
        """Who said that it is to be published."""
        return frozenset(one.staff_id for one in self.approvals)

    @property
    def confirmation(self) -> Confirmation | None:
        """Who confirmed an absurd size, and why."""
        said = next((one for one in self.approvals if one.why), None)
        return Confirmation(f"staff {said.staff_id}", said.why) if said else None

    def entry_end(self) -> date | None:
        """The weed date of an entry that has none of its own."""
        return (self.made_at + timedelta(days=self.entry_days)).date() if self.entry_days else None


_RESULTS = TypeAdapter(CheckResult)


class Drafts:
    """The drafts of the depot in `folder`. Any thread or process may call. Raises RecordsFault for the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._depot = folder

    def make(self, draft: Draft) -> Path:
        """Begin a draft; returns the folder for its uploaded file. Those that are past their time go."""
        made_folder(self._folder, "--folder")
        self._clean(draft.made_at)
        made_folder(self._at(draft.draft_id), "--folder")
        upload = made_folder(self._at(draft.draft_id) / _UPLOAD, "--folder")
        self.put(draft)
        return upload

    def get(self, draft_id: str) -> Draft:
        """Return a draft. Raises BadInput where there is none."""
        try:
            return Draft.model_validate_json((self._at(draft_id) / _STATE).read_bytes())
        except (OSError, ValidationError):
            raise BadInput(GONE) from None

    def all(self) -> list[Draft]:
        """Every draft, the newest first."""
        found = []
        for path in self._folder.glob(f"*/{_STATE}"):
            with suppress(BadInput):
                found.append(self.get(path.parent.name))
        return sorted(found, key=lambda draft: draft.made_at, reverse=True)

    def put(self, draft: Draft) -> Draft:
        """Keep what is known of a draft, as it is now."""
        try:
            write_whole(self._at(draft.draft_id) / _STATE, draft.model_dump_json().encode())
        except FileNotFoundError:
            raise BadInput(GONE) from None
        except OSError as error:
            raise _not_kept(error) from error
        return draft

    def discard(self, draft_id: str) -> None:
        """Delete a draft with all that lies there. Raises BadInput where it is being worked on."""
        self.get(draft_id)
        with self.turn(draft_id):
            pass
        shutil.rmtree(self._at(draft_id), ignore_errors=True)

    @contextmanager
    def turn(self, draft_id: str) -> Iterator[None]:
        """Nobody else works on a draft within the block. Raises BadInput where somebody does already."""
        try:
            with FileLock(self._at(draft_id) / _LOCK, mode=0o600).acquire(timeout=0):
                yield
        except Timeout:
            raise BadInput("This draft is being worked on just now. Wait until that is done.") from None
        except OSError as error:
            raise BadInput(GONE) from error

    def is_interrupted(self, draft: Draft, now: datetime) -> bool:
        """Tell whether the work on a draft was begun and nobody is at it any more."""
        if not draft.works or (draft.begun_at is not None and now - draft.begun_at < START_SECONDS):
            return False
        try:
            with self.turn(draft.draft_id):
                return self.get(draft.draft_id).works
        except BadInput:
            return False

    # What lies beside it

    def upload(self, draft_id: str) -> Path | None:
        """The uploaded file; None once it was checked."""
        return next((self._at(draft_id) / _UPLOAD).glob("*"), None)

    def upload_folder(self, draft_id: str) -> Path:
        """The folder of the uploaded file."""
        return made_folder(self._at(draft_id) / _UPLOAD, "--folder")

    def built(self, draft_id: str) -> Path:
        """Where the list lies that the check built, sealed with a key of `keys`."""
        return self._at(draft_id) / _BUILT

    def rejects(self, draft_id: str) -> Path:
        """Where every refused line stands with its reason, as CSV, and no mark."""
        return self._at(draft_id) / _REJECTS

    def keys(self, draft_id: str) -> KeyRing:
        """The key of what was built."""
        return KeyRing(self._at(draft_id) / "keys", DepotKeys(self._depot).storage)

    def drop_upload(self, draft_id: str) -> None:
        """Delete the uploaded file: what it says lies sealed now."""
        shutil.rmtree(self._at(draft_id) / _UPLOAD, ignore_errors=True)

    def drop_contents(self, draft_id: str) -> None:
        """Delete all that names marks: the draft was published."""
        self.drop_upload(draft_id)
        for name in (_BUILT, _RESULT):
            (self._at(draft_id) / name).unlink(missing_ok=True)
        shutil.rmtree(self._at(draft_id) / "keys", ignore_errors=True)

    def keep_result(self, draft_id: str, result: CheckResult) -> None:
        """Keep what the check found, sealed."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher().encrypt(nonce, _RESULTS.dump_json(result), draft_id.encode())
        try:
            write_whole(self._at(draft_id) / _RESULT, nonce + sealed)
        except OSError as error:
            raise _not_kept(error) from error

    def result(self, draft_id: str) -> CheckResult:
        """What the check found. Raises BadInput where it is not there."""
        try:
            content = (self._at(draft_id) / _RESULT).read_bytes()
            plain = self._cipher().decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], draft_id.encode())
            return _RESULTS.validate_json(plain)
        except (OSError, InvalidTag, ValueError):
            raise BadInput("What the check found is not there any more. Discard this draft and upload again.") from None

    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.new(DepotKeys(self._depot).storage, b"drafts of lists", hashlib.sha256).digest())

    def _at(self, draft_id: str) -> Path:
        if not _ID.match(draft_id):
            raise BadInput(GONE)
        return self._folder / draft_id

    def _clean(self, now: datetime) -> None:
        for draft in self.all():
            if now - draft.made_at > KEPT:
                with suppress(BadInput):
                    self.discard(draft.draft_id)


def new_draft_id() -> str:
    """Make an id that nobody guesses."""
    return secrets.token_hex(8)


def safe_name(name: str) -> str:
    """Return the name of an uploaded file as it may be used for a file here."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")[-80:] or "list"


def _not_kept(error: OSError) -> RecordsFault:
    return RecordsFault("The draft could not be kept ({why}). Check the disk.", why=error.strerror or error)
