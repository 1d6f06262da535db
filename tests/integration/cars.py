"""Whole cars: every room real, on a folder of their own, with a depot on loopback. All marks are invented."""

import csv
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from patrol_anpr import build
from patrol_anpr.build import build_car
from patrol_anpr.depot import DepotServer, import_hotlist, import_roster
from patrol_anpr.depot import tables as depot_tables
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import DepotPictures, pictures_in
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot_link import Link, Patience
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import Event, LampChanged, SyncProgress
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Crew
from patrol_anpr.enrolment import identity_folder, identity_secret
from patrol_anpr.identity.own import FILE
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.patrol.shifts import Session
from patrol_anpr.records.keys import Key
from patrol_anpr.settings import Settings
from patrol_anpr.wire.payloads import AuditPayload, HitPayload, Kind, Payload, ReadPayload, payload_of, sha256_of
from tests.reading.made import ScriptedDetector, ScriptedOcr, plate_box, scene

CAR, OFFICER, NAME, PIN = "TEST1", "PC9001", "Pat Invented", "25803614"
KEY = Key(bytes(range(32)))
LISTED = ("TX64KZW", "UX15ZDM", "JX26ZBO")
"""Marks of the tests' hotlist, a PRIORITY list."""
PATIENCE_S = 30.0

_EventKind = TypeVar("_EventKind")


def hotlist_lines(vrms: Iterable[str], *, reason: str = "STOLEN") -> list[list[str]]:
    """Lines of a hotlist file with these marks."""
    columns = ["FORD", "FOCUS", "BLUE", "STOP", "", reason, "D01", "", "TESTSHIRE"]
    return [[vrm, *columns, "", f"T/{number}", "", "", "", ""] for number, vrm in enumerate(vrms, 1)]


