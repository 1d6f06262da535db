"""Retention is shown with its clocks and its log; evidence is held after a look, and released by two people."""

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keeping.running import purge
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import retention_days
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import holds
from patrol_anpr.plumbing.files import write_whole
from tests.console.people import Person, words_of
from tests.depot.postgresql import on_both
from tests.depot.test_keeping import item, take_in

NOW = datetime.now(UTC)
REVIEW = f"{NOW + timedelta(days=30):%Y-%m-%d}"


def erase(folder: Path, now: datetime = NOW) -> None:
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        purge(database, pictures_in(folder, database), retention_days(folder), now, "operator job")


@on_both
def test_the_page_says_how_long_what_is_kept_and_what_went(folder: Path, console, staff_client):
    old = NOW - timedelta(days=420)
    take_in(folder, "TA14", [item("read:secret-1", old)], old)
    take_in(folder, "TA14", [item("read:2", NOW)])
    admin: Person = staff_client(StaffRole.ADMINISTRATOR)
    assert "the job `purge` does not run" in words_of(admin.page("/retention"))
    erase(folder)
    page = words_of(admin.page("/retention"))
    assert "does not run" not in page
    assert f"{NOW - timedelta(days=365):%Y-%m-%d}" in page
    assert re.search(r"reads \d{4}-\d{2}-\d{2} 1 [0-9a-f]{16}", page), page
    assert "secret-1" not in page
    assert "AB12CDE" not in page
    for path in (f"/retention?before={'9' * 30}", "/retention?before=-1"):
        assert admin.get(path).status_code == 422, "no row has such a number"


def test_a_run_whose_clocks_are_apart_and_a_shorter_period_are_told(folder: Path, console, staff_client):
    then = NOW - timedelta(days=90)
    take_in(folder, "TA14", [item("read:1", then)], then)
    write_whole(folder / "depot.toml", b"[retention]\nreads_days = 730\n")
    erase(folder)
    write_whole(folder / "depot.toml", b"")
    erase(folder)
    page = words_of(staff_client(StaffRole.AUDITOR).page("/retention"))
    assert "The clocks are 90 days apart" in page
    assert "then 365 days" in page
    write_whole(folder / "depot.toml", b"[retention]\nreads_days = 3\n")
    assert "Until then nothing is erased" in words_of(staff_client(StaffRole.AUDITOR).page("/retention"))


@on_both
def test_a_record_is_held_after_a_look_and_released_by_two_people(folder: Path, console, staff_client):
    take_in(folder, "TA14", [item("read:1", NOW)])
    anna: Person = staff_client(StaffRole.ANALYST)
    bert: Person = staff_client(StaffRole.ANALYST, staff_id="bert")
    form = {"car": "TA14", "item": "read:1", "reason": "case 7", "owner": "DS Example", "review": REVIEW}
    look = anna.submit("/holds", form)
    assert "Hold this record?" in look.text
    assert "Nothing is on hold" in words_of(anna.page("/holds")), "the look holds nothing"
    assert anna.submit("/holds", form | {"looked": "yes"}).status_code == 303
    page = anna.page("/holds")
    assert "case 7" in words_of(page)
    hold = re.search(r'name="hold" value="([^"]+)"', page)[1]
    assert anna.submit("/holds/change", {"hold": hold, "does": "ask", "reason": "case closed"}).status_code == 303
    refused = anna.submit("/holds/change", {"hold": hold, "does": "agree"})
    assert (refused.status_code, "another person" in words_of(refused.text)) == (422, True)
    assert bert.submit("/holds/change", {"hold": hold, "does": "agree"}).status_code == 303
    assert "Nothing is on hold" in words_of(anna.page("/holds"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"item": "read:9"}, "holds no record of that car and id"),
        ({"review": ""}, "Say on which day"),
        ({"review": "2099-01-01", "looked": "yes"}, "at most a year"),
        ({"owner": " "}, "whose it is"),
    ],
)
def test_a_hold_that_cannot_be_is_said_and_what_was_typed_stays(folder: Path, console, staff_client, change, said):
    take_in(folder, "TA14", [item("read:1", NOW)])
    form = {"car": "TA14", "item": "read:1", "reason": "case 7 <script>", "owner": "DS Example", "review": REVIEW}
    refused = staff_client(StaffRole.ANALYST).submit("/holds", form | change)
    assert refused.status_code == 422
    assert said in words_of(refused.text)
    assert 'value="case 7 &lt;script&gt;"' in refused.text


def test_an_overdue_review_is_loud_on_both_pages(folder: Path, console, staff_client):
    take_in(folder, "TA14", [item("read:1", NOW)])
    anna: Person = staff_client(StaffRole.ANALYST)
    form = {"car": "TA14", "item": "read:1", "reason": "case 7", "owner": "DS Example", "review": REVIEW}
    anna.submit("/holds", form | {"looked": "yes"})
    with closing(DepotDatabase(folder)) as database, database.writing() as connection:
        connection.execute(update(holds).values(review_on="2020-01-01"))
    assert "1 hold is past its review" in words_of(anna.page("/holds"))
    assert "1 hold of evidence is past its review" in words_of(anna.page("/retention"))
    hold = re.search(r'name="hold" value="([^"]+)"', anna.page("/holds"))[1]
    anna.submit("/holds/change", {"hold": hold, "does": "review", "reason": "appeal", "review": REVIEW})
    assert "past its review" not in words_of(anna.page("/holds"))
