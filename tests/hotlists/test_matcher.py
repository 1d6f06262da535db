"""What a read matches: the rules of EXACT and CHECK, tiers, weed dates, and swaps under load. Marks are invented."""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.domain.vrm import ALPHABET, CONFUSABLES, FORMAT_MASKS, fold
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.importer import Entry
from patrol_anpr.hotlists.matcher import OVER, UNREAD, ListInForce, Matcher
from patrol_anpr.hotlists.memory import MemoryList
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.hotlists.variants import MAX_VARIANTS, variants
from tests.hotlists.conftest import HEAD, KEY, Listed

NOW = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)
MARKS = st.text(ALPHABET, min_size=2, max_size=8)

Told = tuple[str, MatchKind, Tier, tuple[int, ...]]


def told(read: str, *indexes: ListInForce, at: datetime = NOW) -> list[Told]:
    matcher = Matcher()
    matcher.swap(indexes)
    return [(match.voi.vrm, match.kind, match.tier, match.differing) for match in matcher.match(read, at)]


def test_the_same_mark_is_exact(listed: Listed) -> None:
    assert told("AB12CDE", listed("AB12CDE")) == [("AB12CDE", MatchKind.EXACT, Tier.PRIORITY, ())]
    assert told("ab12 cde", listed("AB12CDE")) == [("AB12CDE", MatchKind.EXACT, Tier.PRIORITY, ())]


def test_a_mark_that_is_not_listed_matches_nothing(listed: Listed) -> None:
    assert told("XY34FGJ", listed("AB12CDE")) == []
    assert told("", listed("AB12CDE")) == []
    assert Matcher().match("AB12CDE", NOW) == []


def test_o_and_i_are_0_and_1(listed: Listed) -> None:
    assert told("ABIOCDE", listed("AB10CDE")) == [("AB10CDE", MatchKind.EXACT, Tier.PRIORITY, ())]
    assert told("AO51O0O", listed("A051OOO")) == [("A051OOO", MatchKind.EXACT, Tier.PRIORITY, ())]


def test_two_legal_marks_that_fold_alike_are_check(listed: Listed) -> None:
    assert told("10AB", listed("1OAB")) == [("1OAB", MatchKind.CHECK, Tier.ROUTINE, (1,))]
    assert told("1OAB", listed("10AB")) == [("10AB", MatchKind.CHECK, Tier.ROUTINE, (1,))]
    assert told("10AB", listed("10AB", "1OAB")) == [("10AB", MatchKind.EXACT, Tier.PRIORITY, ())]


@pytest.mark.parametrize(("read", "place"), [("A812CDE", 1), ("AB1ZCDE", 3), ("AB12GDE", 4), ("AB12CDF", 6)])
def test_one_confusable_difference_is_check_at_a_lower_tier(listed: Listed, read: str, place: int) -> None:
    assert told(read, listed("AB12CDE")) == [("AB12CDE", MatchKind.CHECK, Tier.ROUTINE, (place,))]


@pytest.mark.parametrize("read", ["A812CDF", "AB12CDX", "AX12CDE", "BA12CDE"])
def test_two_differences_or_one_that_is_not_confusable_are_nothing(listed: Listed, read: str) -> None:
    assert told(read, listed("AB12CDE")) == []


@pytest.mark.parametrize(
    ("read", "vrm", "place"),
    [("B12CDE", "AB12CDE", 0), ("AB12CD", "AB12CDE", 6), ("A123BC", "A123BCD", 6), ("OIZ123", "OIZ1234", 6)],
)
def test_a_mark_clipped_at_an_end_is_check(listed: Listed, read: str, vrm: str, place: int) -> None:
    assert told(read, listed(vrm)) == [(vrm, MatchKind.CHECK, Tier.ROUTINE, (place,))]


def test_too_short_a_rest_or_two_characters_lost_are_nothing(listed: Listed) -> None:
    index = listed("AB12CDE", "A12BC")
    assert told("12CDE", index) == []
    assert told("AB12C", index) == []
    assert told("A12B", index) == []


@pytest.mark.parametrize(
    ("entry", "check"),
    [
        (Tier.IMMEDIATE, Tier.PRIORITY),
        (Tier.PRIORITY, Tier.ROUTINE),
        (Tier.ROUTINE, Tier.ROUTINE),
        (Tier.SILENT, Tier.SILENT),
    ],
)
def test_check_is_one_step_less_urgent(listed: Listed, entry: Tier, check: Tier) -> None:
    index = listed(Voi("AB12CDE", tier=entry))
    assert [tier for _, _, tier, _ in told("AB12CDE", index)] == [entry]
    assert [tier for _, _, tier, _ in told("AB12CDF", index)] == [check]


