"""Every setting is turned once, and what changes with it is looked for. A setting without an entry here fails."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.build import build_announcer, shelf_of
from patrol_anpr.commands.loading import load_settings
from patrol_anpr.commands.log import set_up_log
from patrol_anpr.commands.window import window_options
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.enrolment import identity_folder, identity_secret
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.patrol import reader as reader_module
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.models import model_shelf_of
from patrol_anpr.patrol.plans import CameraPlan, camera_plans
from patrol_anpr.patrol.reader import open_reader
from patrol_anpr.plumbing import disk
from patrol_anpr.plumbing.log_file import LogFile
from patrol_anpr.records.reserve import FILE_NAME
from patrol_anpr.resources import ASSETS, MODELS
from patrol_anpr.settings import CameraSettings, Section, Settings
from tests.conftest import FakeClock
from tests.integration.cars import KEY, blind, driving, hotlist_lines, pictures, write_csv
from tests.made import a_read
from tests.reading.made import ScriptedDetector, ScriptedOcr
from tests.reading.models_made import a_set

DISK_PERCENT = 80


@dataclass
class World:
    """Where a car stands, and what its parts were asked for when they were made."""

    folder: Path
    clock: FakeClock
    asked: dict[str, Any] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def car(self, settings: Settings) -> Car:
        """An open car without cameras."""
        return self.stack.enter_context(driving(settings, clock=self.clock))[0]

    def enrol(self, settings: Settings) -> None:
        """Make the car of these settings one of a depot, which is not asked."""
        enrolled(
            self.folder / "depot", identity_folder(settings), settings.depot.car, secret=identity_secret(settings, KEY)
        )

    def note(self, name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
        """Stand for a maker: write down what it is asked for, and answer."""

        def make(*values: Any, **named: Any) -> Any:
            self.asked.setdefault(name, []).append((values, named))
            return answer(*values, **named)

        return make


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(tmp_path, clock)
    monkeypatch.setattr(reader_module, "make_detector", world.note("detector", lambda *_, **__: ScriptedDetector()))
    monkeypatch.setattr(reader_module, "make_ocr", world.note("ocr", lambda *_, **__: ScriptedOcr()))
    monkeypatch.setattr(build, "Voice", world.note("voice", lambda *_, **__: None))
    monkeypatch.setattr(build, "Announcer", world.note("announcer", build.Announcer))
    monkeypatch.setattr(build, "Link", world.note("link", lambda *_, **__: FakeLink(clock)))
    monkeypatch.setattr(build, "open_gps", world.note("gps", lambda *_, **__: FakeGps()))
    usage = SimpleNamespace(total=100, used=DISK_PERCENT, free=100 - DISK_PERCENT)
    monkeypatch.setattr(disk, "disk_usage", lambda folder: usage)
    blind(monkeypatch)
    level = logging.getLogger().level
    with world.stack:
        yield world
    for handler in [one for one in logging.getLogger().handlers if isinstance(one, LogFile)]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger().setLevel(level)


class FakeGps:
    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class FakeLink:
    clock: FakeClock

    @property
    def proven_time(self) -> datetime:
        return self.clock.utc()

    def download(self, progress: object) -> bool:
        return True

    def upload(self, progress: object) -> int:
        return 0

    def stop(self) -> None: ...

    def close(self) -> None: ...


# What is looked at


def plan(settings: Settings, world: World) -> CameraPlan:
    return camera_plans(settings.cameras)[0]


def asked_of(part: str, get: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> Callable[[Settings, World], Any]:
    """What the maker of a part of the reader was asked for."""

    def look(settings: Settings, world: World) -> Any:
        world.asked.clear()
        open_reader(settings.reading)
        values, named = world.asked[part][0]
        return get(values, named)

    return look


def announcer(settings: Settings, world: World) -> dict[str, Any]:
    world.asked.clear()
    build_announcer(settings, world.clock, lambda lamp: None, load_tones(ASSETS / "tones"))
    return world.asked


def place_of_the_database(settings: Settings, world: World) -> bool:
    world.car(settings)
    return any((world.folder / "turned").glob("*.db"))


def days_kept(settings: Settings, world: World) -> float:
    world.enrol(settings)
    car = world.car(settings.model_copy(update={"depot": settings.depot.model_copy(update={"url": "https://x"})}))
    kept: list[float] = []
    car.records.purge = lambda *_, keep_days: kept.append(keep_days)  # type: ignore[assignment, method-assign]
    car.patrol.start_upload().result(30)
    return kept[0]


def disk_space_set_by(settings: Settings, world: World) -> int:
    world.car(settings)
    return (settings.records.folder / FILE_NAME).stat().st_size


def dark_at_a_quarter_to_five(settings: Settings, world: World) -> bool:
    """On the shortest day, when night falls in England."""
    world.clock.now = datetime(2026, 12, 21, 16, 45, tzinfo=UTC)
    return world.car(settings).patrol.is_dark()


def place_of_the_lists(settings: Settings, world: World) -> bool:
    matcher = Matcher()
    shelf_of(settings, matcher, world.clock).load()
    return (world.folder / "turned").is_dir()


def lamp_of_a_list_of_three_hours(settings: Settings, world: World) -> str:
    car = world.car(settings)
    file = write_csv(world.folder / "list.csv", hotlist_lines(["TX64KZW"]))
    issued = world.clock.utc() - timedelta(hours=3)
    car.shelf.put_in_force(Hotlist("a", "A", "", car.shelf.next_revision("a"), Tier.ROUTINE, issued), file)
    return car.patrol.list_lamp().state.value


def told_of_a_list_that_ended_three_hours_ago(settings: Settings, world: World) -> str:
    car = world.car(settings)
    file = write_csv(world.folder / "list.csv", hotlist_lines(["TX64KZW"]))
    until = world.clock.utc() - timedelta(hours=3)
    car.shelf.put_in_force(Hotlist("a", "A", "", 1, Tier.ROUTINE, until, until), file)
    (match,) = car.matcher.match("TX64KZW", world.clock.utc())
    return match.voi.reason


def sent(settings: Settings, world: World) -> dict[str, Any]:
    """What the depot gets of a Read."""
    car = world.car(settings)
    car.patrol.read_made(a_read(captured_at=datetime.now(UTC)), pictures(1))
    assert car.records.flush(30)
    items = [json.loads(item.payload) for item in car.records.outbox.next_batch(10)]
    return next(item for item in items if "feed_id" in item)


def linked(settings: Settings, world: World) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the link to the depot is made of."""
    world.enrol(settings)
    tree = settings.depot.model_dump()
    tree["url"] = tree["url"] or "https://depot.example"
    world.asked.clear()
    world.car(settings.model_copy(update={"depot": type(settings.depot).model_validate(tree)}))
    return world.asked["link"][0]


