"""The lists on this car's disk: put in force whole, found again at the next start, missed when they are gone."""

import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import OWN_LIST, Hotlist, ImportReport, ListFault, ListFaultKind, Tier
from patrol_anpr.domain.sentences import joined, sentence
from patrol_anpr.hotlists.importer import read_entries
from patrol_anpr.hotlists.index import Index, build_index
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.note import Note, NotedList, NoteLost, read_note, sha256_of_file, write_note
from patrol_anpr.plumbing.files import made_folder
from patrol_anpr.plumbing.sqlite import KEY_BYTES

log = logging.getLogger(__name__)

SUFFIX = ".hotlist"

FETCH = "Sync with the depot, or import it again."
NOT_KNOWN = "Which lists this car should hold is not known: the note beside its list files is gone."

Progress = Callable[[int], None]


class Shelf:
    """The folder of list files of one car. Each revision is a file of its own, so that none is replaced while open.

    A note in the folder says which lists should be in force. `faults` are those that are not; any thread may ask.
    `folder` and `key` (32 bytes) are for the car's own list, which lies there too (own.py).
    """

    def __init__(self, folder: Path, key: bytes, matcher: Matcher, clock: Clock) -> None:
        self.folder = folder
        self.key = key
        self._matcher = matcher
        self._clock = clock
        self._lock = threading.Lock()
        self._noting = threading.Lock()  # held from reading the note until it is written anew
        self._faults: dict[str, ListFault] = {}  # by list id
        self._unsure: ListFault | None = None

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
        noted = {one.file: one for one in note.lists.values()}
        opened: list[tuple[Path, Index]] = []
        unreadable: dict[str, str] = {}
        for path in self._files():
            try:
                opened.append((path, self._opened(path, noted.get(path.name))))
            except RecordsFault as fault:
                log.warning("a list file cannot be used: %s", type(fault).__name__)
                unreadable[path.name] = str(fault)
        opened.sort(key=lambda pair: pair[1].head.revision)
        newest = {index.head.list_id: index for _, index in opened}
        self._matcher.swap(list(newest.values()))
        for path, index in opened:
            if newest[index.head.list_id] is not index:
                index.close()
                _delete(path)
        with self._lock:
            self._faults = _absent(note, newest, unreadable)
            self._unsure = None if note.complete else _unsure(reason, unreadable.keys() - noted.keys())
        return self.faults

    def put_in_force(self, head: Hotlist, file: Path, progress: Progress | None = None) -> ImportReport:
        """Index a list file and put it in force in place of the revision before it.

        Raises BadInput or RecordsFault, with the list before it still in force.
        """
        made_folder(self.folder, "hotlists.folder")
        if head.is_own:
            raise BadInput(
                'A list\'s id cannot begin with "{prefix}": those are entries made in a car.', prefix=OWN_LIST
            )
        known = self._note()[0].complete  # asked before there is a file that nothing notes
        path = self._path(head)
        lines = read_entries(file, head.tier, self._clock.utc().date())
        report = build_index(lines, path, head, self.key, progress)
        with self._noting:
            noted = self._note()[0].lists
            before = noted.get(head.list_id)
            try:
                self._write(Note({**noted, head.list_id: _noted(head, path)}, complete=known))
            except RecordsFault:
                if before is None or before.file != path.name:
                    _delete(path)  # or the next start would put it in force after all
                raise
        self._matcher.put(Index.open(path, self.key))
        with self._lock:
            self._faults.pop(head.list_id, None)
        if before is not None and before.file != path.name:
            _delete(self.folder / before.file)
        return report

    def forget(self, list_id: str) -> None:
        """Take a list out of force for good, and with it what is missed of it.

        Raises BadInput where no such list is noted, RecordsFault where the note cannot be written.
        """
        with self._noting:
            note, _ = self._note()
            gone = note.lists.get(list_id)
            if gone is None or list_id.startswith(OWN_LIST):
                raise BadInput("This car has no list of that name. `patrol-anpr doctor` shows the lists it has.")
            self._write(replace(note, lists={one: kept for one, kept in note.lists.items() if one != list_id}))
        self._matcher.drop(list_id)
        with self._lock:
            self._faults.pop(list_id, None)
        _delete(self.folder / gone.file)

    def damaged(self, head: Hotlist) -> None:
        """Take word that the file of a list turned out to be damaged while it was in force."""
        with self._lock:
            self._faults[head.list_id] = ListFault(
                ListFaultKind.DAMAGED,
                head.name,
                sentence("The list {list} is damaged and out of force. {fetch}", list=head.name, fetch=sentence(FETCH)),
            )

    def settle(self) -> None:
        """Take word that nothing more should be in force than is, or is a fault: after a sync that brought every list.

        Lists that are in force and not noted, since the note was lost or never written, are noted now.
        """
        try:
            with self._noting:
                note, _ = self._note()
                noted = {one.list_id: one.revision for one in note.lists.values()}
                others = [head for head in self._matcher.hotlists if not head.is_own]
                found = [head for head in others if head.revision > noted.get(head.list_id, 0)]
                if found or not note.complete:
                    lists = {head.list_id: _noted(head, self._path(head)) for head in found}
                    self._write(Note({**note.lists, **lists}))
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
        note, _ = self._note()
        noted = [note.lists[list_id].revision] if list_id in note.lists else []
        return 1 + max([head.revision for head in self._matcher.hotlists if head.list_id == list_id] + noted, default=0)

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

    def _opened(self, path: Path, noted: NotedList | None) -> Index:
        """Open a list file. One that is noted must be what was noted to its last byte: damage inside shows late."""
        if noted is not None and _sha256(path) != noted.sha256:
            raise RecordsFault("The list file {name} is damaged. {fetch}", name=path.name, fetch=sentence(FETCH))
        return Index.open(path, self.key)

    def _files(self) -> Sequence[Path]:
        made_folder(self.folder, "hotlists.folder")
        try:
            return sorted(Path(one.path) for one in os.scandir(self.folder) if one.name.endswith(SUFFIX))
        except OSError as error:
            raise RecordsFault(
                "The folder {folder} cannot be read ({why}). Check its rights, or change hotlists.folder.",
                folder=self.folder,
                why=error.strerror or error,
            ) from error

    def _path(self, head: Hotlist) -> Path:
        """The file of a revision. Ids that would share a name, on any file system, are told apart."""
        name = re.sub(r"[^a-z0-9_-]", "_", head.list_id.lower())
        if name != head.list_id:
            name = f"{name}-{hashlib.sha256(head.list_id.encode()).hexdigest()[:8]}"
        return self.folder / f"{name}.{head.revision}{SUFFIX}"


