"""Each month that has ended is looked at once, whole; what is found stays, and is reviewed by somebody else."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.audit import add_audit, hash_at
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, store_items
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.oversight.gathering import known_of_staff, month_in
from patrol_anpr.depot.oversight.job import oversee
from patrol_anpr.depot.oversight.months import is_late, months_ended
from patrol_anpr.depot.oversight.patterns import Pattern
from patrol_anpr.depot.oversight.returns import returns_in
from patrol_anpr.depot.oversight.reviewing import findings_in, review, sampled_in, samples_in
from patrol_anpr.depot.oversight.sampling import draw, hash_of_ids
from patrol_anpr.depot.oversight.trail import Wanted, first_act_at, trail_rows
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import SEARCH_REFUSED, Searching
from patrol_anpr.depot.search.law import Asker, Purpose, Refused, Why
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.tables import searches, staff_vehicles
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.lab.invented_searches import clean_month, plant, put_searches_in
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.payloads import AuditPayload, VoiPayload, canonical_json
from tests.depot.conftest import folder, postgres
from tests.depot.postgresql import on_both

__all__ = ["folder", "postgres"]

NOW = datetime.now(UTC)
BEGINS = (NOW.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)).replace(day=1)
MONTH = f"{BEGINS:%Y-%m}"
STAFF = ("an1", "an2", "an3")


def put_in(folder: Path, *patterns: Pattern) -> None:
    """Fill a depot with last month's searches, and load what is known of staff as its operator does."""
    made = clean_month(BEGINS, STAFF, 3, days=27)
    for pattern in patterns:
        made = plant(made, pattern, "an2")
    with closing(DepotDatabase(folder, Role.SEARCH)) as database, database.writing() as connection:
        put_searches_in(connection, made.month)
    times = [
        f"{who},{one.begins.isoformat()},{one.ends.isoformat()},{'leave' if one.leave else 'duty'}"
        for who, mine in made.known.times.items()
        for one in mine
    ]
    files = {
        "staff-times": "\n".join(times),
        "staff-vehicles": "\n".join(f"{who},{mark}" for who, marks in made.known.vehicles.items() for mark in marks),
    }
    for command, text in files.items():
        file = folder.parent / f"{command}.csv"
        write_whole(file, text.encode())
        done = CliRunner().invoke(app, ["depot", command, str(file), "--folder", str(folder)])
        assert done.exit_code == 0, done.output


def done_by_job(folder: Path, now: datetime = NOW) -> list:
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        return oversee(database, DepotKeys(folder).sealing, now, "operator job")