def test_an_exact_match_leaves_check_matches_out_unless_it_is_silent(listed: Listed) -> None:
    near = Voi("AB12CDF", tier=Tier.IMMEDIATE)
    assert [vrm for vrm, *_ in told("AB12CDE", listed("AB12CDE", near))] == ["AB12CDE"]
    silent = Voi("AB12CDE", tier=Tier.SILENT)
    assert told("AB12CDE", listed(silent, near)) == [
        ("AB12CDF", MatchKind.CHECK, Tier.PRIORITY, (6,)),
        ("AB12CDE", MatchKind.EXACT, Tier.SILENT, ()),
    ]


def test_every_reason_for_a_mark_comes_once_the_most_urgent_first(listed: Listed) -> None:
    routine = listed(Voi("AB12CDE", reason="NO TAX", tier=Tier.ROUTINE))
    urgent = listed(
        Voi("AB12CDE", reason="STOLEN", tier=Tier.PRIORITY),
        Voi("AB12CDE", reason="ARMED", tier=Tier.IMMEDIATE),
        head=replace(HEAD, list_id="urgent"),
    )
    matcher = Matcher()
    matcher.swap([routine, urgent])
    assert [match.voi.reason for match in matcher.match("AB12CDE", NOW)] == ["ARMED", "STOLEN", "NO TAX"]
    assert [match.hotlist.list_id for match in matcher.match("AB12CDE", NOW)] == ["urgent", "urgent", "stolen"]


def test_an_entry_ends_with_its_weed_date(listed: Listed) -> None:
    index = listed(Voi("AB12CDE", weed_date=date(2026, 11, 21)))
    assert told("AB12CDE", index, at=datetime(2026, 11, 21, 23, 59, tzinfo=UTC)) != []
    assert told("AB12CDE", index, at=datetime(2026, 11, 22, 0, 0, tzinfo=UTC)) == []
    assert told("AB12CDF", index, at=datetime(2026, 11, 22, 0, 0, tzinfo=UTC)) == []
    # The day is UTC's, however the moment is told: half an hour before midnight there, and half an hour after it.
    east, west = timezone(timedelta(hours=1)), timezone(-timedelta(hours=1))
    assert told("AB12CDE", index, at=datetime(2026, 11, 22, 0, 30, tzinfo=east)) != []
    assert told("AB12CDE", index, at=datetime(2026, 11, 21, 23, 30, tzinfo=west)) == []


