"""Fetching the lists that changed. A list is put in force whole and checked, or the old one stays."""

import logging
import shutil
from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel

from patrol_anpr.depot_link.held import HeldLists, KeptList
from patrol_anpr.depot_link.list_source import ListSource
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.depot_link.signed import FOLDER, NotTrusted, Offer, Offered, SignedFile, SignedLists
from patrol_anpr.domain.errors import KnownError, RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, ListDoubt, is_absurd
from patrol_anpr.domain.sentences import Sentence, marked, sentence
from patrol_anpr.plumbing.files import PART

log = logging.getLogger(__name__)

ALL_LISTS = marked("Lists")
NOT_UPDATED = marked("{list} NOT updated: using the one of {time}, {age} old. {why}")
NOT_LOADED = marked("{list} NOT loaded: this car has none of it. {why}")
DAMAGED = marked("It did not arrive as it was signed. Try again; if it fails once more, tell IT.")
NO_KEY = marked("The depot gave no key that opens it. Sync again; if it fails once more, tell IT.")
NOT_NOTED = marked(
    "{list} is in force, but that could not be noted on the disk. Check the free space, then sync again."
)
NOT_OFFERED = marked("The depot no longer has {list}, which nobody took back. It stays in force until it ends.")
TAKEN_BACK = marked("{list} was taken back by its owner. It is no longer matched.")
DOUBTED = marked(
    "The new revision has {now} entries instead of {before}, which may be a mistake. Ask your supervisor; whoever is "
    "signed on can accept it here."
)
TOO_LARGE = marked("The new revision is too large to fetch on patrol. Sync when you can.")
SPARE_BYTES = 64 * 2**20
_Model = TypeVar("_Model", bound=BaseModel)


class ListRefused(KnownError):
    """One list cannot be taken; the text says why."""


class ListShelf(Protocol):
    """Where the car keeps its lists."""

    def base_of(self, list_id: str) -> str:
        """The SHA-256 of the whole list that a delta may lie over; "" where there is none to be relied on."""
        ...

    def has_key(self, key_id: str) -> bool:
        """Whether the key that opens a list is here."""
        ...

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> None:
        """Put a list in force from files that were compared with what was signed, and are moved away or deleted.

        `whole` is None where the delta lies over the whole list that is here, `secret` (32 bytes) where the key is.
        Raises KnownError, with what was in force still in force.
        """
        ...

    def withdraw(self, list_id: str) -> None:
        """Take a list out of force for good. Raises KnownError."""
        ...


