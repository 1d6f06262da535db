"""The roster's pages: what is looked at before it is in force, and who may keep it."""

from pathlib import Path

import pytest

from patrol_anpr.depot.roster import import_roster
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from tests.console.people import words_of
from tests.depot.postgresql import on_both
from tests.depot.test_officers import ANN, BOB, kept, written

OPERATOR = StaffRole.OPERATOR


def upload(person, *lines: str):
    return person.submit("/roster", {}, files={"file": ("roster.csv", "".join(f"{line}\n" for line in lines).encode())})


@on_both
def test_a_new_roster_is_looked_at_and_then_in_force(folder: Path, staff_client, tmp_path: Path) -> None:
    import_roster(folder, written(tmp_path, ANN, BOB))
    operator = staff_client(OPERATOR)
    answer = upload(operator, "PC1,Ann,,Traffic,2020-01-01", "PC3,<b>Cy</b>,52907461")
    assert answer.headers["location"] == "/roster/new"
    page = operator.page("/roster/new")
    assert "unit: nothing becomes Traffic; training good until: nothing becomes 2020-01-01" in words_of(page)
    assert "off the roster: may not sign on any more" in words_of(page)
    assert "1 of 2 officers would be off the roster" in words_of(page)
    assert "&lt;b&gt;Cy" in page
    assert "52907461" not in page
    assert [one.officer_id for one in kept(folder)] == ["PC1", "PC2"], "nothing is in force yet"
    assert operator.submit("/roster/new").status_code == 303
    said = words_of(operator.page("/roster"))
    assert "2 officers are on the roster." in said
    assert said.index("PC1") < said.index("PC3"), "whose training has ended comes first"
    assert "Ended on 2020-01-01" in said
    assert operator.get("/roster/new").status_code == 422


def test_a_roster_that_was_looked_at_is_left(folder: Path, staff_client, tmp_path: Path) -> None:
    import_roster(folder, written(tmp_path, ANN))
    operator = staff_client(OPERATOR)
    upload(operator, BOB)
    assert operator.submit("/roster/new/drop").status_code == 303
    assert operator.submit("/roster/new").status_code == 422
    assert [one.officer_id for one in kept(folder)] == ["PC1"]


def test_every_bad_line_is_on_the_page(folder: Path, staff_client) -> None:
    operator = staff_client(OPERATOR)
    answer = upload(operator, ANN, "PC2,Bob", "PC3,Cy,12345678")
    assert answer.status_code == 422
    said = words_of(answer.text)
    assert "2 lines cannot be used, 1 can." in said
    assert "Line 2 of the roster" in said
    assert "Line 3 of the roster" in said
    assert "12345678" not in said
    for bad in (b"", b"\x00" * 100, b"PK\x03\x04"):
        assert operator.submit("/roster", {}, files={"file": ("x.csv", bad)}).status_code == 422
    assert kept(folder) == []


@pytest.mark.parametrize("role", [role for role in StaffRole if Duty.KEEP_ROSTER not in duties_of([role])])
def test_nobody_else_sees_or_keeps_the_roster(staff_client, role: StaffRole) -> None:
    other = staff_client(role)
    assert other.get("/roster").status_code == 403
    assert upload(other, ANN).status_code == 403
    assert other.submit("/roster/new").status_code == 403
