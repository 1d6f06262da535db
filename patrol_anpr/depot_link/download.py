"""Fetching the roster and the lists that changed. A list is put in force whole and checked, or the old one stays."""

import hashlib
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from patrol_anpr.depot_link.channel import NOT_THE_DEPOT, Channel, NoSuchRoute, Refused, TryAgain
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import DepotFault, KnownError, RecordsFault
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.domain.shift import Officer
from patrol_anpr.plumbing.files import PART, write_whole
from patrol_anpr.wire.payloads import (
    DispositionsReply,
    HeldList,
    HeldReport,
    HotlistHead,
    ListIndexReply,
    RosterReply,
    Taken,
)

log = logging.getLogger(__name__)

HELD_FILE = "held.json"
DAMAGED = "It did not arrive as the depot published it. Try again; if it fails once more, tell IT."
NO_ROOM = "It could not be written to the disk. Check the free space, then sync again."
NOT_NOTED = marked(
    "{list} is in force, but that could not be noted on the disk. Check the free space, then sync again."
)
SPARE_BYTES = 64 * 2**20
_Model = TypeVar("_Model", bound=BaseModel)
_MEDIA = ("text/csv", "application/zip")
_PLAIN = (".csv", ".zip")
"""What the name of a list ends with that has arrived and is being put in force."""


class ListRefused(KnownError):
    """One list cannot be taken; the text says why."""


class Download:
    """One download. Lives for one call of Link.download."""

    def __init__(
        self,
        channel: Channel,
        folder: Path,
        report: ProgressReport,
        clock: Clock,
        *,
        apply_list: Callable[[Hotlist, Path], None],
        keep_roster: Callable[[Sequence[Officer]], None],
        in_force: Mapping[str, int] | None,
        keep_dispositions: Callable[[Sequence[Disposition]], object],
    ) -> None:
        self._channel = channel
        self._folder = folder
        self._report = report
        self._clock = clock
        self._apply_list = apply_list
        self._keep_roster, self._keep_dispositions = keep_roster, keep_dispositions
        self._in_force = in_force
        self._held = _read_held(folder)

    def roster(self) -> None:
        """Fetch and keep the roster; an empty one would lock every officer out, so it is not kept."""
        reply, _ = self._asked("roster", RosterReply)
        if reply is None or not reply.officers:
            self._report.problem("The depot's roster is empty, so the car keeps the one it has. Tell IT.")
        else:
            self._keep_roster([officer.officer() for officer in reply.officers])
        self._report.step(items=1)

    def dispositions(self) -> None:
        """Fetch and keep the depot's table of what may be done about a hit; an older depot has none to offer."""
        try:
            reply, _ = self._channel.ask("GET", "dispositions", DispositionsReply)
        except (Refused, NoSuchRoute):
            log.info("the depot offers no table of what may be done about a hit")
            return
        if reply is not None:
            self._keep_dispositions([one.disposition() for one in reply.dispositions])

    def index(self, known: tuple[ListIndexReply, str] | None) -> tuple[ListIndexReply, str]:
        """Return the depot's lists and their tag; `known` again when nothing changed since."""
        reply, tag = self._asked("hotlists", ListIndexReply, known[1] if known else "")
        if reply is not None:
            return reply, tag
        if known is None:
            raise DepotFault(NOT_THE_DEPOT)
        return known

    def lists(self, index: ListIndexReply) -> None:
        """Put every list that changed in force, one after the other; one that fails leaves the others alone."""
        self._drop_leftovers({head.sha256 for head in index.lists})
        changed = [head for head in index.lists if not self._is_held(head)]
        # The roster is the first item of the download.
        self._report.expect(1 + len(changed), sum(head.bytes for head in changed))
        if set(self._held) - {head.list_id for head in index.lists}:
            log.warning("the depot no longer has a list that the car holds")
            self._report.problem("The depot no longer has a list that the car holds. It stays in force until it ends.")
        for head in changed:
            try:
                self._take(head)
            except (ListRefused, RecordsFault) as error:
                self._report.problem(
                    sentence(
                        "{list} was NOT updated; what the car had stays in force. {why}",
                        list=head.name,
                        why=error.sentence,
                    )
                )
            self._report.step(items=1)
        self._tell_held()

    def _asked(self, path: str, reply: type[_Model], tag: str = "") -> tuple[_Model | None, str]:
        try:
            return self._channel.ask("GET", path, reply, tag=tag)
        except Refused as refusal:
            raise DepotFault(NOT_THE_DEPOT) from refusal

    def _is_held(self, head: HotlistHead) -> bool:
        held = self._held.get(head.list_id)
        same = held is not None and (held.revision, held.sha256) == (head.revision, head.sha256)
        return same and (self._in_force is None or self._in_force.get(head.list_id) == head.revision)

    def _take(self, head: HotlistHead) -> None:
        self._check(head)
        path = self._fetch(head)
        try:
            self._apply_list(head.hotlist(), path)
        except KnownError as error:
            raise ListRefused(error.sentence) from error
        finally:
            path.unlink(missing_ok=True)  # the car keeps its index of it, not the plain list
        self._held[head.list_id] = HeldList(list_id=head.list_id, revision=head.revision, sha256=head.sha256)
        try:
            _write_held(self._folder, self._held)
        except RecordsFault:
            self._report.problem(sentence(NOT_NOTED, list=head.name))

    def _check(self, head: HotlistHead) -> None:
        held = self._held.get(head.list_id)
        newest = max(held.revision if held else 0, (self._in_force or {}).get(head.list_id, 0))
        if head.revision < newest:
            raise ListRefused("The depot offers an older revision than the car has. Tell IT.")
        if held and head.revision == held.revision and head.sha256 != held.sha256:
            raise ListRefused("The depot offers another content under the same revision. Tell IT.")
        if head.valid_until is not None and head.valid_until <= self._clock.utc():
            raise ListRefused("The depot's revision is past its end date. Check the clock, or tell IT.")
        if shutil.disk_usage(self._folder).free < head.bytes + SPARE_BYTES:
            raise ListRefused("There is not enough free space on this computer. Free some, then sync again.")

    def _fetch(self, head: HotlistHead) -> Path:
        part = self._folder / f"{head.sha256}{PART}"
        for _ in range(2):  # what was left of an earlier transfer may be what spoils the first
            while not self._channel.patiently(lambda: self._fetch_more(head, part)):
                pass
            if _is_whole(head, part):
                return part.replace(part.with_suffix(f".{head.packing}"))
            log.warning("a list did not arrive as published")
            part.unlink(missing_ok=True)
        raise ListRefused(DAMAGED)

    def _fetch_more(self, head: HotlistHead, part: Path) -> bool:
        """Ask for what `part` lacks; True when the answer came to its end, False when it broke but got further."""
        begin = part.stat().st_size if part.exists() else 0
        if begin >= head.bytes:
            return True
        headers = {"Range": f"bytes={begin}-", "If-Range": f'"{head.sha256}"'} if begin else {}
        try:
            with self._channel.open("GET", f"hotlists/{head.list_id}/{head.revision}", headers=headers) as response:
                if response.headers.get("content-type", "").split(";")[0].strip().lower() not in _MEDIA:
                    raise DepotFault(NOT_THE_DEPOT)
                if not _goes_on(response, begin):
                    begin = 0
                    part.unlink(missing_ok=True)
                self._receive(response, part, head.bytes - begin)
        except Refused as refusal:
            part.unlink(missing_ok=True)
            raise ListRefused(DAMAGED) from refusal
        except TryAgain:
            if part.exists() and part.stat().st_size > begin:
                return False
            raise
        return True

    def _receive(self, response: requests.Response, part: Path, room: int) -> None:
        """Append the answer to `part`, at most one byte more than `room`: endless content ends there."""
        chunks = response.iter_content(1 << 14)
        with part.open("ab", buffering=0) as file:
            while room >= 0 and (chunk := next(chunks, None)):
                _append(file, chunk[: room + 1])
                room -= len(chunk)
                self._report.step(sent=len(chunk))

    def _tell_held(self) -> None:
        report = HeldReport(lists=tuple(self._held.values()))
        try:
            self._channel.ask("POST", "held", Taken, body=report.model_dump_json().encode())
        except (DepotFault, Refused):
            log.warning("the depot could not be told which lists the car holds; it will be next time")

    def _drop_leftovers(self, wanted: set[str]) -> None:
        """Delete what no transfer goes on from."""
        drop_plain_lists(self._folder)
        for left in self._folder.glob(f"*{PART}"):
            if left.stem not in wanted:
                left.unlink(missing_ok=True)


