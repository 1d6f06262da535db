"""Searching and adding by hand in the invented shift: what its search answers, and what its session takes."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection, VoiWish, mark_of, reason_of
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput, KnownError
from patrol_anpr.domain.events import Event, OwnListChanged, ReadCorrected
from patrol_anpr.domain.hit import Hit, Match
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import ENTERED, NO_PICTURES, Evidence, Read
from patrol_anpr.domain.search import PAGE, LookUp, MarkPattern, ReadsFound
from patrol_anpr.domain.shift import Shift
from patrol_anpr.domain.vrm import fold, normalise

_Value = TypeVar("_Value")


class Sampled(Protocol):
    """What of SamplePatrol is needed here."""

    told: list[tuple[object, ...]]
    refuses: str
    search: "SampleSearch"

    @property
    def clock(self) -> Clock:
        """A clock that moves only when told."""
        ...

    def publish(self, event: Event) -> None:
        """Tell every listener."""
        ...

    def recent_reads(self, limit: int = 2000) -> Sequence[Read]:
        """The newest first."""
        ...

    def raise_hit(self, hit: Hit, evidence: Evidence | None = None) -> None:
        """Let a hit happen."""
        ...

    def make_read(self, read: Read, evidence: Evidence) -> None:
        """Let a Read happen."""
        ...


def answered(make: Callable[[], _Value]) -> "Future[_Value]":
    """What `make` returns, as the answer of a thread that was quick; its KnownError likewise."""
    future: Future[_Value] = Future()
    try:
        future.set_result(make())
    except KnownError as error:
        future.set_exception(error)
    return future


@dataclass
class SampleSearch:
    """Satisfies window_ports.Searching; `listed` are the matches of marks, by folded mark."""

    patrol: Sampled
    listed: dict[str, Sequence[Match]] = field(default_factory=dict)
    oldest: Hotlist | None = None
    corrected: list[ReadCorrection] = field(default_factory=list)
    own: list[OwnVoi] = field(default_factory=list)

    def recent(self) -> ReadsFound:
        """All Reads of the sample."""
        reads = tuple(reversed(self.patrol.recent_reads()))
        return ReadsFound(0, reads, len(reads))

    def page(self, first: int) -> "Future[ReadsFound]":
        """All Reads of the sample from there on."""
        found = self.recent()
        return answered(lambda: ReadsFound(first, found.reads[first : first + PAGE], found.total))

    def reads(self, entered: str, first: int | None = None) -> "Future[ReadsFound]":
        """Look through the Reads of the sample."""
        pattern = MarkPattern.of(entered)
        self.patrol.told.append(("search", pattern.text))
        return answered(lambda: self._found(pattern))

    def look_up(self, entered: str) -> "Future[LookUp]":
        """Look through `listed` and the Reads of the sample."""
        pattern = MarkPattern.of(normalise(entered))
        self.patrol.told.append(("look_up", pattern.text))
        matches = tuple(self.listed.get(fold(pattern.text), ()))
        return answered(lambda: LookUp(pattern.text, matches, self._found(pattern), self.oldest))

    def _found(self, pattern: MarkPattern) -> ReadsFound:
        if self.patrol.refuses:
            raise BadInput(self.patrol.refuses)
        fitting = {one.read_id for one in self.corrected if pattern.fits(one.vrm)}
        found = [read for read in self.recent().reads if pattern.fits(read.vrm) or read.read_id in fitting]
        return ReadsFound(0, tuple(found), len(found))

    def corrections(self) -> "Future[Sequence[ReadCorrection]]":
        """Those made so far."""
        return answered(lambda: tuple(self.corrected))

    @property
    def own_entries(self) -> Sequence[OwnVoi]:
        """Those made so far."""
        return tuple(reversed(self.own))


@dataclass
class SampleByHand:
    """The part of SampleSession through which an officer adds something by hand."""

    _patrol: Sampled
    shift: Shift

    def correct_read(self, read: Read, vrm: str) -> "Future[ReadCorrection]":
        """Write it down and tell it."""
        mark = mark_of(vrm)

        def correct() -> ReadCorrection:
            self._may()
            at = self._patrol.clock.utc()
            number = len(self._patrol.search.corrected)
            correction = ReadCorrection(f"correction-{number}", read.read_id, self.shift.officer_id, at, mark)
            self._patrol.search.corrected.append(correction)
            self._patrol.told.append(("correct_read", read.read_id, mark))
            self._patrol.publish(ReadCorrected(read, correction))
            return correction

        return answered(correct)

    def enter(self, vrm: str) -> "Future[Sequence[Hit]]":
        """Write it down; a mark that is listed makes a hit."""
        mark = mark_of(vrm)

        def enter() -> Sequence[Hit]:
            self._may()
            self._patrol.told.append(("enter", mark))
            read = entered_read(mark, self._patrol.clock.utc(), self._patrol.clock.monotonic())
            self._patrol.make_read(read, NO_PICTURES)
            hits = [entered_hit(read, match, self.shift) for match in self._patrol.search.listed.get(fold(mark), ())]
            for hit in hits:
                self._patrol.raise_hit(hit, NO_PICTURES)
            return hits

        return answered(enter)

    def make_voi(self, wish: VoiWish) -> "Future[OwnVoi]":
        """Write it down and tell it."""
        vrm, reason = mark_of(wish.vrm), reason_of(wish.reason)

        def make() -> OwnVoi:
            self._may()
            now, own = self._patrol.clock.utc(), self._patrol.search.own
            by = (self.shift.officer_id, self.shift.shift_id)
            ends = now + wish.lifetime.longest
            entry = OwnVoi(f"voi-{len(own)}", vrm, reason, wish.tier, wish.lifetime, *by, now, ends, wish.read_id)
            own.append(entry)
            self._patrol.told.append(("make_voi", wish))
            self._tell()
            return entry

        return answered(make)

    def withdraw_voi(self, voi_id: str) -> "Future[OwnVoi]":
        """Write it down and tell it."""

        def withdraw() -> OwnVoi:
            self._may()
            gone = next(entry for entry in self._patrol.search.own if entry.voi_id == voi_id)
            self._patrol.search.own.remove(gone)
            self._patrol.told.append(("withdraw_voi", voi_id))
            self._tell()
            return gone

        return answered(withdraw)

    def _tell(self) -> None:
        self._patrol.publish(OwnListChanged(tuple(self._patrol.search.own_entries)))

    def _may(self) -> None:
        if self._patrol.refuses:
            raise BadInput(self._patrol.refuses)


def entered_read(vrm: str, at: datetime, monotonic: float) -> Read:
    """A Read that an officer entered."""
    return Read(
        f"entered-{vrm}",
        vrm,
        100,
        (1.0,) * len(vrm),
        ENTERED,
        at,
        monotonic,
        at,
        at,
        0,
        Box(0, 0, 0, 0),
        PlateColour.UNKNOWN,
        (vrm,),
        "",
        "entered by hand",
    )


def entered_hit(read: Read, match: Match, shift: Shift) -> Hit:
    """A hit of an entered mark."""
    return Hit(f"hit-{read.read_id}-{match.voi.vrm}", read, match, read.captured_at, 1000.0, shift.shift_id)
