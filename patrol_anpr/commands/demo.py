"""`patrol-anpr demo`: a depot on this machine, a sync, the demo drive with its hits, an upload, a shift summary."""

import json
import secrets
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import typer

from patrol_anpr.build import build_car
from patrol_anpr.commands.demo_drive import DemoOfficer, drive_shift, seconds_running
from patrol_anpr.commands.enrol import enrol_car
from patrol_anpr.commands.headless import Printer, Tally, ended_by_signal
from patrol_anpr.commands.window import find_window, has_screen, window_options
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.cars import new_code
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import import_hotlist
from patrol_anpr.depot.roster import import_roster
from patrol_anpr.depot.server import DepotServer
from patrol_anpr.domain.errors import BadInput, DepotFault
from patrol_anpr.domain.events import Event, ShiftChanged
from patrol_anpr.domain.hotlist import Tier, list_id_of
from patrol_anpr.domain.shift import Shift, ShiftSummary
from patrol_anpr.patrol.car import Car
from patrol_anpr.plumbing.files import made_folder
from patrol_anpr.records.keys import Key
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings

DEMO = ASSETS / "demo"
LISTS = (("hotlist.csv", "Demo stolen", Tier.PRIORITY), ("hotlist_routine.csv", "Demo untaxed", Tier.ROUTINE))
CAR = "DEMO1"
OFFICER, PIN = "PC1001", "73052846"


def run_demo(*, headless: bool, sound: bool, folder: Path | None, as_json: bool) -> int:
    """Run the demo; with a screen in the real window, without one headless, and says so."""
    if not headless and not has_screen():
        typer.echo("There is no screen here, so the demo runs without its window.", err=True)
        headless = True
    with ExitStack() as stack:
        ended = stack.enter_context(ended_by_signal())
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-anpr-demo-")))
        elif (folder / "depot").exists():
            raise BadInput(f"{folder} holds a demo already. Name another folder, or delete it.")
        server = _depot(folder / "depot")
        server.start()
        stack.callback(server.stop)
        settings = _settings(folder, sound=sound)
        # The demo's records end with it, so its key is never put into this user's key store.
        key = _key(folder)
        code, _ = new_code(folder / "depot", CAR, utc_now())
        enrol_car(settings, server.url, str(code), key=key)
        car = build_car(settings, key=key, every_frame=headless)
        stack.callback(car.close)
        # The demo's folder holds its lists beside its clips, as it should: that is no news.
        car.notices = [lamp for lamp in car.notices if not lamp.is_news]
        if headless:
            return _drive_headless(car, ended, as_json=as_json)
        car.open()
        if not car.patrol.start_sync().result():
            raise DepotFault("The demo's own depot did not answer. Start the demo again.")
        _print_start({"lists_seconds": seconds_running()}, as_json=False)
        return _drive_in_window(car, settings, ended)


def _depot(folder: Path) -> DepotServer:
    made_folder(folder, "--folder")
    import_roster(folder, DEMO / "roster.csv")
    for file, name, tier in LISTS:
        import_hotlist(folder, DEMO / file, list_id_of(name), name, "Demo force", tier)
    return DepotServer(folder, certificate=DepotKeys(folder).server_certificate(["127.0.0.1"]))


def _key(folder: Path) -> Key:
    """Make the demo's own key, and leave it in the folder for whoever wants to look into the records."""
    file = folder / "demo.key"
    file.touch(mode=0o600)
    file.write_bytes(secrets.token_bytes(32))
    return Key(file.read_bytes())


def _settings(folder: Path, *, sound: bool) -> Settings:
    return Settings.model_validate(
        {
            "cameras": [{"name": "front", "source": str(DEMO)}],
            "alerting": {"sound": sound},
            "records": {"folder": folder / "records"},
            "hotlists": {"folder": folder / "hotlists"},
            "log": {"folder": folder / "log"},
            "screen": {"full_screen": False},
        }
    )


def _drive_in_window(car: Car, settings: Settings, asked: threading.Event) -> int:
    """The demo in the real window; the shift's summary is printed when it was signed off."""
    ended: list[Shift] = []

    def note(event: Event) -> None:
        if isinstance(event, ShiftChanged) and event.shift.ended_at is not None:
            ended.append(event.shift)

    car.patrol.subscribe(note)
    code = find_window()(car.patrol, ended=asked, tell=typer.echo, **window_options(settings.screen), demo=True)
    for shift in ended:
        summary = car.records.summary(shift.shift_id)
        _print_shift(summary, summary.waiting, as_json=False)
    return code


def _drive_headless(car: Car, ended: threading.Event, *, as_json: bool) -> int:
    """The demo without a window."""
    patrol, tally = car.patrol, Tally()
    printer = Printer(tally, as_json=as_json)
    patrol.subscribe(printer)
    started = patrol.clock.monotonic()

    def say_start(lists: float, frame: float) -> None:
        _print_start({"lists_seconds": lists, "frame_seconds": frame}, as_json=as_json)

    summary, waiting = drive_shift(car, DemoOfficer(OFFICER, PIN, CAR), tally, ended, say_start)
    printer.summary(patrol.clock.monotonic() - started)
    if summary is not None:
        _print_shift(summary, waiting, as_json=as_json)
    return 1 if waiting else 0


def _print_start(seconds: Mapping[str, float], *, as_json: bool) -> None:
    """How long it took from nothing to lists in force, and to the first frame."""
    figures = {name: round(value, 1) for name, value in seconds.items()}
    if as_json:
        typer.echo(json.dumps({"kind": "start"} | figures))
        return
    typer.echo(f"START {', '.join(f'{name} {value}' for name, value in figures.items())}".replace("_", " "))


def _print_shift(summary: ShiftSummary, waiting: int, *, as_json: bool) -> None:
    counts = {
        "reads": summary.reads,
        "hits": summary.hits,
        "confirmed": summary.confirmed,
        "dismissed": summary.dismissed,
        "unresolved": summary.unresolved,
        "waiting": waiting,
    }
    if as_json:
        typer.echo(json.dumps({"kind": "shift"} | counts))
        return
    typer.echo(f"SHIFT {', '.join(f'{name} {count}' for name, count in counts.items())}")
    typer.echo(
        "Everything is held by the depot. Safe to switch off." if not waiting else f"{waiting} records still wait."
    )
