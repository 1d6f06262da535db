"""What the records answer: what is on the disk and what is in memory still, as one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from patrol_anpr.domain.audit import AuditCheck, AuditHead, verify_chain
from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.dossier import Dossier
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.search import MarkPattern, ReadsFound
from patrol_anpr.domain.shift import PinTry, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import HourCell, hour_of, merged
from patrol_anpr.records import audit, dossiers, queries
from patrol_anpr.records.coverage import stored_coverage, with_unwritten
from patrol_anpr.records.queries import StoredRead
from patrol_anpr.records.store import Store
from patrol_anpr.records.unwritten import Unwritten, with_unwritten_counts, with_unwritten_hits

PIN_TRIES = 200
"""PINs of the trail that are looked at: more than are free in a car, so that the wait holds after a restart."""
MISSING = Evidence(b"", b"")


class Answers(ABC):
    """The asking half of Records. Every call blocks on the disk and may come from any thread.

    Memory is looked at before the disk: what is written in between is found twice, and not missed.
    """

    def __init__(self) -> None:
        self._unwritten = Unwritten()
        self._store: Store | None = None

    @abstractmethod
    def waiting(self) -> int:
        """How many records the depot does not hold yet."""

    def pin_tries(self) -> Sequence[PinTry]:
        """The PINs entered lately in this car, the oldest first."""
        fresh = self._unwritten.pin_tries()
        with self._asking() as connection:
            stored = queries.pin_tries(connection, PIN_TRIES) if connection else []
        return [*(one for one in stored if one not in fresh), *fresh]

    def entry_mutes(self, shift_id: str) -> Sequence[tuple[str, bool]]:
        """Which hits of a shift had their entry muted (True) or unmuted, in order: said twice is as said once."""
        fresh = self._unwritten.entry_mutes()
        with self._asking() as connection:
            stored = queries.entry_mutes(connection, shift_id) if connection else []
        return [*stored, *fresh]

    def unfinished_shifts(self) -> Sequence[Shift]:
        """The shifts without an end, the newest first: the program was cut off in them."""
        said = self._unwritten.shifts()
        with self._asking() as connection:
            stored = queries.unfinished_shifts(connection) if connection else []
        fresh = [shift for shift_id, shift in said.items() if shift_id not in {one.shift_id for one in stored}]
        found = [*reversed(fresh), *(said.get(one.shift_id, one) for one in stored)]
        return [shift for shift in found if shift.ended_at is None]

    def summary(self, shift_id: str) -> ShiftSummary:
        """Count a shift."""
        spoken_of = self._unwritten.states()
        with self._asking() as connection:
            stored = queries.summary(connection, shift_id) if connection else ShiftSummary(0, 0, 0, 0, 0, 0)
            states = queries.states(connection, shift_id, spoken_of) if connection and spoken_of else {}
        return with_unwritten_counts(stored, states, self._unwritten, shift_id, self.waiting())

    def open_hits(self, shift_id: str) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of a shift that are RAISED or ACKNOWLEDGED, the most urgent first.

        A missing picture has no bytes: the hit is shown all the same, and the picture as missing.
        """
        unwritten = self._unwritten.now()
        with self._asking() as connection:
            found = queries.open_hits(connection, shift_id) if connection else []
        stored = [(hit, MISSING) for hit in found]
        hits = with_unwritten_hits(stored, unwritten, shift_id)
        return [(hit, evidence if evidence.patch else self._pictures_of(hit)) for hit, evidence in hits]

    def _pictures_of(self, hit: Hit) -> Evidence:
        return self.evidence_of(hit.read.read_id) or MISSING

    def hits(self, shift_id: str, *, silent: bool = False) -> Sequence[Hit]:
        """All hits of a shift that the crew may see, the newest first; with `silent` the others too."""
        unwritten = self._unwritten.now()
        fresh = [hit for hit, _ in unwritten.hits(shift_id, silent=silent)]
        with self._asking() as connection:
            stored = queries.hits(connection, shift_id, silent=silent) if connection else []
        known = {hit.hit_id for hit in fresh}
        return [*fresh, *(unwritten.said(hit) for hit in stored if hit.hit_id not in known)]

    def outcomes(self, hit_id: str) -> Sequence[Outcome]:
        """What was said of a hit, in order; the last one counts."""
        with self._asking() as connection:
            return queries.outcomes(connection, hit_id) if connection else []

    def recent_reads(self, shift_id: str, limit: int) -> Sequence[Read]:
        """The newest Reads of a shift."""
        fresh = self._unwritten.reads(shift_id)[:limit]
        known = {read.read_id for read in fresh}
        stored = [one.read for one in self.reads_page(shift_id, limit) if one.read.read_id not in known]
        return [*fresh, *stored][:limit]

    def reads_page(self, shift_id: str | None, limit: int, before: int | None = None) -> Sequence[StoredRead]:
        """A page of stored Reads, the newest first; give the last seq of a page as `before` to get the next one."""
        with self._asking() as connection:
            return queries.reads_page(connection, shift_id, limit, before) if connection else []

    def reads_before(self, shift_id: str, read_id: str, limit: int) -> Sequence[Read]:
        """The Reads of a shift made before this one, the newest first."""
        fresh = self._unwritten.reads(shift_id)
        places = [place for place, read in enumerate(fresh, start=1) if read.read_id == read_id]
        if places:
            older = fresh[places[0] :]
            known = {read.read_id for read in fresh}
            stored = [one.read for one in self.reads_page(shift_id, limit) if one.read.read_id not in known]
            return [*older, *stored][:limit]
        with self._asking() as connection:
            return queries.reads_before(connection, shift_id, read_id, limit) if connection else []

    def find_reads(self, shift_id: str, pattern: MarkPattern | None, first: int | None, limit: int) -> ReadsFound:
        """The Reads of a shift whose mark, or a correction of it, fits `pattern` (None: all), in the order they came.

        At most `limit` from the place `first` on; None for the newest ones.
        """
        fresh, fitting = self._unwritten.reads(shift_id)[::-1], set[str]()
        if pattern is not None:
            fitting = {one.read_id for one in self.corrections(shift_id) if pattern.fits(one.vrm)}
            fresh = [read for read in fresh if pattern.fits(read.vrm) or read.read_id in fitting]
        with self._asking() as connection:
            places: list[int] = []
            if connection is not None:
                written = queries.places_of_reads(connection, [read.read_id for read in fresh])
                corrected = queries.places_of_reads(connection, fitting)
                found = {*queries.places_of_marks(connection, shift_id, pattern), *corrected.values()}
                places = sorted(found - set(written.values()))
            total = len(places) + len(fresh)
            begin = max(0, total - limit) if first is None else first
            asked = places[begin : begin + limit]
            stored = queries.reads_at(connection, asked) if connection is not None and asked else []
        rest = max(0, begin - len(places))
        return ReadsFound(begin, (*stored, *fresh[rest : rest + limit - len(stored)]), total)

    def corrections(self, shift_id: str) -> Sequence[ReadCorrection]:
        """The corrections of a shift's Reads, the oldest first; of several of one Read the last counts."""
        fresh = self._unwritten.corrections(shift_id)
        with self._asking() as connection:
            stored = queries.corrections(connection, shift_id) if connection else []
        return [*(one for one in stored if one not in fresh), *fresh]

    def is_read_of(self, read_id: str, shift_id: str) -> bool:
        """Whether a Read belongs to this shift."""
        if any(read.read_id == read_id for read in self._unwritten.reads(shift_id)):
            return True
        with self._asking() as connection:
            return connection is not None and queries.shift_of_read(connection, read_id) == shift_id

    def coverage(self, shift_id: str) -> Sequence[CoverageMinute]:
        """What the cameras could see in a shift; a minute may come in parts."""
        jobs = self._unwritten.jobs()
        with self._asking() as connection:
            stored = stored_coverage(connection, shift_id) if connection else []
        return with_unwritten(stored, jobs, shift_id)

    def read_hours(self, shift_id: str) -> Sequence[HourCell]:
        """The Reads of a shift counted by hour and camera."""
        fresh = [HourCell(hour_of(one.captured_at), one.camera_id, 1) for one in self._unwritten.reads(shift_id)]
        with self._asking() as connection:
            stored = queries.read_hours(connection, shift_id) if connection else []
        return merged([*stored, *fresh])

    def evidence_of(self, read_id: str) -> Evidence | None:
        """The pictures of a Read; None when they are missing or damaged."""
        evidence = self._unwritten.evidence_of(read_id)
        if evidence is None and self._store is not None:
            evidence = self._store.pictures.load(read_id)
        return evidence

    def dossier(self, read_id: str, *, covert: bool = False) -> Dossier | None:
        """All that is on the disk of a Read: for evidence, what is in memory only does not count. None: no such Read.

        Without `covert` hits of SILENT lists are left out.
        """
        with self._reading() as connection:
            found = self.evidence_of(read_id) or MISSING
            return dossiers.dossier(connection, read_id, found, covert=covert)

    def holds_test(self, read: Read, evidence: Evidence) -> bool:
        """Tell whether a TEST Read is on the disk as it was kept: by its id and time, on a connection of its own."""
        with self._asking() as connection:
            if connection is None:
                return False
            return queries.test_overview(connection, read.read_id, read.captured_at) == evidence.overview

    def verify_audit(self, held: Iterable[AuditHead] = ()) -> AuditCheck:
        """Check the whole trail, and against heads that others hold."""
        with self._reading() as connection:
            return verify_chain(audit.rows(connection), held)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._store is None:
            raise RecordsFault("The records are not open yet.")
        with self._store.database.reading() as connection:
            yield connection

    @contextmanager
    def _asking(self) -> Iterator[Connection | None]:
        """Lend a connection; None as long as the records could not be opened: all there is lies in memory."""
        if self._store is None:
            yield None
        else:
            with self._reading() as connection:
                yield connection
