"""What the crew looks for: Reads of this shift by a part of their mark, and a mark in the lists and among them."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.search import MARK_LOOKED_UP, PAGE, READS_SEARCHED, LookUp, MarkPattern, ReadsFound
from patrol_anpr.domain.shift import Shift
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.patrol.ports import Matching, OwnList, Recording
from patrol_anpr.patrol.reads import ShiftReads

MOST_READS = 20
"""Reads that a look-up shows of one mark."""


class Search:
    """Satisfies window_ports.Searching. Every search is audited before it is answered.

    Nothing waits: the answers come from `disk`, the thread on which the records are asked, as Futures. `clock` is the
    one to judge by.
    """

    def __init__(
        self,
        recording: Recording,
        matching: Matching,
        own_list: OwnList | None,
        clock: Clock,
        disk: Executor,
        reads: ShiftReads,
        shift: Callable[[], Shift | None],
    ) -> None:
        self._recording, self._matching, self._own_list = recording, matching, own_list
        self._clock, self._disk, self._reads, self._shift = clock, disk, reads, shift

    def recent(self) -> ReadsFound:
        """The newest Reads of this shift, those in memory, and how many it has."""
        return self._reads.found()

    def page(self, first: int) -> "Future[ReadsFound]":
        """Reads of this shift from the place `first` on; as many as make a page."""
        shift = self._signed_on()
        return self._disk.submit(self._recording.find_reads, shift.shift_id, None, first, PAGE)

    def reads(self, entered: str, first: int | None = None) -> "Future[ReadsFound]":
        """The Reads of this shift whose mark, or a correction of it, fits what was entered (search.MarkPattern).

        The newest page; with `first`, the one from there on. Raises BadInput where nothing can be searched for.
        """
        shift, pattern = self._signed_on(), MarkPattern.of(entered)
        if first is None:
            self._recording.audit(shift.officer_id, READS_SEARCHED, pattern.text)
        return self._disk.submit(self._recording.find_reads, shift.shift_id, pattern, first, PAGE)

    def look_up(self, entered: str) -> "Future[LookUp]":
        """What the lists and this shift's Reads hold of a mark as far as it is entered. Raises BadInput."""
        shift, pattern = self._signed_on(), MarkPattern.of(normalise(entered))
        self._recording.audit(shift.officer_id, MARK_LOOKED_UP, pattern.text)
        return self._disk.submit(self._look_up, shift, pattern)

    def _look_up(self, shift: Shift, pattern: MarkPattern) -> LookUp:
        matches = self._matching.match(pattern.text, self._clock.utc())
        others = [head for head in self._matching.hotlists if not head.is_own]
        return LookUp(
            entered=pattern.text,
            matches=tuple(match for match in matches if match.tier is not Tier.SILENT),
            reads=self._recording.find_reads(shift.shift_id, pattern, None, MOST_READS),
            oldest=min(others, key=lambda head: head.issued_at, default=None),
        )

    def corrections(self) -> "Future[Sequence[ReadCorrection]]":
        """The corrections of this shift's Reads, the oldest first; of several of one Read the last counts."""
        shift = self._shift()
        return self._disk.submit(self._recording.corrections, shift.shift_id if shift else "")

    @property
    def own_entries(self) -> Sequence[OwnVoi]:
        """The entries that officers made in this car, the newest first; from memory."""
        return self._own_list.entries if self._own_list is not None else ()

    def _signed_on(self) -> Shift:
        shift = self._shift()
        if shift is None:
            raise BadInput("Sign on to search.")
        return shift
