"""Every sort of record that a car keeps reaches the depot, is understood there, stored as it came, and settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.tables import incidents, items
from patrol_anpr.domain.by_hand import Lifetime, OwnVoi, ReadCorrection
from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.domain.hit import ControlAnswer, Override
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import ListCounts
from patrol_anpr.records import Records
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import Kind, ReceiptStatus
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.records.made import AT, PATIENCE, a_hit, a_proof, a_read, a_shift, an_outcome, opened

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def keep_one_of_each(records: Records) -> None:
    shift, read = a_shift(), a_read(1)
    hit = replace(a_hit(read), muted=True, past=True, corrected_vrm="ZZ01ABD")
    voi = OwnVoi(
        "voi-1", "ZZ01ABC", "Seen", Tier.PRIORITY, Lifetime.DAY, "4821", shift.shift_id, AT, AT + timedelta(days=1)
    )
    minute = CoverageMinute("front", AT, shift.shift_id, 60.0, {Blind.DARK: 12.5}, 600, 590, 3, 1, 88.5)
    records.start_shift(shift)
    records.keep_read(read, Evidence(b"", b""), [], shift.shift_id)
    records.keep_hits([hit])
    records.keep_outcome(an_outcome(hit, looked=True, look_choice="0", control=ControlAnswer.NO_ANSWER))
    records.keep_outcome(an_outcome(hit, 2, override=Override.DANGER, with_hit="hit-9"))
    records.keep_correction(ReadCorrection("correction-1", read.read_id, "4821", AT, "ZZ01ABD"), shift.shift_id)
    records.keep_voi(voi)
    records.keep_voi(voi, AT)
    records.keep_coverage([minute], last=True)
    ended = replace(shift, ended_at=AT)
    records.end_shift(ended)
    records.keep_list_counts(ended, [ListCounts("pnc", "Metro PNC", hits=1, dismissed=0, lately=1, peak=1)])
    assert records.flush(PATIENCE)


def test_the_depot_takes_every_kind_and_stores_it_as_it_came(tmp_path: Path, clock: FakeClock) -> None:
    database = DepotDatabase(tmp_path / "depot")
    ingest = Ingest(database, pictures_in(tmp_path / "depot", database), 2**20)
    with opened(tmp_path / "car", clock, origin=Origin(source_id="TA14")) as records:
        keep_one_of_each(records)
        waiting = records.outbox.next_batch(100)
        pack = Pack.of("TA14", waiting)
        taken = ingest.take("TA14", read_pack(pack.piece(0, pack.size)), NOW)
        assert {receipt.status for receipt in taken.receipts} == {ReceiptStatus.HELD}
        records.outbox.settle(a_proof(taken.receipts), NOW)
        assert records.outbox.waiting() == 0
    with database.reading() as connection:
        rows = connection.execute(select(items)).all()
        assert {row.kind for row in rows} == {kind.value for kind in Kind}
        assert {row.doubt for row in rows} == {""}
        assert {row.item_id: row.payload for row in rows} == {one.item_id: one.payload for one in waiting}
        assert connection.execute(select(incidents)).all() == []
    database.close()
