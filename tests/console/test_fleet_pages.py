"""The fleet's pages: what they say of cars, and that who may keep cars, and nobody else, changes who may be one."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.fleet.gathering import fleet_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from patrol_anpr.depot.tables import audit, cars, incidents
from patrol_anpr.lab.enrolled import enrolled
from tests.console.people import words_of
from tests.depot.postgresql import on_both

OPERATOR = StaffRole.OPERATOR


def audited(folder: Path) -> list[tuple[str, str, str, str]]:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.actor, audit.c.action, audit.c.object_id, audit.c.reason))
        return [tuple(row) for row in rows]


@on_both
def test_a_silent_car_is_the_first_line_and_the_command_says_the_same(
    folder: Path, console: ConsoleServer, staff_client, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    enrolled(folder, tmp_path / "a", "AAA1", now=now - timedelta(hours=2))
    enrolled(folder, tmp_path / "z", "ZZZ9", now=now - timedelta(days=5))
    with closing(DepotDatabase(folder, Role.INGEST)) as database, database.writing() as connection:
        connection.execute(insert(incidents).values(at=now, car_id="AAA1", item_id="r1", what="same id, another"))
    page = words_of(staff_client(OPERATOR).page("/fleet"))
    assert "1 car was not heard for more than three days: ZZZ9." in page
    sentences = [one.sentence for car in fleet_of(folder, now) for one in car.health.concerns]
    assert all(sentence in page for sentence in sentences)
    table = page[page.index("Last heard") :]
    assert table.index("ZZZ9") < table.index("AAA1")


def test_a_code_is_shown_once_and_enrols(folder: Path, staff_client) -> None:
    operator = staff_client(OPERATOR)
    answer = operator.submit("/fleet", {"car": " TA14 "})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "patrol-anpr enrol https://ADDRESS-OF-THIS-DEPOT:8443" in words_of(answer.text)
    assert ("staff the-operator", "enrolment code made", "TA14", "") in audited(folder)
    assert "code was not used" in words_of(operator.page("/fleet/TA14"))
    refused = operator.submit("/fleet", {"car": "<script>"})
    assert refused.status_code == 422
    assert "A car id has 1 to 32 letters" in words_of(refused.text)
    assert "<script>" not in refused.text
    assert "&lt;script&gt;" in refused.text, "what was typed stays in the field"


def test_a_car_is_refused_with_a_reason_and_gets_a_unit(folder: Path, staff_client, tmp_path: Path) -> None:
    enrolled(folder, tmp_path / "a", "TA14")
    operator = staff_client(OPERATOR)
    assert operator.submit("/fleet/TA14/unit", {"unit": "Northtown <b>traffic</b>"}).status_code == 303
    assert "Northtown &lt;b&gt;traffic" in operator.page("/fleet/TA14")
    assert operator.submit("/fleet/TA14/deny", {"reason": " "}).status_code == 422
    assert operator.submit("/fleet/TA14/deny", {"reason": "laptop stolen"}).status_code == 303
    page = words_of(operator.page("/fleet/TA14"))
    assert "TA14 is refused from now on." in page
    assert "Refused since" in page
    assert ("staff the-operator", "car revoked", "TA14", "laptop stolen") in audited(folder)
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        assert connection.execute(select(cars.c.revoked_at)).scalar_one() is not None


@pytest.mark.parametrize("path", ["unit", "deny"])
def test_an_unknown_car_changes_nothing(staff_client, path: str) -> None:
    operator = staff_client(OPERATOR)
    assert operator.get("/fleet/TA99").status_code == 404
    assert operator.submit(f"/fleet/TA99/{path}", {"unit": "x", "reason": "x"}).status_code in (404, 422)


@pytest.mark.parametrize("role", [role for role in StaffRole if Duty.SEE_FLEET not in duties_of([role])])
def test_nobody_else_sees_or_keeps_cars(staff_client, role: StaffRole) -> None:
    other = staff_client(role)
    assert other.get("/fleet").status_code == 403
    assert other.submit("/fleet", {"car": "TA14"}).status_code == 403
    assert other.submit("/fleet/TA14/deny", {"reason": "x"}).status_code == 403
