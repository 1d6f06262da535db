"""Reads already made this shift, matched against entries that came after them: made by an officer, or with a sync."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Protocol

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.entry import ListEntry, entry_of
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import Hit, Match
from patrol_anpr.domain.read import NO_PICTURES, Evidence, Read
from patrol_anpr.domain.shift import Shift
from patrol_anpr.patrol.ports import Matching, Recording

log = logging.getLogger(__name__)

PAGE = 500
"""Reads asked of the records at once."""
CHECKED = Lamp("past", LampState.GOOD, "Past reads")
NOT_CHECKED = Lamp(
    "past",
    LampState.WARN,
    "Past reads not checked",
    "Reads of this shift could not be checked against new entries. Look the marks up by hand.",
)


class RaisesPast(Protocol):
    """What Intake does with matches of a Read that is kept already."""

    def raise_past(
        self, read: Read, evidence: Evidence, matches: Sequence[Match], shift: Shift, corrected_vrm: str | None
    ) -> Sequence[Hit]:
        """Sound, record and show them as hits of the past."""
        ...


class PastReads:
    """Looks through the Reads of the shift under way, the newest first, on `thread`: nobody else waits for it.

    A match is a hit of the past where this Read has no hit of the same entry yet: so each comes once, and an entry that
    was in force when the Read was made brings none. A Read that an officer corrected is matched by the correction.
    """

    def __init__(
        self,
        intake: RaisesPast,
        recording: Recording,
        matching: Matching,
        judging: Clock,
        thread: Executor,
        is_under_way: Callable[[Shift], bool],
        tell: Callable[[Lamp], object],
    ) -> None:
        self._intake, self._recording, self._matching = intake, recording, matching
        self._judging, self._thread, self._is_under_way, self._tell = judging, thread, is_under_way, tell
        self._failed = self._is_closing = False

    def close(self) -> None:
        """Begin no other Read: the program ends, and waits for the one under way only."""
        self._is_closing = True

    def look(self, list_ids: Sequence[str], shift: Shift) -> "Future[int]":
        """Match the Reads of `shift` against these lists; the result, some time later: how many hits were raised."""
        return self._thread.submit(self._told, frozenset(list_ids), shift)

    def _told(self, list_ids: frozenset[str], shift: Shift) -> int:
        """Look, and say by a lamp where that failed: nobody may take the silence for "not seen"."""
        try:
            raised = self._look(list_ids, shift)
        except Exception:
            self._failed = True
            self._tell(NOT_CHECKED)
            raise
        if self._failed:
            self._failed = False
            self._tell(CHECKED)
        return raised

    def _look(self, list_ids: frozenset[str], shift: Shift) -> int:
        known: set[tuple[str, ListEntry]] | None = None
        corrected: dict[str, str] = {}
        raised = 0
        for read in self._reads(shift):
            if known is None:  # after the first page: a Read is kept together with its hits
                hits = self._recording.hits(shift.shift_id, silent=True)
                known = {(hit.read.read_id, entry_of(hit.match)) for hit in hits}
                corrected = {one.read_id: one.vrm for one in self._recording.corrections(shift.shift_id)}
            if self._is_closing or not self._is_under_way(shift):
                break
            found = self._matching.match(corrected.get(read.read_id, read.vrm), self._judging.utc())
            new = [
                match
                for match in found
                if match.hotlist.list_id in list_ids and (read.read_id, entry_of(match)) not in known
            ]
            if new:
                evidence = self._recording.evidence_of(read.read_id) or NO_PICTURES
                raised += len(self._intake.raise_past(read, evidence, new, shift, corrected.get(read.read_id)))
        if raised:
            log.info("reads of this shift match entries that came after them: %d hits", raised)
        return raised

    def _reads(self, shift: Shift) -> Iterator[Read]:
        page = self._recording.recent_reads(shift.shift_id, PAGE)
        while page:
            yield from page
            page = self._recording.reads_before(shift.shift_id, page[-1].read_id, PAGE)
