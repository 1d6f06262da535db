"""The lists on this car's disk: put in force whole, found again at the next start, missed when they are gone."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from patrol_anpr.domain.clock import Clock, can_be
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import OWN_LIST, Hotlist, ImportReport, ListChange, ListFault, Tier
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.compact import FETCH, CompactFile, key_id_of
from patrol_anpr.hotlists.importer import read_entries
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.matcher import HIDE_AFTER, Matcher
from patrol_anpr.hotlists.missed import absent, partly, unsure
from patrol_anpr.hotlists.note import Note, NotedList, NoteLost, read_note, write_note
from patrol_anpr.hotlists.shelf_files import (
    DELTA_SUFFIX,
    SUFFIX,
    delete,
    is_changed,
    list_files,
    move,
    newest_lists,
    noted_as,
    path_of,
)
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.plumbing.files import made_folder

log = logging.getLogger(__name__)

NOT_KNOWN = "Which lists this car should hold is not known: the note beside its list files is gone."

Progress = Callable[[int], None]


class Shelf:
    """The folder of list files of one car. Each revision is a file of its own, so that none is replaced while open.

    A note in the folder says which lists should be in force. `faults` are those that are not; any thread may ask.
    `folder` and `key` (32 bytes) are for the car's own list, which lies there too (own.py). The details of a list open
    until `hide_after` from its end.
    """

    def __init__(
        self, folder: Path, key: bytes, matcher: Matcher, clock: Clock, hide_after: timedelta = HIDE_AFTER
    ) -> None:
        self.folder = folder
        self.key = key
        self._matcher = matcher
        self._clock = clock
        self._hide_after = hide_after
        self._keys = KeyRing(folder, key)
        self._lock = threading.Lock()
        self._noting = threading.Lock()  # held from reading the note until it is written anew
        self._faults: dict[str, ListFault] = {}  # by list id
        self._unsure: ListFault | None = None
        self._open: dict[str, ShippedList] = {}  # the lists in force, by id

    @property
    def in_force(self) -> Sequence[ShippedList]:
        """The lists of this shelf that are in force, open."""
        return tuple(self._open.values())

    @property
    def sound(self) -> Sequence[Hotlist]:
        """The heads of the lists in force that have no fault: what no sync needs to bring again.

        A list whose details were dropped by a clock that was ahead for a while is not among them.
        """
        now, lists = self._clock.utc(), dict(self._open)
        dropped = {one for one in lists if lists[one].key.secret is None and not self._is_over(lists[one].head, now)}
        with self._lock:
            return [head for head in self._matcher.hotlists if head.list_id not in dropped | self._faults.keys()]

    @property
    def faults(self) -> Sequence[ListFault]:
        """What should be in force and is not, as far as is known."""
        with self._lock:
            return (*self._faults.values(), *((self._unsure,) if self._unsure else ()))

    def load(self) -> Sequence[ListFault]:
        """Put the newest revision of each list on the disk in force; returns `faults`.

        Raises:
            RecordsFault: the folder cannot be made or read.
        """
        note, reason = self._note()
        hashes = note.hashes()
        opened: list[CompactFile] = []
        unreadable: dict[str, str] = {}
        for path in self._files():
            try:
                opened.append(CompactFile.open(path, self._key_of(path)))
            except RecordsFault as fault:
                log.warning("a list file cannot be used: %s", type(fault).__name__)
                unreadable[path.name] = str(fault)
                if note.complete and path.name not in hashes:
                    delete(path)  # what a crash left before its key was kept
        lists = newest_lists(opened)
        self._matcher.swap(list(lists.values()))
        self._open = lists
        used = {file.path for one in lists.values() for file in one.files}
        for file in opened:
            if file.path not in used:
                file.close()
                delete(file.path)
        changed = [one.head for one in lists.values() if any(is_changed(file.path, hashes) for file in one.files)]
        with self._lock:
            self._faults = {head.list_id: partly(head.name) for head in changed}
            self._faults |= absent(note, lists, unreadable)
            self._unsure = None if note.complete else unsure(reason, unreadable.keys() - hashes.keys())
        self.drop_details()
        return self.faults

    def put_in_force(self, head: Hotlist, file: Path, progress: Progress | None = None) -> ImportReport:
        """Make a list of a list file and put it in force in place of the revision before it.

        Raises BadInput or RecordsFault, with the list before it still in force.
        """
        known = self._prepared(head)
        noted, path = self.noted(head.list_id), path_of(self.folder, head, SUFFIX)
        known_key = self._keys.get(noted.key_id) if noted is not None else None
        key = known_key if known_key is not None and known_key.secret is not None else ListKey.made()
        report = build_list(read_entries(file, head.tier, self._clock.utc().date()), path, head, key, progress)
        self._enforce(path, None, key, known)
        return report

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> ListChange:
        """Put a list in force whose files have arrived, moved away from where they are; tell what it changed.

        Where `whole` is None the delta lies over the whole list that this car has; where `secret` is None the key is
        here. What arrived was compared with its hash.

        Raises:
            RecordsFault: the files do not open, do not belong together, or are not this list. What was in force stays.
        """
        known = self._prepared(head)
        base = whole or self._base_of(head.list_id)
        if base is None:
            raise RecordsFault("The list came as a change of one that this car does not have. Sync again.")
        key = ListKey(secret) if secret is not None else self._key_of(base)
        opened = ShippedList.open(base, key, delta)
        opened.close()  # an open file cannot be moved everywhere
        if opened.head != head:
            raise RecordsFault("The files that came are not those of this list. Tell IT.")
        if whole is not None:
            base = move(whole, path_of(self.folder, opened.files[0].head.hotlist, SUFFIX))
        return self._enforce(base, delta and move(delta, path_of(self.folder, head, DELTA_SUFFIX)), key, known)

    def has_key(self, key_id: str) -> bool:
        """Whether the key that opens a list is here, to its details too."""
        key = self._keys.get(key_id)
        return key is not None and key.secret is not None

    def sha256_of_base(self, list_id: str) -> str:
        """The SHA-256 of the whole list that a delta may lie over; "" where there is none, or it has a fault."""
        noted = self.noted(list_id)
        with self._lock:
            sound = list_id in self._open and list_id not in self._faults
        return noted.sha256 if noted is not None and sound else ""

    def _base_of(self, list_id: str) -> Path | None:
        opened = self._open.get(list_id)
        return None if opened is None else opened.files[0].path

    def forget(self, list_id: str) -> ListChange:
        """Take a list out of force for good, and with it what is missed of it; tell how many entries that cancels.

        Raises BadInput where no such list is noted, RecordsFault where the note cannot be written.
        """
        with self._noting:
            note, _ = self._note()
            gone = note.lists.get(list_id)
            if gone is None or list_id.startswith(OWN_LIST):
                raise BadInput("This car has no list of that name. `patrol-anpr doctor` shows the lists it has.")
            self._write(note := replace(note, lists={one: kept for one, kept in note.lists.items() if one != list_id}))
            self._tidy_keys(note)
            self._matcher.drop(list_id)
            opened = self._open.pop(list_id, None)
        with self._lock:
            self._faults.pop(list_id, None)
        for name in gone.files:
            delete(self.folder / name)
        return ListChange(list_id, 0, opened.count if opened is not None and opened.head.tier is not Tier.SILENT else 0)

    def drop_details(self) -> None:
        """Drop what opens the details of lists that are long past their end. Asked once a second.

        Their marks are matched still: such a vehicle may be wanted, and only control can tell.
        """
        now = self._clock.utc()
        over = [head.list_id for head in self._matcher.hotlists if self._is_over(head, now)] if can_be(now) else []
        for list_id in over:
            with self._noting:
                opened = self._open.get(list_id)
                if opened is None or opened.key.secret is None:
                    continue
                log.warning("what opens the details of a list long past its end is dropped")
                marks = opened.key.without_details()
                try:
                    self._keys.keep(marks)
                    self._open[list_id] = opened.with_key(marks)
                except RecordsFault as fault:  # tried again in a second
                    log.warning("it could not be dropped yet: %s", type(fault).__name__)
                    continue
                self._matcher.put(self._open[list_id])

    def _is_over(self, head: Hotlist, now: datetime) -> bool:
        return head.valid_until is not None and now > head.valid_until + self._hide_after

    def damaged(self, head: Hotlist) -> None:
        """Take word that entries of a list in force turned out not to be readable."""
        with self._lock:
            self._faults[head.list_id] = partly(head.name)

    def settle(self) -> None:
        """Take word that nothing more should be in force than is, or is a fault: after a sync that brought every list.

        Lists that are in force and not noted, since the note was lost or never written, are noted now.
        """
        try:
            with self._noting:
                note, _ = self._note()
                noted = {one.list_id: one.revision for one in note.lists.values()}
                found = [one for one in self._open.values() if one.head.revision > noted.get(one.head.list_id, 0)]
                if found or not note.complete:
                    self._write(Note({**note.lists, **{one.head.list_id: noted_as(one) for one in found}}))
        except RecordsFault as fault:  # it stays a fault, and is told again at the next start
            log.warning("which lists are in force could not be noted: %s", type(fault).__name__)
        else:
            with self._lock:
                self._unsure = None

    def noted(self, list_id: str) -> NotedList | None:
        """What the note says of one list, the car's own among them; None where it says nothing."""
        return self._note()[0].lists.get(list_id)

    def note(self, one: NotedList) -> None:
        """Have the car's own list noted as it is now. Raises RecordsFault."""
        with self._noting:
            note, _ = self._note()
            self._write(replace(note, lists={**note.lists, one.list_id: one}))

    def next_revision(self, list_id: str) -> int:
        """One more than the revision in force, or noted to be."""
        noted = self.noted(list_id)
        known = [head.revision for head in self._matcher.hotlists if head.list_id == list_id]
        return 1 + max([*known, noted.revision if noted else 0])

    def _prepared(self, head: Hotlist) -> bool:
        """Refuse what may not lie here; tell whether the note is complete, before there is a file that it lacks."""
        made_folder(self.folder, "hotlists.folder")
        if head.is_own:
            raise BadInput(
                'A list\'s id cannot begin with "{prefix}": those are entries made in a car.', prefix=OWN_LIST
            )
        return self._note()[0].complete

    def _enforce(self, base: Path, delta: Path | None, key: ListKey, complete: bool) -> ListChange:
        """Note a list whose files are in their places, put it in force, and clear away what it replaces.

        Returns what it changed of what was in force.
        """
        files = {path.name for path in (base, delta) if path is not None}
        with self._noting:
            noted = self._note()[0].lists
            opened = ShippedList.open(base, key, delta)
            list_id = opened.head.list_id
            replaced = set(noted[list_id].files) if list_id in noted else set()
            note = Note({**noted, list_id: noted_as(opened)}, complete=complete)
            try:
                self._keys.keep(key)
                self._write(note)
            except RecordsFault:
                opened.close()
                for name in files - replaced:
                    delete(self.folder / name)  # or the next start would put it in force after all
                raise
            change = self._change(opened)
            self._matcher.put(opened)
            self._open[list_id] = opened
            self._tidy_keys(note)
        with self._lock:
            self._faults.pop(list_id, None)
        for name in replaced - files:
            delete(self.folder / name)
        return change

    def _change(self, opened: ShippedList) -> ListChange:
        """What a list that is about to be in force changes; the one before is in use, so its files are opened again."""
        before = self._open.get(opened.head.list_id)
        if before is None:
            return opened.changed_since(None)
        try:
            with closing(before.with_key(before.key)) as again:
                return opened.changed_since(again)
        except RecordsFault:
            return ListChange(opened.head.list_id, None, None)

    def _tidy_keys(self, note: Note) -> None:
        """Drop every key that no noted list needs."""
        if note.complete:
            self._keys.keep_only({one.key_id for one in note.lists.values()})

    def _note(self) -> tuple[Note, str]:
        """The note and, where it cannot be used or is not there beside list files, the reason."""
        try:
            note = read_note(self.folder, self.key)
        except NoteLost as lost:
            return Note({}, complete=False), str(lost)
        if note is None:
            return (Note({}, complete=False), NOT_KNOWN) if self._files() else (Note({}), "")
        return note, "" if note.complete else NOT_KNOWN

    def _write(self, note: Note) -> None:
        write_note(self.folder, self.key, note)

    def _key_of(self, path: Path) -> ListKey:
        key = self._keys.get(key_id_of(path))
        if key is None:
            raise RecordsFault(
                "The key to the list file {name} is not on this car. {fetch}", name=path.name, fetch=sentence(FETCH)
            )
        return key

    def _files(self) -> Sequence[Path]:
        made_folder(self.folder, "hotlists.folder")
        return list_files(self.folder)


def try_out(file: Path, tier: Tier, clock: Clock, progress: Progress | None = None) -> ImportReport:
    """Tell what putting a list file in force would do, by doing all of it in a place that is thrown away.

    Raises BadInput or RecordsFault as `Shelf.put_in_force` would.
    """
    head = Hotlist("check", file.name, "", 1, tier, clock.utc())
    lines = read_entries(file, tier, clock.utc().date())
    with TemporaryDirectory(prefix="patrol-anpr-check-") as folder:
        return build_list(lines, Path(folder, "check"), head, ListKey.made(), progress)
