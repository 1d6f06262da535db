"""The evidence that a depot hands out: what it says of hits and of what nobody recorded."""

from datetime import UTC, datetime

import pytest

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.evidence import pages
from patrol_anpr.evidence.depot_pages import pdf_of_depot
from patrol_anpr.evidence.of_depot import HeldRead, SentRecord, _account

AT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
ROW = AuditRow(1, "e", "b", AT, 1.0, "staff an1", "evidence.export", "read:a", "case 7", "0" * 64).seal()


def held(*about: SentRecord, **read: object) -> HeldRead:
    said = {"vrm": "AB12CDE", "confidence": 97, "camera_id": "front", "captured_at": "2026-11-30T15:00:00Z"} | read
    records = [SentRecord("read", "read:a", "0" * 64, said), *about]
    return HeldRead("depot", "TA14", AT, records, b"", b"", None, {}, ROW, "an1", "CR/7", "for the file", AT)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paragraphs that are printed."""
    printed: list[str] = []
    say = pages.Paper.say

    def said(paper, text, *args, **kwargs):
        printed.append(text)
        say(paper, text, *args, **kwargs)

    monkeypatch.setattr(pages.Paper, "say", said)
    return printed


def test_a_near_match_never_reads_like_an_exact_one(words: list[str]):
    hit = {"kind": "check", "listed_vrm": "AB12COE", "list_id": "pnc", "list_revision": 3}
    pdf_of_depot(held(SentRecord("hit", "hit:h", "1" * 64, hit)), (), {}, "c" * 64)
    told = next(one for one in words if "pnc" in one)
    assert told.startswith("CHECK: a near match only, the list says AB12COE")
    assert not any("EXACT" in one for one in words)


def test_a_read_that_an_officer_entered_is_never_said_to_be_read(words: list[str]):
    pdf_of_depot(held(camera_id="entered"), (), {}, "c" * 64)
    assert "Entered by hand: an officer saw it, no camera read it." in words
    assert not any("97 %" in one for one in words)


def test_that_no_look_is_on_record_is_no_word_that_nobody_looked():
    outcomes = [SentRecord("outcome", f"outcome:{looked}", "1" * 64, {"looked": looked}) for looked in (True, False)]
    sections = {one.title: one.lines for one in _account(held(*outcomes))}
    assert [sections[f"Outcome {number}"][0].value for number in (1, 2)] == ["yes", "not recorded"]
