"""Lists as the depot ships them, on a car's shelf: whole, as a delta, past their end. Marks are invented."""

import hmac
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Hotlist, ListFaultKind, Tier, Voi
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.delta import build_delta
from patrol_anpr.hotlists.importer import Entry
from patrol_anpr.hotlists.key_ring import SUFFIX as KEY_SUFFIX
from patrol_anpr.hotlists.key_ring import KeyRing
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.matcher import OVER, UNREAD, Matcher
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.hotlists.shipped import ShippedList
from tests.conftest import FakeClock

KEY, CAR_KEY = ListKey(bytes(32)), bytes(range(32))
START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
HEAD = Hotlist("stolen", "Stolen", "Depot", 1, Tier.PRIORITY, START, START + timedelta(days=7))
MARKS = [f"AB{number:05}" for number in range(200)]
MARK = MARKS[0]


class Depot:
    """Makes the files of revisions; each entry of a revision says its number, where it is not the same in all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def whole(self, revision: int = 1, key: ListKey = KEY) -> tuple[Hotlist, Path]:
        head, path = replace(HEAD, revision=revision), self.folder / f"whole-{revision}"
        build_list(
            [
                Entry(number, Voi(mark, reason=str(revision) if mark == MARK else ""))
                for number, mark in enumerate(MARKS)
            ],
            path,
            head,
            key,
        )
        return head, path

    def delta(self, revision: int, over: int = 1) -> tuple[Hotlist, Path]:
        path = self.folder / f"delta-{revision}"
        head, after = self.whole(revision)
        with (
            closing(CompactFile.open(self.folder / f"kept-{over}", KEY)) as old,
            closing(CompactFile.open(after, KEY)) as new,
        ):
            build_delta(old, new, path, 100)
        return head, path

    def kept(self, revision: int = 1) -> tuple[Hotlist, Path]:
        """A whole list of which the depot keeps a copy, for deltas over it."""
        head, path = self.whole(revision)
        (self.folder / f"kept-{revision}").write_bytes(path.read_bytes())
        return head, path


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path / "depot")


@pytest.fixture
def start(tmp_path: Path, clock: FakeClock) -> Iterator[Callable[[], tuple[Shelf, Matcher]]]:
    matchers: list[Matcher] = []

    def begin() -> tuple[Shelf, Matcher]:
        matchers.append(Matcher())
        shelf = Shelf(tmp_path / "lists", CAR_KEY, matchers[-1], clock)
        shelf.load()
        return shelf, matchers[-1]

    yield begin
    for matcher in matchers:
        matcher.close()


def told(matcher: Matcher, clock: FakeClock, mark: str = MARK) -> list[tuple[int, str]]:
    return [(match.hotlist.revision, match.voi.reason) for match in matcher.match(mark, clock.utc())]


def names(tmp_path: Path) -> Sequence[str]:
    return sorted(
        file.name for file in (tmp_path / "lists").iterdir() if file.suffix not in (KEY_SUFFIX, ".json", ".lock")
    )


def test_a_list_is_taken_as_it_came_and_deltas_lie_over_it_over_restarts(tmp_path, depot, start, clock) -> None:
    shelf, matcher = start()
    head, whole = depot.kept()
    assert not shelf.has_key(KEY.key_id)
    shelf.take(head, whole, None, KEY.secret)
    assert shelf.has_key(KEY.key_id)
    assert told(matcher, clock) == [(1, "1")]
    for revision in (2, 3):
        head, delta = depot.delta(revision)
        shelf.take(head, None, delta, None)
        assert told(matcher, clock) == [(revision, str(revision))]
        assert told(matcher, clock, MARKS[7]) == [(revision, "")]
    assert names(tmp_path) == ["stolen.1.hotlist", "stolen.3.delta"]
    shelf, matcher = start()
    assert shelf.faults == ()
    assert told(matcher, clock) == [(3, "3")]
    head, whole = depot.kept(4)
    shelf.take(head, whole, None, None)
    assert names(tmp_path) == ["stolen.4.hotlist"]
    assert told(start()[1], clock) == [(4, "4")]


def test_what_does_not_fit_leaves_the_list_before_in_force(tmp_path, depot, start, clock) -> None:
    shelf, matcher = start()
    head, whole = depot.kept()
    shelf.take(head, whole, None, KEY.secret)
    first, delta = depot.delta(2)
    other_base = depot.kept(3)
    over_other = depot.delta(4, over=3)
    head, whole = depot.whole(5)
    spoilt = tmp_path / "spoilt"
    spoilt.write_bytes(whole.read_bytes()[:-1])
    for given in (
        (over_other[0], None, over_other[1], None),
        (replace(first, name="Other"), None, delta, None),
        (replace(head, revision=9), whole, None, None),
        (head, whole, None, bytes(31) + b"x"),
        (head, spoilt, None, None),
        (other_base[0], delta, None, None),
    ):
        with pytest.raises(RecordsFault):
            shelf.take(*given)
        assert told(matcher, clock) == [(1, "1")]
    assert told(start()[1], clock) == [(1, "1")]
    assert shelf.faults == ()


def test_a_delta_without_its_whole_list_is_refused(depot, start) -> None:
    depot.kept()
    head, delta = depot.delta(2)
    with pytest.raises(RecordsFault, match="does not have"):
        start()[0].take(head, None, delta, KEY.secret)


def test_a_damaged_whole_list_is_no_base_for_a_delta(tmp_path, depot, start) -> None:
    shelf, _ = start()
    assert shelf.sha256_of_base("stolen") == ""
    head, whole = depot.kept()
    shelf.take(head, whole, None, KEY.secret)
    assert len(shelf.sha256_of_base("stolen")) == 64
    shelf.damaged(head)
    assert shelf.sha256_of_base("stolen") == ""
    file = tmp_path / "lists" / "stolen.1.hotlist"
    content = bytearray(file.read_bytes())
    content[60] ^= 1
    file.write_bytes(content)
    shelf, _ = start()
    assert [fault.kind for fault in shelf.faults] == [ListFaultKind.PARTLY]
    assert (shelf.sound, shelf.sha256_of_base("stolen")) == ([], "")


# The end of a list


@pytest.fixture
def ended(depot, start, clock) -> tuple[Shelf, Matcher]:
    """A list whose end was 72 hours ago."""
    shelf, matcher = start()
    head, whole = depot.kept()
    shelf.take(head, whole, None, KEY.secret)
    head, delta = depot.delta(2)
    shelf.take(head, None, delta, None)
    clock.now = HEAD.valid_until + timedelta(hours=72)
    return shelf, matcher


def test_until_72_hours_after_its_end_a_list_tells_its_details_then_none_of_them_opens(ended, start, clock) -> None:
    shelf, matcher = ended
    shelf.drop_details()
    assert told(matcher, clock) == [(2, "2")]
    clock.now += timedelta(seconds=1)
    shelf.drop_details()
    assert told(matcher, clock) == told(start()[1], clock) == [(2, OVER)]
    assert told(matcher, clock, MARKS[7]) == [(2, OVER)]
    assert told(matcher, clock, "XY34FGJ") == []
    assert not shelf.has_key(KEY.key_id)
    assert shelf.faults == (), "the lamp tells of the end"
    clock.now -= timedelta(days=5)  # whoever sets the clock back gains nothing
    assert told(matcher, clock) == told(start()[1], clock) == [(2, UNREAD)]


def test_what_is_left_of_the_key_opens_no_details(tmp_path, ended, clock) -> None:
    shelf, _ = ended
    clock.now += timedelta(days=1)
    shelf.drop_details()
    ring = KeyRing(tmp_path / "lists", CAR_KEY)
    left = ring.get(KEY.key_id)
    assert left is not None
    assert left.secret is None
    (file,) = (tmp_path / "lists").glob(f"*{KEY_SUFFIX}")
    assert KEY.secret not in AESGCM(hmac.new(CAR_KEY, b"keys of lists", "sha256").digest()).decrypt(
        file.read_bytes()[:12], file.read_bytes()[12:], KEY.key_id.encode()
    )
    with closing(ShippedList.open(tmp_path / "lists" / "stolen.1.hotlist", left)) as opened:
        assert opened.entries(MARK) == [None]
        assert opened.entries("XY34FGJ") == []


def test_a_list_that_ended_while_the_car_stood_opens_no_details(ended, start, clock) -> None:
    clock.now += timedelta(days=30)
    shelf, matcher = start()
    assert told(matcher, clock) == [(2, OVER)]
    assert not shelf.has_key(KEY.key_id)


def test_what_a_clock_ahead_has_dropped_is_brought_again(ended, start, clock) -> None:
    shelf, _ = start()
    assert [head.list_id for head in shelf.sound] == ["stolen"]
    clock.advance(timedelta(days=365).total_seconds())
    shelf.drop_details()
    assert [head.list_id for head in shelf.sound] == ["stolen"], "its end is past: no sync brings it"
    clock.advance(-timedelta(days=365).total_seconds())
    assert list(shelf.sound) == []


def test_a_clock_that_cannot_be_ends_no_list(ended, clock) -> None:
    shelf, _ = ended
    clock.now = datetime(2099, 1, 1, tzinfo=UTC)
    shelf.drop_details()
    assert shelf.has_key(KEY.key_id)


def test_a_full_disk_is_no_reason_to_keep_the_details_for_ever(ended, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(ring: KeyRing, key: ListKey) -> None:
        raise RecordsFault("The disk is full.")

    shelf, matcher = ended
    clock.now += timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(KeyRing, "keep", full)
        shelf.drop_details()
    assert shelf.has_key(KEY.key_id)
    assert told(matcher, clock) == [(2, OVER)]
    shelf.drop_details()
    assert not shelf.has_key(KEY.key_id)


def test_a_list_that_ended_comes_back_with_its_next_revision(depot, ended, clock) -> None:
    shelf, matcher = ended
    clock.now += timedelta(days=1)
    shelf.drop_details()
    head, whole = depot.kept(3)
    head = replace(head, valid_until=clock.now + timedelta(days=7))
    build_list([Entry(1, Voi(MARK, reason="3"))], whole, head, KEY)
    shelf.take(head, whole, None, KEY.secret)
    shelf.drop_details()
    assert told(matcher, clock) == [(3, "3")]
    assert shelf.faults == ()


# Crashes and swaps

_DIES = """
import os, sys
from pathlib import Path
from patrol_anpr.hotlists.matcher import OVER, UNREAD, Matcher
from patrol_anpr.hotlists.shelf import Shelf
from tests.conftest import FakeClock
from tests.hotlists.test_shelf_shipped import CAR_KEY, HEAD, KEY, START, Depot

