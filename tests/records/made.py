"""Invented records for the tests of this room."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, HitState, MatchKind, Outcome, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Shift
from patrol_anpr.records import Key, Records
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus, canonical_json, sha256_of
from patrol_anpr.wire.receipts import PackReceipt, Proof, merkle_root
from patrol_anpr.wire.records import Origin
from tests import made

AT = datetime(2026, 11, 21, 21, 43, 5, 123456, tzinfo=UTC)
KEY = Key(bytes(range(32)))
PATIENCE = 20.0


def jpeg(width: int, height: int, seed: int, noise: int = 20) -> bytes:
    """A picture with some detail, so that its size is like a real one's."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 90, np.uint8) + rng.integers(0, noise, (height, width, 3), np.uint8)
    cv2.rectangle(pixels, (width // 4, height // 4), (width // 2, height // 2), (0, 200, 230), -1)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


PICTURES = Evidence(jpeg(180, 50, 1), jpeg(320, 180, 2))


def a_read(number: int = 1, **changes: Any) -> Read:
    """A Read with everything that is kept of one."""
    values: dict[str, Any] = {
        "read_id": f"read-{number}",
        "confidence": 93,
        "chars": (0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93),
        "captured_at": AT + timedelta(seconds=number),
        "captured_monotonic": 1000.0 + number,
        "first_seen": AT,
        "last_seen": AT + timedelta(seconds=number, milliseconds=200),
        "box": Box(10.5, 20.25, 130.0, 60.0),
        "candidates": (f"ZZ{number % 100:02d}ABC", f"2Z{number % 100:02d}ABC"),
        "fix": Fix(53.8, -1.5, 999.5, AT, speed=13.4, heading=271.0, satellites=9, hdop=0.9),
        "fix_age": 0.5,
        "clock_source": "gps",
        "clock_offset": -0.25,
        "lists": (("pnc", 12), ("local", 3)),
    }
    return made.a_read(**({"vrm": f"ZZ{number % 100:02d}ABC"} | values | changes))


def a_hit(read: Read, number: int = 1, tier: Tier = Tier.PRIORITY, kind: MatchKind = MatchKind.EXACT) -> Hit:
    hotlist = made.a_hotlist(list_id="pnc", issued_at=AT - timedelta(hours=2), valid_until=AT + timedelta(days=1))
    match = made.a_match(read.vrm, tier, kind, hotlist)
    return made.a_hit(hit_id=f"hit-{number}", read=read, match=match, raised_at=AT)


def an_outcome(hit: Hit, number: int = 1, state: HitState = HitState.ACTIONED, **changes: Any) -> Outcome:
    values: dict[str, Any] = {
        "outcome_id": f"outcome-{number}",
        "at": AT,
        "state": state,
        "verification": Verification.CORRECT,
        "disposition": Disposition.NO_FURTHER_ACTION,
    }
    return made.an_outcome(hit, **(values | changes))


def a_shift(**changes: Any) -> Shift:
    return made.a_shift(**({"started_at": AT - timedelta(hours=1)} | changes))


def a_receipt(item: OutboxItem, status: ReceiptStatus = ReceiptStatus.HELD, sha256: str | None = None) -> Receipt:
    return Receipt(car_id="car-1", item_id=item.item_id, sha256=sha256 or item.sha256, status=status, seq=1)


def a_proof(receipts: Sequence[Receipt] = (), *, epoch: int = 1, software: str = "", pack: str | None = None) -> Proof:
    """A receipt as if it had been verified; what a car does not believe never comes so far."""
    root = merkle_root(receipts)
    receipt = PackReceipt(
        depot_id="depot-1",
        epoch=epoch,
        car_id="car-1",
        pack=pack or sha256_of(f"{root} {epoch}".encode()),
        root=root,
        items=len(receipts),
        first_seq=1,
        last_seq=1,
        committed_at=AT,
    )
    return Proof(receipt, canonical_json(receipt).decode(), "00" * 64, tuple(receipts), software)


@dataclass
class Heard:
    """What the records said from their thread, and a way to wait for it."""

    saved: list[str] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def on_saved(self, read_id: str) -> None:
        with self.changed:
            self.saved.append(read_id)
            self.changed.notify_all()

    def on_lamp(self, lamp: Lamp) -> None:
        with self.changed:
            self.lamps.append(lamp)
            self.changed.notify_all()

    def wait_for_word(self, word: str) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: any(lamp.word == word for lamp in self.lamps), PATIENCE)


@contextmanager
def opened(
    folder: Path, clock: Any, heard: Heard | None = None, key: Key = KEY, origin: Origin | None = None
) -> Iterator[Records]:
    """Records that are started, and stopped at the end."""
    heard = heard or Heard()
    records = Records.open(folder, key, clock, heard.on_saved, heard.on_lamp, origin=origin)
    records.start()
    try:
        yield records
    finally:
        records.stop()
