"""Findings and sampled searches, and what auditors say of them. Nobody reviews their own; nothing is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from patrol_anpr.depot.audit import add_audit, hash_at
from patrol_anpr.depot.oversight.gathering import ids_by_searcher
from patrol_anpr.depot.oversight.months import span_of
from patrol_anpr.depot.oversight.patterns import Finding, Month, Pattern
from patrol_anpr.depot.oversight.sampling import draw, hash_of_ids
from patrol_anpr.depot.tables import audit, findings, reviews, sampled_searches, samples, searches
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import canonical_json, sha256_of

LEAST_WORDS, MOST_WORDS = 10, 1000
"""Letters of what a reviewer says."""


class ReviewOutcome(StrEnum):
    """What a reviewer found."""

    PROPER = "proper"
    ASKED = "asked"
    REFERRED = "referred"

    @property
    def word(self) -> str:
        """For the screen."""
        return _WORDS[self]


_WORDS = {
    ReviewOutcome.PROPER: "Proper: there was a policing purpose",
    ReviewOutcome.ASKED: "To be explained: the person or their line manager was asked",
    ReviewOutcome.REFERRED: "Referred to professional standards",
}


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody said of a finding or a sampled search."""

    at: datetime
    reviewer: str
    outcome: ReviewOutcome
    words: str


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding as it is kept, with its reviews, the newest first."""

    finding_id: str
    month: str
    found_at: datetime
    finding: Finding
    reviews: Sequence[Review]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of a month: its seed, the row of the audit whose hash that is, and what it was drawn from."""

    month: str
    drawn_at: datetime
    seed: str
    audit_seq: int
    searches: int
    ids_sha256: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A search of a sample. `purpose`, `case_number`, `reason` are None once the search is erased."""

    search_id: str
    month: str
    staff_id: str
    at: datetime | None
    purpose: str | None
    case_number: str | None
    reason: str | None
    reviews: Sequence[Review]


def keep_findings(connection: Connection, month: str, found: Sequence[Finding], now: datetime) -> int:
    """Keep findings that are not kept yet; return how many are new."""
    there = set(connection.execute(select(findings.c.finding_id).where(findings.c.month == month)).scalars())
    new = []
    for finding in found:
        rows = " ".join(finding.rows)
        name = sha256_of(canonical_json({"pattern": finding.pattern, "staff": finding.staff_id, "rows": rows}))[:16]
        if name not in there:
            row = {"finding_id": name, "month": month, "found_at": now, "pattern": finding.pattern.value}
            new.append(row | {"staff_id": finding.staff_id, "rows": rows, "says": finding.says})
    if new:
        connection.execute(insert(findings), new)
    return len(new)


def draw_sample(connection: Connection, month: str, done: Month, now: datetime) -> int:
    """Draw the sample of a month that has ended, and keep it; return how many searches it has.

    Of a month from before the trail was a chain, the first row of the chain gives the seed.
    """
    newest = select(func.max(audit.c.seq)).where(audit.c.at < span_of(month)[1])
    seq = connection.execute(newest).scalar() or 1
    seed = hash_at(connection, seq) or ""
    ids = ids_by_searcher(done)
    row = {"month": month, "drawn_at": now, "seed": seed, "audit_seq": seq, "searches": len(done.searches)}
    connection.execute(insert(samples).values(row | {"ids_sha256": hash_of_ids(ids)}))
    drawn = [
        {"search_id": search_id, "month": month, "staff_id": who}
        for who, mine in draw(seed, ids).items()
        for search_id in mine
    ]
    if drawn:
        connection.execute(insert(sampled_searches), drawn)
    return len(drawn)


def findings_in(connection: Connection, month: str = "") -> Sequence[KeptFinding]:
    """Return the findings of a month, or of all; the newest month first."""
    query = select(findings).order_by(findings.c.month.desc(), findings.c.pattern, findings.c.staff_id)
    if month:
        query = query.where(findings.c.month == month)
    said = _reviews(connection)
    return [
        KeptFinding(
            row["finding_id"],
            row["month"],
            row["found_at"],
            Finding(Pattern(row["pattern"]), row["staff_id"], tuple(row["rows"].split()), row["says"]),
            said.get(row["finding_id"], ()),
        )
        for row in connection.execute(query).mappings()
    ]


def samples_in(connection: Connection) -> Sequence[Sample]:
    """Return the samples, the newest first."""
    columns = [samples.c[name] for name in ("month", "drawn_at", "seed", "audit_seq", "searches", "ids_sha256")]
    return [Sample(*row) for row in connection.execute(select(*columns).order_by(samples.c.month.desc()))]


def sampled_in(connection: Connection, month: str = "") -> Sequence[Sampled]:
    """Return the searches that were drawn, of a month or of all, those that nobody reviewed first."""
    asked = [searches.c[name] for name in ("at", "purpose", "case_number", "reason")]
    mine = [sampled_searches.c[name] for name in ("search_id", "month", "staff_id")]
    query = select(*mine, *asked).outerjoin(searches, searches.c.search_id == sampled_searches.c.search_id)
    if month:
        query = query.where(sampled_searches.c.month == month)
    said = _reviews(connection)
    rows = connection.execute(query).mappings()
    found = [Sampled(**row, reviews=said.get(row["search_id"], ())) for row in rows]
    return sorted(found, key=lambda one: (bool(one.reviews), one.month, one.staff_id, one.search_id))


def review(
    connection: Connection, about: str, concerned: str, reviewer: str, outcome: str, words: str, now: datetime
) -> None:
    """Keep what an auditor says of a finding or a sampled search (`about`). Raises BadInput.

    `concerned` is who made the searches: nobody reviews their own.
    """
    if reviewer == concerned:
        raise BadInput("This is about your own searches, so another auditor has to look at it.")
    if outcome not in set(ReviewOutcome):
        raise BadInput("Choose what you found.")
    words = " ".join(words.split())
    if not sum(map(str.isalnum, words)) >= LEAST_WORDS or len(words) > MOST_WORDS:
        raise BadInput(f"Say what you looked at, in {LEAST_WORDS} letters or more and at most {MOST_WORDS} characters.")
    row = {"at": now, "about": about, "reviewer": reviewer, "outcome": outcome, "words": words}
    connection.execute(insert(reviews).values(row))
    add_audit(connection, f"staff {reviewer}", "search reviewed", about, outcome)


def _reviews(connection: Connection) -> Mapping[str, Sequence[Review]]:
    said: dict[str, list[Review]] = {}
    for row in connection.execute(select(reviews).order_by(reviews.c.number.desc())):
        said.setdefault(row.about, []).append(Review(row.at, row.reviewer, ReviewOutcome(row.outcome), row.words))
    return said
