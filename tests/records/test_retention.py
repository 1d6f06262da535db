"""Nothing goes before the depot holds it, and nothing goes because a clock jumped."""

import errno
import itertools
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.dossier import EXPORT_ASKED
from patrol_anpr.domain.read import Evidence
from patrol_anpr.records import Records
from patrol_anpr.records.database import Database
from patrol_anpr.records.erasing import Purge
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.jobs import KeepCorrection, KeepHits, KeepShift, Scene
from patrol_anpr.records.retention import clocks_agree, expired_reads
from patrol_anpr.records.unwritten import Unwritten
from patrol_anpr.wire.payloads import Kind, ReceiptStatus
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import (
    AT,
    KEY,
    PATIENCE,
    PICTURES,
    a_hit,
    a_proof,
    a_read,
    a_receipt,
    a_shift,
    an_outcome,
    opened,
)

DAY = 24 * 3600.0
numbers = itertools.count(100)


def keep_three(records: Records) -> None:
    for number in (1, 2, 3):
        hit = a_hit(a_read(number), number)
        records.keep_read(hit.read, PICTURES, [hit], SHIFT)
        records.keep_outcome(an_outcome(hit, number))
    assert records.flush(PATIENCE)


def settle(records: Records, *, but: tuple[str, ...] = (), depot_now: datetime | None = None) -> None:
    waiting = records.outbox.next_batch(500)
    records.outbox.settle(a_proof([a_receipt(item) for item in waiting if item.item_id not in but]), depot_now)


def purge(records: Records, clock: FakeClock) -> int:
    return records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE)


def left(records: Records) -> list[str]:
    return [stored.read.read_id for stored in records.reads_page(None, 10)]


