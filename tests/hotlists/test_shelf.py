"""Lists on the disk of a car: the newest revision of each in force, at once and after a restart, or missed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Hotlist, ListFaultKind, Tier, list_id_of
from patrol_anpr.hotlists import shelf as shelf_module
from patrol_anpr.hotlists.importer import JUDGED_FROM
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.note import NOTE_FILE, Note
from patrol_anpr.hotlists.shelf import SUFFIX, Shelf, try_out
from tests.conftest import FakeClock

KEY = bytes(range(32))
ROW = "{vrm},Ford,Focus,Silver,STOP,,Stolen,,,,,,,,,"

Opened = Callable[..., tuple[Shelf, Matcher]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lists"


@pytest.fixture
def opened(folder: Path, clock: FakeClock) -> Iterator[Opened]:
    """Begin a run of the car: a shelf and its matcher, loaded."""
    matchers: list[Matcher] = []

    def begin(key: bytes = KEY) -> tuple[Shelf, Matcher]:
        matchers.append(Matcher())
        shelf = Shelf(folder, key, matchers[-1], clock)
        shelf.load()
        return shelf, matchers[-1]

    yield begin
    for matcher in matchers:
        matcher.close()


@pytest.fixture
def matcher() -> Iterator[Matcher]:
    matcher = Matcher()
    yield matcher
    matcher.close()


def a_file(folder: Path, *vrms: str) -> Path:
    file = folder / "list.csv"
    file.write_text("".join(ROW.format(vrm=vrm) + "\n" for vrm in vrms))
    return file


def a_head(clock: FakeClock, revision: int, list_id: str = "metro") -> Hotlist:
    return Hotlist(list_id, f"List {list_id}", "Metro", revision, Tier.PRIORITY, clock.utc())


def found(matcher: Matcher, vrm: str, clock: FakeClock) -> list[int]:
    return [match.hotlist.revision for match in matcher.match(vrm, clock.utc())]


def faults(shelf: Shelf) -> dict[str, ListFaultKind]:
    return {fault.name: fault.kind for fault in shelf.faults}


def test_a_new_revision_replaces_the_one_before_and_survives_a_restart(tmp_path: Path, folder, opened, clock) -> None:
    shelf, matcher = opened()
    shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    shelf.put_in_force(a_head(clock, 2), a_file(tmp_path, "K7PTL"))
    assert (found(matcher, "AB12CDE", clock), found(matcher, "K7PTL", clock)) == ([], [2])
    assert shelf.next_revision("metro") == 3
    assert not list(folder.glob("metro.1*"))
    again, matcher = opened()
    assert again.faults == ()
    assert found(matcher, "K7PTL", clock) == [2]


def test_a_list_that_cannot_be_used_leaves_the_one_before_in_force(tmp_path: Path, opened, clock) -> None:
    shelf, matcher = opened()
    shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(BadInput):
        shelf.put_in_force(a_head(clock, 2), empty)
    assert found(matcher, "AB12CDE", clock) == [1]
    assert opened()[0].faults == ()


@pytest.mark.parametrize("before", [False, True])
def test_a_list_that_cannot_be_noted_is_not_in_force_after_a_restart_either(
    tmp_path: Path, opened, clock, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    def full(folder: Path, key: bytes, note: Note) -> None:
        raise RecordsFault("The disk is full.")

    shelf, matcher = opened()
    if before:
        shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    with monkeypatch.context() as patch:
        patch.setattr(shelf_module, "write_note", full)
        with pytest.raises(RecordsFault, match="disk is full"):
            shelf.put_in_force(a_head(clock, 2), a_file(tmp_path, "K7PTL"))
    assert found(matcher, "AB12CDE", clock) == [1] * before
    shelf, matcher = opened()
    assert found(matcher, "AB12CDE", clock) == [1] * before
    assert found(matcher, "K7PTL", clock) == []
    assert shelf.faults == ()


@pytest.fixture
def two_lists(tmp_path: Path, opened, clock) -> None:
    """A run that put two lists in force and is over."""
    shelf, matcher = opened()
    shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    shelf.put_in_force(a_head(clock, 4, "force"), a_file(tmp_path, "K7PTL"))
    matcher.close()


@pytest.mark.usefixtures("two_lists")
def test_a_damaged_file_is_told_and_the_other_lists_still_load(folder: Path, opened, clock) -> None:
    damaged = folder / f"force.4{SUFFIX}"
    damaged.write_bytes(damaged.read_bytes()[:300])
    shelf, matcher = opened()
    assert faults(shelf) == {"List force": ListFaultKind.DAMAGED}
    assert "Sync with the depot" in shelf.faults[0].sentence
    assert found(matcher, "AB12CDE", clock) == [1]


@pytest.mark.usefixtures("two_lists")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True))
def test_four_changed_bytes_anywhere_are_told_at_the_start(folder: Path, opened, clock, place: float) -> None:
    file = folder / f"force.4{SUFFIX}"
    whole = file.read_bytes()
    at = int(place * (len(whole) - 4))
    file.write_bytes(whole[:at] + bytes(byte ^ 0xFF for byte in whole[at : at + 4]) + whole[at + 4 :])
    shelf, matcher = opened()
    kind = faults(shelf)["List force"]
    if kind is ListFaultKind.PARTLY:  # an entry: its mark is a hit still
        assert [match.kind for match in matcher.match("K7PTL", clock.utc())] == [MatchKind.CHECK]
    else:
        assert kind is ListFaultKind.DAMAGED
    assert [head.list_id for head in shelf.sound] == ["metro"]
    file.write_bytes(whole)
    assert faults(opened()[0]) == {}


@pytest.mark.usefixtures("two_lists")
def test_a_deleted_file_is_missed_at_every_start_until_the_list_is_back(tmp_path: Path, folder, opened, clock) -> None:
    (folder / f"force.4{SUFFIX}").unlink()
    for _ in range(2):
        shelf, matcher = opened()
        assert faults(shelf) == {"List force": ListFaultKind.MISSING}
        assert found(matcher, "AB12CDE", clock) == [1]
    shelf.settle()
    assert faults(shelf) == {"List force": ListFaultKind.MISSING}
    assert shelf.next_revision("force") == 5
    shelf.put_in_force(a_head(clock, 4, "force"), a_file(tmp_path, "K7PTL"))
    assert faults(shelf) == faults(opened()[0]) == {}


@pytest.mark.usefixtures("two_lists")
def test_an_older_revision_in_the_place_of_the_newest_is_missed(tmp_path: Path, folder: Path, opened, clock) -> None:
    older = (folder / f"force.4{SUFFIX}").read_bytes()
    shelf, matcher = opened()
    shelf.put_in_force(a_head(clock, 5, "force"), a_file(tmp_path, "K8PTL"))
    matcher.close()
    (folder / f"force.5{SUFFIX}").unlink()
    (folder / f"force.4{SUFFIX}").write_bytes(older)
    shelf, matcher = opened()
    assert faults(shelf) == {"List force": ListFaultKind.MISSING}
    assert found(matcher, "K7PTL", clock) == [4]


@pytest.mark.usefixtures("two_lists")
@pytest.mark.parametrize("wound", ["gone", "cut", "changed", "no JSON", "a folder"])
def test_a_note_that_is_lost_is_told_until_a_sync_or_an_import_settles_it(
    tmp_path: Path, folder: Path, opened, clock, wound: str
) -> None:
    note = folder / NOTE_FILE
    whole = note.read_text()
    note.unlink()
    if wound == "a folder":
        note.mkdir()
    elif wound != "gone":
        note.write_text({"cut": whole[:-9], "changed": whole.replace("metro", "merto"), "no JSON": "[]"}[wound])
    shelf, matcher = opened()
    assert faults(shelf) == {"": ListFaultKind.UNSURE}
    assert (found(matcher, "AB12CDE", clock), found(matcher, "K7PTL", clock)) == ([1], [4])
    if wound == "a folder":
        return
    shelf.put_in_force(a_head(clock, 1, "third"), a_file(tmp_path, "K9PTL"))
    assert faults(shelf) == faults(opened()[0]) == {"": ListFaultKind.UNSURE}
    shelf.settle()
    assert faults(shelf) == {}
    (folder / f"force.4{SUFFIX}").unlink()
    assert faults(opened()[0]) == {"List force": ListFaultKind.MISSING}


def test_a_list_that_a_crash_kept_from_the_note_is_noted_by_the_next_sync(
    tmp_path: Path, folder: Path, opened, clock
) -> None:
    shelf, matcher = opened()
    shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    before = (folder / NOTE_FILE).read_bytes()
    shelf.put_in_force(a_head(clock, 1, "force"), a_file(tmp_path, "K7PTL"))
    (folder / NOTE_FILE).write_bytes(before)
    matcher.close()
    shelf, matcher = opened()
    assert found(matcher, "K7PTL", clock) == [1]
    shelf.settle()
    (folder / f"force.1{SUFFIX}").unlink()
    assert faults(opened()[0]) == {"List force": ListFaultKind.MISSING}


@pytest.mark.usefixtures("two_lists")
def test_lists_of_another_key_are_named_so(opened) -> None:
    shelf, _ = opened(bytes(32))
    assert faults(shelf) == {"": ListFaultKind.UNSURE}
    assert "another key" in shelf.faults[0].sentence


def test_a_shelf_that_never_held_a_list_misses_none(opened) -> None:
    assert opened()[0].faults == ()


@pytest.mark.usefixtures("two_lists")
def test_a_list_is_forgotten_for_good(opened, clock, folder: Path) -> None:
    shelf, matcher = opened()
    shelf.forget("force")
    assert found(matcher, "K7PTL", clock) == []
    assert [path.name for path in folder.glob(f"*{SUFFIX}")] == [f"metro.1{SUFFIX}"]
    assert opened()[0].faults == ()
    with pytest.raises(BadInput, match="no list of that name"):
        shelf.forget("force")


@pytest.mark.usefixtures("two_lists")
def test_damage_found_while_driving_is_a_fault_until_the_list_is_back(tmp_path: Path, opened, clock) -> None:
    shelf, _ = opened()
    shelf.damaged(a_head(clock, 4, "force"))
    shelf.put_in_force(a_head(clock, 2), a_file(tmp_path, "AB12CDE"))
    shelf.settle()
    assert faults(shelf) == {"List force": ListFaultKind.PARTLY}
    shelf.put_in_force(a_head(clock, 5, "force"), a_file(tmp_path, "K7PTL"))
    assert faults(shelf) == {}


def test_lists_whose_ids_look_alike_do_not_take_each_others_place(tmp_path: Path, opened, clock) -> None:
    shelf, _ = opened()
    ids = ["a.b", "a:b", "A_B", "a_b"]
    for number, list_id in enumerate(ids):
        shelf.put_in_force(a_head(clock, 1, list_id), a_file(tmp_path, f"K{number + 1}PTL"))
    _, matcher = opened()
    assert sorted(head.list_id for head in matcher.hotlists) == sorted(ids)


@pytest.mark.parametrize("where", ["file", "file/lists", "\0lists"])
def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, matcher, clock, where: str) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = Shelf(tmp_path / where, KEY, matcher, clock)
    for call in (shelf.load, lambda: shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))):
        with pytest.raises(RecordsFault, match=r"hotlists\.folder"):
            call()


def test_a_note_holds_no_mark_of_a_vehicle(tmp_path: Path, folder: Path, opened, clock) -> None:
    shelf, _ = opened()
    shelf.put_in_force(a_head(clock, 1), a_file(tmp_path, "AB12CDE"))
    assert "AB12CDE" not in (folder / NOTE_FILE).read_text()
    assert json.loads((folder / NOTE_FILE).read_text())["content"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["AB12CDE", "K7PTL", "01-Jan", "44562", "x", "1.00E+05"]), min_size=1, max_size=6),
    st.booleans(),
)
def test_trying_a_file_out_says_what_putting_it_in_force_does(
    tmp_path_factory, clock, matcher, texts: list[str], repeated: bool
) -> None:
    folder = tmp_path_factory.mktemp("car")
    file = a_file(folder, *texts * (JUDGED_FROM if repeated else 1))
    shelf = Shelf(folder / "lists", KEY, matcher, clock)
    try:
        tried = try_out(file, Tier.PRIORITY, clock)
    except BadInput as refusal:
        with pytest.raises(BadInput) as again:
            shelf.put_in_force(a_head(clock, 1), file)
        assert str(again.value) == str(refusal)  # noqa: PT017
    else:
        assert shelf.put_in_force(a_head(clock, 1), file) == tried


@pytest.mark.parametrize(("name", "list_id"), [("Metro PNC", "metro-pnc"), ("  Ünï 7 ", "n-7")])
def test_a_list_id_is_made_of_the_name(name: str, list_id: str) -> None:
    assert list_id_of(name) == list_id


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(BadInput):
        list_id_of("--")
