"""Findings and the dip sample: what an auditor looks at, and says of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from pydantic import BaseModel

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.console.pages.audit import note_look
from patrol_anpr.depot.oversight.patterns import Pattern, Threshold, thresholds
from patrol_anpr.depot.oversight.returns import returns_in
from patrol_anpr.depot.oversight.reviewing import (
    KeptFinding,
    ReviewOutcome,
    Sampled,
    findings_in,
    review,
    sampled_in,
    samples_in,
)
from patrol_anpr.depot.oversight.sampling import LEAST, SHARE
from patrol_anpr.depot.oversight.seeing import acts_seen, searches_seen
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import evidence_setting
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

Audits = Annotated[Page, Depends(duty(Duty.AUDIT))]
ReviewsSample = Annotated[Page, Depends(duty(Duty.DIP_SAMPLE))]
_MOST, _SAMPLES = 200, 24
"""Reviewed ones, and samples, that one page shows."""
_Reviewable = TypeVar("_Reviewable", bound=KeptFinding | Sampled)
_OUTCOMES = [("", "Choose"), *((one.value, one.word) for one in ReviewOutcome)]


class ReviewForm(BaseModel):
    """What the auditor says."""

    outcome: str = ""
    words: str = ""


@router.get("/audit/findings")
def all_findings(page: Audits) -> Response:
    """Show the findings of all months, those that nobody reviewed first."""
    note_look(page, "findings")
    with page.console.database(Role.AUDITOR).reading() as connection:
        everything = findings_in(connection)
        months = returns_in(connection, None, page.console.now())
    found, more = _to_show(everything)
    return page.show(
        "audit/findings.html",
        title="Findings",
        found=found,
        more=more,
        newest=months[0] if months else None,
        thresholds=_thresholds(page),
    )


@router.get("/audit/findings/{finding_id}")
def one_finding(page: Audits, finding_id: str) -> Response:
    """Show one finding with the rows that it names."""
    return _finding(page, _finding_of(page, finding_id), ReviewForm())


@router.post("/audit/findings/{finding_id}")
def review_finding(page: Audits, finding_id: str, form: Annotated[ReviewForm, Form()]) -> Response:
    """Keep what the auditor says of a finding."""
    kept = _finding_of(page, finding_id)
    try:
        _review(page, kept.finding_id, kept.finding.staff_id, form)
    except BadInput as wrong:
        return _finding(page, kept, form, str(wrong))
    return page.go("/audit/findings", "Your review is kept.")


@router.get("/audit/sample")
def sample(page: ReviewsSample) -> Response:
    """Show the samples and their searches, those that nobody reviewed first."""
    note_look(page, "dip sample")
    with page.console.database(Role.AUDITOR).reading() as connection:
        samples, everything = samples_in(connection)[:_SAMPLES], sampled_in(connection)
    sampled, more = _to_show(everything)
    return page.show(
        "audit/sample.html",
        title="Dip sample",
        samples=samples,
        sampled=sampled,
        more=more,
        unreviewed=sum(not one.reviews for one in everything),
        share=round(SHARE * 100),
        least=LEAST,
    )


@router.get("/audit/sample/{search_id}")
def one_sampled(page: ReviewsSample, search_id: str) -> Response:
    """Show one search of a sample."""
    return _sampled(page, _sampled_of(page, search_id), ReviewForm())


@router.post("/audit/sample/{search_id}")
def review_sampled(page: ReviewsSample, search_id: str, form: Annotated[ReviewForm, Form()]) -> Response:
    """Keep what the auditor says of a search of a sample."""
    kept = _sampled_of(page, search_id)
    try:
        _review(page, kept.search_id, kept.staff_id, form)
    except BadInput as wrong:
        return _sampled(page, kept, form, str(wrong))
    return page.go("/audit/sample", "Your review is kept.")


def _to_show(everything: Sequence[_Reviewable]) -> tuple[list[_Reviewable], int]:
    """Return all that nobody reviewed, the oldest first, then the newest that were; and how many more there are."""
    waiting = sorted((one for one in everything if not one.reviews), key=lambda one: one.month)
    done = sorted((one for one in everything if one.reviews), key=lambda one: one.month, reverse=True)
    return waiting + done[:_MOST], max(0, len(done) - _MOST)


def _thresholds(page: Page) -> Mapping[Pattern, Threshold]:
    return thresholds(evidence_setting(page.console.folder).exports_a_day)


def _finding_of(page: Page, finding_id: str) -> KeptFinding:
    with page.console.database(Role.AUDITOR).reading() as connection:
        for one in findings_in(connection):
            if one.finding_id == finding_id:
                return one
    raise HTTPException(404)


def _sampled_of(page: Page, search_id: str) -> Sampled:
    with page.console.database(Role.AUDITOR).reading() as connection:
        for one in sampled_in(connection):
            if one.search_id == search_id:
                return one
    raise HTTPException(404)


def _finding(page: Page, kept: KeptFinding, form: ReviewForm, wrong: str = "") -> Response:
    note_look(page, "finding with its searches", kept.finding_id)
    with page.console.database(Role.AUDITOR).reading() as connection:
        seen = searches_seen(connection, kept.finding.rows)
        acts = acts_seen(connection, kept.finding.rows)
    return page.show(
        "audit/finding.html",
        422 if wrong else 200,
        title=kept.finding.pattern.word,
        kept=kept,
        threshold=_thresholds(page)[kept.finding.pattern],
        seen=seen,
        acts=acts,
        gone=len(kept.finding.rows) - len(seen) - len(acts),
        form=form,
        wrong=wrong,
        outcomes=_OUTCOMES,
    )


def _sampled(page: Page, kept: Sampled, form: ReviewForm, wrong: str = "") -> Response:
    note_look(page, "search of the sample", kept.search_id)
    with page.console.database(Role.AUDITOR).reading() as connection:
        seen = searches_seen(connection, [kept.search_id])
    return page.show(
        "audit/sampled.html",
        422 if wrong else 200,
        title="Search of the sample",
        kept=kept,
        seen=seen,
        form=form,
        wrong=wrong,
        outcomes=_OUTCOMES,
    )


def _review(page: Page, about: str, concerned: str, form: ReviewForm) -> None:
    with page.console.database(Role.AUDITOR).writing() as connection:
        review(connection, about, concerned, page.staff.staff_id, form.outcome, form.words, page.console.now())
