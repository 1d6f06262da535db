"""What waits for the depot leaves only on proof."""

import json
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select

from patrol_anpr.records import Records
from patrol_anpr.records.database import Database
from patrol_anpr.records.outbox import StoredOutbox, offer_rows_again, parked_rows, unheld_rows, waiting_rows
from patrol_anpr.records.tables import outbox as rows
from patrol_anpr.wire.outbox import Outbox
from patrol_anpr.wire.payloads import Kind, ReceiptStatus, canonical_json, kind_of, payload_of, sha256_of
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


class NoWriting:
    """Stands for a writer that is never asked."""


@pytest.fixture
def full(records: Records) -> Records:
    """One of each kind, in the order of a shift."""
    hit = a_hit(a_read(1))
    records.start_shift(a_shift())
    records.keep_read(hit.read, PICTURES, [hit], SHIFT)
    records.keep_outcome(an_outcome(hit))
    records.end_shift(a_shift(ended_at=AT))
    assert records.flush(PATIENCE)
    return records


def test_what_is_urgent_comes_first_and_each_in_the_order_it_was_made(full: Records) -> None:
    outbox: Outbox = full.outbox
    items = outbox.next_batch(100)
    assert [item.item_id for item in items][:4] == [
        "shift:shift-1:start",
        "hit:hit-1",
        "outcome:outcome-1",
        "shift:shift-1:end",
    ]
    assert [item.kind for item in items][4:] == [Kind.AUDIT, Kind.READ]
    assert outbox.next_batch(100) == items
    assert outbox.next_batch(2) == items[:2]
    assert outbox.next_batch(5) == items[:5]
    assert outbox.waiting() == full.waiting() == len(items)


def test_every_item_is_what_the_wire_says(full: Records) -> None:
    for item in full.outbox.next_batch(100):
        assert canonical_json(json.loads(item.payload)) == item.payload
        assert sha256_of(item.payload) == item.sha256
        assert kind_of(payload_of(item.kind, item.payload)) is item.kind


def test_a_read_names_its_small_pictures_and_its_officer(full: Records) -> None:
    [item] = [item for item in full.outbox.next_batch(100) if item.kind is Kind.READ]
    payload = json.loads(item.payload)
    small = dict(item.pictures)
    assert payload["patch_sha256"] == sha256_of(small["patch"])
    assert payload["overview_sha256"] == sha256_of(small["overview"])
    assert payload["officer_id"] == "4821"
    assert payload["motion"] == "away"
    assert payload["lists"] == [{"list_id": "pnc", "revision": 12}, {"list_id": "local", "revision": 3}]
    assert (payload["clock_source"], payload["clock_offset"]) == ("gps", -0.25)
    waiting = sum(len(one.payload) + sum(len(jpeg) for _, jpeg in one.pictures) for one in full.outbox.next_batch(100))
    assert full.outbox.waiting_bytes() == waiting


def test_a_receipt_settles_what_it_names_and_only_once(full: Records) -> None:
    items = full.outbox.next_batch(100)
    assert full.outbox.settle(a_proof([a_receipt(items[2])])) == 1
    assert full.outbox.settle(a_proof([a_receipt(items[2])])) == 0
    assert full.outbox.next_batch(100) == [*items[:2], *items[3:]]
    assert full.outbox.settle(a_proof([a_receipt(item) for item in items])) == len(items) - 1
    assert full.waiting() == full.outbox.waiting_bytes() == 0


def test_a_receipt_for_something_else_changes_nothing(full: Records) -> None:
    items = full.outbox.next_batch(100)
    stranger = a_receipt(items[0]).model_copy(update={"item_id": "read:other"})
    swapped = a_receipt(items[2], sha256=items[3].sha256)
    assert full.outbox.settle(a_proof([stranger, swapped])) == 0
    assert full.outbox.next_batch(100) == items


