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

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from patrol_anpr.console import ConsoleServer
from patrol_anpr.console.pages import MENU
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


def pages_of_menu() -> Sequence[tuple[str, Duty]]:
    """Return each path of the menu with the duty that it needs."""
    return [(entry.path, entry.duty) for entry in MENU]


def _duty_of(path: str) -> Duty:
    """The duty of the entry of the menu under which a page lies; that of searching for one that lies under none."""
    under = [(entry, duty) for entry, duty in pages_of_menu() if entry == path or path.startswith(f"{entry}/")]
    return max(under, key=lambda one: len(one[0]))[1] if under else Duty.SEARCH


def take_pictures(browser: Browser, console: Served, out: Path, paths: Sequence[str] = ()) -> int:
    """Write a PNG of each page at each width and look into `out`; return how many."""
    out.mkdir(parents=True, exist_ok=True)
    wanted: list[tuple[str, InventedPerson | None]] = [("/sign-on", None)]
    wanted += [(path, console.who_may(duty)) for path, duty in pages_of_menu()]
    if paths:
        wanted = [(path, console.who_may(_duty_of(path))) for path in paths]
    taken = 0
    for width in WIDTHS:
        for look in LOOKS:
            for path, person in wanted:
                with closing(signed_on(browser, console, person, width, look)) as context:
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