class ListDownload:
    """One download of lists from `source`. Lives for one call."""

    def __init__(
        self,
        source: ListSource,
        folder: Path,
        report: ProgressReport,
        *,
        lists_root: bytes,
        shelf: ListShelf,
        in_force: Sequence[Hotlist] | None,
        accepted: Container[tuple[str, int]],
    ) -> None:
        self._source = source
        self._folder = folder
        self._report = report
        self._lists_root = lists_root
        self._shelf = shelf
        self._in_force = None if in_force is None else {head.list_id: head for head in in_force if not head.is_own}
        self._accepted = accepted
        self._held = HeldLists(folder)

    def get(self, most: int | None = None) -> None:
        """Put every list that changed in force, one after the other; one that fails leaves the others alone.

        What takes more than `most` bytes to fetch is left for another time, which is told as a problem.
        """
        try:
            now = self._source.time(self._held.seen_at)
            offer = SignedLists(self._source.metadata, self._folder / FOLDER, self._lists_root, now).offer()
            self._held.seen(self._source.proven or now)
            self._take_out(offer)
        except (NotTrusted, RecordsFault) as fault:
            self._report.problem(self._not_updated(ALL_LISTS, "", fault.sentence))
            return
        self._drop_leftovers({file.sha256 for one in offer.lists for file in one.head.files})
        changed = [one for one in offer.lists if not self._is_held(one)]
        # The roster is the first item of the download.
        self._report.expect(1 + len(changed), sum(self._size(one) for one in changed))
        for one in changed:
            try:
                self._check_size(one, most)
                self._take(one, now)
            except (ListRefused, RecordsFault) as error:
                self._report.problem(self._not_updated(one.head.name, one.head.list_id, error.sentence))
            self._report.step(items=1)
        self._source.tell_held(self._held.lists)

    def _take_out(self, offer: Offer) -> None:
        """Take out of force what its owner took back; tell what is neither offered, nor taken back."""
        offered = {one.head.list_id for one in offer.lists}
        for held in self._held.lists:
            gone = offer.withdrawn.get((held.role, held.list_id))
            if held.role in offer.faults:
                self._report.problem(self._not_updated(held.name, held.list_id, offer.faults[held.role]))
            elif held.list_id in offered:
                continue
            elif gone is not None and gone.revision >= held.revision:
                self._withdraw(held)
            else:
                log.warning("the depot no longer has a list that the car holds")
                self._report.problem(sentence(NOT_OFFERED, list=held.name))
        held_roles = {held.role for held in self._held.lists}
        for role, why in offer.faults.items():
            if role not in held_roles:
                self._report.problem(self._not_updated(ALL_LISTS, role, why))

    def _withdraw(self, held: KeptList) -> None:
        self._shelf.withdraw(held.list_id)
        self._held.forget(held.list_id)
        self._report.news(sentence(TAKEN_BACK, list=held.name))

    def _is_held(self, offered: Offered) -> bool:
        head, held = offered.head, self._held.of(offered.head.list_id)
        same = held is not None and (held.revision, held.sha256) == (head.revision, offered.sha256)
        in_force = None if self._in_force is None else self._in_force.get(head.list_id)
        return same and (self._in_force is None or (in_force is not None and in_force.revision == head.revision))

    def _take(self, offered: Offered, now: datetime) -> None:
        head = offered.head
        wanted = offered.files(self._shelf.base_of(head.list_id))
        self._check(offered, now, sum(file.bytes for file in wanted))
        arrived = [self._fetched(file) for file in wanted]
        whole, delta = (None, *arrived)[-2:] if head.form == "delta" else (arrived[0], None)
        secret = None if self._shelf.has_key(head.key_id) else self._secret(head.key_id)
        try:
            self._shelf.take(head.hotlist(), whole, delta, secret)
        except KnownError as error:
            raise ListRefused(error.sentence) from error
        finally:
            for file in arrived:
                file.unlink(missing_ok=True)
        try:
            self._held.keep(head, offered.role)
        except RecordsFault:
            self._report.problem(sentence(NOT_NOTED, list=head.name))

    def _fetched(self, file: SignedFile) -> Path:
        arrived = self._source.fetch(file, self._folder, lambda sent: self._report.step(sent=sent))
        if arrived is None:
            raise ListRefused(DAMAGED)
        return arrived

    def _secret(self, key_id: str) -> bytes:
        found = self._source.secret(key_id)
        if found is None:
            raise ListRefused(NO_KEY)
        return found

    def _check(self, offered: Offered, now: datetime, size: int) -> None:
        head, held = offered.head, self._held.of(offered.head.list_id)
        in_force = (self._in_force or {}).get(head.list_id)
        newest = max(held.revision if held else 0, in_force.revision if in_force else 0)
        if head.revision < newest:
            raise ListRefused("The depot offers an older revision than the car has. Tell IT.")
        if held and head.revision == held.revision and offered.sha256 != held.sha256:
            raise ListRefused("The depot offers another content under the same revision. Tell IT.")
        if head.valid_until <= now:
            raise ListRefused("The depot's revision is past its end date. Tell IT.")
        entries = head.judged_entries
        if held and is_absurd(held.entries, entries) and (head.list_id, head.revision) not in self._accepted:
            self._report.doubt(ListDoubt(head.list_id, head.name, head.revision, held.entries, entries))
            raise ListRefused(DOUBTED, now=f"{entries:,}", before=f"{held.entries:,}")
        if shutil.disk_usage(self._folder).free < size + SPARE_BYTES:
            raise ListRefused("There is not enough free space on this computer. Free some, then sync again.")

    def _not_updated(self, name: str, list_id: str, why: str) -> Sentence:
        """Say that a list, or all of them ("" for the id), stays as it is, and how old that is."""
        heads = list((self._in_force or {}).values())
        if list_id:
            heads = [head for head in heads if head.list_id == list_id]
        if not heads:
            return sentence(NOT_LOADED, list=sentence(name), why=sentence(why))
        oldest = min(head.issued_at for head in heads)
        now = self._source.proven or oldest
        time, age = _moment(oldest, now), _age(now - oldest)
        return sentence(NOT_UPDATED, list=sentence(name), time=time, age=age, why=sentence(why))

    def _check_size(self, offered: Offered, most: int | None) -> None:
        if most is not None and self._size(offered) > most:
            raise ListRefused(TOO_LARGE)

    def _size(self, offered: Offered) -> int:
        return sum(file.bytes for file in offered.files(self._shelf.base_of(offered.head.list_id)))

    def _drop_leftovers(self, wanted: set[str]) -> None:
        """Delete what no transfer goes on from."""
        for left in self._folder.glob(f"*{PART}"):
            if left.stem not in wanted:
                left.unlink(missing_ok=True)


def _moment(at: datetime, now: datetime) -> str:
    """A time of day, with its date where that is not today's."""
    local = at.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%d.%m. %H:%M}"


def _age(age: timedelta) -> Sentence:
    minutes = max(0, int(age.total_seconds() // 60))
    return sentence("{hours} h", hours=minutes // 60) if minutes >= 60 else sentence("{minutes} min", minutes=minutes)