def test_reads_go_seven_days_after_the_receipt_and_not_a_second_before(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    clock.advance(7 * DAY - 1)
    assert purge(records, clock) == 0
    clock.advance(1)
    assert purge(records, clock) == 3
    assert left(records) == []
    assert records.hits(SHIFT) == []
    assert records.outcomes("hit-1") == []
    assert records.evidence_of("read-1") is None


def test_the_days_count_from_the_depots_time_of_the_receipt_though_the_cars_clock_was_slow(
    records: Records, clock: FakeClock
) -> None:
    keep_three(records)
    depot_now, clock.now = clock.now, clock.now - timedelta(days=30)
    settle(records, depot_now=depot_now)
    clock.now = depot_now  # somebody sets it right
    assert purge(records, clock) == 0
    clock.advance(7 * DAY)
    assert purge(records, clock) == 3


def test_the_days_are_a_setting(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    clock.advance(DAY)
    assert records.purge(clock.utc(), clock.utc(), keep_days=2).result(PATIENCE) == 0
    assert records.purge(clock.utc(), clock.utc(), keep_days=1).result(PATIENCE) == 3


def test_a_read_stays_while_any_of_its_records_waits(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records, but=("read:read-1", "hit:hit-2", "outcome:outcome-3"))
    clock.advance(365 * DAY)
    assert purge(records, clock) == 0
    settle(records, but=("hit:hit-2", "outcome:outcome-3"))
    clock.advance(8 * DAY)
    assert purge(records, clock) == 1
    assert left(records) == ["read-3", "read-2"]


def test_the_days_count_from_the_last_receipt_of_a_read_and_of_what_belongs_to_it(
    records: Records, clock: FakeClock
) -> None:
    """A hit or an outcome may be sent days after its Read; the evidence stays as long as its youngest part."""
    keep_three(records)
    settle(records, but=("hit:hit-1", "outcome:outcome-2"))
    clock.advance(3 * DAY)
    settle(records)
    clock.advance(4 * DAY)
    assert purge(records, clock) == 1
    assert left(records) == ["read-2", "read-1"]
    clock.advance(3 * DAY - 1)
    assert purge(records, clock) == 0
    clock.advance(1)
    assert purge(records, clock) == 2


def test_the_reads_of_the_shift_under_way_stay_and_go_once_it_has_ended(records: Records, clock: FakeClock) -> None:
    """With 0 days the depot's receipt alone would take the card's Read away while its officer decides."""
    shift = a_shift()
    records.start_shift(shift)
    keep_three(records)
    settle(records)
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 0
    past = a_hit(a_read(1), 9)
    records.keep_hits([past])
    records.keep_correction(ReadCorrection("correction-1", "read-1", "4821", AT, "ZZ01ABD"), shift.shift_id)
    records.end_shift(replace(shift, ended_at=clock.utc()))
    assert records.flush(PATIENCE)
    settle(records)
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 3
    assert left(records) == []


def test_nothing_that_hangs_on_a_read_is_left_of_it(tmp_path: Path, clock: FakeClock) -> None:
    """Its hits, outcomes, corrections, pictures, coverage and outbox rows; the trail alone stays, without its mark."""
    with opened(tmp_path, clock) as records:
        records.start_shift(shift := a_shift())
        read = a_read(1)
        looks = Evidence(PICTURES.patch, PICTURES.overview, (PICTURES.patch,))
        records.keep_read(read, looks, [a_hit(read)], shift.shift_id)
        records.keep_outcome(an_outcome(a_hit(read), corrected_vrm="ZZ01ABD"))
        records.keep_hits([a_hit(read, 2)])
        records.keep_correction(ReadCorrection("correction-1", "read-1", "4821", AT, "ZZ01ABD"), shift.shift_id)
        records.keep_coverage([CoverageMinute("front", AT, shift.shift_id, seconds=60.0)], last=True)
        records.audit("4821", EXPORT_ASKED, "read-1", "Court file")
        records.end_shift(replace(shift, ended_at=clock.utc()))
        assert records.flush(PATIENCE)
        settle(records)
        clock.advance(8 * DAY)
        assert purge(records, clock) == 1
        assert records.flush(PATIENCE)
        assert records.dossier("read-1") is None
        settle(records)  # what the erasing itself says
    database = Database(tmp_path, KEY)
    database.open(clock.utc())
    with database.reading() as connection:
        for table in ("reads", "hits", "outcomes", "read_corrections", "coverage"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0, table
        rows = str(connection.exec_driver_sql("SELECT * FROM audit").all())
        assert "read.erased" in rows
        assert "ZZ01AB" not in rows
        kinds = set(connection.exec_driver_sql("SELECT kind FROM outbox").scalars())
    assert kinds <= {"audit"}
    database.close()
    assert not list((tmp_path / "pictures").iterdir())


def test_the_oldest_go_first_and_no_more_than_a_step_takes(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        keep_three(records)
        settle(records)
    database = Database(tmp_path, KEY)
    database.open(clock.utc())
    later = clock.utc() + timedelta(seconds=1)
    with database.reading() as connection:
        assert connection.execute(expired_reads(later, 2)).scalars().all() == ["read-1", "read-2"]
        assert connection.execute(expired_reads(later, spoken_of=["hit-2"])).scalars().all() == ["read-1", "read-3"]
        assert connection.execute(expired_reads(later, reads_spoken_of=["read-1"])).scalars().all() == [
            "read-2",
            "read-3",
        ]
    database.close()


def test_a_shift_whose_end_waits_for_room_gives_that_room_but_for_reads_that_are_still_spoken_of(
    tmp_path: Path, clock: FakeClock
) -> None:
    """On a full disk the end of the shift waits behind what does not fit, and nothing else makes room for either."""
    shift = a_shift()
    with opened(tmp_path, clock) as records:
        records.start_shift(shift)
        keep_three(records)
        settle(records)
    database = Database(tmp_path, KEY)
    database.open(clock.utc())
    scene = Scene("boot", clock, Origin())
    waiting = Unwritten()

    def erased() -> int:
        with database.writing() as connection, connection.begin():
            return Purge(clock.utc() + timedelta(seconds=1), "test", waiting, scene=scene).write(connection)

    assert erased() == 0
    correction = ReadCorrection("correction-1", "read-1", "4821", AT, "ZZ01ABD")
    waiting.add(of_correction := KeepCorrection(correction, shift.shift_id, scene=scene))
    waiting.add(of_hit := KeepHits((a_hit(a_read(2), 9),), scene=scene))
    waiting.add(KeepShift(shift, scene=scene))
    assert erased() == 0
    waiting.add(KeepShift(replace(shift, ended_at=clock.utc()), scene=scene))
    assert erased() == 1
    waiting.drop(of_correction)
    waiting.drop(of_hit)
    assert erased() == 2
    database.close()


def test_an_erasure_is_in_the_trail_by_id_and_never_by_mark(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    clock.advance(8 * DAY)
    purge(records, clock)
    rows = [json.loads(item.payload) for item in records.outbox.next_batch(100) if item.kind is Kind.AUDIT]
    erased = [row for row in rows if row["action"] == "read.erased"]
    assert [row["object_id"] for row in erased] == ["read-1", "read-2", "read-3"]
    assert not any("ZZ0" in str(row) for row in rows)
    assert records.verify_audit().whole


def test_what_was_not_sent_stays_beside_what_goes(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    clock.advance(8 * DAY)
    for number in range(4, 9):
        records.keep_read(a_read(number), PICTURES, [], SHIFT)
    records.flush(PATIENCE)
    assert purge(records, clock) == 3
    assert len(left(records)) == 5


def test_a_clock_that_jumped_erases_nothing(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    depot = clock.utc()
    for jump in (timedelta(days=3650), timedelta(days=-3650), timedelta(minutes=11)):
        assert records.purge(depot + jump, depot, keep_days=7).result(PATIENCE) == 0
    assert records.purge(depot + timedelta(days=8), depot, keep_days=7).result(PATIENCE) == 0
    assert len(left(records)) == 3


@pytest.mark.parametrize("sign", [1, -1])
def test_clocks_that_are_ten_minutes_apart_agree_and_not_a_second_more(sign: int) -> None:
    car = datetime(2026, 11, 21, tzinfo=UTC)
    assert clocks_agree(car, car + sign * timedelta(minutes=10))
    assert not clocks_agree(car, car + sign * timedelta(minutes=10, seconds=1))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_the_receipts_nothing_unproven_goes(records: Records, clock: FakeClock, data: st.DataObject) -> None:
    number = next(numbers)
    hit = a_hit(a_read(number), number)
    records.keep_read(hit.read, PICTURES, [hit], SHIFT)
    records.keep_outcome(an_outcome(hit, number))
    records.flush(PATIENCE)
    mine = [f"read:read-{number}", f"hit:hit-{number}", f"outcome:outcome-{number}"]
    statuses = {item_id: data.draw(st.sampled_from([None, *ReceiptStatus]), label=item_id) for item_id in mine}
    items = [item for item in records.outbox.next_batch(500) if statuses.get(item.item_id)]
    records.outbox.settle(a_proof([a_receipt(item, statuses[item.item_id] or ReceiptStatus.HELD) for item in items]))
    clock.advance(8 * DAY)
    purge(records, clock)
    gone = records.evidence_of(f"read-{number}") is None
    assert gone == all(status is ReceiptStatus.HELD for status in statuses.values())


def test_a_picture_that_cannot_be_deleted_keeps_no_other_from_it(
    records: Records, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_three(records)
    settle(records)
    clock.advance(8 * DAY)
    remove = Pictures.remove

    def in_use(pictures: Pictures, read_id: str) -> None:
        if read_id == "read-1":
            raise PermissionError(errno.EACCES, "in use")
        remove(pictures, read_id)

    monkeypatch.setattr(Pictures, "remove", in_use)
    assert purge(records, clock) == 3
    assert records.evidence_of("read-1") is not None
    assert records.evidence_of("read-2") is records.evidence_of("read-3") is None


def test_the_database_file_gives_back_the_room_of_what_was_erased(
    tmp_path: Path, records: Records, clock: FakeClock
) -> None:
    for number in range(300):
        records.keep_read(a_read(number), PICTURES, [], SHIFT)
    assert records.flush(PATIENCE)
    settle(records)
    clock.advance(8 * DAY)
    file = tmp_path / "records.db"
    records.stop()
    before = file.stat().st_size
    with opened(tmp_path, clock) as again:
        assert again.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == 300
    assert file.stat().st_size < before / 2
    assert list((tmp_path / "pictures").iterdir()) == []


def test_a_file_of_a_version_that_never_gave_room_back_is_made_over(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        keep_three(records)
        assert records._store is not None
        connect = records._store.database._connect
    with closing(connect()) as connection:
        connection.execute("PRAGMA auto_vacuum = 0")
        connection.execute("VACUUM")
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    with opened(tmp_path, clock) as records:
        assert left(records) == ["read-3", "read-2", "read-1"]
        with closing(connect()) as connection:
            assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_one_erasing_at_a_time_and_the_end_of_the_program_ends_it_well(records: Records, clock: FakeClock) -> None:
    keep_three(records)
    settle(records)
    clock.advance(8 * DAY)
    first, second = (records.purge(clock.utc(), clock.utc(), keep_days=7) for _ in range(2))
    assert first.result(PATIENCE) == 3
    assert second is first or second.result(PATIENCE) == 0
    last = records.purge(clock.utc(), clock.utc(), keep_days=7)
    records.stop()
    assert last.result(PATIENCE) == 0
