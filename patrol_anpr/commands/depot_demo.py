"""`patrol-anpr depot demo`: a depot with a month of invented data, its console, and two cars that drive and sync."""

import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import typer

from patrol_anpr.build import build_car
from patrol_anpr.commands.demo_drive import DemoOfficer, drive_shift
from patrol_anpr.commands.headless import Tally, ended_by_signal
from patrol_anpr.commands.log import set_up_log
from patrol_anpr.commands.terminal import progress_bar, say
from patrol_anpr.console.server import ConsoleServer
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.server import DepotServer
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.enrolment import identity_folder, identity_secret
from patrol_anpr.lab.invented_month import OFFICERS, InventedMonth, Seat, invent_month
from patrol_anpr.lab.invented_oversight import invent_oversight
from patrol_anpr.lab.invented_staff import PASSWORD, InventedPerson, invent_staff
from patrol_anpr.plumbing.files import made_folder
from patrol_anpr.records.keys import Key
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings

CARS = ("NT1", "NT2")
"""Two of the invented cars drive; officers of the invented roster drive them."""


def run_depot_demo(folder: Path | None, port: int, *, quick: bool, cars: bool) -> int:
    """Make it all in `folder` (None: a temporary one, deleted at the end), serve until Ctrl+C.

    `quick` makes a few days instead of a month; without `cars` nobody drives.
    """
    with ExitStack() as stack:
        ended = stack.enter_context(ended_by_signal())
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-anpr-depot-demo-")))
        elif (folder / "depot").exists():
            raise BadInput(f"{folder} holds a depot already. Name another folder, or delete it.")
        made_folder(folder, "--folder")
        month = _made(folder, quick=quick)
        if ended.is_set():
            return 0
        invent_oversight(month.folder, datetime.now(UTC))
        people = invent_staff(month.folder, datetime.now(UTC))
        depot = DepotServer(month.folder, certificate=DepotKeys(month.folder).server_certificate(["127.0.0.1"]))
        depot.start()
        stack.callback(depot.stop)
        console = ConsoleServer(month.folder, port=port)
        console.start()
        stack.callback(console.stop)
        _print_welcome(console.url, depot.url, people)
        if cars:
            stack.enter_context(_driving(folder, depot.url))
        _tell_codes_when_asked(people)
        while not ended.wait(0.5):  # a wait without an end hears no Ctrl+C on Windows
            pass
        say("Ending.")
    return 0


def drive_demo_car(folder: Path, car_id: str, url: str) -> int:
    """Be one of the two cars, in a process of its own: sync, drive the demo drive, sign off; until Ctrl+C at most."""
    settings, key = _settings(folder, car_id, url), Key((folder / car_id / "demo.key").read_bytes())
    set_up_log(settings.log)
    officer, _, pin = OFFICERS[CARS.index(car_id)]
    tally = Tally()
    with ended_by_signal() as ended:
        car = build_car(settings, key=key)
        try:
            say(f"{car_id} syncs and drives.")
            summary, waiting = drive_shift(car, DemoOfficer(officer, pin, car_id), tally, ended)
        finally:
            car.close()
    if summary is not None:
        held = "the depot holds everything" if not waiting else f"{waiting} records still wait"
        say(f"{car_id} has parked: {summary.reads} reads, {summary.hits} hits; {held}.")
    return 1 if waiting else 0


def _made(folder: Path, *, quick: bool) -> InventedMonth:
    """Make the depot with its data, and give the cars that will drive their identities."""
    seats = {}
    for car_id in CARS:
        made_folder(folder / car_id, "--folder")
        file = folder / car_id / "demo.key"
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(32))
        settings, key = _settings(folder, car_id, ""), Key(file.read_bytes())
        seats[car_id] = Seat(identity_folder(settings), identity_secret(settings, key))
    say("Making a few days of invented data." if quick else "Making a month of invented data.")
    with progress_bar() as bar:
        task = bar.add_task("shifts", total=None)
        month = invent_month(
            folder / "depot",
            datetime.now(UTC),
            small=quick,
            seats=seats,
            progress=lambda done, every: bar.update(task, completed=done, total=every),
        )
    say(f"Made: {month.reads:,} reads with pictures and {month.hits:,} hits of {len(month.cars)} cars.")
    return month


def _settings(folder: Path, car_id: str, url: str) -> Settings:
    return Settings.model_validate(
        {
            "cameras": [{"name": "front", "source": str(ASSETS / "demo")}],
            "alerting": {"sound": False},
            "records": {"folder": folder / car_id / "records"},
            "hotlists": {"folder": folder / car_id / "hotlists"},
            "log": {"folder": folder / car_id / "log"},
            "depot": {"car": car_id, "url": url},
        }
    )


@contextmanager
def _driving(folder: Path, url: str) -> Iterator[None]:
    """Have the cars drive, each in a process of its own; end those that still do."""
    command = [sys.executable, "-m", "patrol_anpr", "depot", "demo-car"]
    driving = [subprocess.Popen([*command, str(folder), car_id, url]) for car_id in CARS]
    try:
        yield
    finally:
        for car in driving:
            car.terminate()
        for car in driving:
            car.wait()


def _print_welcome(console: str, depot: str, people: Sequence[InventedPerson]) -> None:
    say()
    say(f"The console: {console}")
    say(f"The depot that cars speak to: {depot}")
    say(f"Sign on as one of these people; the password of each is: {PASSWORD}")
    _print_codes(people)
    say("All people, marks and places are invented. End with Ctrl+C.")
    say()


def _print_codes(people: Sequence[InventedPerson]) -> None:
    for person in people:
        code = pyotp.TOTP(person.secret).at(datetime.now(UTC))
        say(f"  {person.staff_id:<16} {person.role:<14} code {code}   secret {person.secret}")
    say("A code is good for half a minute, and once. An app on a phone makes them from the secret.")


def _tell_codes_when_asked(people: Sequence[InventedPerson]) -> None:
    """Print new codes at each Enter, where there is somebody to press it."""
    if not sys.stdin.isatty():
        return

    def listen() -> None:
        for _ in sys.stdin:
            _print_codes(people)

    typer.echo("Press Enter for new codes.")
    threading.Thread(target=listen, name="codes", daemon=True).start()
