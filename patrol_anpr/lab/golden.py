"""Recordings of the wire: `python -m patrol_anpr.lab.golden FOLDER` writes packs as bytes, as three versions send them.

`today` is of this version, with each kind of record. `newer` has fields and a kind that this version does not know,
`older` lacks what was added since and has a default. The marks are drawn; nothing of it is about anybody. A recording
is kept as it was when a version was shipped: the depot must go on taking it. So none is written over.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import HitState, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.marks import random_mark
from patrol_anpr.wire.pack import MAGIC, Manifest, PackItem, PackPicture
from patrol_anpr.wire.payloads import (
    AuditPayload,
    CorrectionPayload,
    CoveragePayload,
    CoverageRow,
    HitPayload,
    ListCount,
    ListCountsPayload,
    Motion,
    OutcomePayload,
    Payload,
    ReadPayload,
    ShiftPayload,
    VoiPayload,
    canonical_json,
    kind_of,
    sha256_of,
)

CAR = "TA14"
_AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
_NEW = {"of_tomorrow": {"deep": [1, None, "x"]}}
_Spelling = Callable[[Payload], Mapping[str, Any]]

_SPELLINGS: Mapping[str, _Spelling] = {
    "today": lambda payload: payload.model_dump(mode="json"),
    "newer": lambda payload: payload.model_dump(mode="json") | _NEW,
    "older": lambda payload: payload.model_dump(mode="json", exclude_defaults=True),
}


def recording(name: str) -> bytes:
    """Make the pack of a version: "today", "newer" or "older"."""
    records = [(f"{name}:{kind_of(one).value}", kind_of(one).value, _SPELLINGS[name](one)) for one in _payloads(name)]
    if name == "newer":
        records.append((f"{name}:unknown", "of_tomorrow", _NEW | {"drawing_sha256": sha256_of(_picture(2))}))
    contents = [canonical_json(said) for _, _, said in records]
    pictures = [_picture(number) for number in range(3 if name == "newer" else 2)]
    manifest = Manifest(
        car_id=CAR,
        items=tuple(
            PackItem(item_id=item_id, kind=kind, sha256=sha256_of(content), size=len(content))
            for (item_id, kind, _), content in zip(records, contents, strict=True)
        ),
        pictures=tuple(PackPicture(sha256=sha256_of(jpeg), size=len(jpeg)) for jpeg in pictures),
    ).model_dump(mode="json")
    if name == "newer":
        manifest |= _NEW
        manifest["items"] = [item | _NEW for item in manifest["items"]]
    head = canonical_json(manifest)
    return MAGIC + len(head).to_bytes(4, "big") + head + b"".join([*contents, *pictures])


def _payloads(name: str) -> Iterator[Payload]:
    """One record of each kind, of one shift."""
    rng = np.random.default_rng(1)
    vrm, other, later = random_mark(rng), random_mark(rng), _AT + timedelta(minutes=9)
    shift = f"shift-{name}"
    yield ShiftPayload(shift_id=shift, officer_id="PC1", unit=CAR, crew=Crew.SINGLE, started_at=_AT)
    yield ReadPayload(
        vrm=vrm,
        captured_at=_AT,
        feed_id="1",
        source_id=CAR,
        camera_id="front",
        confidence=97,
        motion=Motion.TOWARD,
        patch_sha256=sha256_of(_picture(0)),
        overview_sha256=sha256_of(_picture(1)),
        read_id="r1",
        shift_id=shift,
        first_seen=_AT,
        last_seen=_AT,
        box=(1.0, 2.0, 3.0, 4.0),
    )
    yield HitPayload(
        hit_id="h1",
        read_id="r1",
        shift_id=shift,
        raised_at=_AT,
        kind=MatchKind.EXACT,
        tier=Tier.PRIORITY,
        listed_vrm=vrm,
        list_id="drawn",
        list_revision=1,
    )
    yield OutcomePayload(outcome_id="o1", hit_id="h1", officer_id="PC1", at=_AT, state=HitState.DISMISSED)
    yield AuditPayload(audit_id="a1", at=_AT, actor="PC1", action="sign on")
    yield CorrectionPayload(correction_id="c1", read_id="r1", officer_id="PC1", at=_AT, vrm=other)
    yield VoiPayload(
        voi_id="v1",
        vrm=other,
        reason="drawn",
        tier=Tier.ROUTINE,
        officer_id="PC1",
        shift_id=shift,
        made_at=_AT,
        expires_at=later,
    )
    minute = CoverageRow(camera_id="front", minute=_AT, shift_id=shift, seconds=60.0)
    yield CoveragePayload(coverage_id="m1", minutes=(minute,))
    counts = ListCount(list_id="drawn", name="Drawn", hits=1, dismissed=1, per_ten_minutes=0.1, peak=1)
    yield ListCountsPayload(shift_id=shift, ended_at=later, lists=(counts,))


def _picture(number: int) -> bytes:
    pixels = np.full((20, 40, 3), 40 * number, np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def write(folder: Path) -> None:
    """Write the recordings into `folder`. Raises BadInput where one is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _SPELLINGS:
        file = folder / f"{name}.pack"
        if file.exists():
            raise BadInput(f"{file} is a recording already. Recordings are kept: choose another folder.")
        file.write_bytes(recording(name))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
