"""The keys that open lists: one for each list, made with its first revision, given to the cars that the list is for."""

import hashlib
import os
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.hotlists.list_key import KEY_BYTES, ListKey
from patrol_anpr.plumbing.files import made_folder, write_whole


class OpeningKeys:
    """The keys in `folder`, a file of mode 0600 for each list."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, list_id: str) -> ListKey | None:
        """Return the key of a list; None where it has none yet. Raises RecordsFault."""
        try:
            return ListKey(bytes.fromhex(self._file(list_id).read_text("ascii")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RecordsFault(
                "The key that opens a list cannot be read in {folder}. Put the folder back from a copy, or delete the "
                "file and publish the list again.",
                folder=self._folder,
            ) from error

    def renewed(self, list_id: str) -> ListKey:
        """Make a new key for a list, in place of one it may have. Raises RecordsFault."""
        key = ListKey(os.urandom(KEY_BYTES))
        made_folder(self._folder, "--folder")
        try:
            write_whole(self._file(list_id), key.secret.hex().encode("ascii"))
        except OSError as error:
            raise RecordsFault(
                "The key that opens the list could not be kept ({why}). Check the disk.", why=error.strerror or error
            ) from error
        return key

    def _file(self, list_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(list_id.encode()).hexdigest()[:32]}.key"