def drop_plain_lists(folder: Path) -> None:
    """Delete every list that lies there plain: a crash while it was put in force leaves one. Raises OSError."""
    for left in folder.iterdir():
        if left.suffix in _PLAIN:
            left.unlink(missing_ok=True)


def _goes_on(response: requests.Response, begin: int) -> bool:
    """Tell whether the answer goes on at `begin`; otherwise it is the whole from its start."""
    if response.status_code == 206 and response.headers.get("content-range", "").startswith(f"bytes {begin}-"):
        return True
    if response.status_code == 206:
        raise DepotFault(NOT_THE_DEPOT)
    return begin == 0


def _is_whole(head: HotlistHead, part: Path) -> bool:
    if not part.exists() or part.stat().st_size != head.bytes:
        return False
    with part.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == head.sha256


def _append(file: FileIO, chunk: bytes) -> None:
    # Only the disk's own errors become a RecordsFault; those of the line are OSErrors too and must pass.
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise RecordsFault(NO_ROOM) from error


def _read_held(folder: Path) -> dict[str, HeldList]:
    try:
        report = HeldReport.model_validate_json((folder / HELD_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        log.warning("which lists are held could not be read; all are fetched again")
        return {}
    return {held.list_id: held for held in report.lists}


def _write_held(folder: Path, held: Mapping[str, HeldList]) -> None:
    report = HeldReport(lists=tuple(held.values()))
    try:
        write_whole(folder / HELD_FILE, report.model_dump_json().encode())
    except OSError as error:
        raise RecordsFault(NO_ROOM) from error
