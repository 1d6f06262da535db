"""Lists on the disk of a car: the newest revision of each in force, at once and after a restart."""

from pathlib import Path

import pytest

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import SUFFIX, Shelf, list_id_of
from tests.conftest import FakeClock

KEY = bytes(range(32))
ROW = "{vrm},Ford,Focus,Silver,STOP,,Stolen,,,,,,,,,"


@pytest.fixture
def matcher():
    matcher = Matcher()
    yield matcher
    matcher.close()


def a_file(folder: Path, *vrms: str) -> Path:
    file = folder / "list.csv"
    file.write_text("".join(ROW.format(vrm=vrm) + "\n" for vrm in vrms))
    return file


def a_head(clock: FakeClock, revision: int, list_id: str = "metro") -> Hotlist:
    return Hotlist(list_id, "Metro PNC", "Metro", revision, Tier.PRIORITY, clock.utc())


def found(matcher: Matcher, vrm: str, clock: FakeClock) -> list[int]:
    return [match.hotlist.revision for match in matcher.match(vrm, clock.utc())]


def test_a_new_revision_replaces_the_one_before_and_survives_a_restart(tmp_path: Path, matcher, clock) -> None:
    lists = Shelf(tmp_path / "lists", KEY, matcher, clock)
    lists.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    lists.put_in_force(a_head(clock, 2), a_file(tmp_path, "K7PTL"))
    assert (found(matcher, "AB12CDE", clock), found(matcher, "K7PTL", clock)) == ([], [2])
    assert lists.next_revision("metro") == 3
    assert not list((tmp_path / "lists").glob("metro.1*"))
    again = Matcher()
    assert Shelf(tmp_path / "lists", KEY, again, clock).load() == []
    assert found(again, "K7PTL", clock) == [2]
    again.close()


def test_a_list_that_cannot_be_used_leaves_the_one_before_in_force(tmp_path: Path, matcher, clock) -> None:
    lists = Shelf(tmp_path / "lists", KEY, matcher, clock)
    lists.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(BadInput):
        lists.put_in_force(a_head(clock, 2), empty)
    assert found(matcher, "AB12CDE", clock) == [1]


def test_a_damaged_file_is_told_and_the_other_lists_still_load(tmp_path: Path, matcher, clock) -> None:
    lists = Shelf(tmp_path / "lists", KEY, matcher, clock)
    lists.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    lists.put_in_force(a_head(clock, 1, "force"), a_file(tmp_path, "K7PTL"))
    damaged = tmp_path / "lists" / f"force.1{SUFFIX}"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    problems = lists.load()
    assert len(problems) == 1
    assert "force.1" in problems[0]
    assert found(matcher, "AB12CDE", clock) == [1]


@pytest.mark.parametrize(("name", "list_id"), [("Metro PNC", "metro-pnc"), ("  Ünï 7 ", "n-7")])
def test_a_list_id_is_made_of_the_name(name: str, list_id: str) -> None:
    assert list_id_of(name) == list_id


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(BadInput):
        list_id_of("--")
