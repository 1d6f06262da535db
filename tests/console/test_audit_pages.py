"""The audit's pages: what is to review stands first, nobody reviews their own, and who looks is on record."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.oversight.gathering import known_of_staff
from patrol_anpr.depot.oversight.job import oversee
from patrol_anpr.depot.oversight.patterns import Pattern
from patrol_anpr.depot.oversight.reviewing import findings_in, sampled_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import audit, staff_vehicles
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.vrm import spaced
from tests.console.people import Person, words_of
from tests.depot.oversight.test_month import MONTH, put_in
from tests.depot.postgresql import on_both

AUDITOR = StaffRole.AUDITOR


@pytest.fixture
def filled(folder: Path, console: ConsoleServer) -> Path:
    """A depot whose last month was looked at: a colleague's vehicle was searched for."""
    put_in(folder, Pattern.COLLEAGUE)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        oversee(database, DepotKeys(folder).sealing, datetime.now(UTC), "operator job")
    return folder


def looks(folder: Path) -> list[str]:
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.actor, audit.c.reason).where(audit.c.action == "audit looked at"))
        return [f"{row.actor}: {row.reason}" for row in rows]


@on_both
def test_an_auditor_reviews_a_finding_and_its_looks_are_on_record(filled: Path, staff_client):
    auditor: Person = staff_client(AUDITOR)
    assert "1 finding to review" in words_of(auditor.page("/audit"))
    listed = auditor.page("/audit/findings")
    assert "to review" in words_of(listed)
    [path] = re.findall(r'href="(/audit/findings/[0-9a-f]+)"', listed)
    shown = auditor.page(path)
    with closing(DepotDatabase(filled, Role.AUDITOR)) as database, database.reading() as connection:
        vehicles = known_of_staff(connection, DepotKeys(filled).sealing).vehicles
        [finding] = findings_in(connection)
    marks = {spaced(mark) for who, mine in vehicles.items() for mark in mine if who != "an2"}
    assert any(mark in shown or mark.replace("0", "O") in shown for mark in marks)
    refused = auditor.submit(path, {"outcome": "proper", "words": "fine"})
    assert (refused.status_code, "10 letters" in words_of(refused.text)) == (422, True)
    kept = auditor.submit(path, {"outcome": "asked", "words": "Asked the line manager of an2."})
    assert (kept.status_code, kept.headers["location"]) == (303, "/audit/findings")
    assert "Asked the line manager of an2." in words_of(auditor.page(path))
    told = looks(filled)
    assert "staff the-auditor: finding with its searches" in told
    assert not any(mark.replace(" ", "") in str(told) for mark in marks)
    assert finding.finding.staff_id == "an2"


def test_nobody_reviews_searches_of_their_own(filled: Path, staff_client):
    concerned: Person = staff_client(AUDITOR, staff_id="an2")
    with closing(DepotDatabase(filled, Role.AUDITOR)) as database, database.reading() as connection:
        [finding] = findings_in(connection)
        mine = next(one for one in sampled_in(connection) if one.staff_id == "an2")
    for path in (f"/audit/findings/{finding.finding_id}", f"/audit/sample/{mine.search_id}"):
        assert "another auditor reviews it" in words_of(concerned.page(path))
        refused = concerned.submit(path, {"outcome": "proper", "words": "I know why I did it."})
        assert (refused.status_code, "another auditor" in words_of(refused.text)) == (422, True)


@on_both
def test_a_sampled_search_waits_until_somebody_looked_at_it(filled: Path, staff_client):
    auditor: Person = staff_client(AUDITOR)
    page = auditor.page("/audit/sample")
    waiting = int(re.search(r"(\d+) searches wait for a review", words_of(page))[1])
    first = re.findall(r'href="(/audit/sample/[^"]+)"', page)[0]
    auditor.submit(first, {"outcome": "proper", "words": "The case file names the vehicle."})
    assert f"{waiting - 1} searches wait" in words_of(auditor.page("/audit/sample"))
    assert auditor.get("/audit/sample/none").status_code == 404