def depot_asked(settings: Settings, world: World) -> str:
    world.enrol(settings)
    world.asked.clear()
    world.car(settings)
    return world.asked["link"][0][0][0] if "link" in world.asked else ""


def gps(settings: Settings, world: World) -> tuple[Any, dict[str, Any]]:
    tree = settings.vehicle.model_dump()
    tree["gps"] = tree["gps"] or "gpsd"
    world.asked.clear()
    world.car(settings.model_copy(update={"vehicle": type(settings.vehicle).model_validate(tree)}))
    values, named = world.asked["gps"][0]
    return values[0], named


def gps_asked(settings: Settings, world: World) -> str:
    world.asked.clear()
    world.car(settings)
    return world.asked["gps"][0][0][0] if "gps" in world.asked else ""


def disk_lamp(settings: Settings, world: World) -> str:
    return next(lamp.state.value for lamp in world.car(settings).patrol.lamps() if lamp.key == "disk")


def logged(settings: Settings, world: World) -> list[Path]:
    """The log files after a hundred kilobytes of lines, the newest first."""
    set_up_log(settings.log)
    log = logging.getLogger("a test")
    log.debug("a detail")
    for _ in range(100):
        log.info("x" * 1000)
    for handler in [one for one in logging.getLogger().handlers if isinstance(one, LogFile)]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    return sorted(settings.log.folder.glob("patrol-anpr.log*"))


