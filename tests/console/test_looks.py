"""The pages in a real browser: what stands on them can be read, reached by keyboard, and comes from nowhere else.

Needs a Chromium (installer/debian-packages-test.txt); on a CI machine it may not be missing.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from patrol_anpr.console.pages import MENU, list_drafts
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.checking import work_on
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.accounts import add_account
from patrol_anpr.depot.staff.codes import CodeSecrets
from patrol_anpr.depot.staff.duties import Duty, StaffRole
from patrol_anpr.depot.staff.sign_on import SignOn
from patrol_anpr.lab.console_pictures import Served, chromium, person_for, route_of, served, signed_on
from patrol_anpr.lab.invented_month import invent_month
from patrol_anpr.lab.invented_staff import InventedPerson
from tests.console.people import Person

pytestmark = pytest.mark.timeout(240)

SERIOUS = ("serious", "critical")
WIDE, NARROW = 1280, 390
FOCUSABLE = """[...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
)].filter(one => !one.disabled && one.checkVisibility() && (one.type !== "radio" || one.checked))"""
MISSED = f"{FOCUSABLE}.filter(one => !one.dataset.reached).map(one => one.outerHTML.slice(0, 120))"
NOTE_REACHED = "document.addEventListener('focusin', event => { event.target.dataset.reached = '1'; })"
AXE = Axe().axe_script
RUN_AXE = "axe.run({ resultTypes: ['violations'] }).then(found => found.violations)"
STOPS = 8
"""At most so many has one element: a field of a date and a time has one for each of its parts."""
DAY_AND_NIGHT = ((WIDE, "day"), (NARROW, "night"))
NIGHT_AND_DAY = ((WIDE, "night"), (NARROW, "day"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        reason = "There is no Chromium (apt-get install chromium)"
        if os.environ.get("CI") or os.environ.get("PATROL_ANPR_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("looks") / "depot"
    invent_month(folder, datetime.now(UTC), small=True)
    with served(folder) as started:
        yield started


class Looked:
    """Opens pages and says what is wrong with them."""

    def __init__(self, browser: Browser, console: Served) -> None:
        self._browser, self._console = browser, console
        self._open: dict[InventedPerson | None, Page] = {}
        self._asked: list[str] = []
        self._said: list[str] = []
        self.faults: list[str] = []

    def at(self, path: str, looks: Sequence[tuple[int, str]] = DAY_AND_NIGHT) -> list[str]:
        """Open one page and look at it at each width by day or night; returns the paths that it leads to."""
        page = self.page_of(person_for(self._console, path))
        self._asked, self._said = [], []
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            self.faults.append(f"{path}: answered {answer and answer.status}")
            return []
        page.evaluate(AXE)
        for width, look in looks:
            self._look(page, path, width, look)
        own = urlsplit(self._console.url).netloc
        self.faults += [f"{path}: asks {url}" for url in self._asked if urlsplit(url).netloc != own]
        self.faults += [f"{path}: the browser says {text}" for text in self._said]
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))")
        return [link for link in links if link.startswith("/")]

    def page_of(self, person: InventedPerson | None) -> Page:
        """The page in the browser of somebody."""
        if person not in self._open:
            page = signed_on(self._browser, self._console, person, WIDE, "day", script=True).new_page()
            self._open[person] = page
            page.on("request", lambda request: self._asked.append(request.url))
            page.on("console", lambda message: self._said.append(message.text) if message.type == "error" else None)
        return self._open[person]

    def _look(self, page: Page, path: str, width: int, look: str) -> None:
        where = f"{path} at {width}, {look}"
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if look == "night" else "light")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.faults.append(f"{where}: is {wide} too wide")
        for found in page.evaluate(RUN_AXE):
            if found["impact"] in SERIOUS:
                nodes = [node["html"][:120] for node in found["nodes"][:3]]
                self.faults.append(f"{where}: {found['id']} {nodes}")
        if width == WIDE:
            self._by_keyboard(page, where)

    def _by_keyboard(self, page: Page, where: str) -> None:
        page.evaluate(NOTE_REACHED)
        wanted = page.evaluate(f"{FOCUSABLE}.length")
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") != "skip":
            self.faults.append(f"{where}: the keyboard does not begin at the skip link")
        for press in range(2, wanted * STOPS + 1):
            page.keyboard.press("Tab")
            if press >= wanted and not page.evaluate(f"{MISSED}.length"):
                return
        self.faults.append(f"{where}: the keyboard does not reach {page.evaluate(MISSED)}")


def test_every_page_can_be_read_reached_and_asks_nobody_else(browser: Browser, console: Served):
    looked = Looked(browser, console)
    waiting = [*(entry.path for entry in MENU), "/sign-on", "/first-time", "/me", "/public"]
    seen: set[str] = set()
    while waiting:  # each kind of page once, also those that no menu names
        path = waiting.pop(0)
        route = route_of(path.partition("?")[0])
        if route is None or route.path in seen or route.path in ("/look/{name}", "/sign-on/provider"):
            continue
        seen.add(route.path)
        waiting += looked.at(path)
    assert not looked.faults, "\n".join(looked.faults)
    assert seen >= {entry.path for entry in MENU}
    assert seen >= {"/search/{search_id}", "/search/{search_id}/reads/{place}", "/authorisations/{authorisation_id}"}


def test_a_list_on_its_way_can_be_read_at_each_stage(browser: Browser, console: Served, monkeypatch):
    monkeypatch.setattr(list_drafts, "begin_work", work_on)
    operator = console.who_may(Duty.PUBLISH_LISTS)
    said = {"name": "Looked at", "owner": "Metro", "contact": "01632 960001", "tier": "2", "days": "7"}
    rows = "".join(f"AB{number}CDE,FORD{',' * 14}\n" for number in range(10, 40)) + f"#NAME?{',' * 15}\n"
    looked = Looked(browser, console)
    with Person(console.url, console.token_of(operator), operator.staff_id) as person:
        path = person.submit("/lists/new", said).headers["location"]
        for form, files in (("", None), ("file", {"file": ("list.csv", rows)}), ("check", None), ("publish", None)):
            if form:
                assert person.submit(f"{path}/{form}", files=files).status_code == 303
            looked.at(path, NIGHT_AND_DAY)
    assert not looked.faults, "\n".join(looked.faults)


def test_the_look_of_night_and_day_is_chosen_and_both_can_be_read(browser: Browser, console: Served):
    looked = Looked(browser, console)
    for path in ("/accounts", "/sign-on"):
        looked.at(path, NIGHT_AND_DAY)
    assert not looked.faults, "\n".join(looked.faults)


def test_one_signs_on_by_keyboard_alone_and_without_javascript(browser: Browser, console: Served):
    person = console.who_may(Duty.KEEP_ACCOUNTS)
    with closing(signed_on(browser, console, None, WIDE, "day")) as context:
        page = context.new_page()
        page.goto("/sign-on")
        for _ in range(3):  # the skip link, the name, the first field
            page.keyboard.press("Tab")
        page.keyboard.type(person.staff_id)
        page.keyboard.press("Tab")
        page.keyboard.type(person.password)
        page.keyboard.press("Tab")
        page.keyboard.type(pyotp.TOTP(person.secret).now())
        page.keyboard.press("Enter")
        page.wait_for_url(f"{console.url}/", timeout=20_000)


def test_what_a_page_says_of_its_kind_is_in_its_title(browser: Browser, console: Served):
    titles = []
    with closing(signed_on(browser, console, console.who_may(Duty.KEEP_ACCOUNTS), WIDE, "day", script=True)) as context:
        page = context.new_page()
        for path in ("/", "/accounts", "/me"):
            page.goto(path)
            titles.append(page.title())
            assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert len(set(titles)) == 3
    assert all(re.search("Patrol ANPR depot$", title) for title in titles)


def test_the_page_where_a_newcomer_sets_a_password_can_be_read(browser: Browser, console: Served):
    now = datetime.now(UTC)
    with closing(DepotDatabase(console.folder, Role.STAFF)) as database:
        with database.writing() as connection:
            invitation = add_account(connection, "operator x", "newt", "Newt", (StaffRole.ANALYST,), now)
        sign_on = SignOn(database, CodeSecrets(DepotKeys(console.folder).staff), lambda: now)
        token = sign_on.by_invitation("newt", invitation, "here")
    looked = Looked(browser, console)
    page = looked.page_of(None)
    page.context.add_cookies([{"name": "console", "value": token, "url": console.url}])
    looked.at("/first-time/password")
    assert page.evaluate("document.querySelector('img.code').naturalWidth") > 100, "the picture for the phone"
    assert not looked.faults, "\n".join(looked.faults)