def test_a_weeded_exact_match_does_not_hide_a_check(listed: Listed) -> None:
    index = listed(Voi("AB12CDE", weed_date=date(2026, 11, 20)), "AB12CDF")
    assert [(vrm, kind) for vrm, kind, *_ in told("AB12CDE", index)] == [("AB12CDF", MatchKind.CHECK)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(MARKS, MARKS)
def test_matching_sees_only_the_fold_and_is_the_same_both_ways(listed: Listed, read: str, entry: str) -> None:
    there, back = told(read, listed(entry)), told(entry, listed(read))
    assert bool(there) == (fold(read) == fold(entry) or fold(entry) in dict(variants(fold(read))))
    if len(read) == len(entry):
        assert [(kind, differing) for _, kind, _, differing in there] == [
            (kind, differing) for _, kind, _, differing in back
        ]


@given(st.text(ALPHABET, max_size=12))
def test_variants_are_few_different_and_one_place_away(read: str) -> None:
    folded = fold(read)
    found = list(variants(folded))
    assert len({mark for mark, _ in found}) == len(found)
    for mark, (place,) in found:
        assert fold(mark) == mark != folded
        if len(mark) == len(folded):
            assert mark[:place] == folded[:place]
            assert mark[place + 1 :] == folded[place + 1 :]
            assert mark[place] in CONFUSABLES[folded[place]]
        else:
            assert mark[:place] + mark[place + 1 :] == folded
            assert place in (0, len(folded))


def test_no_uk_mark_clipped_or_whole_has_more_variants_than_are_looked_up() -> None:
    chance = random.Random(7)
    letters, digits = "ABCDEFGHJKLMNPRSTUVWXYZ", "23456789"
    for masks in FORMAT_MASKS.values():
        for mask in masks:
            for _ in range(50):
                mark = "".join(chance.choice(letters if kind == "L" else digits) for kind in mask)
                for read in (mark, mark[1:], mark[:-1]):
                    assert len(list(variants(fold(read)))) < MAX_VARIANTS


def test_a_read_looks_up_no_more_than_its_share() -> None:
    looked_up: list[str] = []

    class Counting(MemoryList):
        def entries(self, folded: str) -> list[Voi]:
            looked_up.append(folded)
            return []

    matcher = Matcher()
    matcher.swap([Counting(HEAD, [])])
    for read in ("00000", "010101", "NNNNNNNNNNNN", "B12CDE"):
        looked_up.clear()
        matcher.match(read, NOW)
        assert len(looked_up) == len(set(looked_up)) <= MAX_VARIANTS


def test_the_lists_in_force_are_told_and_old_ones_closed(listed: Listed) -> None:
    old, kept, new = listed("AB12CDE"), listed("CD34EFG"), listed("EF56GHJ")
    matcher = Matcher()
    assert matcher.hotlists == ()
    matcher.swap([old, kept])
    matcher.swap([kept, new])
    assert matcher.hotlists == (kept.head, new.head)
    assert matcher.match("AB12CDE", NOW) == []
    assert len(matcher.match("CD34EFG", NOW)) == 1
    assert [file.is_open for one in (old, kept, new) for file in one.files] == [False, True, True]
    matcher.close()
    assert matcher.hotlists == ()


@pytest.fixture
def spoilt(tmp_path: Path) -> Iterator[Callable[..., ShippedList]]:
    """Build and open a list, and overwrite all of its details before anything was looked up."""
    opened: list[ShippedList] = []

    def build(*vois: Voi, head: Hotlist = HEAD) -> ShippedList:
        path = tmp_path / f"{head.list_id}.spoilt"
        build_list([Entry(number, voi) for number, voi in enumerate(vois, 1)], path, head, KEY)
        opened.append(ShippedList.open(path, KEY))
        path.write_bytes(bytes(path.stat().st_size))
        return opened[-1]

    yield build
    for one in opened:
        one.close()


def test_an_entry_that_cannot_be_read_is_a_possible_hit_and_the_list_is_told_once(
    spoilt: Callable[..., ShippedList], listed: Listed
) -> None:
    bad_head = replace(HEAD, list_id="damaged")
    damaged = spoilt(Voi("AB10CDE", tier=Tier.IMMEDIATE), Voi("EF56GHJ"), head=bad_head)
    out: list[Hotlist] = []
    matcher = Matcher(out.append)
    matcher.swap([damaged, listed("CD34EFG")])
    assert [match.voi.vrm for match in matcher.match("CD34EFG", NOW)] == ["CD34EFG"]
    assert matcher.match("XY34FGJ", NOW) == out == []
    (match,) = matcher.match("ABIOCDE", NOW)
    assert (match.kind, match.voi.vrm, match.voi.reason) == (MatchKind.CHECK, "ABIOCDE", UNREAD)
    assert (match.tier, match.differing, match.hotlist) == (Tier.PRIORITY, (), bad_head)
    (near,) = matcher.match("A810CDE", NOW)
    assert (near.kind, near.voi.vrm, near.tier, near.differing) == (MatchKind.CHECK, "AB10CDE", Tier.ROUTINE, (1,))
    assert out == [bad_head]
    assert matcher.hotlists == (bad_head, HEAD)


def test_an_exact_match_does_not_hide_an_entry_of_its_mark_that_cannot_be_read(
    spoilt: Callable[..., ShippedList], listed: Listed
) -> None:
    urgent = replace(HEAD, list_id="urgent", tier=Tier.IMMEDIATE)
    matcher = Matcher()
    matcher.swap([spoilt(Voi("AB12CDE"), Voi("AB12CDF"), head=urgent), listed("AB12CDE")])
    assert [(match.voi.vrm, match.kind, match.tier) for match in matcher.match("AB12CDE", NOW)] == [
        ("AB12CDE", MatchKind.CHECK, Tier.IMMEDIATE),
        ("AB12CDE", MatchKind.EXACT, Tier.PRIORITY),
    ]


def test_a_list_that_is_put_in_force_again_is_told_again(spoilt: Callable[..., ShippedList]) -> None:
    out: list[Hotlist] = []
    matcher = Matcher(out.append)
    for _ in range(2):
        matcher.put(spoilt(Voi("AB12CDE")))
        for _ in range(2):
            matcher.match("AB12CDE", NOW)
    assert out == [HEAD, HEAD]
    matcher.close()


def test_a_read_is_matched_against_one_consistent_set_while_lists_are_swapped(tmp_path: Path) -> None:
    """Each set is two lists of one revision: a match over a mixture would show two revisions."""

    def opened(revision: int) -> list[ShippedList]:
        indexes = []
        for name in ("first", "second"):
            path = tmp_path / f"{name}-{revision}.voi"
            head = replace(HEAD, list_id=name, revision=revision)
            build_list([Entry(1, Voi("AB12CDE", reason=str(revision)))], path, head, KEY)
            indexes.append(ShippedList.open(path, KEY))
        return indexes

    matcher = Matcher()
    matcher.swap(opened(0))
    done, wrong, matched = threading.Event(), [], [0, 0, 0]

    def read(reader: int) -> None:
        while not done.is_set():
            matches = matcher.match("AB12CDE", NOW)
            matched[reader] += 1
            if len(matches) != 2 or len({match.hotlist.revision for match in matches}) != 1:
                wrong.append(matches)

    readers = [threading.Thread(target=read, args=(reader,), name=f"reader-{reader}") for reader in range(3)]
    for thread in readers:
        thread.start()
    for revision in range(1, 41):
        matcher.swap(opened(revision))
    done.set()
    for thread in readers:
        thread.join()
    matcher.close()
    assert wrong == []
    assert min(matched) > 0


def test_a_damaged_list_is_logged_where_nobody_else_is_told(
    spoilt: Callable[..., ShippedList], caplog: pytest.LogCaptureFixture
) -> None:
    matcher = Matcher()
    matcher.swap([spoilt(Voi("AB12CDE"))])
    matcher.match("AB12CDE", NOW)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "Hotlist stolen is damaged"
    ]