def test_the_trail_is_read_by_who_what_and_when_and_a_check_runs_in_the_background(
    filled: Path, console: ConsoleServer, staff_client
):
    with closing(DepotDatabase(filled)) as database, database.writing() as connection:
        for n in range(60):
            add_audit(connection, "operator x", "something done", f"record-{n}")
    auditor: Person = staff_client(AUDITOR)
    first = auditor.submit("/audit/trail", {"actor": "operator x", "action": "something done"}).text
    assert ("record-59" in first, "record-5<" in first) == (True, False)
    before = re.search(r'name="before" value="(\d+)"', first)[1]
    older = auditor.submit("/audit/trail", {"actor": "operator x", "before": before}).text
    assert ("record-5<" in older, "record-59" in older) == (True, False)
    assert "No row is like that" in auditor.submit("/audit/trail", {"about": "AB12CDE"}).text
    wrong = auditor.submit("/audit/trail", {"first": "2026-02-02", "last": "2026-01-01"})
    assert (wrong.status_code, "lies before the first" in words_of(wrong.text)) == (422, True)
    assert "AB12CDE" not in str(looks(filled)), "what is in no row may be a mark"
    auditor.submit("/audit/check")
    console.app.state.console.checker.wait()
    said = words_of(auditor.page("/audit"))
    assert "every row there, unchanged" in said, said


def test_a_check_that_finds_a_changed_row_says_so_loudly(filled: Path, console: ConsoleServer, staff_client):
    with closing(DepotDatabase(filled)) as database, database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'somebody else' WHERE seq = 2")
    auditor: Person = staff_client(AUDITOR)
    auditor.submit("/audit/check")
    console.app.state.console.checker.wait()
    assert "The chain is broken: row 2 is missing or was changed." in words_of(auditor.page("/audit"))


def test_a_check_that_breaks_off_is_in_the_log_and_is_no_good_news(
    filled: Path,
    console: ConsoleServer,
    staff_client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def fail(_: object) -> None:
        raise RecordsFault("the disk cannot be read")

    monkeypatch.setattr("patrol_anpr.depot.oversight.checks.check_trail", fail)
    auditor: Person = staff_client(AUDITOR)
    auditor.submit("/audit/check")
    console.app.state.console.checker.wait()
    assert "the check of the audit broke off: RecordsFault" in caplog.text
    said = words_of(auditor.page("/audit"))
    assert ("or broke off" in said, "every row there" in said) == (True, False)


def test_the_figures_of_months_are_shown_and_a_missing_one_too(folder: Path, console, staff_client):
    put_in(folder)
    auditor: Person = staff_client(AUDITOR)
    assert f"No figures were pulled of {MONTH}" in words_of(auditor.page("/audit"))
    assert "missing" in words_of(auditor.page("/audit/figures"))
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        oversee(database, DepotKeys(folder).sealing, datetime.now(UTC) + timedelta(days=40), "operator job")
    assert "late" in words_of(auditor.page("/audit/figures"))


def test_what_could_not_be_checked_stands_beside_the_findings(folder: Path, console: ConsoleServer, staff_client):
    auditor: Person = staff_client(AUDITOR)
    assert "No month was looked at yet" in words_of(auditor.page("/audit/findings"))
    put_in(folder)
    with closing(DepotDatabase(folder)) as database, database.writing() as connection:
        connection.execute(staff_vehicles.delete())
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        oversee(database, DepotKeys(folder).sealing, datetime.now(UTC), "operator job")
    said = words_of(auditor.page("/audit/findings"))
    assert ("Nothing was found" in said, f"{MONTH}: No vehicles are known of 3 of 3" in said) == (True, True), said


def test_no_audit_no_answer(filled: Path, staff_client):
    auditor: Person = staff_client(AUDITOR)
    with closing(DepotDatabase(filled)) as database, database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    for path in ("/audit", "/audit/trail", "/audit/cars", "/audit/findings", "/audit/sample", "/audit/figures"):
        assert auditor.get(path).status_code == 503, path
