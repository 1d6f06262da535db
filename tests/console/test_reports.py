"""The pages of reports: the same numbers as the records, told to who may see them, and files that run nothing."""

import csv
import io
import re
from contextlib import closing
from pathlib import Path

import pytest

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import HitState, Verification
from tests.console.people import words_of
from tests.depot.postgresql import on_both
from tests.depot.reports.records import DAY, LATER, NOW, done, hit, outcome, send, shift

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def filled(console: ConsoleServer, folder: Path) -> ConsoleServer:
    """A console of a depot with a shift in it."""
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, shift(unit=FORMULA), *(hit(number) for number in range(4)), hit(4, list_id="quiet", tier=4))
        send(
            database,
            outcome(1, 0, **done(Disposition.ARREST)),
            outcome(2, 1, state=HitState.DISMISSED, verification=Verification.MISREAD),
        )
    with closing(DepotDatabase(folder, Role.FIGURES)) as database:
        fold(database, NOW + LATER)
    return console


@on_both
def test_a_report_tells_what_was_counted(filled, staff_client):
    words = words_of(staff_client(StaffRole.SENIOR).page("/reports"))
    assert "Hits 5 Alarms 4, 0.50 in an hour of patrol Hits without an outcome 3 Stops based on a hit 1" in words
    assert "50.0 % of 2 hits (9.5 to 90.5 % with 95 % confidence)" in words
    assert "AB12CDE" not in words
    assert "PC1" not in words


def test_a_report_begins_with_its_contents(filled, staff_client):
    html = staff_client(StaffRole.SENIOR).page("/reports")
    contents = html.split('<nav class="contents"')[1].split("</nav>")[0]
    led_to = re.findall(r'href="#([a-z-]+)"', contents)
    assert led_to == re.findall(r'<section class="report" id="([a-z-]+)"', html)
    assert len(led_to) == 14


def test_a_period_that_cannot_be_used_is_told_of_and_kept(filled, staff_client):
    senior = staff_client(StaffRole.SENIOR)
    for query, sentence in (
        ("first=2026-11-30&last=2026-11-01", "The last day lies before the first one."),
        ("first=soon&last=2026-11-01", "Give both days, written like 2026-11-30."),
        ("first=1000-01-01&last=2026-11-01", "A report shows 1,830 days at most."),
    ):
        answer = senior.get(f"/reports?{query}")
        assert (answer.status_code, sentence in words_of(answer.text)) == (422, True)
    assert 'value="soon"' in senior.get("/reports?first=soon&last=2026-11-01").text


def test_a_period_without_anything_says_so(filled, staff_client):
    words = words_of(staff_client(StaffRole.SENIOR).page("/reports?first=2020-01-01&last=2020-01-31"))
    assert "Nothing was counted in this period." in words


def test_each_table_is_a_file_with_the_same_numbers_that_a_spreadsheet_runs_nothing_of(filled, staff_client):
    senior = staff_client(StaffRole.SENIOR)
    links = re.findall(r'href="(/reports/[^"]+\.csv[^"]*)"', senior.page("/reports"))
    assert len(links) == 14
    for link in links:
        answer = senior.get(link.replace("&amp;", "&"))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].startswith("attachment")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    day = DAY.date()
    by_unit = senior.get(f"/reports/hits-by-unit.csv?first={day}&last={day}").text
    assert list(csv.reader(io.StringIO(by_unit)))[1][:2] == [f"'{FORMULA}", "5"]
    assert senior.get("/reports/officers.csv").status_code == 404


def test_only_who_may_see_reports_sees_them(filled, staff_client):
    for role in StaffRole:
        may = Duty.SEE_REPORTS in duties_of([role])
        for path in ("/reports", "/reports/hits-by-day.csv"):
            assert staff_client(role).get(path).status_code == (200 if may else 403)
    assert staff_client().get("/reports").headers["location"] == "/sign-on"


def test_figures_that_were_never_counted_or_long_ago_are_told_to_be(console, folder, staff_client):
    senior = staff_client(StaffRole.SENIOR)
    assert "Nothing has been counted yet." in words_of(senior.page("/reports"))
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, hit(0), at=NOW - 9 * LATER * 24)
    with closing(DepotDatabase(folder, Role.FIGURES)) as database:
        fold(database, NOW - 8 * LATER * 24)
    assert "These figures are old" in words_of(senior.page("/reports"))
