"""`patrol-anpr depot verify`, `purge`, `hold` and `release`: what is printed, and the exit code."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.commands.depot_care import hold_record, purge_depot, release_record, verify_depot
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.domain.errors import BadInput
from tests.depot.test_pictures import pack
from tests.depot.test_retention import take_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A depot with one read of today and one of 400 days ago."""
    folder = tmp_path / "depot"
    now = datetime.now(UTC)
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        take_in(database, pictures, "r-old", pack(2), now - timedelta(days=400))
        take_in(database, pictures, "r-new", pack(2, first=60), now)
    return folder


def test_a_sound_depot_is_said_to_be_one(folder, capsys):
    assert verify_depot(folder) == 0
    assert "2 records, 4 pictures, 2 segments and 0 rows of the audit trail looked at." in capsys.readouterr().out


def test_what_is_wrong_is_listed_and_told_by_the_exit_code(folder, capsys):
    for segment in (folder / "pictures").glob("*/*"):
        segment.write_bytes(b"\0" * segment.stat().st_size)
    assert verify_depot(folder) == 1
    said = capsys.readouterr()
    assert said.out.count("its segment is damaged") == 4
    assert "4 things are wrong" in said.err


def test_a_purge_takes_what_is_past_and_leaves_what_is_held(folder, capsys):
    assert hold_record(folder, "TA14", "r-old", "case 7", "DS Example", "") == 0
    assert purge_depot(folder, "", "") == 0
    assert "Days purged: 1. Pictures that nobody can read any more: 2." in capsys.readouterr().out
    assert verify_depot(folder) == 0
    assert release_record(folder, "TA14", "r-old", "closed") == 0
    assert verify_depot(folder) == 0


@pytest.mark.parametrize(("before", "said"), [("yesterday", "written like"), ("2999-01-01", "Check the date")])
def test_a_day_that_cannot_be_is_refused(folder, before: str, said: str):
    with pytest.raises(BadInput, match=said):
        purge_depot(folder, before, "")


def test_a_damaged_picture_cannot_be_held_and_that_is_said(folder):
    for segment in (folder / "pictures").glob("*/*"):
        segment.write_bytes(b"\0" * segment.stat().st_size)
    with pytest.raises(BadInput, match="cannot be held: its segment is damaged"):
        hold_record(folder, "TA14", "r-new", "case 7", "DS Example", "")
