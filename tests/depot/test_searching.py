"""Searching a real depot: what is found, in what order and as what; and that nothing is answered without the audit."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from patrol_anpr.depot import migrations
from patrol_anpr.depot.audit import check_trail
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.oversight.checks import begin_check, do_check
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import OPEN, PAGE, Searching, changed_searches, hash_of
from patrol_anpr.depot.search.authorising import ask_for_authorisation, decide, request_of, requests_in, revoke
from patrol_anpr.depot.search.finding import MOST_FOUND
from patrol_anpr.depot.search.law import Asker, NeedsAuthorisation, Refused, Why
from patrol_anpr.depot.search.question import Area, How, Question
from patrol_anpr.depot.tables import audit, erasures, items, search_finds, searches
from patrol_anpr.domain.errors import BadInput
from tests.depot.postgresql import Server, on_both
from tests.depot.searched import (
    ANALYST,
    AUDITOR,
    GRAVE,
    NOW,
    PLACE,
    WHY,
    changed,
    correction,
    hit,
    misread,
    read,
    take,
)

DAY = timedelta(days=1)


def raiser(fault: Exception) -> Callable[..., None]:
    """What fails in this way."""

    def fail(*_: object) -> None:
        raise fault

    return fail


@pytest.fixture
def searched(folder: Path) -> Iterator[DepotDatabase]:
    with closing(DepotDatabase(folder, Role.OPERATOR)), closing(DepotDatabase(folder, Role.SEARCH)) as database:
        yield database


def question(mark: str = "", *, days: float = 30, **asked) -> Question:
    return Question.of(NOW - days * DAY, asked.pop("end", NOW), mark=mark, **asked)


def found(database: DepotDatabase, asked: Question, why: Why = WHY, asker: Asker = ANALYST, by: str = "") -> dict:
    """The reads that a search finds, in their order: id and how."""
    searching = Searching(database, lambda: NOW)
    search_id, _ = searching.ask(asker, asked, why, by)
    first = searching.answer(asker, search_id)
    reads = [one for page in range(1, first.pages + 1) for one in searching.answer(asker, search_id, page).reads]
    return {one.read_id: one.how for one in reads}


@on_both
def test_a_mark_is_found_as_it_was_read_and_what_may_be_another_is_called_so(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"), read("b", "A812CDE"), read("c", "10AB"), read("d", "1OAB"), read("e", "AB1OCDE"))
    assert found(searched, question("ab12 cde")) == {"a": How.EXACT}
    assert found(searched, question("10AB")) == {"c": How.EXACT, "d": How.SIMILAR}
    assert found(searched, question("AB10CDE")) == {"e": How.EXACT}, "O and 0 are drawn alike"
    assert found(searched, question("AB12")) == {}, "a whole mark is meant where nothing says that it is not"


@on_both
def test_a_pattern_finds_the_marks_that_fit_it(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"), read("b", "AB13XYZ"), read("c", "XX12CDE"))
    patterns = {
        "AB1*": {"a", "b"},
        "*CDE": {"a", "c"},
        "??12CDE": {"a", "c"},
        "AB1?CDE": {"a"},
        "*12C*": {"a", "c"},
        "A*2CDE": {"a"},
        "AB1O*": set(),
    }
    assert {mark: found(searched, question(mark)) for mark in patterns} == {
        mark: dict.fromkeys(wanted, How.FITS) for mark, wanted in patterns.items()
    }


@on_both
def test_time_car_and_area_narrow_a_search(folder: Path, searched: DepotDatabase):
    old, far = NOW - 40 * DAY, (53.3, -2.9)
    take(
        folder, read("old", "AB12CDE", old), read("far", "AB12CDE", place=far), read("no-place", "AB12CDE", place=None)
    )
    take(folder, read("other", "AB12CDE"), car_id="TA15")
    exact = How.EXACT
    assert found(searched, question("AB12CDE")) == dict.fromkeys(["other", "no-place", "far"], exact)
    assert found(searched, question("AB12CDE", days=60)).keys() >= {"old"}
    assert found(searched, question("AB12CDE", car_id="TA15")) == {"other": exact}
    near = Area.of(PLACE[0] + 0.001, PLACE[1], 200)
    assert found(searched, question("AB12CDE", area=near)) == {"other": exact}
    assert found(searched, question(area=near, days=1)) == {"other": How.PLACE}
    assert found(searched, question(area=replace(near, metres=100), days=1)) == {}


@on_both
def test_what_an_officer_corrected_is_found_by_both_marks_and_says_which(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"), correction("1", "a", "AB12COE", NOW - DAY), correction("2", "a", "AB12CDF"))
    take(folder, read("b", "XY99ZZZ"), hit("h", "b", "XY99ZZZ"), misread("o", "h", "AB12CDF"))
    take(folder, read("c", "XY98ZZZ"), hit("i", "c", "XY98ZZZ"), misread("p", "i", "AB12CDG"))
    take(folder, misread("q", "i", None, minutes=30, undone=True))
    assert found(searched, question("AB12CDF")) == {"b": How.EXACT, "a": How.EXACT}
    assert found(searched, question("AB12CDE")) == {"a": How.CORRECTED}
    assert found(searched, question("AB12CDG")) == {"c": How.CORRECTED}, "found, and the word was taken back"
    assert found(searched, question("XY99*")) == {"b": How.CORRECTED}


@on_both
def test_a_wrong_clock_hides_no_read_it_counts_from_when_it_was_received(folder: Path, searched: DepotDatabase):
    clocks = {"of-1970": datetime(1970, 1, 1, tzinfo=NOW.tzinfo), "ahead": NOW + 20 * DAY}
    take(folder, *(read(name, "AB12CDE", at) for name, at in clocks.items()))
    take(folder, read("received-before", "AB12CDE", clocks["of-1970"]), now=NOW - 80 * DAY, car_id="TA15")
    assert found(searched, question("AB12CDE", end=NOW + DAY)) == {"ahead": How.EXACT, "of-1970": How.EXACT}
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE", end=NOW + DAY), WHY)
    assert all(one.clock_was_wrong for one in searching.answer(ANALYST, search_id).reads)


@on_both
def test_a_read_that_is_not_understood_is_found_all_the_same(folder: Path, searched: DepotDatabase):
    take(folder, changed(read("a", "AB12CDE"), motion="sideways"))
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE"), WHY)
    (one,) = searching.answer(ANALYST, search_id).reads
    assert (one.vrm, one.how, bool(one.doubt)) == ("AB12CDE", How.EXACT, True)


@on_both
def test_a_long_answer_comes_in_pages_and_says_when_there_is_more(folder: Path, searched: DepotDatabase):
    for begin in range(0, MOST_FOUND + 10, 170):
        take(
            folder, *(read(f"r{n}", "AB12CDE", NOW - DAY - n * timedelta(seconds=1)) for n in range(begin, begin + 170))
        )
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE"), WHY)
    first = searching.answer(ANALYST, search_id)
    assert (first.search.found, first.search.more, first.pages) == (MOST_FOUND, True, MOST_FOUND // PAGE)
    take(folder, read("newer", "AB12CDE"))
    pages = [searching.answer(ANALYST, search_id, page).reads for page in range(1, first.pages + 1)]
    assert [one.read_id for page in pages for one in page] == [f"r{n}" for n in range(MOST_FOUND)]
    assert searching.answer(ANALYST, search_id, first.pages + 1) is None


# The law


@on_both
def test_reads_older_than_90_days_need_a_second_person_who_is_not_the_asker(folder: Path, searched: DepotDatabase):
    take(folder, read("spring", "AB12CDE", NOW - 200 * DAY), read("today", "AB12CDE"))
    asked = question("AB12CDE", days=210)
    with pytest.raises(NeedsAuthorisation):
        found(searched, asked, GRAVE)
    with searched.writing() as connection:
        number = ask_for_authorisation(connection, ANALYST, asked, GRAVE, NOW, one_use=True)
    with pytest.raises(NeedsAuthorisation):
        found(searched, asked, GRAVE, by=number)
    with searched.writing() as connection:
        with pytest.raises(Refused, match="of their own"):
            decide(connection, ANALYST.staff_id, number, NOW, days=2, words="It is needed at once")
        decide(connection, "se1", number, NOW, days=2, words="Grave, and no other way")
        with pytest.raises(BadInput, match="waiting"):
            decide(connection, "se2", number, NOW, days=None, words="I would rather not have it")
    with pytest.raises(NeedsAuthorisation):
        found(searched, replace(asked, mark="AB12CDF"), GRAVE, by=number)
    assert list(found(searched, asked, GRAVE, by=number)) == ["today", "spring"]
    with pytest.raises(NeedsAuthorisation):
        found(searched, asked, GRAVE, by=number)
    with searched.reading() as connection:
        assert request_of(connection, number).state(NOW) == "Used"


@pytest.mark.parametrize("step", ["find_reads", "update"])
def test_a_search_that_broke_off_uses_no_authorisation_up(
    folder: Path, searched: DepotDatabase, monkeypatch: pytest.MonkeyPatch, step: str
):
    take(folder, read("spring", "AB12CDE", NOW - 200 * DAY))
    asked = question("AB12CDE", days=210)
    with searched.writing() as connection:
        number = ask_for_authorisation(connection, ANALYST, asked, GRAVE, NOW, one_use=True)
        decide(connection, "se1", number, NOW, days=2, words="Grave, and no other way")
    with monkeypatch.context() as broken:
        broken.setattr(f"patrol_anpr.depot.search.asking.{step}", raiser(OSError("the server is gone")))
        with pytest.raises(OSError, match="gone"):
            found(searched, asked, GRAVE, by=number)
    assert list(found(searched, asked, GRAVE, by=number)) == ["spring"]
    with pytest.raises(NeedsAuthorisation):
        found(searched, asked, GRAVE, by=number)


@on_both
def test_what_was_there_before_is_found_by_its_mark_after_the_migration(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"), correction("c", "a", "AB12COE"), hit("h", "a", "AB12CDE"))
    take(
        folder,
        misread("o", "h", "AB12CDF", minutes=30),
        changed(read("b", "AB12CDE"), vrm=["no", "mark"], latitude="north"),
    )
    columns = ("seq", "kind", "folded", "folded_back", "about_id", "latitude", "longitude")
    every = select(*(items.c[name] for name in columns)).order_by(items.c.seq)
    with closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.writing() as connection:
        before = connection.execute(every).all()
        connection.execute(items.update().values(dict.fromkeys(columns[2:])))
        script = next(one for one in migrations.scripts() if one.revision == "reads_found_by_mark")
        script.module._fill(connection)
        assert connection.execute(every).all() == before
    assert found(searched, question("AB12CDF")) == {"a": How.EXACT}


@on_both
def test_a_revoked_authorisation_closes_what_it_found(folder: Path, searched: DepotDatabase):
    take(folder, read("spring", "AB12CDE", NOW - 200 * DAY))
    asked = question("AB12CDE", days=210)
    with searched.writing() as connection:
        number = ask_for_authorisation(connection, ANALYST, asked, GRAVE, NOW, one_use=False)
        decide(connection, "se1", number, NOW, days=2, words="Grave, and no other way")
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, asked, GRAVE, number)
    assert len(searching.answer(ANALYST, search_id).reads) == 1
    with searched.writing() as connection:
        revoke(connection, "se1", number, NOW, words="The suspect was ruled out")
    with pytest.raises(Refused, match="revoked"):
        searching.answer(ANALYST, search_id)
    with pytest.raises(NeedsAuthorisation):
        searching.ask(ANALYST, asked, GRAVE, number)
    with searched.reading() as connection:
        (request,) = requests_in(connection, ANALYST.staff_id)
    assert (request.state(NOW), request.revoked_by) == ("Revoked", "se1")


@on_both
def test_one_cars_reads_are_listed_for_an_authorised_audit_alone(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"))
    take(folder, read("b", "AB12CDE"), car_id="TA15")
    of_car = question(car_id="TA14", days=7)
    with pytest.raises(Refused, match="where its crew has been"):
        found(searched, of_car)
    why = Why.of("audit", "PSD/1", "A complaint about a stop in Example Street")
    with pytest.raises(Refused, match="role"):
        found(searched, of_car, why)
    with pytest.raises(NeedsAuthorisation):
        found(searched, of_car, why, AUDITOR)
    with searched.writing() as connection:
        number = ask_for_authorisation(connection, AUDITOR, of_car, why, NOW, one_use=True)
        decide(connection, "se1", number, NOW, days=1, words="Complaint 5 is to be answered")
    assert found(searched, of_car, why, AUDITOR, number) == {"a": How.PLACE}


def test_an_answer_is_for_who_asked_for_a_day_and_while_training_lasts(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"))
    search_id, _ = Searching(searched, lambda: NOW).ask(ANALYST, question("AB12CDE"), WHY)
    other = replace(ANALYST, staff_id="an2")
    assert Searching(searched, lambda: NOW).answer(other, search_id) is None
    with pytest.raises(Refused, match="24 hours"):
        Searching(searched, lambda: NOW + OPEN).answer(ANALYST, search_id)
    with pytest.raises(Refused, match="training"):
        Searching(searched, lambda: NOW).answer(replace(ANALYST, training_ends=date(2020, 1, 1)), search_id)


# Audit first


@on_both
def test_a_search_and_a_look_are_in_the_trail_without_the_mark(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"))
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE"), WHY)
    assert searching.picture_named(ANALYST, search_id, 1, "overview") is None
    searching.look(ANALYST, search_id, 1)
    assert searching.look(ANALYST, search_id, 2) is None
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.seq)).all()
        assert [(row.actor, row.action, row.object_id) for row in rows] == [
            ("staff an1", "reads searched", search_id),
            ("staff an1", "read looked at", "read:a"),
        ]
        assert not any("AB12CDE" in str(row) for row in rows)
        assert check_trail(connection).whole
    (who,) = searching.found_by(searching.look(ANALYST, search_id, 1)[1].seq)
    assert (who[0], who[3] is not None) == ("an1", True)
    with searched.reading() as connection:
        (row,) = connection.execute(select(searches)).mappings()
        assert row["sha256"] in rows[0].reason
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        assert changed_searches(connection) == []


def test_a_search_that_was_changed_afterwards_shows_also_with_its_hash(folder: Path, searched: DepotDatabase):
    searching = Searching(searched, lambda: NOW)
    ids = [searching.ask(ANALYST, question(mark), WHY)[0] for mark in ("AB12CDE", "XY99ZZZ", "KL34MNO")]
    with searched.writing() as connection:
        by_id = {row["search_id"]: dict(row) for row in connection.execute(select(searches)).mappings()}
        first, second = by_id[ids[0]], by_id[ids[1]]
        for row in (first | {"asked": second["asked"]}, second | {"reason": "Another reason, a better one"}):
            row["sha256"] = hash_of(row)
            connection.execute(searches.update().where(searches.c.search_id == row["search_id"]).values(row))
        assert sorted(changed_searches(connection)) == sorted(ids[:2])
    with searched.writing() as connection:
        check_id = begin_check(connection, "staff au1", NOW)
    found = do_check(searched, check_id, lambda: NOW).findings
    assert sum("is not what the trail says was asked" in one for one in found) == 2


def test_a_search_that_was_deleted_before_its_date_shows(folder: Path, searched: DepotDatabase):
    searching = Searching(searched, lambda: NOW)
    kept, gone = (searching.ask(ANALYST, question(mark), WHY)[0] for mark in ("AB12CDE", "XY99ZZZ"))
    with searched.writing() as connection:
        connection.execute(searches.delete().where(searches.c.search_id == gone))
        assert changed_searches(connection) == [gone]
        said = {"run": "r", "at": NOW, "what": Keep.SEARCHES.value, "amount": 1, "audit_seq": 0}
        long_ago, since = (f"{NOW + days * DAY:%Y-%m-%d}" for days in (-2000, 2))
        connection.execute(erasures.insert().values(said | {"up_to": long_ago}))
        assert changed_searches(connection) == [gone]
        connection.execute(erasures.insert().values(said | {"up_to": since}))
        assert changed_searches(connection) == [], "the erasing took it"
    assert searching.answer(ANALYST, kept) is not None


@on_both
def test_whatever_the_law_refuses_is_in_the_trail_without_the_mark(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"))
    searching = Searching(searched, lambda: NOW)
    with pytest.raises(Refused, match="not searched for this purpose"):
        searching.ask(ANALYST, question("AB12CDE", days=200), WHY)
    with pytest.raises(Refused, match="not searched for this purpose"):
        searching.request(ANALYST, question("AB12CDE", days=200), WHY)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE"), WHY)
    late = replace(ANALYST, training_ends=date(2020, 1, 1))
    for look in (searching.answer, searching.look):
        with pytest.raises(Refused, match="training"):
            look(late, search_id, 1)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).all()
    assert [(row.action, row.object_id) for row in rows] == [
        ("search refused", ""),
        ("search refused", ""),
        ("reads searched", search_id),
        ("answer refused", search_id),
        ("answer refused", search_id),
    ]
    assert not any("AB12CDE" in str(row) for row in rows)


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "broken",
    [
        "REVOKE INSERT ON audit FROM patrol_search",
        "ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (false) NOT VALID",
        "REVOKE UPDATE ON audit_head FROM patrol_search",
        "DROP TABLE audit_head",
    ],
)
def test_without_the_audit_nothing_is_answered(folder: Path, searched: DepotDatabase, postgres: Server, broken: str):
    take(folder, read("a", "AB12CDE"))
    searching = Searching(searched, lambda: NOW)
    search_id, _ = searching.ask(ANALYST, question("AB12CDE"), WHY)
    postgres.run(broken, postgres.database_of(folder))
    with pytest.raises(Exception, match="audit"):
        searching.ask(ANALYST, question("AB12CDE"), WHY)
    with pytest.raises(Exception, match="audit"):
        searching.look(ANALYST, search_id, 1)
    with searched.reading() as connection:
        assert len(connection.execute(select(searches)).all()) == 1
        assert connection.execute(select(search_finds.c.looked_at)).scalars().all() == [None]


def test_without_the_audit_nothing_is_answered_on_sqlite(folder: Path, searched: DepotDatabase):
    take(folder, read("a", "AB12CDE"))
    with searched.writing() as connection:
        connection.execute(
            text("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no audit'); END")
        )
    with pytest.raises(Exception, match="no audit"):
        Searching(searched, lambda: NOW).ask(ANALYST, question("AB12CDE"), WHY)
    with searched.reading() as connection:
        assert connection.execute(select(searches)).all() == []


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
def test_the_databases_own_wall_hides_what_a_wrong_program_asks_for(folder: Path, searched: DepotDatabase):
    from patrol_anpr.depot.dialect import open_reach
    from patrol_anpr.depot.search.finding import find_reads

    for age in (200, 500):
        take(folder, read(f"r{age}", "AB12CDE", NOW - age * DAY), now=NOW - age * DAY)
    seen = {}
    for reach in ("", "recent", "year", "beyond"):
        with searched.reading() as connection:
            if reach:
                open_reach(connection, reach)
            seen[reach] = len(find_reads(connection, question("AB12CDE", days=900)).reads)
    assert seen == {"": 0, "recent": 0, "year": 1, "beyond": 2}
