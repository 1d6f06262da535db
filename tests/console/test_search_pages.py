"""Searching at the console, by real HTTP over a real depot: what each person is shown, and what they are not."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import Searching
from patrol_anpr.depot.search.currency import set_currency
from patrol_anpr.depot.search.law import Asker, Why
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import audit
from tests.console.people import Person, words_of
from tests.depot.postgresql import Server, on_both
from tests.depot.searched import NOW, changed, correction, hit, misread, read, take

WHY = {"purpose": "volume", "case_number": "CR/1/26", "reason": "It left without paying for fuel"}
GRAVE = {"purpose": "major", "case_number": "CR/7/26", "reason": "It was seen at the scene of a murder"}


def jpeg(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 20), colour).save(out, "jpeg")
    return out.getvalue()


PATCH, OVERVIEW = jpeg("yellow"), jpeg("grey")
PICTURES = (("patch", PATCH), ("overview", OVERVIEW))


def times(days: float = 7) -> dict[str, str]:
    ends = NOW + timedelta(minutes=1)
    return {"begin": f"{ends - timedelta(days=days):%Y-%m-%dT%H:%M}", "end": f"{ends:%Y-%m-%dT%H:%M}"}


@pytest.fixture
def people(console: ConsoleServer, staff_client: Callable[..., Person]) -> Callable[..., Person]:
    """People whose training and policy are good."""

    def make(role: StaffRole, staff_id: str = "") -> Person:
        person = staff_client(role, staff_id=staff_id)
        with console.app.state.console.database(Role.STAFF).writing() as connection:
            set_currency(connection, "operator test", person.staff_id, "2999-01-01", "2999-01-01")
        return person

    return make


def ask(person: Person, mark: str, days: float = 7, **fields: str) -> str:
    """Search, and return the path of the answer."""
    answer = person.submit("/search", WHY | times(days) | {"mark": mark} | fields)
    assert answer.status_code == 303, words_of(answer.text)
    return answer.headers["location"]


@on_both
def test_an_analyst_searches_and_sees_read_pictures_and_where_it_came_from(folder: Path, people):
    take(folder, read("a", "AB12CDE", pictures=PICTURES), hit("h", "a", "AB12CDE"), misread("o", "h", "AB12CDF"))
    take(folder, read("b", "AB12CDE"), correction("c", "b", "AB12CDE"), read("x", "XX99XXX"))
    analyst = people(StaffRole.ANALYST)
    assert "Number of the case" in words_of(analyst.page("/search"))
    path = ask(analyst, "ab12cde")
    assert re.fullmatch(r"/search/[0-9a-f]{16}", path), "no mark in an address"
    found = words_of(analyst.page(path))
    assert "of 2, the newest first" in found
    assert "EXACT" in found
    assert "CHECK: an officer says another mark" in found
    assert "XX99" not in found
    place = next(n for n in (1, 2) if analyst.get(f"{path}/reads/{n}/patch.jpg").status_code == 200)
    one = f"{path}/reads/{place}"
    assert analyst.get(f"{one}/patch.jpg").content == PATCH
    assert analyst.get(f"{one}/overview.jpg").status_code == 404, "nobody has opened the read"
    shown = words_of(analyst.page(one))
    assert "Look at the picture" in shown
    assert "53.2, -2.9" in shown
    assert "TA14, front" in shown
    assert "the plate says AB12 CDF" in shown
    assert analyst.get(f"{one}/overview.jpg").content == OVERVIEW
    assert analyst.get(f"{one}/other.jpg").status_code == 404
    assert analyst.get(f"{path}/reads/3").status_code == 404
    mine = words_of(analyst.page("/search/mine"))
    assert "AB12 CDE" in mine
    assert "CR/1/26" in mine


@on_both
def test_an_answer_is_nobody_elses(folder: Path, people):
    take(folder, read("a", "AB12CDE", pictures=PICTURES))
    own = people(StaffRole.ANALYST)
    path = ask(own, "AB12CDE")
    other = people(StaffRole.ANALYST, "another")
    for under in ("", "/reads/1", "/reads/1/patch.jpg"):
        assert other.get(path + under).status_code == 404, under
    for place in ("0", "2", "9" * 30):
        assert own.get(f"{path}/reads/{place}").status_code == 404, place
    for role in (StaffRole.SENIOR, StaffRole.OPERATOR, StaffRole.ADMINISTRATOR, StaffRole.AUDITOR):
        assert people(role).get(path).status_code == 403, role


REFUSED = [
    ({"purpose": "curiosity"}, "Only what is on the list is a purpose"),
    ({"purpose": "audit"}, "role does not allow"),
    ({"case_number": ""}, "number of the case"),
    ({"reason": "because"}, "at least 10 letters"),
    ({"mark": "*"}, "Too little of the mark"),
    ({"mark": "", "car_id": "TA14"}, "where its crew has been"),
    ({"mark": ""}, "a place and a time"),
    ({"mark": "", "latitude": "53", "longitude": "-2", "metres": "300"}, "at most 24 hours"),
    ({"latitude": "53"}, "each a number"),
    ({"begin": "yesterday"}, "the time from"),
    ({"begin": "2026-11-30T14:05+02:00"}, "in UTC"),
    ({"begin": "2026-01-01T00:00"} | GRAVE, "needs the authorisation of a senior"),
    ({"begin": "2026-01-01T00:00"}, "not searched for this purpose"),
]


def test_what_the_law_does_not_allow_is_said_and_what_was_typed_stays(people):
    analyst = people(StaffRole.ANALYST)
    for changes, said in REFUSED:
        sent = WHY | times() | {"mark": "AB12CDE"} | changes
        answer = analyst.submit("/search", sent)
        assert answer.status_code == 422, said
        assert said in words_of(answer.text)
        assert sent["case_number"] in answer.text
        assert ("/search/authorisation" in answer.text.split("<h2>Why")[1]) is ("senior" in said)


def test_without_training_on_record_nobody_searches(console: ConsoleServer, staff_client):
    analyst = staff_client(StaffRole.ANALYST)
    assert "training for searching is not on record" in words_of(analyst.page("/search"))
    answer = analyst.submit("/search", WHY | times() | {"mark": "AB12CDE"})
    assert (answer.status_code, "not on record" in words_of(answer.text)) == (422, True)
    keeper = staff_client(StaffRole.ADMINISTRATOR)
    soon = (NOW + timedelta(days=3)).date().isoformat()
    assert keeper.submit("/training", {"staff_id": "the-analyst", "training_ends": "soon"}).status_code == 422
    assert (
        keeper.submit("/training", {"staff_id": "nobody", "training_ends": soon, "policy_ends": soon}).status_code
        == 422
    )
    kept = {"staff_id": "the-analyst", "training_ends": soon, "policy_ends": soon}
    assert keeper.submit("/training", kept).status_code == 303
    assert soon in words_of(keeper.page("/training"))
    assert f"ends on {soon}" in words_of(analyst.page("/search"))
    path = ask(analyst, "AB12CDE")
    assert f"ends on {soon}" in words_of(analyst.page(path))
    assert "no proof that the vehicle was not there" in words_of(analyst.page(path))


@on_both
def test_a_senior_authorises_one_search_of_old_reads_and_revokes_another(folder: Path, people):
    take(folder, read("old", "AB12CDE", NOW - timedelta(days=200)), now=NOW - timedelta(days=200))
    analyst, senior = people(StaffRole.ANALYST), people(StaffRole.SENIOR)
    asked = GRAVE | times(210) | {"mark": "AB12CDE"}
    assert analyst.submit("/search", asked).status_code == 422
    assert analyst.submit("/search/authorisation", asked).status_code == 303
    number = re.search(r'/authorisations/([0-9a-f]{16})"', senior.page("/authorisations")).group(1)
    assert "AB12" not in senior.page("/authorisations"), "the mark stands on the page of the request alone"
    assert "AB12 CDE" in words_of(senior.page(f"/authorisations/{number}"))
    refused = senior.submit(f"/authorisations/{number}", {"what": "grant", "words": "yes", "days": "3"})
    assert (refused.status_code, "at least 10 letters" in words_of(refused.text)) == (422, True)
    assert analyst.submit("/search/authorised", {"authorisation_id": number}).status_code == 422
    granted = {"what": "grant", "words": "Grave, and there is no milder way", "days": "3"}
    assert analyst.submit(f"/authorisations/{number}", granted).status_code == 403
    assert senior.submit(f"/authorisations/{number}", granted).status_code == 303
    assert "Search now" in analyst.page("/search/authorisations")
    assert (
        people(StaffRole.ANALYST, "another").submit("/search/authorised", {"authorisation_id": number}).status_code
        == 404
    )
    path = analyst.submit("/search/authorised", {"authorisation_id": number}).headers["location"]
    assert "of 1, the newest first" in words_of(analyst.page(path))
    again = analyst.submit("/search/authorised", {"authorisation_id": number})
    assert (again.status_code, "needs the authorisation" in words_of(again.text)) == (422, True)
    revoked = {"what": "revoke", "words": "The suspect was ruled out"}
    assert senior.submit(f"/authorisations/{number}", revoked).status_code == 303
    closed = analyst.get(path)
    assert (closed.status_code, "was revoked" in words_of(closed.text)) == (422, True)


@on_both
def test_an_auditor_lists_a_cars_reads_once_it_is_authorised(folder: Path, people):
    take(folder, read("a", "AB12CDE", pictures=PICTURES), read("b", "XY99ZZZ"))
    auditor, senior = people(StaffRole.AUDITOR), people(StaffRole.SENIOR)
    asked = times() | {"car_id": "TA14", "case_number": "PSD/1", "reason": "A complaint about a stop"}
    assert auditor.submit("/car-audit", asked | {"car_id": ""}).status_code == 422
    assert auditor.submit("/car-audit", asked).status_code == 303
    number = re.search(r'/authorisations/([0-9a-f]{16})"', senior.page("/authorisations")).group(1)
    senior.submit(f"/authorisations/{number}", {"what": "grant", "words": "Complaint 5 is answered", "days": "1"})
    path = auditor.submit("/car-audit/authorised", {"authorisation_id": number}).headers["location"]
    assert "of 2, the newest first" in words_of(auditor.page(path))
    assert "AB12 CDE" in words_of(auditor.page(path))
    assert people(StaffRole.ANALYST).get(path).status_code == 403
    assert "Look at the picture" in words_of(auditor.page(f"{path}/reads/1"))


def test_a_decision_on_a_request_of_ones_own_is_refused_and_in_the_trail(console: ConsoleServer, people):
    senior = people(StaffRole.SENIOR)
    asker = Asker(senior.staff_id, True, False, date(2999, 1, 1), date(2999, 1, 1))  # an analyst until yesterday
    database = console.app.state.console.database(Role.SEARCH)
    asked = Question.of(NOW - timedelta(days=200), NOW, mark="AB12CDE")
    number = Searching(database, lambda: NOW).request(asker, asked, Why.of(*GRAVE.values()))
    granted = {"what": "grant", "words": "Grave, and there is no milder way", "days": "3"}
    refused = senior.submit(f"/authorisations/{number}", granted)
    assert (refused.status_code, "request of their own" in words_of(refused.text)) == (422, True)
    with console.app.state.console.database(Role.AUDITOR).reading() as connection:
        told = connection.execute(select(audit.c.object_id).where(audit.c.action == "decision refused")).scalars().all()
    assert told == [number]


def test_text_of_cars_and_of_staff_is_text(folder: Path, people):
    evil = "<script>alert(1)</script>"
    take(folder, changed(read("a", "AB12CDE"), candidates=[evil], camera_id=evil, models=evil, format_flag=evil))
    analyst = people(StaffRole.ANALYST)
    path = ask(analyst, "AB12CDE", case_number=f"CR {evil}", reason=f"A reason that is long enough {evil}")
    for page in (path, f"{path}/reads/1", "/search/mine"):
        assert "<script" not in analyst.page(page), page


@pytest.mark.parametrize("folder", ["postgresql"], indirect=True)
@pytest.mark.parametrize("broken", ["REVOKE INSERT ON audit FROM patrol_search", "ALTER TABLE audit RENAME TO gone"])
def test_no_audit_no_answer(folder: Path, people, console: ConsoleServer, postgres: Server, broken: str):
    take(folder, read("a", "AB12CDE", pictures=PICTURES))
    analyst, senior = people(StaffRole.ANALYST), people(StaffRole.SENIOR)
    path = ask(analyst, "AB12CDE")
    analyst.submit("/search/authorisation", GRAVE | times(210) | {"mark": "AB12CDE"})
    number = re.search(r'/authorisations/([0-9a-f]{16})"', senior.page("/authorisations")).group(1)
    postgres.run(broken, postgres.database_of(folder))
    for answer in (
        analyst.submit("/search", WHY | times() | {"mark": "AB12CDE"}),
        analyst.get(f"{path}/reads/1"),
        senior.get(f"/authorisations/{number}"),
    ):
        assert answer.status_code == 503
        assert "AB12" not in answer.text
    assert analyst.get(f"{path}/reads/1/overview.jpg").status_code == 404


def test_while_somebody_holds_the_audit_nothing_is_answered(folder: Path, people, console: ConsoleServer):
    """A full disk, on SQLite: the row cannot be put in."""
    take(folder, read("a", "AB12CDE"))
    analyst = people(StaffRole.ANALYST)
    with console.app.state.console.database(Role.SEARCH).writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        connection.execute(text(full))
    assert pages > 0
    answer = analyst.submit("/search", WHY | times() | {"mark": "AB12CDE"})
    assert (answer.status_code, "AB12" in answer.text) == (503, False)


def test_what_is_searched_stands_in_no_log(folder: Path, people, caplog: pytest.LogCaptureFixture):
    take(folder, read("a", "AB12CDE"))
    analyst = people(StaffRole.ANALYST)
    analyst.page(ask(analyst, "AB12CDE"))
    analyst.submit("/search", WHY | times() | {"mark": "AB12CDE*ZZZZZZZZZZZZZZZZZZZ"})
    assert "AB12" not in caplog.text


def test_the_trail_names_the_analyst_and_the_search_and_no_mark(folder: Path, people, console: ConsoleServer):
    take(folder, read("a", "AB12CDE"))
    analyst = people(StaffRole.ANALYST)
    path = ask(analyst, "AB12CDE")
    analyst.page(f"{path}/reads/1")
    with console.app.state.console.database(Role.RETENTION).reading() as connection:
        rows = connection.execute(select(audit).where(audit.c.actor == "staff the-analyst")).all()
    assert [(row.action, row.object_id) for row in rows] == [
        ("reads searched", path.removeprefix("/search/")),
        ("read looked at", "read:a"),
    ]
    assert not any("AB12" in str(row) for row in rows)
