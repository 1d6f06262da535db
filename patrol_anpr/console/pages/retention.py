"""Retention: how long what is kept, by which clocks it is erased, and what was. Counts alone: no mark, no record."""

from datetime import UTC, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page, RowNumber
from patrol_anpr.depot.closed import left_over
from patrol_anpr.depot.keeping.classes import FOR_GOOD, GRACE, PERIODS, first_kept
from patrol_anpr.depot.keeping.holds import open_holds
from patrol_anpr.depot.keeping.log import last_runs, newest_erasures
from patrol_anpr.depot.keeping.running import periods_in_force
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import retention_days
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

SeesRetention = Annotated[Page, Depends(duty(Duty.SEE_RETENTION))]
_RUNS, _LINES = 7, 30
_SILENT = timedelta(days=2)
"""The job runs each night: without a run for so long, something is wrong."""


@router.get("/retention")
def retention(page: SeesRetention, before: RowNumber | None = None) -> Response:
    """Show the classes, the last runs with their clocks, what is on hold, and the erasure log."""
    now = page.console.now()
    today = now.astimezone(UTC).date()
    wrong = ""
    try:
        wanted = retention_days(page.console.folder)
    except BadInput as fault:
        wanted, wrong = {}, str(fault)
    with page.console.database(Role.AUDITOR).reading() as connection:
        periods = periods_in_force(connection)
        runs = last_runs(connection, _RUNS)
        held = open_holds(connection)
        lines = newest_erasures(connection, _LINES, before)
    kept = first_kept({keep: period.days for keep, period in periods.items()}, today)
    return page.show(
        "retention/retention.html",
        title="Retention",
        wrong=wrong,
        classes=[(PERIODS[keep], periods[keep], kept[keep], wanted.get(keep)) for keep in PERIODS],
        grace=GRACE.days,
        for_good=FOR_GOOD,
        left_over=len(left_over(page.console.folder)),
        runs=runs,
        silent=not runs or now - runs[0].began_at > _SILENT,
        held=len(held),
        overdue=sum(hold.is_overdue(today) for hold in held),
        lines=lines,
        earlier=lines[-1].number if len(lines) == _LINES else None,
    )
