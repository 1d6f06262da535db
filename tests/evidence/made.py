"""An invented dossier, and a writer with a key of its own."""

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from patrol_anpr.domain.audit import FIRST_PREV, AuditHead, AuditRow
from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.dossier import EXPORT_ASKED, Dossier, ExportRequest, HitFile
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.evidence.package import VERIFIER, EvidenceWriter
from patrol_anpr.evidence.signing import SigningKey, make_signing_key
from patrol_anpr.resources import ASSETS
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.records import made

AT = made.AT
ORIGIN = Origin("F99", "TA14", "patrol-anpr 9.9.9")
MODELS = {"detector 1 (00000000)": "d" * 64, "detector 2 (22222222)": "2" * 64}
READ = made.a_read(7, vrm="ZZ07ABC", models="detector 1 (00000000), ocr 1 (11111111)")


def a_trail() -> tuple[AuditRow, ...]:
    """Three rows of one chain: sign-on, somebody else's, the export."""
    rows: list[AuditRow] = []
    for seq, (action, about, why) in enumerate(
        [("sign_on", made.a_shift().shift_id, "single"), ("muted", "", ""), (EXPORT_ASKED, READ.read_id, "Court file")],
        1,
    ):
        prev = rows[-1].hash if rows else FIRST_PREV
        at = AT + timedelta(seconds=seq)
        rows.append(AuditRow(seq, f"entry-{seq}", "boot", at, 10.5 + seq, "4821", action, about, why, prev).seal())
    return tuple(rows)


def a_dossier(**changes: Any) -> Dossier:
    hit = made.a_hit(READ, kind=MatchKind.CHECK)
    trail = a_trail()
    values: dict[str, Any] = {
        "read": READ,
        "evidence": made.PICTURES,
        "shift": made.a_shift(),
        "officer": "PC Anŵen Invented",
        "hits": (HitFile(hit, (made.an_outcome(hit, corrected_vrm="ZZ07ABD"), made.an_outcome(hit, 2, undone=True))),),
        "corrections": (ReadCorrection("correction-1", READ.read_id, "4821", AT, "ZZ07ABO"),),
        "audit": (trail[0], trail[2]),
        "head": AuditHead(trail[2].seq, trail[2].hash),
    }
    return Dossier(**(values | changes))


def a_request(folder: Path, **changes: Any) -> ExportRequest:
    return replace(ExportRequest(READ.read_id, "4821", "Court file", folder), **changes)


@cache
def a_key() -> SigningKey:
    """Making one takes a second; all tests sign with the same."""
    return make_signing_key("Car TA14", datetime(2026, 11, 21, tzinfo=UTC))


def a_writer(folder: Path, models: Mapping[str, str] = MODELS) -> EvidenceWriter:
    return EvidenceWriter(folder, a_key, FakeClock(), ORIGIN, ASSETS, models)


@cache
def verifier() -> ModuleType:
    """The verifier as it is delivered, loaded as a module."""
    spec = importlib.util.spec_from_file_location("verify_evidence", ASSETS / VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