root, calls = Path(sys.argv[1]), 0

def dies_at(step):
    def counted(really):
        def call(*given, **named):
            global calls
            calls += 1
            if calls == step:
                os._exit(9)  # as a kill: nothing is tidied up
            return really(*given, **named)
        return call
    for where, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
        setattr(where, name, counted(getattr(where, name)))

for step in range(1, 60):
    depot = Depot(root / f"depot-{step}")
    shelf = Shelf(root / str(step), CAR_KEY, Matcher(), FakeClock(START))
    shelf.load()
    head, whole = depot.kept()
    shelf.take(head, whole, None, KEY.secret)
    given = depot.kept(2) if sys.argv[2] == "whole" else depot.delta(2)
    child = os.fork()
    if not child:
        dies_at(step)
        shelf.take(given[0], *([given[1], None] if sys.argv[2] == "whole" else [None, given[1]]), None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        break
print(step)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be forked there")
@pytest.mark.parametrize("what", ["whole", "delta"])
def test_a_crash_at_any_step_leaves_the_list_before_or_the_new_one(tmp_path: Path, clock, what: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _DIES, str(tmp_path), what], timeout=100, check=True, capture_output=True, text=True
    )
    steps, found = int(ended.stdout), set()
    assert steps > 8, "it never died"
    clock.now = START
    for step in range(1, steps + 1):
        matcher = Matcher()
        shelf = Shelf(tmp_path / str(step), CAR_KEY, matcher, clock)
        shelf.load()
        ((revision, reason),) = told(matcher, clock)
        assert reason == str(revision), step
        assert told(matcher, clock, MARKS[99]) == [(revision, "")]
        assert shelf.faults == (), step
        found.add(revision)
        matcher.close()
    assert found == {1, 2}


def test_while_a_list_is_swapped_under_load_each_read_is_matched_with_one_revision(depot, start, clock) -> None:
    shelf, matcher = start()
    head, whole = depot.kept()
    shelf.take(head, whole, None, KEY.secret)
    coming = [depot.delta(revision) for revision in range(2, 10)]
    done, wrong, matched = threading.Event(), [], [0, 0]

    def read(reader: int) -> None:
        while not done.is_set():
            found = told(matcher, clock)
            matched[reader] += 1
            if len(found) != 1 or str(found[0][0]) != found[0][1]:
                wrong.append(found)

    readers = [threading.Thread(target=read, args=(reader,), name=f"reader-{reader}") for reader in range(2)]
    for thread in readers:
        thread.start()
    for head, delta in coming:
        shelf.take(head, None, delta, None)
        done.wait(0.005)
    done.set()
    for thread in readers:
        thread.join()
    assert wrong == []
    assert min(matched) > 0
