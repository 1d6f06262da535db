"""The list on disk: what goes in comes out, and a failure at any moment leaves the list before. Marks are invented."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import RejectedLine, Tier, Voi
from patrol_anpr.domain.vrm import ALPHABET, fold
from patrol_anpr.hotlists import building
from patrol_anpr.hotlists.building import MAX_PER_MARK, build_list
from patrol_anpr.hotlists.compact import MAGIC
from patrol_anpr.hotlists.importer import Entry, ListLine, WeededLine, read_entries
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.shipped import ShippedList
from tests.hotlists.conftest import HEAD, KEY, Listed

FULL = Voi(
    *("AB12CDE", "FORD", "FOCUS", "SILVER", "STOP", "FI", "=cmd", "N1", "CALL\nCONTROL", "39A1"),
    date(2026, 12, 31),
    *("P1", "GSC", "CAD1", "S1", "S2", Tier.IMMEDIATE),
)


def test_a_voi_comes_back_as_it_was(listed: Listed) -> None:
    head = replace(HEAD, valid_until=datetime(2026, 11, 28, tzinfo=UTC))
    index = listed(FULL, "CD34EFG", head=head)
    assert index.entries("AB12CDE") == [FULL]
    assert index.entries("CD34EFG")[0].weed_date is None
    assert index.entries("EF56GHJ") == []
    assert index.head == head
    assert index.count == 2


def test_entries_are_found_by_their_folded_mark(listed: Listed) -> None:
    index = listed("AO10AIO")
    assert [voi.vrm for voi in index.entries(fold("A010A10"))] == ["AO10AIO"]
    assert index.entries("AO10AIO") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.lists(st.text(ALPHABET, min_size=2, max_size=8), min_size=1, max_size=30, unique=True))
def test_every_mark_given_is_found(listed: Listed, marks: list[str]) -> None:
    index = listed(*marks)
    assert index.count == len(marks)
    for mark in marks:
        assert mark in [voi.vrm for voi in index.entries(fold(mark))]


def test_the_report_counts_every_line(tmp_path: Path) -> None:
    lines: list[ListLine] = [
        Entry(1, Voi("AB12CDE", reason="STOLEN")),
        RejectedLine(2, "it has no VRM"),
        WeededLine(3),
        Entry(4, Voi("AB12CDE", reason="NO INSURANCE")),
        Entry(5, Voi("AB12CDE", reason="STOLEN")),
        RejectedLine(6, "it has no VRM"),
    ]
    report = build_list(lines, tmp_path / "list.voi", HEAD, KEY)
    assert (report.entries, report.rejected_count, report.weeded) == (2, 3, 1)
    assert report.rejected == (
        RejectedLine(2, "it has no VRM"),
        RejectedLine(5, "it repeats line 1 in every column"),
        RejectedLine(6, "it has no VRM"),
    )


def test_the_report_holds_so_many_lines_and_counts_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MAX_REPORTED", 3)
    lines = [Entry(1, FULL), *(RejectedLine(number, "it has no VRM") for number in range(2, 12))]
    report = build_list(lines, tmp_path / "list.voi", HEAD, KEY)
    assert [line.number for line in report.rejected] == [2, 3, 4]
    assert report.rejected_count == 10


def test_a_mark_with_a_flood_of_entries_is_cut(tmp_path: Path) -> None:
    lines = [Entry(number, Voi("AB12CDE", reason=str(number))) for number in range(1, MAX_PER_MARK + 6)]
    report = build_list(lines, tmp_path / "list.voi", HEAD, KEY)
    assert report.entries == MAX_PER_MARK
    assert report.rejected_count == 5


def test_progress_counts_lines_and_may_stop_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PROGRESS_EVERY", 2)
    seen: list[int] = []
    entries = [Entry(number, Voi(f"AB12CD{number}")) for number in range(1, 6)]
    build_list(entries, tmp_path / "list.voi", HEAD, KEY, seen.append)
    assert seen == [2, 4]

    def stop(done: int) -> None:
        raise InterruptedError

    with pytest.raises(RecordsFault):
        build_list(entries, tmp_path / "list.voi", HEAD, KEY, stop)
    assert count(tmp_path / "list.voi") == 5


def count(path: Path, key: ListKey = KEY) -> int:
    index = ShippedList.open(path, key)
    try:
        return index.count
    finally:
        index.close()


def test_a_list_that_turns_out_wrong_at_its_end_leaves_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("\n".join(["AB12CDE" + "," * 15] * 10 + ["nonsense"] * 15))
    before = target.read_bytes()
    with pytest.raises(BadInput):
        build_list(read_entries(wrong, Tier.ROUTINE, date(2026, 11, 21)), target, HEAD, KEY)
    with pytest.raises(BadInput, match="no entry"):
        build_list([], target, HEAD, KEY)
    assert target.read_bytes() == before
    assert not target.with_name("list.voi.new").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no open file: each revision has a name of its own")
def test_an_open_list_goes_on_while_another_takes_its_place(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    old = ShippedList.open(target, KEY)
    build_list([Entry(1, Voi("CD34EFG")), Entry(2, Voi("EF56GHJ"))], target, replace(HEAD, revision=8), KEY)
    assert old.entries("AB12CDE") == [FULL]
    old.close()
    assert count(target) == 2


def test_another_key_and_no_file_are_told_in_a_sentence(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    with pytest.raises(RecordsFault, match="damaged or was made with another key"):
        ShippedList.open(target, ListKey(bytes(32)))
    with pytest.raises(RecordsFault, match="not there"):
        ShippedList.open(tmp_path / "none.voi", KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        ListKey(b"short")


def test_an_encrypted_list_shows_nothing_of_its_text(tmp_path: Path) -> None:
    build_list([Entry(1, FULL)], tmp_path / "list.voi", HEAD, KEY)
    content = (tmp_path / "list.voi").read_bytes()
    for text in (b"AB12CDE", b"FORD", b"Stolen", b"stolen", b"Depot"):
        assert text not in content


def test_a_cut_or_overwritten_file_is_refused_when_opened(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(n, Voi(f"AB12C{n:03}")) for n in range(500)], target, HEAD, KEY)
    assert count(target, KEY) == 500
    whole = target.read_bytes()
    for damaged in (whole[:-4096], whole[:-100], whole[: len(whole) // 2], b"", b"\0" * len(whole), b"x" + whole[1:]):
        target.write_bytes(damaged)
        with pytest.raises(RecordsFault):
            ShippedList.open(target, KEY)


def test_every_changed_byte_is_noticed_by_the_look_up_or_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    whole = target.read_bytes()
    unread = 0
    for place in range(len(whole)):
        target.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            index = ShippedList.open(target, KEY)
        except RecordsFault:
            continue
        assert index.entries("AB12CDE") == [None]
        unread += 1
        index.close()
    assert unread > 100


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    target.write_bytes(MAGIC[:6] + b"99" + target.read_bytes()[8:])
    with pytest.raises(RecordsFault, match="another version"):
        ShippedList.open(target, KEY)


def test_a_list_opened_here_is_looked_up_in_another_thread(listed: Listed) -> None:
    index = listed(FULL)
    found: list[list[Voi]] = []
    thread = threading.Thread(target=lambda: found.append(index.entries("AB12CDE")), name="recogniser")
    thread.start()
    thread.join()
    assert found == [[FULL]]


def test_two_imports_of_one_list_at_once_are_not_mixed(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"

    def lines() -> Iterator[ListLine]:
        yield Entry(1, FULL)
        with pytest.raises(RecordsFault, match="under way"):
            build_list([Entry(1, Voi("CD34EFG"))], target, HEAD, KEY)

    build_list(lines(), target, HEAD, KEY)
    index = ShippedList.open(target, KEY)
    assert index.entries("AB12CDE") == [FULL]
    index.close()


_DIES_AT = """
import os, signal, stat, sys
from dataclasses import replace
from pathlib import Path
from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.hotlists import building
from patrol_anpr.hotlists.importer import Entry
from tests.hotlists.conftest import HEAD, KEY

