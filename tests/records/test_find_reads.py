"""Finding Reads of a shift by their mark, on the disk and in memory; their corrections, and hits that come later."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from patrol_anpr.domain.by_hand import Lifetime, OwnVoi, ReadCorrection
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import MarkPattern
from patrol_anpr.domain.vrm import ALPHABET, fold
from patrol_anpr.records import Records, queries, tables
from patrol_anpr.records.database import Database
from patrol_anpr.records.jobs import KeepRead
from patrol_anpr.records.rows import correction_row, read_row
from patrol_anpr.records.unwritten import NOT_IN_MEMORY
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import AT, KEY, PATIENCE, PICTURES, Heard, a_hit, a_proof, a_read, a_receipt, a_shift, opened


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path, KEY)
    database.open(AT)
    yield database
    database.close()


def keep(records: Records, *reads: Read, shift_id: str = SHIFT) -> None:
    for read in reads:
        records.keep_read(read, PICTURES, (), shift_id)


def a_correction(read: Read, vrm: str, number: int = 1) -> ReadCorrection:
    return ReadCorrection(f"correction-{number}", read.read_id, "4821", AT, vrm)


def marks(reads: tuple[Read, ...]) -> list[str]:
    return [read.vrm for read in reads]


def asleep(folder: Path, clock: FakeClock) -> Records:
    """Records whose writer has not been started: all that is kept stays in memory."""
    heard = Heard()
    return Records.open(folder, KEY, clock, heard.on_saved, heard.on_lamp)


def test_reads_are_found_by_part_of_their_mark_in_their_order(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        keep(records, *(a_read(number, vrm=vrm) for number, vrm in enumerate(["AB12CDE", "XY12CDE", "AB13CDE"])))
        keep(records, a_read(9, vrm="AB12CDZ"), shift_id="another")
        assert records.flush(PATIENCE)
        found = records.find_reads(SHIFT, MarkPattern.of("12c"), None, 10)
        assert (marks(found.reads), found.total) == (["AB12CDE", "XY12CDE"], 2)
        assert records.find_reads(SHIFT, MarkPattern.of("AB1?CDE"), None, 10).total == 2
        assert records.find_reads(SHIFT, MarkPattern.of("ABI2"), None, 10).total == 1
        assert records.find_reads(SHIFT, MarkPattern.of("ZZZ"), None, 10).total == 0


def test_pages_hold_every_read_once_whether_written_or_not(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        keep(records, *(a_read(number, vrm=f"AB{number:02d}CDE") for number in range(30)))
        assert records.flush(PATIENCE)
    records = asleep(tmp_path, clock)
    try:
        keep(records, *(a_read(number, vrm=f"AB{number:02d}CDE") for number in range(30, 45)))
        every = [f"AB{number:02d}CDE" for number in range(45)]
        for pattern in (None, MarkPattern.of("AB*")):
            for first in range(0, 50, 7):
                page = records.find_reads(SHIFT, pattern, first, 7)
                assert (page.first, marks(page.reads), page.total) == (first, every[first : first + 7], 45)
            newest = records.find_reads(SHIFT, pattern, None, 20)
            assert (newest.first, marks(newest.reads)) == (25, every[25:])
    finally:
        records.start()
        records.stop()


def test_what_is_found_twice_while_it_is_written_is_told_once(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1, vrm="AB12CDE")
        keep(records, read)
        assert records.flush(PATIENCE)
        # As between the commit and its word.
        records._unwritten.add(KeepRead(read, PICTURES, (), SHIFT, print, scene=records._scene))
        found = records.find_reads(SHIFT, MarkPattern.of("AB12"), None, 10)
        assert (found.reads, found.total) == ((read,), 1)


def test_a_correction_is_found_and_the_read_stays_as_it_was(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1, vrm="AB12CDE")
        keep(records, read)
        assert records.flush(PATIENCE)
        records.keep_correction(a_correction(read, "LM19XYZ"), SHIFT)
        for _ in range(2):  # from memory or not yet written, and from the disk
            assert records.find_reads(SHIFT, MarkPattern.of("LM19"), None, 10).reads == (read,)
            assert records.find_reads(SHIFT, MarkPattern.of("AB12"), None, 10).reads == (read,)
            assert records.corrections(SHIFT) == [a_correction(read, "LM19XYZ")]
            assert records.corrections("another") == []
            assert records.flush(PATIENCE)
        item = records.outbox.next_batch(10)[0]
        assert item.item_id == "correction:correction-1"
        with records._reading() as connection:
            stored = connection.execute(select(tables.reads.c.vrm)).scalars().all()
        assert stored == ["AB12CDE"]


def test_a_correction_never_changes(database: Database) -> None:
    with database.writing() as connection, connection.begin():
        row = correction_row(a_correction(a_read(1), "LM19XYZ")) | {"boot_id": "boot"}
        connection.execute(tables.read_corrections.insert(), row)
        with pytest.raises(IntegrityError, match="only appended"):
            connection.execute(tables.read_corrections.update().values(vrm="ZZ99ZZZ"))


def test_a_read_is_of_its_shift(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1)
        keep(records, read)
        for _ in range(2):
            assert records.is_read_of(read.read_id, SHIFT)
            assert not records.is_read_of(read.read_id, "another")
            assert not records.is_read_of("unknown", SHIFT)
            assert records.flush(PATIENCE)


def test_a_hit_that_comes_later_is_a_hit_of_its_read(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1)
        records.start_shift(a_shift())
        keep(records, read)
        assert records.flush(PATIENCE)
    records = asleep(tmp_path, clock)
    hit = a_hit(read)
    records.keep_hits([hit])
    assert records.open_hits(SHIFT) == [(hit, PICTURES)]  # in memory only, its pictures on the disk
    assert records._unwritten.hits(SHIFT) == [(hit, NOT_IN_MEMORY)]
    assert records.summary(SHIFT).hits == 1
    records.start()
    assert records.stop() == ""
    with opened(tmp_path, clock) as records:
        assert [(found.hit_id, found.corrected_vrm) for found, _ in records.open_hits(SHIFT)] == [("hit-1", None)]
        assert "hit:hit-1" in [item.item_id for item in records.outbox.next_batch(50)]


def test_a_corrected_hit_comes_back_corrected(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1)
        keep(records, read)
        records.keep_hits([replace(a_hit(read), corrected_vrm="LM19XYZ")])
        assert records.flush(PATIENCE)
        ((hit, _),) = records.open_hits(SHIFT)
        assert (hit.vrm, hit.read.vrm) == ("LM19XYZ", read.vrm)


def test_an_own_entry_and_its_end_wait_for_the_depot_once_each(tmp_path: Path, clock: FakeClock) -> None:
    entry = OwnVoi("voi-1", "AB12CDE", "Seen", Tier.PRIORITY, Lifetime.DAY, "4821", SHIFT, AT, AT, None)
    with opened(tmp_path, clock) as records:
        for _ in range(2):
            records.keep_voi(entry)
            records.keep_voi(entry, AT)
        assert records.flush(PATIENCE)
        ids = [item.item_id for item in records.outbox.next_batch(50) if item.kind == "voi"]
        assert ids == ["voi:voi-1:start", "voi:voi-1:end"]
        assert records.waiting() == len(records.outbox.next_batch(50))


def test_corrections_go_with_their_read(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        read = a_read(1)
        keep(records, read)
        records.keep_correction(a_correction(read, "LM19XYZ"), SHIFT)
        assert records.flush(PATIENCE)
        items = records.outbox.next_batch(50)
        records.outbox.settle(a_proof([a_receipt(item) for item in items if item.kind != "correction"]), clock.utc())
        clock.advance(8 * 86400)
        assert records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == 0  # one is not at the depot yet
        records.outbox.settle(a_proof([a_receipt(item) for item in items if item.kind == "correction"]), clock.utc())
        clock.advance(8 * 86400)
        assert records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == 1
        assert records.corrections(SHIFT) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(ALPHABET, min_size=1, max_size=7), min_size=1, max_size=12),
    st.text(ALPHABET + "?*", min_size=1, max_size=6),
)
def test_the_disk_finds_what_the_rule_says(database: Database, vrms: list[str], entered: str) -> None:
    pattern = MarkPattern.of(entered)
    with database.writing() as connection:
        transaction = connection.begin()
        for number, vrm in enumerate(vrms):
            row = read_row(a_read(number, vrm=vrm)) | {"boot_id": "boot", "shift_id": SHIFT}
            connection.execute(tables.reads.insert(), row)
        places = sorted(queries.places_of_marks(connection, SHIFT, pattern))
        found = [read.vrm for read in queries.reads_at(connection, places)]
        folded = connection.execute(select(tables.reads.c.vrm, queries.FOLDED)).all()
        transaction.rollback()
    assert found == [vrm for vrm in vrms if pattern.fits(vrm)]
    assert all(fold(vrm) == there for vrm, there in folded)


def test_a_search_touches_no_read_that_does_not_fit(database: Database) -> None:
    """Else it would decrypt the whole table: about a kilobyte a Read."""
    with database.reading() as connection:
        query = select(tables.reads.c.seq).where(tables.reads.c.shift_id == SHIFT, queries.FOLDED.op("GLOB")("*12*"))
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
    assert "COVERING INDEX reads_by_mark" in plan