@pytest.mark.parametrize("status", [ReceiptStatus.REJECTED, ReceiptStatus.CONFLICT])
def test_what_the_depot_will_not_take_is_parked_with_its_pictures(full: Records, status: ReceiptStatus) -> None:
    items = full.outbox.next_batch(100)
    assert full.outbox.settle(a_proof([a_receipt(items[2], status)])) == 1
    assert items[2] not in full.outbox.next_batch(100)
    assert full.outbox.waiting() == len(items) - 1
    assert full.parked() == 1
    assert full.purge(AT.replace(year=2027), AT.replace(year=2027), keep_days=7).result(PATIENCE) == 0
    assert full.evidence_of("read-1") == PICTURES


def test_another_version_of_the_depot_is_offered_what_one_rejected(full: Records, tmp_path: Path) -> None:
    items = full.outbox.next_batch(100)
    receipts = [a_receipt(items[1], ReceiptStatus.CONFLICT), a_receipt(items[2], ReceiptStatus.REJECTED)]
    assert full.outbox.settle(a_proof(receipts, software="1.0")) == 2
    assert full.parked() == 2
    assert full.outbox.offer_again("1.0") == 0
    assert full.outbox.offer_again("1.1") == 1
    assert full.outbox.next_batch(100) == [items[0], *items[2:]], "with its pictures, at its place"
    assert full.parked() == 1, "the conflict"
    assert full.waiting() == len(items) - 1
    assert full.outbox.settle(a_proof([a_receipt(items[2])], software="1.1")) == 1
    full.outbox.park(items[0], "too large", "1.1")
    assert full.parked() == 2


def test_a_start_counts_what_was_parked_before(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        records.flush(PATIENCE)
        (item,) = records.outbox.next_batch(1)
        records.outbox.settle(a_proof([a_receipt(item, ReceiptStatus.REJECTED)]))
    with opened(tmp_path, clock) as again:
        assert again.parked() == 1


def test_records_that_are_not_open_offer_nothing_and_still_count_what_waits() -> None:
    outbox = StoredOutbox(lambda: nullcontext(None), lambda: 7, NoWriting())
    assert (outbox.waiting(), outbox.waiting_bytes(), outbox.next_batch(5)) == (7, 0, [])
    assert (outbox.epoch(), outbox.unproven(5)) == (0, [])


@pytest.mark.parametrize("status", ReceiptStatus)
def test_the_small_pictures_stay_for_a_depot_that_is_restored(
    tmp_path: Path, clock: FakeClock, status: ReceiptStatus
) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        [item] = [item for item in records.outbox.next_batch(100) if item.kind is Kind.READ]
        records.outbox.settle(a_proof([a_receipt(item, status)]))
    database = Database(tmp_path, KEY)
    database.open(clock.utc())
    with database.reading() as connection:
        query = select(rows.c.patch, rows.c.overview).where(rows.c.item_id == item.item_id)
        assert dict(connection.execute(query).mappings().one()) == dict(item.pictures)
    database.close()


def test_what_is_settled_waits_no_more_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        for number in (1, 2):
            records.keep_read(a_read(number), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        items = records.outbox.next_batch(100)
        records.outbox.settle(a_proof([a_receipt(items[0])]))
    with opened(tmp_path, clock) as again:
        assert again.flush(PATIENCE)
        waiting = [item.item_id for item in again.outbox.next_batch(100)]
        assert waiting[: len(items) - 1] == [item.item_id for item in items[1:]]
        assert again.outbox.waiting() == len(waiting)


@pytest.mark.parametrize("ask", [parked_rows, waiting_rows, unheld_rows, lambda c: offer_rows_again(c, "1.0")])
def test_rows_are_counted_and_offered_again_without_reading_their_pictures(
    tmp_path: Path, ask: Callable[[Connection], int]
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    with closing(Database(tmp_path, KEY)) as database:
        database.open(AT)
        connection = database.writing()
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        ask(connection)
        text, values = next(one for one in asked if "outbox" in one[0])
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
        connection.close()
    looked = [line for line in plan if "outbox" in line]
    assert looked
    assert all("INDEX" in line for line in looked), plan
