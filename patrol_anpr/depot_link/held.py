"""Which lists this car holds, as it last noted: what it fetched, who signed it, and how late it was then."""

import logging
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from patrol_anpr.domain.clock import BUILT
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.lists import HotlistHead
from patrol_anpr.wire.payloads import Count, HeldList, Name, Wire

log = logging.getLogger(__name__)

FILE = "held.json"
NO_ROOM = marked("It could not be written to the disk. Check the free space, then sync again.")


class KeptList(HeldList):
    """One list that was put in force, and the role that signed it; `entries` is the number its size is judged by."""

    name: Name
    role: str
    entries: Count


class _File(Wire):
    lists: tuple[KeptList, ...] = ()
    seen_at: AwareDatetime = BUILT
    signed_set_up: bool = False
    set_up_at: AwareDatetime = BUILT


class HeldLists:
    """What is held, kept in a file of `folder` with each change. Raises RecordsFault where that cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        noted = self._read()
        self._lists = {one.list_id: one for one in noted.lists}
        self.seen_at = noted.seen_at
        """The latest time at which a depot was believed: what says it is earlier is not."""
        self.signed_set_up = noted.signed_set_up
        """Whether the depot once signed what the car is set up with: what is not signed is refused from then on."""
        self.set_up_at = noted.set_up_at
        """When the depot signed what the car is set up with now: a stick brings nothing older."""

    @property
    def lists(self) -> tuple[KeptList, ...]:
        """All that are held."""
        return tuple(self._lists.values())

    def of(self, list_id: str) -> KeptList | None:
        """One list, None where it is not held."""
        return self._lists.get(list_id)

    def keep(self, head: HotlistHead, role: str) -> None:
        """Note that a revision is in force."""
        said = head.model_dump(include={"list_id", "revision", "sha256", "name"})
        self._lists[head.list_id] = KeptList(role=role, entries=head.judged_entries, **said)
        self._write()

    def forget(self, list_id: str) -> None:
        """Note that a list is out of force for good."""
        self._lists.pop(list_id, None)
        self._write()

    def seen(self, now: datetime) -> None:
        """Note that a depot was believed at this time; where the disk does not take it, for this run."""
        self.seen_at = max(self.seen_at, now)
        try:
            self._write()
        except RecordsFault:
            log.warning("at what time the depot was believed could not be noted")

    def note_signed_set_up(self, at: datetime) -> None:
        """Note when the depot signed what the car is set up with; where the disk refuses, the next sync notes it."""
        self.signed_set_up, self.set_up_at = True, at
        try:
            self._write()
        except RecordsFault:
            log.warning("that the depot signs its roster could not be noted")

    def _read(self) -> _File:
        try:
            return _File.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return _File()
        except (OSError, ValidationError):
            log.warning("which lists are held could not be read; all are fetched again")
            return _File()

    def _write(self) -> None:
        signed = {"signed_set_up": self.signed_set_up, "set_up_at": self.set_up_at}
        noted = _File.model_validate({"lists": self.lists, "seen_at": self.seen_at} | signed)
        try:
            write_whole(self._file, noted.model_dump_json().encode())
        except OSError as error:
            raise RecordsFault(NO_ROOM) from error