@on_both
def test_a_month_is_looked_at_once_and_its_figures_sample_and_findings_stay(folder: Path):
    put_in(folder, Pattern.COLLEAGUE, Pattern.SAME_MARK)
    [done] = done_by_job(folder)
    assert (done.month, done.findings, done.unchecked) == (MONTH, 2, [])
    assert done_by_job(folder) == []
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        found = findings_in(connection)
        assert {one.finding.pattern for one in found} == {Pattern.COLLEAGUE, Pattern.SAME_MARK}
        [pulled] = returns_in(connection, BEGINS, NOW)
        made = month_in(connection, MONTH)
        assert pulled.figures["Searches"] == len(made.searches)
        assert pulled.figures["Findings of the audit"] == 2
        purposes = {name: count for name, count in pulled.figures.items() if name.startswith("Searches, purpose")}
        assert sum(purposes.values()) == len(made.searches)
        [sample] = samples_in(connection)
        ids: dict[str, list[str]] = {}
        for search in made.searches:
            ids.setdefault(search.staff_id, []).append(search.search_id)
        drawn = draw(sample.seed, ids)
        assert hash_of_ids(ids) == sample.ids_sha256
        assert sorted(one.search_id for one in sampled_in(connection)) == sorted(
            one for mine in drawn.values() for one in mine
        )
        assert hash_at(connection, sample.audit_seq) == sample.seed
    for statement in (
        "UPDATE findings SET says = ''",
        "DELETE FROM sampled_searches",
        "DELETE FROM samples",
        "UPDATE monthly_returns SET figures = '{}'",
    ):
        with (
            closing(DepotDatabase(folder, Role.MIGRATION)) as database,
            pytest.raises(DBAPIError, match="only added to"),
            database.writing() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_a_missing_month_is_shown_as_missing_and_a_late_one_says_so(folder: Path):
    put_in(folder)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        [missing] = returns_in(connection, first_act_at(connection), NOW)
        assert (missing.month, missing.pulled_at) == (MONTH, None)
    after = BEGINS + timedelta(days=80)
    done_by_job(folder, after)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        assert [one.late for one in returns_in(connection, BEGINS, after)][-1] is True
        assert findings_in(connection) == [], "a clean month is silent"


def test_a_clock_that_jumped_pulls_no_figures_of_months_that_have_not_been(folder: Path):
    put_in(folder)
    said = AuditPayload(audit_id="a1", at=NOW, actor="PC1", action="sign_on")
    row = NewItem("audit:a1", "0" * 64, "audit", "held", canonical_json(said), NOW)
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        store_items(connection, "TA14", [row], NOW)
    assert [one.month for one in done_by_job(folder, NOW + timedelta(days=3650))] == [MONTH]


def test_months_end_and_are_due_on_the_third():
    begin = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert list(months_ended(begin, datetime(2027, 2, 1, tzinfo=UTC))) == ["2026-11", "2026-12", "2027-01"]
    assert list(months_ended(begin, datetime(2026, 11, 30, 23, 59, tzinfo=UTC))) == []
    assert not is_late("2026-12", datetime(2027, 1, 3, 23, tzinfo=UTC))
    assert is_late("2026-12", datetime(2027, 1, 4, tzinfo=UTC))


@on_both
def test_a_review_is_by_another_auditor_says_something_and_stays(folder: Path):
    put_in(folder, Pattern.COLLEAGUE)
    done_by_job(folder)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        with database.writing() as connection:
            [finding] = findings_in(connection, MONTH)
            about, concerned = finding.finding_id, finding.finding.staff_id
            for reviewer, outcome, words, said in (
                (concerned, "proper", "I know why I did it", "another auditor"),
                ("au1", "fine", "looked at the case file", "Choose what you found"),
                ("au1", "proper", " ok ", "10 letters or more"),
            ):
                with pytest.raises(BadInput, match=said):
                    review(connection, about, concerned, reviewer, outcome, words, NOW)
            review(connection, about, concerned, "au1", "asked", "asked the line manager why", NOW)
            review(connection, about, concerned, "au2", "referred", "no answer within a week", NOW)
        with database.reading() as connection:
            [kept] = findings_in(connection)
            assert [one.reviewer for one in kept.reviews] == ["au2", "au1"]
            unreviewed = [one for one in sampled_in(connection) if not one.reviews]
            assert unreviewed == sampled_in(connection)
            [newest, before] = trail_rows(connection, Wanted(action="search reviewed"))
            assert (newest.actor, before.reason) == ("staff au2", "asked")


def test_the_vehicles_of_staff_lie_sealed_and_a_bad_line_is_named(folder: Path, tmp_path: Path):
    put_in(folder)
    key = DepotKeys(folder).sealing
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        with database.reading() as connection:
            rows = connection.execute(select(staff_vehicles.c.sealed)).scalars().all()
            marks = {mark for mine in known_of_staff(connection, key).vehicles.values() for mark in mine}
        assert len(marks) == len(rows) == len(STAFF)
        assert not any(mark.encode().hex() in sealed for mark in marks for sealed in rows)
    file = tmp_path / "table.csv"
    for command, text, said in (
        ("staff-vehicles", "an1,AB12CDE\nan2,\n", "line 2: write the staff id"),
        ("staff-times", "an1,2026-01-01,2026-01-02,duty\n", "line 1: write staff id, begin"),
        ("staff-times", "an1,duty\n", "there must be 4 columns"),
    ):
        write_whole(file, text.encode())
        refused = CliRunner().invoke(app, ["depot", command, str(file), "--folder", str(folder)])
        assert said in str(refused.exception), refused.output


@on_both
def test_an_entry_that_an_officer_made_is_known_of_staff_of_the_same_id(folder: Path):
    made = VoiPayload(
        voi_id="v1",
        vrm="AB12CDO",
        reason="seen before",
        tier=2,
        officer_id="an2",
        shift_id="s1",
        made_at=NOW,
        expires_at=NOW,
    )
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        store_items(connection, "TA14", [NewItem("voi:v1", "0" * 64, "voi", "held", canonical_json(made), NOW)], NOW)
        store_items(connection, "TA14", [NewItem("voi:v2", "0" * 64, "voi", "held", b"{}", NOW)], NOW)
    key = DepotKeys(folder).sealing
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        assert known_of_staff(connection, key).entries == {"an2": frozenset({"AB12CD0"})}


@on_both
def test_a_refused_search_is_on_record_and_many_are_found(folder: Path):
    asker = Asker("an2", may_search=True, may_audit=False, training_ends=None, policy_ends=None)
    why = Why.of(Purpose.VOLUME, "case 7", "looking for a way round")
    with closing(DepotDatabase(folder, Role.SEARCH)) as database:
        searching = Searching(database, lambda: NOW)
        for _ in range(5):
            with pytest.raises(Refused):
                searching.ask(asker, Question.of(NOW - timedelta(days=300), NOW, mark="AB12CDE"), why)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        rows = trail_rows(connection, Wanted(action=SEARCH_REFUSED))
        refused = month_in(connection, f"{NOW:%Y-%m}").refusals
        assert connection.execute(select(searches)).all() == []
    assert len(rows) == len(refused) == 5
    assert {one.staff_id for one in refused} == {"an2"}
    assert "AB12CDE" not in str(rows)


def test_the_commands_say_what_was_done(folder: Path):
    put_in(folder, Pattern.OWN_VEHICLE)
    run = CliRunner().invoke
    done = run(app, ["depot", "oversight", "--folder", str(folder)])
    assert f"{MONTH}: 1 findings" in done.output
    assert "looked at already" in run(app, ["depot", "oversight", "--folder", str(folder)]).output
    checked = run(app, ["depot", "check-audit", "--folder", str(folder)])
    assert (checked.exit_code, "It is whole" in checked.output) == (0, True)
    with closing(DepotDatabase(folder)) as database, database.writing() as connection:
        add_audit(connection, "operator x", "something")
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'somebody else' WHERE seq = 2")
    checked = run(app, ["depot", "check-audit", "--folder", str(folder)])
    assert (checked.exit_code, "row 2 is missing or was changed" in checked.output) == (1, True)