def write_csv(path: Path, lines: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def settings_of(
    folder: Path, *, cameras: Sequence[tuple[str, str]] = (), depot: "Depot | None" = None, key: Key | None = KEY
) -> Settings:
    """Settings of a silent car whose every file lies in `folder`; with `depot` it is enrolled there."""
    tree: dict[str, object] = {
        "cameras": [{"name": name, "source": source} for name, source in cameras],
        "alerting": {"sound": False},
        "records": {"folder": folder / "records", "reserve_megabytes": 1},
        "hotlists": {"folder": folder / "hotlists"},
        "log": {"folder": folder / "log"},
        "depot": {"car": CAR},
    }
    if depot is not None:
        tree["depot"] = {"car": CAR, "url": depot.url}
    settings = Settings.model_validate(tree)
    if depot is not None:
        depot.enrol(settings, key)
    return settings


def with_records_in(folder: Path, settings: Settings, **wishes: object) -> Settings:
    """The same enrolled car with its records in another folder, and whatever is wished of the section `records`."""
    records = settings.model_dump()["records"] | {"folder": folder} | wishes
    moved = Settings.model_validate(settings.model_dump() | {"records": records})
    if identity_folder(settings).exists() and not identity_folder(moved).exists():
        shutil.copytree(identity_folder(settings), identity_folder(moved))
    return moved


def sign_on(car: Car, officer_id: str = OFFICER, pin: str = PIN) -> Session:
    """Sign on alone, under the car's own call sign."""
    return car.patrol.sign_on(officer_id, pin, car.patrol.units()[0], Crew.SINGLE).result(PATIENCE_S)


class Depot:
    """A depot that can be switched off and on again at the same address, with one car, one officer and one list."""

    def __init__(
        self,
        folder: Path,
        listed: Sequence[str] = LISTED,
        tier: Tier = Tier.PRIORITY,
        officer: tuple[str, str, str] = (OFFICER, NAME, PIN),
        reason: str = "STOLEN",
    ) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self.folder = folder
        self._tier, self._reason = tier, reason
        import_roster(folder, write_csv(folder.parent / "roster.csv", [officer]))
        self.publish(listed)
        self._server: DepotServer | None = DepotServer(folder)
        self.url = self._server.url

    def __enter__(self) -> "Depot":
        assert self._server is not None
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.switch_off()

    def enrol(self, settings: Settings, key: Key | None = KEY) -> None:
        """Make the car of these settings, once, the one that this depot knows."""
        if not (identity_folder(settings) / FILE).exists():
            enrolled(self.folder, identity_folder(settings), CAR, secret=identity_secret(settings, key))

    def publish(self, listed: Sequence[str]) -> None:
        """Put a revision of the list with these marks in force."""
        file = write_csv(self.folder.parent / "list.csv", hotlist_lines(listed, reason=self._reason))
        import_hotlist(self.folder, file, "stolen", "Stolen vehicles", "Test force", self._tier)

    def switch_off(self) -> None:
        """Be gone: connections are refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def switch_on(self) -> None:
        """Be there again."""
        self._server = DepotServer(self.folder, port=urlsplit(self.url).port or 0)
        self._server.start()

    @contextmanager
    def figures(self) -> Iterator[Callable[[], str]]:
        """Give out its figures, as Prometheus fetches them."""
        assert self._server is not None
        with self._server.figures_at(0) as port:
            yield lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()

    def holds(self) -> "Held":
        """What is in its database now."""
        return Held.of(self.folder)


def whole_pictures(pictures: DepotPictures, names: Iterable[str]) -> frozenset[str]:
    """Those of the SHA-256s that the depot gives out, each read and hashed."""
    whole = set()
    for name in names:
        with suppress(Unreadable):
            if sha256_of(pictures.content(name)) == name:
                whole.add(name)
    return frozenset(whole)


@dataclass(frozen=True)
class Held:
    """What a depot holds: the typed payloads by kind, in the order they came in."""

    payloads: dict[Kind, list[Payload]]
    statuses: list[str]
    item_ids: list[str]
    refused: int
    incidents: int
    without_picture: list[str]
    pictures: frozenset[str]
    """Those of the reads that are there whole."""

    @classmethod
    def of(cls, folder: Path) -> "Held":
        database = DepotDatabase(folder)
        try:
            with database.reading() as connection:
                rows = connection.execute(select(depot_tables.items).order_by(depot_tables.items.c.seq)).all()
                statuses = list(connection.scalars(select(depot_tables.known_items.c.status)))
                refused = len(connection.execute(select(depot_tables.refused_items)).all())
                refused += len(connection.execute(select(depot_tables.refused_pictures)).all())
                incidents = len(connection.execute(select(depot_tables.incidents)).all())
            payloads: dict[Kind, list[Payload]] = {kind: [] for kind in Kind}
            for row in rows:
                kind = Kind(row.kind)
                payloads[kind].append(payload_of(kind, row.payload))
            reads = [one for one in payloads[Kind.READ] if isinstance(one, ReadPayload)]
            named = {one.read_id: {one.patch_sha256, one.overview_sha256} - {None} for one in reads}
            whole = whole_pictures(pictures_in(folder, database), set().union(*named.values()))
            lacking = [read_id for read_id, names in named.items() if not names <= whole]
            return cls(payloads, statuses, [row.item_id for row in rows], refused, incidents, lacking, whole)
        finally:
            database.close()

    @property
    def reads(self) -> list[ReadPayload]:
        return [one for one in self.payloads[Kind.READ] if isinstance(one, ReadPayload)]

    @property
    def hits(self) -> list[HitPayload]:
        return [one for one in self.payloads[Kind.HIT] if isinstance(one, HitPayload)]

    def audited(self, action: str) -> list[AuditPayload]:
        """The rows of the car's audit trail about this."""
        return [one for one in self.payloads[Kind.AUDIT] if isinstance(one, AuditPayload) and one.action == action]

    def assert_sound(self) -> None:
        """Nothing twice, nothing refused, no picture missing, every hit with its read."""
        assert len(set(self.item_ids)) == len(self.item_ids)
        assert set(self.statuses) <= {"held"}
        assert (self.refused, self.incidents, self.without_picture) == (0, 0, [])
        read_ids = [read.read_id for read in self.reads]
        assert len(set(read_ids)) == len(read_ids)
        sightings = [(hit.read_id, hit.list_id, hit.listed_vrm) for hit in self.hits]
        assert len(set(sightings)) == len(sightings)
        assert {hit.read_id for hit in self.hits} <= set(read_ids)


@dataclass
class Heard:
    """Every event of a Patrol with the second it came, and a way to wait for one."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self.news:
            self.events.append((time.monotonic(), event))
            self.news.notify_all()

    def of(self, kind: type[_EventKind], after: int = 0) -> list[_EventKind]:
        """The events of a kind from number `after` on."""
        with self.news:
            return [event for _, event in self.events[after:] if isinstance(event, kind)]

    def wait(self, wanted: Callable[[Event], bool], within: float = PATIENCE_S, after: int = 0) -> tuple[float, Event]:
        """Wait for the first event from number `after` on that is `wanted`; return when it came and what it was."""

        def found() -> list[tuple[float, Event]]:
            return [(at, event) for at, event in self.events[after:] if wanted(event)]

        with self.news:
            assert self.news.wait_for(found, within), f"not heard in {within} s; {self.lamps[-6:]}"
            return found()[0]

    def wait_lamp(self, key: str, *states: LampState, within: float = PATIENCE_S, after: int = 0) -> tuple[float, Lamp]:
        """Wait for a lamp to change to one of `states`."""

        def wanted(event: Event) -> bool:
            return isinstance(event, LampChanged) and event.lamp.key == key and event.lamp.state in states

        at, event = self.wait(wanted, within, after)
        assert isinstance(event, LampChanged)
        return at, event.lamp

    @property
    def problems(self) -> list[str]:
        """What each sync said at its end."""
        return [event.problem for event in self.of(SyncProgress) if event.finished]

    @property
    def lamps(self) -> list[Lamp]:
        return [event.lamp for _, event in list(self.events) if isinstance(event, LampChanged)]


def until(check: Callable[[], object], within: float = PATIENCE_S) -> None:
    """Wait for what another thread or process brings about."""
    end, pause = time.monotonic() + within, threading.Event()
    while not check():
        assert time.monotonic() < end, "it did not come about in time"
        pause.wait(0.01)


def blind(patch: pytest.MonkeyPatch) -> ScriptedDetector:
    """Let cars be built without models: a detector that finds what it is told, and an OCR that reads one mark."""
    detector = ScriptedDetector()
    patch.setattr(build, "open_reader", lambda settings, folder: Reader(detector, ScriptedOcr(), "scripted"))
    return detector


def impatient(patch: pytest.MonkeyPatch) -> None:
    """Let a link give up on an absent depot after a second, not after fifteen."""
    patch.setattr(build, "Link", partial(Link, patience=Patience(tries=2, first_wait=0.1)))


@contextmanager
def driving(settings: Settings, *, cameras: bool = False, clock: Clock | None = None) -> Iterator[tuple[Car, Heard]]:
    """An open car, closed at the end; without `cameras` the test gives the Reads or the frames."""
    car = build_car(settings, clock=clock, key=KEY, by_hand=not cameras)
    heard = Heard()
    car.patrol.subscribe(heard)
    try:
        car.open(cameras=cameras)
        yield car, heard
    finally:
        car.close()


def pictures(number: int) -> Evidence:
    """Two small pictures that no other Read has."""
    rng = np.random.default_rng(number)
    return Evidence(_jpeg(rng, 60, 20), _jpeg(rng, 160, 90))


def _jpeg(rng: np.random.Generator, width: int, height: int) -> bytes:
    pixels = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def passing(*vrms: str, frames: int = 8, first: float = 100.0) -> list[Pixels]:
    """Frames, six a second, in which one vehicle after the other comes by; between them each track ends."""
    empty = scene(size=(960, 540))
    shown: list[Pixels] = []
    for vrm in vrms:
        for number in range(frames):
            box: Box = plate_box(320 + 18 * number, 330, first + 6 * number)
            shown.append(scene((vrm, box), size=(960, 540)))
        shown += [empty] * 8
    return shown


def write_clip(path: Path, frames: Sequence[Pixels], fps: float = 6.0) -> Path:
    """Write a video of these frames."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path