def die(*given):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # on Windows both end it at once

target, moment, really_sync, really_replace = Path(sys.argv[1]), sys.argv[2], os.fsync, Path.replace
building.PROGRESS_EVERY = 100
if moment == "before the file is synced":
    os.fsync = die
elif moment == "before the move":
    Path.replace = die
elif moment == "after the move":
    Path.replace = lambda one, other: (really_replace(one, other), die())
elif moment == "before the folder is synced":
    os.fsync = lambda file: die() if stat.S_ISDIR(os.fstat(file).st_mode) else really_sync(file)
entries = (Entry(n, Voi(f"AB{n:05}", reason="new")) for n in range(1, 301))
building.build_list(entries, target, replace(HEAD, revision=8), KEY, die if moment == "among the entries" else None)
"""


@pytest.mark.parametrize(
    ("moment", "revision"),
    [
        ("among the entries", 7),
        ("before the file is synced", 7),
        ("before the move", 7),
        ("after the move", 8),
        pytest.param("before the folder is synced", 8, marks=pytest.mark.skipif(os.name != "posix", reason="not done")),
    ],
)
def test_a_kill_at_any_step_leaves_the_old_list_or_the_new_one(tmp_path: Path, moment: str, revision: int) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(n, Voi(f"AB{n:05}", reason="old")) for n in range(1, 301)], target, HEAD, KEY)
    ended = subprocess.run([sys.executable, "-c", _DIES_AT, str(target), moment], timeout=60, check=False)
    assert ended.returncode == (signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL), "it was not killed"
    assert_whole(target, revision, "old" if revision == 7 else "new")
    build_list([Entry(1, FULL)], target, HEAD, KEY)  # what the kill left does not stand in the way
    assert count(target, KEY) == 1


def assert_whole(target: Path, revision: int, reason: str) -> None:
    index = ShippedList.open(target, KEY)
    assert index.head.revision == revision
    assert index.count == 300
    for number in range(1, 301):
        assert [voi.reason for voi in index.entries(fold(f"AB{number:05}"))] == [reason]
    index.close()


_BUILDS_ON = """
import sys
from dataclasses import replace
from pathlib import Path
from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.hotlists import building
from patrol_anpr.hotlists.importer import Entry
from tests.hotlists.conftest import HEAD, KEY

