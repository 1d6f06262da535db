"""Entries that operators add and cancel by hand: small signed revisions, never more than was asked for."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.depot import import_hotlist
from patrol_anpr.depot.lists.by_hand import LONGEST, Operator, add_by_hand, cancel_by_hand
from patrol_anpr.depot.lists.publishing import opening_keys, published, repository_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import HOT_LIST, Tier, Voi
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.shipped import ShippedList
from tests.depot.test_depot_publishing import audited, rows

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
BY = Operator("Sgt Example", "seen leaving the scene")


def a_voi(vrm: str, **said) -> Voi:
    return Voi(
        vrm, **{"reason": "ROBBERY", "weed_date": (NOW + timedelta(days=2)).date(), "tier": Tier.PRIORITY} | said
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


def stolen(folder: Path, count: int = 30, **wishes):
    path = folder.parent / "list.csv"
    path.write_text(rows(count))
    return import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY, now=lambda: NOW, **wishes)


def add(folder: Path, voi: Voi, at: datetime = NOW):
    return add_by_hand(folder, voi, BY, now=lambda: at)


def marks(folder: Path, list_id: str, *vrms: str) -> list[bool]:
    """Which of the marks are on the published list."""
    repository = repository_of(folder)
    [head] = [head for head, _ in published(repository) if head.list_id == list_id]
    key = opening_keys(folder).get(head.key_id)
    base, *deltas = [repository.target(file.sha256) for file in head.files]
    with closing(ShippedList.open(base, key, *deltas)) as opened:
        assert opened.head == head.hotlist()
        assert opened.count == head.entries
        return [bool(opened.entries(fold(vrm))) for vrm in vrms]


def test_entries_come_on_a_list_of_their_own_each_as_a_small_revision(folder):
    first = add(folder, a_voi("TX64KZW"))
    second = add(folder, a_voi("UX15ZDM"))
    third = add(folder, a_voi("UX15ZDM", reason="ANOTHER"))
    assert [(head.revision, head.entries, head.form) for head in (first, second, third)] == [
        (1, 1, "whole"),
        (2, 2, "delta"),
        (3, 3, "delta"),
    ]
    assert third.bytes < 2000
    assert marks(folder, HOT_LIST, "TX64KZW", "UX15ZDM", "JX26ZBO") == [True, True, False]
    assert audited(folder)[-1] == ("Sgt Example", "entry added", HOT_LIST, BY.reason)


def test_a_cancelled_entry_leaves_every_list_that_has_it_and_nothing_else_does(folder):
    stolen(folder)
    add(folder, a_voi("AB00007"))
    add(folder, a_voi("TX64KZW"))
    assert sorted(cancel_by_hand(folder, "ab0 0007", BY, now=lambda: NOW)) == ["Added by the depot", "Stolen"]
    assert marks(folder, "stolen", "AB00007", "AB00008") == [False, True]
    assert marks(folder, HOT_LIST, "AB00007", "TX64KZW") == [False, True]
    heads = {head.list_id: head for head, _ in published(repository_of(folder))}
    assert (heads["stolen"].entries, heads["stolen"].judged_entries, heads["stolen"].form) == (29, 30, "delta")
    assert heads["stolen"].issued_at == NOW, "the list is as old as its owner's file"
    assert sorted(row[:3] for row in audited(folder)[-2:]) == [
        ("Sgt Example", "entry cancelled", HOT_LIST),
        ("Sgt Example", "entry cancelled", "stolen"),
    ]


def test_the_last_entry_cancelled_takes_the_list_back_and_the_next_one_goes_on(folder):
    add(folder, a_voi("TX64KZW"))
    cancel_by_hand(folder, "TX64KZW", BY, now=lambda: NOW)
    assert published(repository_of(folder)) == []
    head = add(folder, a_voi("TX64KZW"))
    assert (head.revision, head.form) == (2, "whole")
    assert marks(folder, HOT_LIST, "TX64KZW") == [True]


def test_a_mark_written_otherwise_is_not_cancelled(folder):
    stolen(folder)
    before = audited(folder)
    with pytest.raises(BadInput, match="No published list"):
        cancel_by_hand(folder, "ABOOOO7", BY, now=lambda: NOW)
    assert audited(folder) == before


def test_what_is_past_its_end_goes_with_the_next_entry(folder):
    add(folder, a_voi("TX64KZW"))
    later = NOW + timedelta(days=5)
    head = add(folder, a_voi("UX15ZDM", weed_date=later.date()), later)
    assert (head.entries, marks(folder, HOT_LIST, "TX64KZW", "UX15ZDM")) == (1, [False, True])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"tier": Tier.SILENT}, "covert"),
        ({"weed_date": None}, "an end within 30 days"),
        ({"weed_date": (NOW + LONGEST + timedelta(days=1)).date()}, "an end within 30 days"),
        ({"weed_date": (NOW - timedelta(days=1)).date()}, "an end within 30 days"),
    ],
)
def test_an_entry_that_should_not_be_made_by_hand_is_refused(folder, said, why):
    with pytest.raises(BadInput, match=why):
        add(folder, a_voi("TX64KZW", **said))
    assert published(repository_of(folder)) == []


def test_an_entry_is_made_once(folder):
    add(folder, a_voi("TX64KZW"))
    with pytest.raises(BadInput, match="already"):
        add(folder, a_voi("TX64KZW"))


def test_a_file_of_the_owner_counts_again_and_its_size_is_judged_without_what_was_cancelled(folder):
    stolen(folder, 3)
    for number in range(2):
        cancel_by_hand(folder, f"AB0000{number}", BY, now=lambda: NOW)
    assert stolen(folder, 2).entries == 2
    assert marks(folder, "stolen", "AB00000") == [True]


def test_no_file_takes_the_place_of_the_list_made_by_hand(folder, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(rows(3))
    with pytest.raises(BadInput, match="made by hand"):
        import_hotlist(folder, path, HOT_LIST, "Hot", "Force", Tier.PRIORITY)
