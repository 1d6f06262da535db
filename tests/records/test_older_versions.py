"""A database that an earlier version made: its rows are read, its waiting records go to the depot of today.

The rows are those that the program wrote while it had the first two migrations only, byte for byte. Later versions
added columns and tables: in each of them these rows stand as they would had the car been brought on from there.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import HitState
from patrol_anpr.records import Records
from patrol_anpr.records import database as database_module
from patrol_anpr.records.database import Database
from patrol_anpr.records.migrations import MIGRATIONS, version
from patrol_anpr.wire.payloads import kind_of, payload_of
from tests.conftest import FakeClock
from tests.records.made import AT, KEY, PATIENCE, a_hit, a_read, an_outcome, opened

SQL = Path(__file__).with_name("rows_of_version_2.sql")


def made_by_version(number: int, folder: Path, rows: str = "") -> None:
    """An encrypted database as the version with so many migrations made it, with the golden rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", MIGRATIONS[:number])
        database = Database(folder, KEY)
        database.open(AT)
        with database.writing() as connection, connection.begin():
            assert version(connection) == number
            for statement in (rows or SQL.read_text("utf-8")).split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        database.close()


@pytest.fixture
def older(tmp_path: Path, clock: FakeClock) -> Iterator[Records]:
    """Opened by the program of today."""
    made_by_version(2, tmp_path)
    with opened(tmp_path, clock) as records:
        yield records


OLDER = range(1, len(MIGRATIONS))
CLOCK_AND_LISTS = """, 'gps', -0.25, '[["pnc", 12], ["local", 3]]')"""


@pytest.mark.parametrize("number", OLDER)
def test_a_database_of_each_version_is_copied_then_brought_on_and_nothing_of_it_changes(
    tmp_path: Path, clock: FakeClock, number: int
) -> None:
    rows, read = SQL.read_text("utf-8"), a_read(1)
    if number == 1:  # which knew neither clock nor lists of a read
        rows = rows.replace(", clock_source, clock_offset, lists)", ")").replace(CLOCK_AND_LISTS, ")")
        read = a_read(1, clock_source="", clock_offset=None, lists=())
    made_by_version(number, tmp_path, rows)
    before = (tmp_path / "records.db").read_bytes()
    copy = tmp_path / f"records.db.version-{number}"
    for _ in range(2):  # the second opening finds nothing to do
        with opened(tmp_path, clock) as records:
            assert records.notices == []
            dossier = records.dossier("read-1")
            assert dossier is not None
            assert dossier.read == read
            assert [file.hit.hit_id for file in dossier.hits] == ["hit-1"]
            assert len(records.outcomes("hit-1")) == 1
            assert {"read:read-1", "hit:hit-1"} <= {item.item_id for item in records.outbox.next_batch(50)}
        assert copy.read_bytes() == before
    assert sorted(tmp_path.glob("records.db.version-*")) == [copy]


def test_nothing_of_it_is_lost_and_what_it_did_not_know_is_empty(older: Records) -> None:
    dossier = older.dossier("read-1")
    assert dossier is not None
    assert dossier.read == a_read(1)
    (file,) = dossier.hits
    (outcome,) = file.outcomes
    assert (file.hit.state, file.hit.disposition) == (HitState.ACTIONED, Disposition.NO_FURTHER_ACTION)
    assert (file.hit.muted, file.hit.past, file.hit.corrected_vrm) == (False, False, None)
    assert (outcome.looked, outcome.control, outcome.override, outcome.with_hit) == (False, None, None, None)
    assert (older.corrections("shift-1"), older.coverage("shift-1"), older.dispositions()) == ([], [], ())
    assert older.find_reads("shift-1", None, None, 10).reads == (a_read(1),)


def test_its_shift_goes_on_with_all_that_is_new(older: Records) -> None:
    assert [shift.shift_id for shift in older.unfinished_shifts()] == ["shift-1"]
    older.keep_correction(ReadCorrection("correction-1", "read-1", "4821", AT, "ZZ01ABD"), "shift-1")
    older.keep_hits([a_hit(a_read(1), 2)])
    older.keep_outcome(an_outcome(a_hit(a_read(1)), 2, looked=True, with_hit="hit-2"))
    assert older.flush(PATIENCE)
    assert [hit.hit_id for hit in older.hits("shift-1")] == ["hit-2", "hit-1"]
    assert older.outcomes("hit-1")[-1].with_hit == "hit-2"
    assert [one.vrm for one in older.corrections("shift-1")] == ["ZZ01ABD"]


def test_what_waits_in_it_is_understood_by_the_depot_of_today(older: Records) -> None:
    items = older.outbox.next_batch(50)
    wanted = {"shift:shift-1:start", "read:read-1", "hit:hit-1", "outcome:outcome-1"}
    assert wanted <= {item.item_id for item in items}
    for item in items:
        assert kind_of(payload_of(item.kind, item.payload)) is item.kind
