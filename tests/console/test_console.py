"""The console as a whole: pages for who may have them, and what it says to everybody else."""

from patrol_anpr.depot.staff.duties import StaffRole
from tests.console.people import words_of
from tests.depot.postgresql import on_both


@on_both
def test_who_is_signed_on_sees_the_first_page_and_signs_off(staff_client):
    analyst = staff_client(StaffRole.ANALYST)
    assert "You are signed on as The Analyst." in words_of(analyst.page("/"))
    assert analyst.submit("/sign-off").headers["location"] == "/sign-on"
    assert analyst.get("/").headers["location"] == "/sign-on"


def test_nobody_is_led_to_the_sign_on(staff_client):
    nobody = staff_client()
    assert nobody.get("/").headers["location"] == "/sign-on"
    assert "Staff id" in words_of(nobody.page("/sign-on"))


def test_the_look_is_kept(staff_client):
    analyst = staff_client(StaffRole.ANALYST)
    assert 'data-look="auto"' in analyst.page("/")
    assert analyst.submit("/look", {"look": "night"}).status_code == 303
    assert 'data-look="night"' in analyst.page("/")
    assert analyst.get("/look/console.css").headers["content-type"].startswith("text/css")
    assert analyst.get("/look/secrets").status_code == 404
