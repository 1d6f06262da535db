"""What is kept is there again, as it was, after the program has ended."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hit import Answer, ControlAnswer, HitState, Look, MatchKind, Outcome, Override, after
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Officer, ShiftSummary
from patrol_anpr.patrol.ports import Recording
from patrol_anpr.records import Key, Records
from patrol_anpr.wire.payloads import Kind
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import AT, KEY, PATIENCE, PICTURES, Heard, a_hit, a_read, a_shift, an_outcome, opened


def as_port(records: Records) -> Recording:
    return records  # mypy checks the shape


def test_everything_kept_is_there_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    read, without_fix = a_read(1), a_read(2, fix=None, fix_age=None)
    hit, check = a_hit(read), a_hit(without_fix, 2, Tier.IMMEDIATE, MatchKind.CHECK)
    officers = [Officer("9", "B. Officer", "$argon2id$x"), Officer("1", "A. Officer", "$argon2id$y")]
    with opened(tmp_path, clock) as first:
        first.keep_roster(officers)
        first.start_shift(a_shift())
        first.keep_read(read, PICTURES, [hit], SHIFT)
        first.keep_read(without_fix, PICTURES, [check], SHIFT)
    with opened(tmp_path, clock) as second:
        assert second.roster() == officers
        assert second.recent_reads(SHIFT, 10) == [without_fix, read]
        assert second.open_hits(SHIFT) == [(check, PICTURES), (hit, PICTURES)]
        assert second.evidence_of("read-1") == PICTURES


def test_saved_is_said_once_and_only_after_the_commit(tmp_path: Path, clock: FakeClock) -> None:
    seen: list[list[str]] = []
    records: Records

    def on_saved(read_id: str) -> None:
        seen.append([read_id, *(stored.read.read_id for stored in records.reads_page(None, 10))])

    records = Records.open(tmp_path, KEY, clock, on_saved, lambda lamp: None)
    records.start()
    records.keep_read(a_read(1), PICTURES, [], SHIFT)
    records.keep_read(a_read(1), PICTURES, [], SHIFT)
    assert records.flush(PATIENCE)
    records.stop()
    assert seen[0] == ["read-1", "read-1"]


def test_a_read_given_twice_is_kept_once(records: Records) -> None:
    for _ in range(2):
        records.keep_read(a_read(1), PICTURES, [a_hit(a_read(1))], SHIFT)
        records.flush(PATIENCE)
    assert len(records.reads_page(None, 10)) == 1
    assert [item.item_id for item in records.outbox.next_batch(10)][::2] == ["hit:hit-1", "read:read-1"]


def test_the_most_urgent_hit_comes_first_and_silent_ones_never(records: Records) -> None:
    for number, tier in enumerate([Tier.ROUTINE, Tier.SILENT, Tier.IMMEDIATE, Tier.PRIORITY, Tier.PRIORITY], start=1):
        records.keep_read(a_read(number), PICTURES, [a_hit(a_read(number), number, tier)], SHIFT)
    records.flush(PATIENCE)
    assert [hit.hit_id for hit, _ in records.open_hits(SHIFT)] == ["hit-3", "hit-4", "hit-5", "hit-1"]
    assert [hit.hit_id for hit in records.hits(SHIFT)] == ["hit-5", "hit-4", "hit-3", "hit-1"]
    assert records.summary(SHIFT).hits == 4


def test_hits_of_another_shift_are_nobody_elses(records: Records) -> None:
    mine = a_hit(a_read(1), 1)
    others = replace(a_hit(a_read(2), 2, Tier.IMMEDIATE), shift_id="another")
    nobodys = replace(a_hit(a_read(3), 3), shift_id=None)
    for hit in (mine, others, nobodys):
        records.keep_read(hit.read, PICTURES, [hit], hit.shift_id)
    assert records.flush(PATIENCE)
    assert [hit for hit, _ in records.open_hits(SHIFT)] == [mine]
    assert records.hits(SHIFT) == [mine]
    assert records.recent_reads(SHIFT, 9) == [mine.read]
    assert records.summary(SHIFT).hits == 1


def test_outcomes_are_appended_and_the_last_one_counts(records: Records) -> None:
    hit = a_hit(a_read(1))
    records.keep_read(hit.read, PICTURES, [hit], SHIFT)
    said = [
        an_outcome(hit, 1, HitState.DISMISSED),
        an_outcome(hit, 2, HitState.RAISED, verification=None, disposition=None, undone=True),
        an_outcome(hit, 3, HitState.ACTIONED, corrected_vrm="ZZ01ABD"),
    ]
    states: list[HitState] = []
    for outcome in said:
        records.keep_outcome(outcome)
        records.flush(PATIENCE)
        states += [one.state for one in records.hits(SHIFT)]
    assert states == [HitState.DISMISSED, HitState.RAISED, HitState.ACTIONED]
    assert records.outcomes("hit-1") == said
    assert records.open_hits(SHIFT) == []


def test_look_answer_and_override_are_there_after_a_restart_and_before_they_are_written(
    tmp_path: Path, clock: FakeClock
) -> None:
    hit = a_hit(a_read(1))
    said = [
        an_outcome(hit, 1, HitState.ACTIONED, disposition=None, looked=True, look_choice="8"),
        an_outcome(hit, 2, HitState.ACTIONED, disposition=None, control=ControlAnswer.NO_ANSWER),
        an_outcome(hit, 3, HitState.ACTIONED, disposition=Disposition.ARREST, override=Override.NO_ANSWER),
    ]
    with opened(tmp_path, clock) as records:
        records.keep_read(hit.read, PICTURES, [hit], SHIFT)
        for outcome in said:
            records.keep_outcome(outcome)
        told = records.hits(SHIFT)
    with opened(tmp_path, clock) as records:
        assert records.outcomes("hit-1") == said
        assert records.hits(SHIFT) == told == [reduce(after, said, hit)]
        (stored,) = records.hits(SHIFT)
    assert (stored.look, stored.answer) == (Look("4821", AT, "8"), Answer(ControlAnswer.NO_ANSWER, "4821", AT))
    assert (stored.disposition, stored.override) == (Disposition.ARREST, Override.NO_ANSWER)


def test_an_outcome_without_its_hit_is_kept_all_the_same(records: Records) -> None:
    lone: Outcome = an_outcome(a_hit(a_read(7), 7))
    records.keep_outcome(lone)
    records.flush(PATIENCE)
    assert records.outcomes("hit-7") == [lone]


def test_a_shift_is_counted(records: Records) -> None:
    records.start_shift(a_shift())
    for number in range(1, 6):
        hits = [a_hit(a_read(number), number)] if number > 1 else []
        records.keep_read(a_read(number), PICTURES, hits, SHIFT)
    records.keep_read(a_read(99), PICTURES, [], None)
    for number, state in ((2, HitState.ACTIONED), (3, HitState.DISMISSED), (4, HitState.ACKNOWLEDGED)):
        records.keep_outcome(an_outcome(a_hit(a_read(number), number), number, state))
    records.end_shift(a_shift(ended_at=AT + timedelta(hours=8)))
    records.flush(PATIENCE)
    waiting = records.waiting()
    assert records.summary(SHIFT) == ShiftSummary(5, 4, 1, 1, 2, waiting)
    assert waiting == 1 + 2 + 6 + 4 + 3  # opened, shift, reads, hits, outcomes
    assert records.summary("another") == ShiftSummary(0, 0, 0, 0, 0, waiting)


def test_reads_are_paged_by_their_place_not_by_the_clock(records: Records) -> None:
    for number in range(1, 8):
        records.keep_read(a_read(number, captured_at=AT - timedelta(days=number)), PICTURES, [], SHIFT)
    records.flush(PATIENCE)
    seen: list[str] = []
    before = None
    while page := records.reads_page(SHIFT, 3, before):
        seen += [stored.read.read_id for stored in page]
        before = page[-1].seq
    assert seen == [f"read-{number}" for number in range(7, 0, -1)]


def test_missing_pictures_are_said_to_be_missing(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [a_hit(a_read(1))], SHIFT)
        records.flush(PATIENCE)
        for file in (tmp_path / "pictures").iterdir():
            file.unlink()
        assert records.evidence_of("read-1") is None
        assert [evidence for _, evidence in records.open_hits(SHIFT)] == [Evidence(b"", b"")]


def test_pictures_without_a_read_are_collected_at_the_start(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    orphan = tmp_path / "pictures" / "0123.evidence"
    half = tmp_path / "pictures" / "0123.evidence.77.part"
    orphan.write_bytes(b"x")
    half.write_bytes(b"x")
    with opened(tmp_path, clock) as records:
        assert not orphan.exists()
        assert not half.exists()
        assert records.evidence_of("read-1") == PICTURES


def test_the_wrong_key_is_refused_and_changes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    with pytest.raises(RecordsFault, match="do not open with this key"), opened(tmp_path, clock, key=Key(bytes(32))):
        pass
    (tmp_path / "records.check").rename(tmp_path / "elsewhere")
    with pytest.raises(RecordsFault, match="not their key, or they are damaged"):
        Records.open(tmp_path, Key(bytes(32)), clock, print, print)
    (tmp_path / "elsewhere").rename(tmp_path / "records.check")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    with opened(tmp_path, clock) as records:
        assert records.recent_reads(SHIFT, 1) == [a_read(1)]


def test_no_mark_stands_in_the_clear(tmp_path: Path, clock: FakeClock) -> None:
    canary = "ZZ99ZZZ"
    with opened(tmp_path, clock) as records:
        read = a_read(1, vrm=canary, candidates=(canary,))
        records.keep_read(read, Evidence(canary.encode() * 9, canary.encode() * 99), [a_hit(read)], SHIFT)
        records.flush(PATIENCE)
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert any(file.name.endswith("-wal") for file in files)
        running = [file for file in files if canary.encode() in file.read_bytes()]
    closed = [file for file in tmp_path.rglob("*") if file.is_file() and canary.encode() in file.read_bytes()]
    assert running == closed == []


def test_a_second_instance_is_told_so(tmp_path: Path, clock: FakeClock, records: Records) -> None:
    with pytest.raises(RecordsFault, match="already running"):
        Records.open(tmp_path, KEY, clock, print, print)


def test_the_lock_is_free_after_a_refusal(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock):
        pass
    with pytest.raises(RecordsFault, match="key"):
        Records.open(tmp_path, Key(bytes(32)), clock, print, print)
    with opened(tmp_path, clock, Heard()) as records:
        assert records.flush(PATIENCE)


def test_after_the_end_nothing_is_taken(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        pass
    with pytest.raises(RecordsFault, match="closed"):
        records.keep_read(a_read(1), PICTURES, [], SHIFT)


def test_a_read_that_does_not_fit_the_wire_is_kept_and_no_log_quotes_it(
    records: Records, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    odd = a_read(1, vrm="ZZ99ZZZ-IS-TOO-LONG", confidence=140)
    hit = a_hit(odd)
    records.keep_read(odd, PICTURES, [hit], SHIFT)
    records.keep_outcome(an_outcome(hit, corrected_vrm="zz99 zzz"))
    assert records.flush(PATIENCE)
    assert heard.saved == ["read-1"]
    assert records.recent_reads(SHIFT, 1) == [odd]
    assert len(records.outcomes("hit-1")) == 1
    assert "does not fit the wire" in caplog.text
    assert "zz99" not in caplog.text.lower()
    assert {item.item_id for item in records.outbox.next_batch(99)} == {"hit:hit-1", first_audit(records)}


def test_a_record_that_cannot_be_written_is_named_and_holds_up_nothing(
    records: Records, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    records.keep_read(a_read(1, vrm="ZZ99ZZZ", captured_at=AT.replace(tzinfo=None)), PICTURES, [], SHIFT)
    records.keep_read(a_read(2, vrm="ZZ99\ud800"), PICTURES, [], SHIFT)
    records.keep_read(a_read(3), PICTURES, [], SHIFT)
    assert records.flush(PATIENCE)
    assert heard.saved == ["read-3"]
    assert heard.wait_for_word("Record refused")
    assert "zz99" not in caplog.text.lower()


def first_audit(records: Records) -> str:
    return next(item.item_id for item in records.outbox.next_batch(9) if item.kind is Kind.AUDIT)


def test_reads_are_counted_by_hour_and_camera_written_or_not(records: Records) -> None:
    hour = AT.replace(minute=0, second=0, microsecond=0)
    for number, (camera, hours) in enumerate((("front", 0), ("front", 0), ("rear", 0), ("front", 1))):
        read = a_read(number, camera_id=camera, captured_at=AT + timedelta(hours=hours))
        records.keep_read(read, PICTURES, [], SHIFT)
    expected = {(hour, "front", 2), (hour, "rear", 1), (hour + timedelta(hours=1), "front", 1)}
    assert {(cell.hour, cell.camera_id, cell.reads) for cell in records.read_hours(SHIFT)} == expected
    assert records.flush(PATIENCE)
    assert {(cell.hour, cell.camera_id, cell.reads) for cell in records.read_hours(SHIFT)} == expected
    assert records.read_hours("another") == ()
