"""A database that an earlier version made: its rows are read, its waiting records go to the depot of today.

The rows are those that the program wrote while it had the first two migrations only, byte for byte.
"""

import json
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
from patrol_anpr.wire.payloads import UploadItem
from tests.conftest import FakeClock
from tests.records.made import AT, KEY, PATIENCE, a_hit, a_read, an_outcome, opened

SQL = Path(__file__).with_name("rows_of_version_2.sql")


@pytest.fixture
def older(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """Opened by the program of today."""
    monkeypatch.setattr(database_module, "MIGRATIONS", MIGRATIONS[:2])
    database = Database(tmp_path, KEY)
    database.open(AT)
    with database.writing() as connection, connection.begin():
        assert version(connection) == 2
        for statement in SQL.read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    database.close()
    monkeypatch.undo()
    with opened(tmp_path, clock) as records:
        yield records


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
        payload = json.loads(item.payload)
        UploadItem(item_id=item.item_id, kind=item.kind, sha256=item.sha256, payload=payload).typed()