@pytest.mark.parametrize(
    ("read", "kind"), [("AB12CDE", MatchKind.EXACT), ("A812CDE", MatchKind.CHECK), ("10AB", MatchKind.CHECK)]
)
def test_a_match_names_the_list_it_was_found_on(listed: Listed, read: str, kind: MatchKind) -> None:
    matcher = Matcher()
    matcher.swap([listed("AB12CDE", "1OAB")])
    (match,) = matcher.match(read, NOW)
    assert (match.kind, match.hotlist) == (kind, HEAD)


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process cannot be changed there")
@pytest.mark.parametrize("zone", ["EAST-14", "WEST+11"])
def test_a_weed_date_ends_in_utc_wherever_the_laptop_says_it_is(
    listed: Listed, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    index = listed(Voi("AB12CDE", weed_date=date(2026, 11, 21)))
    monkeypatch.setenv("TZ", zone)
    try:
        time.tzset()
        assert len(told("AB12CDE", index, at=datetime(2026, 11, 21, 23, 59, tzinfo=UTC))) == 1
        assert told("AB12CDE", index, at=datetime(2026, 11, 22, 0, 0, tzinfo=UTC)) == []
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("read", "mark", "place"), [("123BCD", "A123BCD", 0), ("ABC123", "ABC123D", 6), ("B123C", "AB123C", 0)]
)
def test_what_a_clipped_mark_lost_is_a_letter_where_its_format_has_one(
    listed: Listed, read: str, mark: str, place: int
) -> None:
    assert told(read, listed(mark)) == [(mark, MatchKind.CHECK, Tier.ROUTINE, (place,))]


def test_of_one_tier_exact_comes_before_check(listed: Listed) -> None:
    """Both are told only of silent entries: an exact one the crew is told of hides the others."""
    check, exact = (listed(Voi(vrm, tier=Tier.SILENT)) for vrm in ("AB12CDF", "AB12CDE"))
    assert [kind for _, kind, _, _ in told("AB12CDE", check, exact)] == [MatchKind.EXACT, MatchKind.CHECK]


@pytest.mark.parametrize("kind", [MatchKind.EXACT, MatchKind.CHECK])
@pytest.mark.parametrize("tier", [Tier.IMMEDIATE, Tier.SILENT])
def test_a_list_that_ended_long_ago_tells_that_a_mark_is_on_it_and_nothing_more(
    listed: Listed, kind: MatchKind, tier: Tier
) -> None:
    head = replace(HEAD, tier=tier, valid_until=NOW)
    entry = Voi("AB12CDE", make="FORD", reason="STOLEN", markers="WEAPONS", information="STOP", tier=tier)
    matcher = Matcher(hide_after=timedelta(hours=72))
    matcher.put(listed(entry, head=head))
    read = "AB12CDE" if kind is MatchKind.EXACT else "AB12CDF"
    (before,) = matcher.match(read, NOW + timedelta(hours=72))
    assert (before.kind, before.voi) == (kind, entry), "until then it alerts as before"
    (after,) = matcher.match(read, NOW + timedelta(hours=72, seconds=1))
    assert (after.kind, after.tier) == (MatchKind.CHECK, before.tier)
    assert after.voi == Voi("AB12CDE", action="VERIFY BY RADIO", reason=OVER, tier=tier)


def test_an_exact_match_does_not_hide_the_same_mark_on_a_list_that_ended(listed: Listed) -> None:
    matcher = Matcher()
    ended = replace(HEAD, list_id="ended", tier=Tier.IMMEDIATE, valid_until=NOW - timedelta(days=30))
    matcher.swap([listed(Voi("AB12CDE", tier=Tier.IMMEDIATE), head=ended), listed("AB12CDE")])
    assert [(match.voi.reason, match.kind) for match in matcher.match("AB12CDE", NOW)] == [
        (OVER, MatchKind.CHECK),
        ("", MatchKind.EXACT),
    ]