def try_out(file: Path, tier: Tier, clock: Clock, progress: Progress | None = None) -> ImportReport:
    """Tell what putting a list file in force would do, by doing all of it in a place that is thrown away.

    Raises BadInput or RecordsFault as `Shelf.put_in_force` would.
    """
    head = Hotlist("check", file.name, "", 1, tier, clock.utc())
    lines = read_entries(file, tier, clock.utc().date())
    with TemporaryDirectory(prefix="patrol-anpr-check-") as folder:
        return build_index(lines, Path(folder, "check"), head, os.urandom(KEY_BYTES), progress)


def list_id_of(name: str) -> str:
    """Make an id for a list from its name; raises BadInput when nothing of the name is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not slug:
        raise BadInput("The name of a list needs a letter or a digit.")
    return slug[:40]


def _absent(note: Note, in_force: Mapping[str, Index], unreadable: Mapping[str, str]) -> dict[str, ListFault]:
    """The lists that are noted and not in force, or only in an older revision."""
    faults = {}
    for one in note.lists.values():
        if one.list_id.startswith(OWN_LIST):
            continue  # own.py looks after that one
        index = in_force.get(one.list_id)
        if index is None or index.head.revision < one.revision:
            damaged = one.file in unreadable
            kind = ListFaultKind.DAMAGED if damaged else ListFaultKind.MISSING
            found = unreadable.get(
                one.file, sentence("The list file {name} is not there. {fetch}", name=one.file, fetch=sentence(FETCH))
            )
            faults[one.list_id] = ListFault(
                kind, one.name, sentence("The list {list} is out of force. {why}", list=one.name, why=found)
            )
    return faults


def _unsure(reason: str, unreadable: Iterable[str]) -> ListFault:
    names = ", ".join(sorted(unreadable))
    also = sentence("Not readable: {names}.", names=names) if names else ""
    return ListFault(ListFaultKind.UNSURE, "", joined(reason, also, "Sync with the depot, or import the lists again."))


def _noted(head: Hotlist, path: Path) -> NotedList:
    return NotedList(head.list_id, head.name, head.revision, path.name, _sha256(path))


def _sha256(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError as error:
        raise RecordsFault(
            "The list file {name} cannot be read ({why}). {fetch}",
            name=path.name,
            why=error.strerror or error,
            fetch=sentence(FETCH),
        ) from error


def _delete(path: Path) -> None:
    """Delete a file that is no longer needed; one still in use goes at a later start."""
    try:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    except OSError:
        log.info("a list file that is no longer needed could not be deleted yet")
