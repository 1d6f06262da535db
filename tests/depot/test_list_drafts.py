"""Drafts: what is uploaded is checked, compared and approved before it is in force, and nothing of it is left."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.depot.backup import copying
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists import checking
from patrol_anpr.depot.lists.checking import approve, begin_checking, begin_publishing, begin_work, work_on
from patrol_anpr.depot.lists.drafts import KEPT, Approval, Draft, Drafts, Stage, new_draft_id, safe_name
from patrol_anpr.depot.lists.kept import entries_of, opened_list
from patrol_anpr.depot.lists.publishing import (
    ListWish,
    opening_keys,
    published,
    repository_of,
    withdraw_hotlist,
)
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.comparing import ChangeKind
from patrol_anpr.hotlists.mapping import shipped_files
from tests.depot.test_depot_publishing import audited, rows

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
STOLEN = ListWish("stolen", "Stolen", "Force", Tier.PRIORITY, "01632 960001")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


@pytest.fixture
def drafts(folder: Path) -> Drafts:
    DepotDatabase(folder).close()
    repository_of(folder)
    return Drafts(folder)


def uploaded(drafts: Drafts, content: str, wish: ListWish = STOLEN, **said) -> str:
    draft = Draft(
        draft_id=new_draft_id(),
        stage=Stage.UPLOADED,
        made_at=NOW,
        made_by="op1",
        file_name="list.csv",
        wish=wish,
        **said,
    )
    (drafts.make(draft) / "list.csv").write_text(content)
    return draft.draft_id


def checked(folder: Path, drafts: Drafts, draft_id: str) -> Draft:
    begin_checking(drafts, draft_id, NOW)
    return work_on(folder, draft_id, now=lambda: NOW)


def made(folder: Path, drafts: Drafts, draft_id: str, *people: str, why: str = "") -> Draft:
    for staff_id in people or ("op1",):
        approve(drafts, draft_id, Approval(staff_id, NOW, why))
    begin_publishing(drafts, draft_id, NOW)
    return work_on(folder, draft_id, now=lambda: NOW)


def vois(folder: Path, list_id: str = "stolen"):
    repository = repository_of(folder)
    (head,) = [head for head, _ in published(repository) if head.list_id == list_id]
    with opened_list(repository, head, opening_keys(folder).get(head.key_id)) as opened:
        return {entry.voi.vrm: entry.voi for entry in entries_of(opened)}


def test_a_file_is_checked_and_nothing_is_in_force_until_it_is_published(folder, drafts):
    draft_id = uploaded(drafts, rows(30) + "#NAME?" + "," * 15 + "\n" + rows(1))
    draft = checked(folder, drafts, draft_id)
    assert (draft.stage, draft.fault, published(repository_of(folder))) == (Stage.CHECKED, "", [])
    assert draft.report is not None
    assert (draft.report.entries, draft.report.rejected, draft.report.absurd) == (30, 2, False)
    with drafts.rejects(draft_id).open(newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["31", "the VRM was changed by a spreadsheet into a date or a number"],
            ["32", "it repeats line 1 in every column"],
        ]
    assert drafts.result(draft_id).counts == {ChangeKind.ADDED: 30}
    assert drafts.result(draft_id).false_hits.entries == 30
    assert made(folder, drafts, draft_id).revision == 1
    assert len(vois(folder)) == 30
    actions = [row[:3] for row in audited(folder)]
    assert actions == [("staff op1", "hotlist checked", "stolen"), ("staff op1", "hotlist published", "stolen")]


def test_once_checked_no_file_of_a_draft_names_a_mark_and_once_published_nothing_is_left(folder, drafts):
    draft_id = uploaded(drafts, rows(30))
    checked(folder, drafts, draft_id)
    for file in (folder / "drafts").rglob("*"):
        assert not file.is_file() or b"AB0000" not in file.read_bytes(), file
        assert file.stat().st_mode & 0o077 == 0, file
    made(folder, drafts, draft_id)
    assert {file.name for file in (folder / "drafts" / draft_id).iterdir()} == {"draft.json", "rejects.csv", "lock"}


def test_the_next_revision_is_compared_with_the_one_in_force(folder, drafts):
    first = uploaded(drafts, rows(30))
    checked(folder, drafts, first)
    made(folder, drafts, first)
    changed = rows(31).replace("AB00003,FORD,,,", "AB00003,FORD,,,STOP").replace("AB00004,FORD", "AB00004,SEAT")
    second = uploaded(drafts, changed.replace("AB00005,FORD" + "," * 14 + "\n", ""))
    draft = checked(folder, drafts, second)
    assert draft.report is not None
    assert (draft.report.against, draft.report.before) == (1, 30)
    result = drafts.result(second)
    assert result.counts == dict.fromkeys(ChangeKind, 1)
    assert {change.kind: (change.after or change.before).vrm for change in result.first} == {
        ChangeKind.ADDED: "AB00030",
        ChangeKind.REMOVED: "AB00005",
        ChangeKind.RETIERED: "AB00003",
        ChangeKind.REWORDED: "AB00004",
    }


def test_an_absurd_size_needs_a_reason_and_it_is_audited(folder, drafts):
    for count in (100, 10):
        draft_id = uploaded(drafts, rows(count))
        draft = checked(folder, drafts, draft_id)
        if count == 100:
            made(folder, drafts, draft_id)
    assert draft.report is not None
    assert draft.report.absurd
    with pytest.raises(BadInput, match="may be a mistake"):
        approve(drafts, draft_id, Approval("op1", NOW))
    assert made(folder, drafts, draft_id, why="the owner was asked").revision == 2
    assert ("staff op1", "hotlist size confirmed", "stolen", "the owner was asked") in audited(folder)


def test_what_two_keys_sign_two_people_approve(folder, drafts):
    first = uploaded(drafts, rows(5))
    checked(folder, drafts, first)
    made(folder, drafts, first)
    repository_of(folder).ask_two("owner-force")
    second = uploaded(drafts, rows(6))
    checked(folder, drafts, second)
    assert "Another person" in made(folder, drafts, second, "op1", "op1").fault
    assert made(folder, drafts, second, "op1", "op2").revision == 2
    assert ("staff op1, op2", "hotlist published", "stolen", "revision 2") in audited(folder)


def test_a_draft_that_another_publication_overtook_is_checked_again_without_its_file(folder, drafts):
    first, second = uploaded(drafts, rows(10)), uploaded(drafts, rows(12))
    for draft_id in (first, second):
        checked(folder, drafts, draft_id)
    made(folder, drafts, first)
    assert "Check it again" in made(folder, drafts, second).fault
    draft = checked(folder, drafts, second)
    assert draft.report is not None
    assert (draft.report.against, drafts.result(second).counts) == (1, {ChangeKind.ADDED: 2})
    assert draft.approvals == ()
    assert made(folder, drafts, second).revision == 2


def test_going_back_is_a_draft_of_the_revision_before_and_a_new_revision(folder, drafts):
    for count in (10, 12):
        draft_id = uploaded(drafts, rows(count))
        checked(folder, drafts, draft_id)
        made(folder, drafts, draft_id)
    back = Draft(
        draft_id=new_draft_id(), stage=Stage.UPLOADED, made_at=NOW, made_by="op1", file_name="", wish=STOLEN, back_to=1
    )
    drafts.make(back)
    draft = checked(folder, drafts, back.draft_id)
    assert drafts.result(draft.draft_id).counts == {ChangeKind.REMOVED: 2}
    assert made(folder, drafts, draft.draft_id).revision == 3
    assert len(vois(folder)) == 10


def test_each_entry_has_an_owner_to_reach_and_an_end(folder, drafts):
    own = "TX64KZW" + "," * 9 + "Metro,20271231" + "," * 5 + "\n"
    draft_id = uploaded(drafts, rows(1) + own, entry_days=30)
    checked(folder, drafts, draft_id)
    made(folder, drafts, draft_id)
    found = vois(folder)
    assert (found["AB00000"].force_area, found["AB00000"].weed_date) == (
        "Force, 01632 960001",
        (NOW + timedelta(30)).date(),
    )
    assert (found["TX64KZW"].force_area, f"{found['TX64KZW'].weed_date}") == ("Metro", "2027-12-31")


def test_a_mapping_reads_the_file_and_what_cannot_be_read_is_told_and_may_be_mended(folder, drafts):
    plain = {"mapping": shipped_files()["plain"].decode(), "mapping_name": "plain"}
    good, bad = uploaded(drafts, "AB12CDE\n", **plain), uploaded(drafts, "AB12CDE\n")
    assert checked(folder, drafts, good).stage is Stage.CHECKED
    draft = checked(folder, drafts, bad)
    assert draft.stage is Stage.UPLOADED
    assert "is not a hotlist" in draft.fault
    drafts.put(draft.model_copy(update=plain))
    assert checked(folder, drafts, bad).stage is Stage.CHECKED


def test_work_that_broke_off_is_seen_and_work_that_goes_on_is_left_alone(folder, drafts):
    draft_id = uploaded(drafts, rows(3))
    draft = begin_checking(drafts, draft_id, NOW)
    late = NOW + timedelta(minutes=5)
    assert not drafts.is_interrupted(draft, NOW + timedelta(seconds=5))
    with drafts.turn(draft_id):
        assert not drafts.is_interrupted(draft, late)
        with pytest.raises(BadInput, match="worked on just now"):
            drafts.discard(draft_id)
    assert drafts.is_interrupted(draft, late)
    assert checked(folder, drafts, draft_id).stage is Stage.CHECKED


def test_a_week_later_a_draft_is_gone_and_so_is_one_that_is_discarded(folder, drafts):
    first, second = uploaded(drafts, rows(3)), uploaded(drafts, rows(3))
    drafts.discard(second)
    with pytest.raises(BadInput, match="no such draft"):
        drafts.get(second)
    later = Draft(
        draft_id=new_draft_id(),
        stage=Stage.UPLOADED,
        made_at=NOW + KEPT + timedelta(1),
        made_by="op1",
        file_name="",
        wish=STOLEN,
    )
    drafts.make(later)
    assert [draft.draft_id for draft in drafts.all()] == [later.draft_id]
    with pytest.raises(BadInput):
        drafts.get(first)


@pytest.mark.parametrize("draft_id", ["../../etc", "", "0" * 15, "0" * 16 + "\n", "A" * 16])
def test_no_id_leads_out_of_the_folder(drafts, draft_id):
    with pytest.raises(BadInput, match="no such draft"):
        drafts.get(draft_id)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x.csv", "x.csv"),
        ("C:\\lists\\a b.csv", "a_b.csv"),
        ("", "list"),
        (".hidden", "hidden"),
        ("é<i>", "__i_"),
    ],
)
def test_no_name_of_a_file_leads_out_either(name, safe):
    assert safe_name(name) == safe


def test_the_work_is_done_by_a_process_of_its_own(folder, drafts):
    draft_id = uploaded(drafts, rows(3))
    begin_checking(drafts, draft_id, datetime.now(UTC))
    begin_work(folder, draft_id)
    assert checking._running[-1].wait(timeout=100) == 0
    assert drafts.get(draft_id).stage is Stage.CHECKED


def test_a_list_that_was_taken_back_meanwhile_is_not_published_by_an_old_draft(folder, drafts):
    first = uploaded(drafts, rows(10))
    checked(folder, drafts, first)
    made(folder, drafts, first)
    second = uploaded(drafts, rows(12))
    checked(folder, drafts, second)
    withdraw_hotlist(folder, "stolen", "op2", "by mistake")
    assert "taken back since" in made(folder, drafts, second).fault
    assert published(repository_of(folder)) == []


def test_a_draft_is_in_no_copy_of_the_depot(folder, drafts):
    uploaded(drafts, rows(3))
    assert not [file for file in copying._files(folder) if "drafts" in file.parts]
    assert [file for file in copying._files(folder) if "lists" in file.parts]
