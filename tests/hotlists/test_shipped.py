"""A list from its files matches as a list in memory does, whatever came by delta. All marks are invented."""

import gc
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hit import Match
from patrol_anpr.domain.hotlist import ListChange, Tier, Voi
from patrol_anpr.hotlists.building import MAX_PER_MARK, build_list, write_file
from patrol_anpr.hotlists.compact import ROWS, CompactFile
from patrol_anpr.hotlists.delta import TooMuchChanged, build_delta
from patrol_anpr.hotlists.importer import Entry
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.matcher import ListInForce, Matcher
from patrol_anpr.hotlists.memory import MemoryList
from patrol_anpr.hotlists.shipped import ShippedList
from tests.hotlists.conftest import HEAD, KEY

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NEXT = replace(HEAD, revision=8)

marks = st.one_of(
    st.text("O0I1A8B", min_size=2, max_size=5),
    st.sampled_from(["AB12CDE", "A812CDE", "AB12CDF", "B12CDE", "AB12CD", "10AB", "1OAB"]),
)
vois = st.builds(
    Voi,
    vrm=marks,
    reason=st.text(max_size=3),
    tier=st.sampled_from(Tier),
    weed_date=st.sampled_from([None, date(2026, 11, 20), date(2026, 11, 21)]),
)
lists = st.lists(vois, min_size=1, max_size=40, unique=True)


def write(path: Path, entries: Sequence[Voi], head=HEAD, key: ListKey = KEY) -> Path:
    build_list([Entry(number, voi) for number, voi in enumerate(entries, 1)], path, head, key)
    return path


@contextmanager
def both(before: Path, after: Path) -> Iterator[tuple[CompactFile, CompactFile]]:
    with closing(CompactFile.open(before, KEY)) as one, closing(CompactFile.open(after, KEY)) as other:
        yield one, other


def delta_of(before: Path, after: Path, most: int = 10_000) -> Path:
    target = before.with_suffix(".delta")
    with both(before, after) as (one, other):
        build_delta(one, other, target, most)
    return target


def matches(one: ListInForce, reads: Sequence[str]) -> list[list[Match]]:
    matcher = Matcher()
    with closing(matcher):
        matcher.put(one)
        return [matcher.match(read, NOW) for read in reads]


def few_of_each(entries: Sequence[Voi]) -> list[Voi]:
    kept: list[Voi] = []
    for voi in entries:
        if sum(one.vrm == voi.vrm for one in kept) < MAX_PER_MARK // 4:
            kept.append(voi)
    return kept


@settings(max_examples=40, deadline=None)
@given(lists, lists, st.lists(marks, max_size=10))
def test_files_match_as_the_list_in_memory_does_with_a_delta_and_without(before, after, reads) -> None:
    before, after = few_of_each(before), few_of_each(after)
    reads += [voi.vrm for voi in before + after]
    with tempfile.TemporaryDirectory() as name:
        old, new = write(Path(name, "old"), before), write(Path(name, "new"), after, NEXT)
        delta = delta_of(old, new)
        assert matches(ShippedList.open(old, KEY), reads) == matches(MemoryList(HEAD, before), reads)
        expected = matches(MemoryList(NEXT, after), reads)
        assert matches(ShippedList.open(new, KEY), reads) == expected
        assert matches(ShippedList.open(old, KEY, delta), reads) == expected
        with closing(ShippedList.open(old, KEY, delta)) as opened:
            assert (opened.head, opened.count) == (NEXT, len(after))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write(tmp_path / "old", [Voi(f"AB{number:05}", reason="old") for number in range(5 * ROWS)])


def changed(tmp_path: Path, count: int) -> Path:
    entries = [Voi(f"AB{number:05}", reason="new" if number < count else "old") for number in range(5 * ROWS)]
    return write(tmp_path / "new", entries, NEXT)


def test_a_delta_is_as_small_as_what_changed(tmp_path: Path, old: Path) -> None:
    delta = delta_of(old, changed(tmp_path, 2))
    assert delta.stat().st_size < old.stat().st_size / 4
    with closing(CompactFile.open(delta, KEY)) as opened:
        assert opened.count == 2
    with closing(ShippedList.open(old, KEY, delta)) as both_files:
        told = [voi.reason for number in range(5) for voi in both_files.entries(f"AB{number:05}") if voi]
        assert told == ["new", "new", "old", "old", "old"]


def test_where_much_changed_there_is_no_delta(tmp_path: Path, old: Path) -> None:
    with pytest.raises(TooMuchChanged):
        delta_of(old, changed(tmp_path, 10), most=9)
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.suffix != ".lock") == ["", ""]


def test_a_delta_fits_one_file_only(tmp_path: Path, old: Path) -> None:
    delta = delta_of(old, changed(tmp_path, 1))
    again = write(tmp_path / "again", [Voi(f"AB{number:05}", reason="old") for number in range(5 * ROWS)])
    for base, over in ((again, delta), (delta, None), (old, again)):
        with pytest.raises(RecordsFault, match="do not belong together"):
            ShippedList.open(base, KEY, over)


