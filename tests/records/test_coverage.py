"""The coverage record is kept, told to the depot some minutes at a time, and goes when the depot has held it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.records import Records
from patrol_anpr.records.coverage import TOLD_AT_ONCE
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Kind
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import AT, PATIENCE, a_proof, a_receipt, a_shift, opened
from tests.records.test_retention import purge

MINUTE = AT.replace(second=0, microsecond=0)


def a_minute(number: int = 0, camera: str = "front", shift_id: str = SHIFT, seconds: float = 60.0) -> CoverageMinute:
    blind = {Blind.DARK: 12.5, Blind.SKIPPED: 1.0}
    return CoverageMinute(camera, MINUTE + timedelta(minutes=number), shift_id, seconds, blind, 1800, 900, 5, 2, 91.5)


def items(records: Records) -> list[OutboxItem]:
    assert records.flush(PATIENCE)
    return [item for item in records.outbox.next_batch(500) if item.kind is Kind.COVERAGE]


def test_minutes_are_there_again_after_a_restart_in_their_parts(tmp_path: Path, clock: FakeClock) -> None:
    kept = [a_minute(0), a_minute(0, "rear"), a_minute(0, seconds=20.0), a_minute(1)]
    with opened(tmp_path, clock) as records:
        records.keep_coverage(kept[:2], last=False)
        records.keep_coverage(kept[2:], last=False)
        records.keep_coverage([a_minute(shift_id="another")], last=False)
        assert records.coverage(SHIFT) == kept  # on the disk or in memory still
    with opened(tmp_path, clock) as records:
        assert records.coverage(SHIFT) == kept


def test_the_depot_is_told_some_minutes_at_a_time(records: Records) -> None:
    for number in range(TOLD_AT_ONCE - 1):
        records.keep_coverage([a_minute(number)], last=False)
    assert items(records) == []
    waiting = records.waiting()
    records.keep_coverage([a_minute(99)], last=False)
    (item,) = items(records)
    assert records.waiting() == waiting + 1
    rows = json.loads(item.payload)["minutes"]
    assert len(rows) == TOLD_AT_ONCE
    assert rows[0]["blind"] == {"dark": 12.5, "skipped": 1.0}
    assert (rows[-1]["minute"], rows[-1]["unread"]) == ("2026-11-21T23:22:00Z", 2)


def test_the_last_of_a_shift_is_told_at_once_with_what_a_crash_left_untold(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_coverage([a_minute(0)], last=False)
    with opened(tmp_path, clock) as records:
        records.keep_coverage([a_minute(5, seconds=7.0)], last=True)
        (item,) = items(records)
        assert [row["seconds"] for row in json.loads(item.payload)["minutes"]] == [60.0, 7.0]
        records.keep_coverage([a_minute(6)], last=False)
        assert items(records) == [item]


def test_an_end_without_minutes_tells_what_is_left(records: Records) -> None:
    records.keep_coverage([a_minute(0)], last=False)
    records.keep_coverage([], last=True)
    assert len(items(records)) == 1


def test_minutes_go_when_the_depot_has_held_them_for_as_long_as_reads(records: Records, clock: FakeClock) -> None:
    records.keep_coverage([a_minute(0)], last=True)
    (item,) = items(records)
    records.keep_coverage([a_minute(1)], last=False)
    records.outbox.settle(a_proof([a_receipt(item)]), clock.utc())
    clock.advance(7 * 24 * 3600 - 1)
    purge(records, clock)
    assert len(records.coverage(SHIFT)) == 2
    clock.advance(1)
    purge(records, clock)
    assert records.coverage(SHIFT) == [a_minute(1)]
    assert items(records) == []


def test_minutes_of_the_shift_under_way_stay_and_go_once_it_has_ended(tmp_path: Path, clock: FakeClock) -> None:
    """After a restart they are shown again: a gap would say that nobody watched."""
    shift = a_shift()
    with opened(tmp_path, clock) as records:
        records.start_shift(shift)
        records.keep_coverage([a_minute(shift_id=shift.shift_id)], last=True)
        (item,) = items(records)
        records.outbox.settle(a_proof([a_receipt(item)]), clock.utc())
        assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 0
        assert len(records.coverage(shift.shift_id)) == 1
        records.end_shift(replace(shift, ended_at=clock.utc()))
        assert records.flush(PATIENCE)
        assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 0
        assert records.flush(PATIENCE)
        assert records.coverage(shift.shift_id) == []
