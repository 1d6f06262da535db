"""A depot with one car, and a car with one link."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytest_httpserver import HTTPServer

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot_link import Link, Patience
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.hotlists.compact import CompactFile, key_id_of
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.lab.memory_outbox import MemoryOutbox
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import AuditPayload, Motion, OutcomePayload, ReadPayload, ShiftPayload, sha256_of
from tests.depot_link.attacker import Attacker

AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
QUICK = Patience(tries=6, connect_seconds=5, silence_seconds=5, request_seconds=20)


def jpeg(number: int, width: int = 60, height: int = 30) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def read_item(number: int, size: tuple[int, int] = (60, 30)) -> OutboxItem:
    patch, overview = jpeg(2 * number), jpeg(2 * number + 1, *size)
    payload = ReadPayload(
        vrm=f"AB{number % 100:02}CDE",
        captured_at=AT,
        feed_id="1",
        source_id="TA14",
        camera_id="front",
        latitude=53.2,
        longitude=-2.9,
        confidence=97,
        motion=Motion.TOWARD,
        patch_sha256=sha256_of(patch),
        overview_sha256=sha256_of(overview),
        read_id=f"r{number}",
        first_seen=AT,
        last_seen=AT,
        box=(1.5, 2.0, 3.0, 4.0),
        chars=(0.9, 1 / 3),
    )
    return OutboxItem.of(f"read-{number}", payload, (("patch", patch), ("overview", overview)))


def audit_item(number: int) -> OutboxItem:
    return OutboxItem.of(f"audit-{number}", AuditPayload(audit_id=f"a{number}", at=AT, actor="PC1", action="sign on"))


def shift_item(number: int) -> OutboxItem:
    payload = ShiftPayload(shift_id=f"s{number}", officer_id="PC1", unit="TA14", crew=Crew.SINGLE, started_at=AT)
    return OutboxItem.of(f"shift-{number}", payload)


def outcome_item(number: int) -> OutboxItem:
    state = HitState.ACKNOWLEDGED
    payload = OutcomePayload(outcome_id=f"o{number}", hit_id="h1", officer_id="PC1", at=AT, state=state)
    return OutboxItem.of(f"outcome-{number}", payload)


@dataclass
class OneCar:
    """What stands around a link in a car, and what it was told."""

    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    lists: dict[str, tuple[Hotlist, bytes]] = field(default_factory=dict)
    officers: Sequence[Officer] = ()
    steps: list[SyncProgress] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    refuse_lists: bool = False
    keys: dict[str, ListKey] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    came: list[tuple[bool, bool, bool]] = field(default_factory=list)  # whole list, delta, key

    def base_of(self, list_id: str) -> str:
        return self.bases.get(list_id, "")

    def has_key(self, key_id: str) -> bool:
        return key_id in self.keys

    def take(self, head: Hotlist, whole: Path | None, delta: Path | None, secret: bytes | None) -> None:
        if self.refuse_lists:
            raise BadInput("It cannot be used.")
        if secret is not None:
            self.keys[ListKey(secret).key_id] = ListKey(secret)
        for file in filter(None, (whole, delta)):
            CompactFile.open(file, self.keys[key_id_of(file)]).close()
        if whole is not None:
            self.bases[head.list_id] = sha256_of(whole.read_bytes())
        self.came.append((whole is not None, delta is not None, secret is not None))
        newest = delta or whole
        assert newest is not None
        self.lists[head.list_id] = (head, newest.read_bytes())

    def withdraw(self, list_id: str) -> None:
        del self.lists[list_id]

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        self.officers = officers

    def in_force(self) -> Sequence[Hotlist]:
        return [head for head, _ in self.lists.values()]

    @property
    def problem(self) -> str:
        assert self.steps[-1].finished
        return self.steps[-1].problem


@pytest.fixture
def car() -> OneCar:
    return OneCar()


@pytest.fixture
def depot_folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


@pytest.fixture
def identity(depot_folder: Path, tmp_path: Path, clock) -> Identity:
    return enrolled(depot_folder, tmp_path / "identity", now=clock.utc())


@pytest.fixture
def depot(depot_folder: Path, identity: Identity, clock) -> Iterator[DepotServer]:
    server = DepotServer(depot_folder, now=clock.utc)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make_link(
    car: OneCar, clock, depot_folder: Path, tmp_path: Path, identity: Identity
) -> Iterator[Callable[..., Link]]:
    links: list[Link] = []

    def make(url: str, who: Identity = identity, **wishes) -> Link:
        wishes = {
            "pause": car.waits.append,
            "patience": QUICK,
            "in_force": car.in_force,
            "lists_root": repository_of(depot_folder).root(),
        } | wishes
        link = Link(url, who, car.outbox, tmp_path / "lists", car, car.keep_roster, clock, **wishes)
        links.append(link)
        return link

    yield make
    for link in links:
        link.close()
    assert not [thread.name for thread in threading.enumerate() if "deadline" in thread.name]


@pytest.fixture
def attacker(httpserver: HTTPServer, depot_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Attacker:
    attacker = Attacker(httpserver, depot_folder)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: attacker.date)
    return attacker