def log_holds_details(settings: Settings, world: World) -> bool:
    return any("a detail" in file.read_text() for file in logged(settings, world))


# The table: the setting, what it is turned to, where its effect is looked for, what is seen there then


def place_of_exports(settings: Settings, world: World) -> str:
    return world.car(settings).patrol.export.places().result(20)[0].folder.name


def reads_with_the_depots_models(settings: Settings, world: World) -> bool:
    shelf = model_shelf_of(settings)
    if shelf.newest is None:
        shelf.take(a_set(), "model-all")
        shelf.judge(shelf.folders[1], "")
    return world.car(settings).models.in_use != MODELS


Look = Callable[[Settings, World], Any]
EFFECTS: dict[str, tuple[Any, Look, Any]] = {
    "cameras.name": ("rear", lambda s, w: plan(s, w).camera_id, "rear"),
    "cameras.source": ("usb:3", lambda s, w: plan(s, w).spec.label, "usb:3"),
    "cameras.width": (1920, lambda s, w: plan(s, w).wish.width, 1920),
    "cameras.height": (1080, lambda s, w: plan(s, w).wish.height, 1080),
    "cameras.fps": (15.0, lambda s, w: plan(s, w).wish.fps, 15.0),
    "cameras.fourcc": ("YUYV", lambda s, w: plan(s, w).wish.fourcc, "YUYV"),
    "cameras.mirror": (True, lambda s, w: plan(s, w).wish.turn.mirror, True),
    "cameras.rotate": (90, lambda s, w: plan(s, w).wish.turn.rotate, 90),
    "cameras.field_of_view": (120.0, lambda s, w: plan(s, w).field_of_view, 120.0),
    "reading.detector": ("own.onnx", asked_of("detector", lambda values, _: values[0].name), "own.onnx"),
    "reading.detector_form": ("int8", asked_of("detector", lambda values, _: "int8" in values[0].name), True),
    "reading.ocr": ("own.onnx", asked_of("ocr", lambda values, _: values[0].name), "own.onnx"),
    "reading.ocr_config": ("own.yaml", asked_of("ocr", lambda values, _: values[1].name), "own.yaml"),
    "reading.ocr_near": ("near.onnx", asked_of("ocr", lambda _, named: named["near"].name), "near.onnx"),
    "reading.depot_models": (False, reads_with_the_depots_models, False),
    "reading.provider": ("openvino", asked_of("detector", lambda _, named: named["provider"]), "openvino"),
    "reading.threads": (3, asked_of("detector", lambda _, named: named["threads"]), 3),
    "reading.input_size": (960, asked_of("detector", lambda _, named: named["input_size"]), 960),
    "reading.detector_threshold": (0.5, asked_of("detector", lambda _, named: named["threshold"]), 0.5),
    "alerting.sound": (False, lambda s, w: "voice" in announcer(s, w), False),
    "alerting.words_per_minute": (200, lambda s, w: announcer(s, w)["voice"][0][1]["rate"], 200),
    "alerting.again_after_minutes": (2.0, lambda s, w: announcer(s, w)["announcer"][0][1]["re_alert"], 120.0),
    "alerting.routine_alarms_in_ten_minutes": (
        3,
        lambda s, w: announcer(s, w)["announcer"][0][1]["routine_limit"],
        3,
    ),
    "records.folder": ("turned", place_of_the_database, True),
    "records.export_folder": ("turned", place_of_exports, "turned"),
    "records.keep_days": (30, days_kept, 30),
    "records.reserve_megabytes": (3, disk_space_set_by, 3 * 2**20),
    "hotlists.folder": ("turned", place_of_the_lists, True),
    "hotlists.amber_after_hours": (2.0, lamp_of_a_list_of_three_hours, "warn"),
    "hotlists.hide_after_hours": (2.0, told_of_a_list_that_ended_three_hours_ago, "LIST EXPIRED, VERIFY BY RADIO"),
    "depot.url": ("https://depot.example:8443", depot_asked, "https://depot.example:8443"),
    "depot.car": ("TA14", lambda s, w: sent(s, w)["source_id"], "TA14"),
    "depot.feed": ("39", lambda s, w: sent(s, w)["feed_id"], "39"),
    "depot.look_every_seconds": (7, lambda s, w: w.car(s).patrol.list_watch.seconds, 7),
    "depot.ca_file": ("ca.pem", lambda s, w: linked(s, w)[1]["ca_file"], "ca.pem"),
    "vehicle.gps": ("gpsd:localhost", gps_asked, "gpsd:localhost"),
    "vehicle.gps_baud": (4800, lambda s, w: gps(s, w)[1]["baud"], 4800),
    "vehicle.gps_lost_seconds": (9.0, lambda s, w: gps(s, w)[1]["lost_after"], 9.0),
    "vehicle.disk_amber_percent": (DISK_PERCENT, disk_lamp, "warn"),
    "vehicle.disk_red_percent": (DISK_PERCENT, disk_lamp, "bad"),
    "log.folder": ("turned", lambda s, w: bool(logged(s, w)) and (w.folder / "turned").is_dir(), True),
    "log.level": ("DEBUG", log_holds_details, True),
    "log.size_megabytes": (0.01, lambda s, w: max(file.stat().st_size for file in logged(s, w)) < 11_000, True),
    "log.files": (1, lambda s, w: len(logged(s, w)), 2),
    "screen.palette": ("day", lambda s, w: w.car(s).patrol.choices.now.palette, "day"),
    "screen.latitude": (-40.0, dark_at_a_quarter_to_five, False),
    "screen.longitude": (-100.0, dark_at_a_quarter_to_five, False),
    "screen.lock_after_minutes": (7, lambda s, w: window_options(s.screen)["lock_after_minutes"], 7),
    "screen.language": ("cy", lambda s, w: w.car(s).patrol.choices.now.language, "cy"),
    "screen.look_before_list": ("off", lambda s, w: window_options(s.screen)["look_before_list"], "off"),
    "screen.copy_vrm": (True, lambda s, w: window_options(s.screen)["copy_vrm"], True),
    "screen.full_screen": (False, lambda s, w: window_options(s.screen)["full_screen"], False),
}
FOLDERS = ("records.folder", "hotlists.folder", "log.folder")


