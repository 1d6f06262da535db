"""Reports: what the cars did in a period, in numbers, with a drawing of each table and the table as a file."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.dispositions import dispositions_of
from patrol_anpr.depot.reports.charts import ReportTable
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.reports.reading import Figures, Period, figures_by_day, figures_of
from patrol_anpr.depot.reports.tables import headline, tables_of
from patrol_anpr.depot.reports.words import disposition_words
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

SPANS = (7, 28, 91, 365)
"""Days that are offered."""
USUAL = 28
OLD = timedelta(days=2)
"""Figures that were counted longer ago are told to be old: the job runs each night."""
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Hits", ("hits-by-day", "hits-by-list", "hits-by-tier", "hits-by-outcome", "hits-by-reason", "hits-by-unit")),
    ("Hours", ("hits-by-hour",)),
    ("Misreads", ("misreads",)),
    ("Stops based on a hit", ("stops-by-reason", "stops-by-outcome", "stops-by-ground")),
    ("Coverage", ("coverage", "coverage-by-car", "reads-by-camera")),
)
SeesReports = Annotated[Page, Depends(duty(Duty.SEE_REPORTS))]


@router.get("/reports")
def report(page: SeesReports, first: str = "", last: str = "") -> Response:
    """Show the report of a period; without one, of the last four weeks."""
    today = page.console.now().date()
    wrong = ""
    try:
        period = _period(first, last, today)
    except BadInput as fault:
        wrong, period = str(fault), Period.until(today, USUAL)
    figures, tables = _made(page, period)
    counted_at = figures.counted_at
    return page.show(
        "reports/report.html",
        422 if wrong else 200,
        title="Reports",
        wrong=wrong,
        first=first or period.first.isoformat(),
        last=last or period.last.isoformat(),
        period=period,
        spans=[(days, Period.until(today, days)) for days in SPANS],
        headline=headline(figures),
        sections=[(words, [tables[name] for name in names]) for words, names in SECTIONS],
        counted_at=counted_at,
        is_old=counted_at is not None and page.console.now() - counted_at > OLD,
    )


@router.get("/reports/{name}.csv")
def as_file(page: SeesReports, name: str, first: str = "", last: str = "") -> Response:
    """Give one table of a report as CSV."""
    period = _period(first, last, page.console.now().date())
    table = _made(page, period)[1].get(name)
    if table is None:
        raise HTTPException(404)
    file = f"{name}-{period.first}-{period.last}.csv"
    headers = {"content-disposition": f'attachment; filename="{file}"'}
    return Response(table.as_csv(), media_type="text/csv; charset=utf-8", headers=headers)


def _period(first: str, last: str, today: date) -> Period:
    if not first and not last:
        return Period.until(today, USUAL)
    try:
        return Period.of(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise BadInput("Give both days, written like 2026-11-30.") from None


def _made(page: Page, period: Period) -> tuple[Figures, Mapping[str, ReportTable]]:
    database = page.console.database(Role.REPORTS)
    figures = figures_of(database, period)
    by_day = figures_by_day(database, period, Breakdown.HITS_TIER)
    words = disposition_words(one.disposition() for one in dispositions_of(database).dispositions)
    return figures, tables_of(figures, by_day, words)