building.PROGRESS_EVERY = 10
for revision in range(8, 100000):
    entries = (Entry(n, Voi(f"AB{n:05}", reason=str(revision))) for n in range(1, 301))
    tell = lambda done: print(revision - 1, flush=True)
    building.build_list(entries, Path(sys.argv[1]), replace(HEAD, revision=revision), KEY, tell)
    print(revision, flush=True)
"""


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_a_hundred_kills_anywhere_leave_the_old_list_or_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    for kill in range(100):
        build_list([Entry(n, Voi(f"AB{n:05}", reason="7")) for n in range(1, 301)], target, HEAD, KEY)
        command = [sys.executable, "-c", _BUILDS_ON, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(25 + kill)]
            child.kill()
            told += child.stdout.readlines()
        index = ShippedList.open(target, KEY)
        index.close()
        last_told = max(int(line) for line in told if line.endswith("\n"))
        assert index.head.revision in (last_told, last_told + 1)  # the next may be in place and not told yet
        assert_whole(target, index.head.revision, str(index.head.revision))


def test_a_full_disk_leaves_the_old_list_and_says_so(tmp_path: Path) -> None:
    target = tmp_path / "list.voi"
    build_list([Entry(1, FULL)], target, HEAD, KEY)
    before = target.read_bytes()
    resource = pytest.importorskip("resource", reason="no way to make the disk seem full")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        with pytest.raises(RecordsFault, match="disk has room"):
            build_list((Entry(n, Voi(f"AB{n:06}", reason="x" * 50)) for n in range(50_000)), target, HEAD, KEY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == before
    assert not target.with_name("list.voi.new").exists()
