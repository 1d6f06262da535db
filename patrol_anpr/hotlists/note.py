"""The note of which lists should be in force, so that one that is gone or changed is missed at the next start.

It lies beside the list files and is sealed with their key. Without it nothing would tell a list that was lost from one
that never was.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.files import write_whole

NOTE_FILE = "in_force.json"


@dataclass(frozen=True, slots=True)
class NotedList:
    """A list that should be in force: what it is called, its revision, and its file with the SHA-256 of its content.

    `delta` is the file that lies over it, or "". `key_id` names the key of both.
    """

    list_id: str
    name: str
    revision: int
    file: str
    sha256: str
    delta: str = ""
    delta_sha256: str = ""
    key_id: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return (self.file, self.delta) if self.delta else (self.file,)


@dataclass(frozen=True, slots=True)
class Note:
    """The lists that should be in force, by id. `complete` is False where others may have been noted and were lost."""

    lists: Mapping[str, NotedList]
    complete: bool = True

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each noted file, by its name."""
        hashes = {one.file: one.sha256 for one in self.lists.values()}
        return hashes | {one.delta: one.delta_sha256 for one in self.lists.values() if one.delta}


class NoteLost(Exception):
    """The note is there and cannot be used; the text is a sentence that says why."""


def read_note(folder: Path, key: bytes) -> Note | None:
    """Return the note in `folder`; None where there is none. Raises NoteLost."""
    try:
        kept = json.loads((folder / NOTE_FILE).read_bytes())
        content, seal, mark = str(kept["content"]), str(kept["seal"]), str(kept["key"])
        if not hmac.compare_digest(mark, _mark(key)):
            raise NoteLost(
                sentence(
                    "The lists in {folder} were made with another key than this car has now: that key "
                    "belongs to another "
                    "folder or car, or was made anew.",
                    folder=folder,
                )
            )
        if not hmac.compare_digest(seal, _seal(key, content)):
            raise NoteLost(_damaged(folder))
        said = json.loads(content)
        lists = [NotedList(**noted) for noted in said["lists"]]
        return Note({noted.list_id: noted for noted in lists}, bool(said["complete"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoteLost(_damaged(folder)) from error


def write_note(folder: Path, key: bytes, note: Note) -> None:
    """Put the note in its place whole. Raises RecordsFault."""
    lists = [asdict(noted) for noted in note.lists.values()]
    content = json.dumps({"complete": note.complete, "lists": lists}, sort_keys=True)
    kept = {"key": _mark(key), "seal": _seal(key, content), "content": content}
    try:
        write_whole(folder / NOTE_FILE, json.dumps(kept).encode())
    except OSError as error:
        raise RecordsFault(
            "Which lists are in force could not be noted in {folder} ({why}). Check the disk.",
            folder=folder,
            why=error.strerror or error,
        ) from error


def _damaged(folder: Path) -> str:
    return sentence(
        "Which lists this car should hold is not known: the note in {folder} is damaged or cannot be read.",
        folder=folder,
    )


def _seal(key: bytes, content: str) -> str:
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()


def _mark(key: bytes) -> str:
    """A mark by which a key is known again; it tells nothing about the key."""
    return hmac.new(key, b"patrol-anpr key of the lists", hashlib.sha256).hexdigest()[:16]
