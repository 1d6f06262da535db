"""What a car has noted of the models that the depot signed: which sets are here, and what the test card said."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import made_folder, sha256_of_file, write_whole
from patrol_anpr.wire.models import ModelSet, ShadowCounts
from patrol_anpr.wire.payloads import Wire

log = logging.getLogger(__name__)

FILE = "models.json"
MOST_VERDICTS = 100
NO_ROOM = marked("The new models could not be written to the disk. Check the free space, then sync again.")


class Kept(Wire):
    """A set, and the role that signed it."""

    models: ModelSet
    role: str


class ModelNote(Wire):
    """The newest set, the one that reads, and the one before it; and, by the content of a set, what is known of it.

    `verdicts` has "" for one that passed the test card, else why not; `tries` counts those that were begun.
    """

    newest: Kept | None = None
    in_use: Kept | None = None
    before: Kept | None = None
    verdicts: Mapping[str, str] = {}
    tries: Mapping[str, int] = {}
    shadows: Mapping[str, ShadowCounts] = {}

    @property
    def sets(self) -> Sequence[Kept]:
        """All sets that it leads to."""
        return [kept for kept in (self.newest, self.in_use, self.before) if kept is not None]


def read_note(folder: Path) -> ModelNote:
    """Return what is noted in `folder`; an empty note where that cannot be read, so that all is fetched again."""
    try:
        return ModelNote.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return ModelNote()
    except (OSError, ValidationError):
        log.warning("which models of the depot are here could not be read; they are fetched again")
        return ModelNote()


def keep_note(folder: Path, note: ModelNote) -> ModelNote:
    """Write a note, without what is of no use any more; return it so. Raises RecordsFault."""
    contents = {kept.models.content for kept in note.sets}
    tries = {one: count for one, count in note.tries.items() if one in contents}
    verdicts = dict([*note.verdicts.items()][-MOST_VERDICTS:])
    tidy = note.model_copy(update={"tries": tries, "verdicts": verdicts})
    try:
        made_folder(folder, "records.folder")
        write_whole(folder / FILE, tidy.model_dump_json().encode())
    except OSError as error:
        raise RecordsFault(NO_ROOM) from error
    return tidy


def is_whole(place: Path, models: ModelSet) -> bool:
    """Tell whether the files of a set in its folder are what was signed."""
    return all(has_content(place / one.file, one.sha256) for one in models.files)


def has_content(path: Path, sha256: str) -> bool:
    """Tell whether a file has this SHA-256; False where it cannot be read."""
    try:
        return sha256_of_file(path) == sha256
    except OSError:
        return False