def every_setting() -> Iterator[str]:
    for name, section in Settings.model_fields.items():
        kind = section.annotation if name != "cameras" else CameraSettings
        assert isinstance(kind, type)
        assert issubclass(kind, Section)
        yield from (f"{name}.{field}" for field in kind.model_fields)


def settings_with(name: str, value: object, folder: Path) -> Settings:
    """Settings whose every file lies in `folder`, with one of them turned where a name is given."""
    options: dict[str, Any] = {one: folder / one for one in FOLDERS}
    options |= {"log.size_megabytes": 0.02} if name == "log.files" else {}
    section, _, one = name.partition(".")
    camera = {one: value} if section == "cameras" else {}
    options["cameras"] = [camera]
    if name and not camera:
        options[name] = folder / str(value) if name in FOLDERS else value
    return load_settings(None, options, {}).settings


def test_every_setting_has_its_effect_looked_for() -> None:
    assert sorted(EFFECTS) == sorted(every_setting())


@pytest.mark.parametrize("name", EFFECTS)
def test_turning_a_setting_has_its_effect(name: str, world: World) -> None:
    value, look, seen = EFFECTS[name]
    before = settings_with("log.files" if name == "log.files" else "", 5, world.folder / "before")
    assert look(before, world) != seen
    world.stack.close()
    assert look(settings_with(name, value, world.folder), world) == seen