def test_the_same_entries_under_the_same_salt_are_the_same_bytes_and_no_two_files_share_a_salt(tmp_path: Path) -> None:
    entries = [Entry(number, Voi(f"AB{number:05}")) for number in range(1, 200)]
    for name, salt in (("one", bytes(16)), ("two", bytes(16)), ("three", None), ("four", None)):
        build_list(entries, tmp_path / name, HEAD, KEY, salt=salt)
    one, two, three, four = ((tmp_path / name).read_bytes() for name in ("one", "two", "three", "four"))
    assert one == two
    assert three[:200] != four[:200]


def test_without_the_key_no_mark_can_be_told_in_a_file(tmp_path: Path) -> None:
    assert KEY.mark("AB12CDE") != ListKey(bytes(32)).mark("AB12CDE")
    one = write(tmp_path / "one", [Voi("AB12CDE")])
    assert KEY.mark("AB12CDE").to_bytes(8, "little") in one.read_bytes()
    other = write(tmp_path / "other", [Voi("AB12CDE")], key=ListKey(bytes(32)))
    assert KEY.mark("AB12CDE").to_bytes(8, "little") not in other.read_bytes()


def test_marks_whose_hashes_collide_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ListKey, "mark", lambda self, folded: 7)
    path = write(tmp_path / "list", [Voi("AB12CDE"), Voi("CD34EFG"), Voi("AB12CDE", reason="too")])
    with closing(ShippedList.open(path, KEY)) as opened:
        assert [voi and voi.reason for voi in opened.entries("AB12CDE")] == ["", "too"]
        assert [voi and voi.vrm for voi in opened.entries("CD34EFG")] == ["CD34EFG"]
        assert opened.entries("EF56GHJ") == []
    delta = delta_of(path, write(tmp_path / "next", [Voi("CD34EFG")], NEXT))
    with closing(ShippedList.open(path, KEY, delta)) as opened:
        assert opened.entries("AB12CDE") == []
        assert [voi and voi.vrm for voi in opened.entries("CD34EFG")] == ["CD34EFG"]


def test_a_list_that_is_closed_holds_no_memory(tmp_path: Path) -> None:
    count = 100_000
    with (tmp_path / "list").open("wb") as file:
        write_file(file, ((mark, b"[]") for mark in range(count)), HEAD, KEY)
    gc.disable()  # what is closed is not to wait for it
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(3):
            CompactFile.open(tmp_path / "list", KEY).close()
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held < 8 * count / 4


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("shipped") / "list", [Voi(f"AB{n:05}") for n in range(2 * ROWS)]).read_bytes()


soon = settings(
    max_examples=60, deadline=timedelta(seconds=1), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@soon
@given(st.binary(max_size=400), st.sampled_from(["alone", "behind a good start", "before a good end"]))
def test_any_bytes_in_place_of_a_list_are_refused(tmp_path: Path, shipped: bytes, dirt: bytes, where: str) -> None:
    whole = {"alone": dirt, "behind a good start": shipped[:32] + dirt, "before a good end": dirt + shipped[-200:]}
    (tmp_path / "any").write_bytes(whole[where])
    with pytest.raises(RecordsFault):
        ShippedList.open(tmp_path / "any", KEY)


@soon
@given(st.data())
def test_a_byte_changed_or_an_end_cut_off_hides_no_mark(tmp_path: Path, shipped: bytes, data: st.DataObject) -> None:
    content = bytearray(shipped)
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    (tmp_path / "any").write_bytes(content)
    with suppress(RecordsFault), closing(ShippedList.open(tmp_path / "any", KEY)) as opened:
        for number in (0, ROWS - 1, ROWS, 2 * ROWS - 1):
            found = opened.entries(f"AB{number:05}")
            assert [voi is None or voi.vrm == f"AB{number:05}" for voi in found] == [True]


def test_what_a_revision_added_and_cancelled_is_counted_without_what_is_silent(listed) -> None:
    silent = Voi("SS12AAA", tier=Tier.SILENT)
    before = listed("AB12CDE", "AB12CDF", silent)
    after = listed("AB12CDE", "AB12CDG", "AB12CDH", Voi("AB12CDE", reason="ANOTHER", tier=Tier.PRIORITY), head=NEXT)
    assert after.changed_since(before) == ListChange(HEAD.list_id, 3, 1)
    assert before.changed_since(None) == ListChange(HEAD.list_id, 2, 0)
    other_key = listed("AB12CDE", "AB12CDF", key=ListKey(bytes(32)), head=NEXT)
    assert other_key.changed_since(before) == ListChange(HEAD.list_id, 0, 0)


def test_of_too_many_rows_it_is_said_that_nobody_counted(listed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patrol_anpr.hotlists.shipped.MOST_COUNTED", 2)
    assert listed("AB12CDE", "AB12CDF", "AB12CDG").changed_since(None) == ListChange(HEAD.list_id, None, None)
    covert = replace(HEAD, tier=Tier.SILENT)
    assert listed("AB12CDE", "AB12CDF", "AB12CDG", head=covert).changed_since(None) == ListChange(HEAD.list_id, 0, 0)
