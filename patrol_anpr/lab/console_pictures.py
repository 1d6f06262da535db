"""Pictures of every page of the console's menu, at two widths, by day and by night, over a month of invented data.

`python -m patrol_anpr.lab.console_pictures FOLDER [PATH ...]`: with paths, of those pages alone. Needs a Chromium.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi.routing import APIRoute
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from patrol_anpr.console import ConsoleServer
from patrol_anpr.console.guard import Asks
from patrol_anpr.console.pages import MENU, ROUTERS
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty, duties_of
from patrol_anpr.depot.staff.sessions import begin_session
from patrol_anpr.lab.invented_answers import invent_answers
from patrol_anpr.lab.invented_month import invent_month
from patrol_anpr.lab.invented_oversight import invent_oversight
from patrol_anpr.lab.invented_staff import InventedPerson, invent_staff

WIDTHS = (1280, 390)
LOOKS = ("day", "night")


@dataclass(frozen=True, slots=True)
class Served:
    """A console that answers at `url`, and people who may sign on there."""

    url: str
    folder: Path
    people: tuple[InventedPerson, ...]

    def token_of(self, person: InventedPerson) -> str:
        """Begin a session of somebody and return its token."""
        with closing(DepotDatabase(self.folder, Role.STAFF)) as database, database.writing() as connection:
            return begin_session(connection, person.staff_id, datetime.now(UTC))

    def who_may(self, duty: Duty) -> InventedPerson:
        """Return the first who has a duty."""
        return next(one for one in self.people if duty in duties_of((one.role,)))


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve the console of the depot in `folder` to this machine, with invented people."""
    people = invent_staff(folder, datetime.now(UTC))
    invent_answers(folder, people, datetime.now(UTC))
    server = ConsoleServer(folder)
    server.start()
    try:
        yield Served(server.url, folder, people)
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend the Chromium of this system, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def signed_on(
    browser: Browser, console: Served, person: InventedPerson | None, width: int, look: str, *, script: bool = False
) -> BrowserContext:
    """Return a browser of that width and look in which somebody is signed on (None: nobody).

    `script`: with JavaScript, which the pages have none of, and whoever looks into them needs.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if look == "night" else "light",
        java_script_enabled=script,
        base_url=console.url,
    )
    context.set_default_timeout(15_000)
    if person is not None:
        context.add_cookies([{"name": "console", "value": console.token_of(person), "url": console.url}])
    return context


def route_of(path: str) -> APIRoute | None:
    """Return the route that answers a path; None where there is none."""
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
    return next(
        (route for route in routes if "GET" in (route.methods or ()) and route.path_regex.fullmatch(path)), None
    )


def person_for(console: Served, path: str) -> InventedPerson | None:
    """Return the first who may have a page; None where anybody may."""
    route = route_of(path)
    asked = [one.call.duty for one in route.dependant.dependencies if isinstance(one.call, Asks)] if route else []
    return console.who_may(asked[0]) if asked else None


def take_pictures(browser: Browser, console: Served, out: Path, paths: Sequence[str] = ()) -> int:
    """Write a PNG of each page at each width and look into `out`; return how many."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = paths or ["/sign-on", *(entry.path for entry in MENU)]
    taken = 0
    for width in WIDTHS:
        for look in LOOKS:
            for path in wanted:
                with closing(signed_on(browser, console, person_for(console, path), width, look)) as context:
                    page = context.new_page()
                    page.goto(path)
                    name = path.strip("/").replace("/", "-") or "start"
                    page.screenshot(path=out / f"{name}-{width}-{look}.png", full_page=True)
                    taken += 1
    return taken


def main(arguments: Sequence[str]) -> None:
    """Make the depot, serve its console and take the pictures."""
    out, *paths = arguments
    with tempfile.TemporaryDirectory(prefix="patrol-anpr-pictures-") as scratch:
        folder = Path(scratch) / "depot"
        invent_month(folder, datetime.now(UTC), small=True)
        invent_oversight(folder, datetime.now(UTC))
        with served(folder) as console, chromium() as browser:
            taken = take_pictures(browser, console, Path(out), paths)
    sys.stdout.write(f"{taken} pictures in {out}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
