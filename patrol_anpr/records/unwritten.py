"""What was kept and is not on the disk yet. Asked for something, the records answer with it as well."""

import threading
from collections.abc import Iterable, Sequence

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.entry import ENTRY_MUTED, ENTRY_UNMUTED
from patrol_anpr.domain.hit import Hit, HitState, after, urgency
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, PinTry, Shift, ShiftSummary
from patrol_anpr.records.jobs import Job, KeepAudit, KeepCorrection, KeepHits, KeepOutcome, KeepRead, KeepShift

NOT_IN_MEMORY = Evidence(b"", b"")
"""In place of the pictures of a Read that is on the disk already."""


class Unwritten:
    """The facts in memory, in the order they were given. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}

    def add(self, job: Job) -> None:
        """Take a job that was given."""
        with self._lock:
            self._jobs[id(job)] = job

    def drop(self, job: Job) -> None:
        """Let a job go that was written, or never will be."""
        with self._lock:
            self._jobs.pop(id(job), None)

    def jobs(self) -> Sequence[Job]:
        """All of them, the oldest first."""
        with self._lock:
            return tuple(self._jobs.values())

    def now(self) -> "Unwritten":
        """What it is now, which does not change any more."""
        copy = Unwritten()
        with self._lock:
            copy._jobs.update(self._jobs)
        return copy

    def evidence_of(self, read_id: str) -> Evidence | None:
        """The pictures of a Read that is not written yet; None when it is, or is not known."""
        for job in self.jobs():
            if isinstance(job, KeepRead) and job.read.read_id == read_id:
                return job.evidence
        return None

    def reads(self, shift_id: str | None) -> list[Read]:
        """The Reads of a shift (None: of all), the newest first."""
        found = [job.read for job in self.jobs() if isinstance(job, KeepRead) and shift_id in (None, job.shift_id)]
        return found[::-1]

    def states(self) -> dict[str, HitState]:
        """By hit id, the state that the last outcome in memory gave it."""
        return {job.outcome.hit_id: job.outcome.state for job in self.jobs() if isinstance(job, KeepOutcome)}

    def said(self, hit: Hit) -> Hit:
        """The hit as the outcomes in memory leave it."""
        for job in self.jobs():
            if isinstance(job, KeepOutcome) and job.outcome.hit_id == hit.hit_id:
                hit = after(hit, job.outcome)
        return hit

    def hits(self, shift_id: str, *, silent: bool = False) -> list[tuple[Hit, Evidence]]:
        """The hits of a shift that the crew may see, as the last outcome in memory left them, the newest first.

        With `silent` the others too.
        """
        found = [
            (self.said(hit), getattr(job, "evidence", NOT_IN_MEMORY))
            for job in self.jobs()
            if isinstance(job, KeepRead | KeepHits)
            for hit in job.hits
            if hit.shift_id == shift_id and (silent or hit.tier is not Tier.SILENT)
        ]
        return found[::-1]

    def corrections(self, shift_id: str) -> list[ReadCorrection]:
        """The corrections of a shift's Reads, the oldest first."""
        jobs = self.jobs()
        return [job.correction for job in jobs if isinstance(job, KeepCorrection) and job.shift_id == shift_id]

    def pin_tries(self) -> list[PinTry]:
        """The PINs entered, the oldest first."""
        return [
            PinTry(job.actor, job.at, job.action == PIN_ACCEPTED)
            for job in self.jobs()
            if isinstance(job, KeepAudit) and job.action in (PIN_ACCEPTED, PIN_REFUSED)
        ]

    def entry_mutes(self) -> list[tuple[str, bool]]:
        """Which hits had their entry muted (True) or unmuted, in order."""
        return [
            (job.object_id, job.action == ENTRY_MUTED)
            for job in self.jobs()
            if isinstance(job, KeepAudit) and job.action in (ENTRY_MUTED, ENTRY_UNMUTED)
        ]

    def reads_spoken_of(self) -> set[str]:
        """The ids of Reads that something is still to be written about, but for outcomes: of those see `states`."""
        jobs = self.jobs()
        corrected = {job.correction.read_id for job in jobs if isinstance(job, KeepCorrection)}
        return corrected | {hit.read.read_id for job in jobs if isinstance(job, KeepHits) for hit in job.hits}

    def ended_shifts(self) -> list[str]:
        """The ids of shifts whose end is in memory."""
        return [shift_id for shift_id, shift in self.shifts().items() if shift.ended_at is not None]

    def shifts(self) -> dict[str, Shift]:
        """By shift id, what was last said of a shift."""
        return {job.shift.shift_id: job.shift for job in self.jobs() if isinstance(job, KeepShift)}


def with_unwritten_hits(
    stored: Iterable[tuple[Hit, Evidence]], unwritten: Unwritten, shift_id: str
) -> list[tuple[Hit, Evidence]]:
    """Return the open hits of a shift, the most urgent first."""
    found = {hit.hit_id: (unwritten.said(hit), evidence) for hit, evidence in stored}
    found |= {hit.hit_id: (hit, evidence) for hit, evidence in reversed(unwritten.hits(shift_id))}
    return sorted((pair for pair in found.values() if pair[0].is_open), key=lambda pair: urgency(pair[0]))


def with_unwritten_counts(
    stored: ShiftSummary, states: dict[str, HitState], unwritten: Unwritten, shift_id: str, waiting: int
) -> ShiftSummary:
    """Add to the counts of a shift what is in memory; `states` are those of the stored hits spoken of in memory."""
    counts = {
        "confirmed": stored.confirmed,
        "dismissed": stored.dismissed,
        "unresolved": stored.unresolved,
    }
    said = unwritten.states()
    for hit_id, state in states.items():
        counts[_COUNT[state]] -= 1
        counts[_COUNT[said.get(hit_id, state)]] += 1
    hits = unwritten.hits(shift_id)
    for hit, _ in hits:
        counts[_COUNT[hit.state]] += 1
    return ShiftSummary(
        reads=stored.reads + len(unwritten.reads(shift_id)),
        hits=stored.hits + len(hits),
        confirmed=counts["confirmed"],
        dismissed=counts["dismissed"],
        unresolved=counts["unresolved"],
        waiting=waiting,
    )


_COUNT = {
    HitState.RAISED: "unresolved",
    HitState.ACKNOWLEDGED: "unresolved",
    HitState.ACTIONED: "confirmed",
    HitState.DISMISSED: "dismissed",
}
