"""The pages of lists: nothing in force unseen, nothing of a list becomes markup, and who may not is refused."""

import csv
import io
import re
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol_anpr.console import ConsoleServer, limits
from patrol_anpr.console.pages import list_drafts, lists
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.checking import work_on
from patrol_anpr.depot.lists.drafts import Drafts, Stage
from patrol_anpr.depot.lists.publishing import import_hotlist, published, repository_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import audit
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Tier
from tests.console.people import Person, words_of
from tests.depot.postgresql import on_both
from tests.depot.reports.records import done, hit, outcome, send, shift
from tests.depot.test_depot_publishing import rows

SAID = {
    "name": "Stolen", "owner": "Metro", "contact": "01632 960001", "tier": "2", "days": "7", "entry_days": "",
    "cars": "",
}  # fmt: skip
MARKUP = ("STOLEN<style>*{display:none}</style>", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')


@pytest.fixture
def at_once(monkeypatch):
    """The work on a draft is done before the answer, here: the process of its own has a test of its own."""
    for module in (list_drafts, lists):
        monkeypatch.setattr(module, "begin_work", work_on)


@pytest.fixture
def operator(console: ConsoleServer, staff_client, at_once) -> Person:
    return staff_client(StaffRole.OPERATOR)


def begun(person: Person, **changes: str) -> str:
    """Begin a draft; the path of its page."""
    answer = person.submit("/lists/new", SAID | changes)
    assert answer.status_code == 303, words_of(answer.text)
    return answer.headers["location"]


def uploaded(person: Person, content: str | bytes, name: str = "list.csv", **changes: str) -> str:
    path = begun(person, **changes)
    assert person.submit(f"{path}/file", files={"file": (name, content)}).status_code == 303
    return path


def published_by(person: Person, content: str, **changes: str) -> str:
    path = uploaded(person, content, **changes)
    for step in ("check", "publish"):
        answer = person.submit(f"{path}/{step}")
        assert answer.status_code == 303, words_of(answer.text)
    return path


def actions(folder: Path) -> list[tuple[str, str]]:
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.actor, audit.c.action).order_by(audit.c.number)).all()
    return [(actor, action) for actor, action in rows]


def heads(folder: Path):
    return {head.list_id: head for head, _ in published(repository_of(folder))}


@on_both
def test_a_list_is_uploaded_looked_at_checked_and_published_each_step_audited(operator, folder):
    path = uploaded(operator, rows(30) + "#NAME?" + "," * 15 + "\n")
    words = words_of(operator.page(path))
    assert "Column 1: VRM Column 2: make" in words
    assert "AB00000" in words
    assert heads(folder) == {}
    operator.submit(f"{path}/check")
    words = words_of(operator.page(path))
    assert "Checked, and not in force yet" in words
    assert "Entries 30 Refused lines 1" in words
    assert "Added 30" in words
    assert "would be a CHECK on this list" in words
    assert heads(folder) == {}
    rejects = operator.get(f"{path}/rejects.csv")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert rejects.text.splitlines()[1] == "31,the VRM was changed by a spreadsheet into a date or a number"
    operator.submit(f"{path}/publish")
    assert "Published as revision 1" in words_of(operator.page(path))
    assert heads(folder)["stolen"].entries == 30
    mine = [action for actor, action in actions(folder) if actor == f"staff {operator.staff_id}"]
    assert mine == [
        "hotlist draft begun", "hotlist file uploaded", "hotlist file looked at", "hotlist checked",
        "hotlist changes looked at", "refused lines fetched", "hotlist publication approved", "hotlist published",
    ]  # fmt: skip


def test_what_changed_is_shown_against_the_revision_in_force_and_one_can_go_back(operator, folder):
    published_by(operator, rows(10))
    path = uploaded(operator, rows(12).replace("AB00003,FORD,,,", "AB00003,FORD,,,STOP"))
    operator.submit(f"{path}/check")
    words = words_of(operator.page(path))
    assert "Compared with revision 1" in words
    assert "Added 2 Removed 0 Another tier or action 1 Other words 0" in words
    listed = list(csv.DictReader(io.StringIO(operator.get(f"{path}/changes.csv").text)))
    assert sorted((row["change"], row["vrm"], row["before: action"], row["after: action"]) for row in listed) == [
        ("Added", "AB00010", "", ""),
        ("Added", "AB00011", "", ""),
        ("Another tier or action", "AB00003", "", "STOP"),
    ]
    operator.submit(f"{path}/publish")
    assert operator.get(f"{path}/changes.csv").status_code == 422
    words = words_of(operator.page("/lists/list/stolen"))
    assert "Revision 1 with 10 entries is kept" in words
    back = operator.submit("/lists/list/stolen/back").headers["location"]
    assert "Removed 2" in words_of(operator.page(back))
    operator.submit(f"{back}/publish")
    assert (heads(folder)["stolen"].revision, heads(folder)["stolen"].entries) == (3, 10)
    assert operator.submit("/lists/list/stolen/withdraw", {"reason": " "}).status_code == 422
    operator.submit("/lists/list/stolen/withdraw", {"reason": "by mistake"})
    assert heads(folder) == {}


def test_no_text_of_a_list_becomes_markup_on_any_page(operator, folder):
    text = " ".join(MARKUP)
    quoted = text.replace('"', '""')
    line = f'AB12CDE,"{quoted}","{quoted}",,"{quoted}",,"{quoted}",,,"=HYPERLINK(1)"' + "," * 6 + "\n"
    path = uploaded(operator, line + rows(3), name="<script>.csv", owner=text, contact=text)
    seen = [operator.page(path)]
    operator.submit(f"{path}/check")
    seen.append(operator.page(path))
    changes = operator.get(f"{path}/changes.csv")
    assert changes.headers["content-type"].startswith("text/csv")
    assert ",\"'=HYPERLINK" in changes.text
    operator.submit(f"{path}/publish")
    entry = {"vrm": "TX64KZW", "reason": "<script>", "make": text, "colour": text, "markers": text, "why": "a test"}
    assert operator.submit("/lists/by-hand/add", entry).status_code == 303
    seen += [operator.page(page) for page in (path, "/lists", "/lists/list/stolen", "/lists/by-hand", "/lists/cars")]
    assert sum("&lt;script&gt;" in page for page in seen) == len(seen) - 1  # the page of the cars has no such text
    for page in seen:
        content = page.split("<main", 1)[1]
        assert not re.search(r"<(?:style|script|img)", content)


def test_a_text_of_a_form_comes_back_as_text(operator):
    answer = operator.submit("/lists/new", SAID | {"owner": MARKUP[2], "days": "soon"})
    assert answer.status_code == 422
    assert "whole number from 1 to 3650" in words_of(answer.text)
    assert "<img" not in answer.text
    assert "&lt;img" in answer.text


def test_what_cannot_be_said_of_a_list_is_told_and_the_rest_is_kept(operator):
    for changes, said in (
        ({"name": ""}, "needs a letter or a digit"),
        ({"owner": ""}, "Say the owner"),
        ({"contact": " "}, "Say the contact"),
        ({"days": "0"}, "whole number"),
        ({"name": "hot"}, "made by hand"),
    ):
        answer = operator.submit("/lists/new", SAID | changes)
        assert (answer.status_code, said in words_of(answer.text)) == (422, True)
        assert 'value="7"' in answer.text or "days" in changes


def test_a_file_of_another_form_is_recognised_and_another_mapping_can_be_chosen(operator, folder):
    path = uploaded(operator, "# marks\nAB12CDE\nTX64KZW\n", name="marks.txt")
    words = words_of(operator.page(path))
    assert "Column 1: VRM" in words
    assert operator.submit(f"{path}/mapping", {"mapping": "own", "own": "name = 'x'\n[columns]\n"}).status_code == 422
    answer = operator.submit(f"{path}/mapping", {"mapping": "own", "own": "name = 'x'\n[columns]\nvrm = 2\n"})
    assert answer.status_code == 303
    assert "marks in column 1" in words_of(operator.page(path)) or "refused" in words_of(operator.page(path))
    operator.submit(f"{path}/mapping", {"mapping": "plain"})
    operator.submit(f"{path}/check")
    operator.submit(f"{path}/publish")
    assert heads(folder)["stolen"].entries == 2


def test_a_mapping_of_the_force_is_offered_and_a_damaged_one_is_told_of(operator, folder):
    (folder / "mappings").mkdir(mode=0o700)
    (folder / "mappings" / "metro.toml").write_text("name = 'Metro form'\ndelimiter = ';'\n[columns]\nvrm = 2\n")
    (folder / "mappings" / "old.toml").write_text("name = 'Old'\n[columns]\nmake = 2\n")
    words = words_of(operator.page(uploaded(operator, "FORD;AB12CDE\nSEAT;TX64KZW\n")))
    assert "Column 2: VRM" in words
    assert "Metro form" in words
    assert "The mapping file old.toml cannot be used, line 2, columns.vrm: it is missing." in words


def test_nothing_of_a_list_is_shown_that_the_audit_does_not_take(operator, monkeypatch):
    path = uploaded(operator, rows(3))

    def broken(*_: object) -> None:
        raise RecordsFault("The disk is full.")

    monkeypatch.setattr(list_drafts, "audit_list", broken)
    for page in (path, f"{path}/rejects.csv"):
        answer = operator.get(page)
        assert answer.status_code in (404, 503)
        assert "AB0" not in answer.text
    monkeypatch.undo()
    monkeypatch.setattr(list_drafts, "begin_work", work_on)
    operator.submit(f"{path}/check")
    monkeypatch.setattr(list_drafts, "audit_list", broken)
    answer = operator.get(path)
    assert (answer.status_code, "AB0" in answer.text) == (503, False)
    answer = operator.submit(f"{path}/publish")
    assert answer.status_code == 503


def test_a_file_that_nothing_reads_is_told_of_and_never_checked_unseen(operator):
    path = uploaded(operator, "this is a letter\nto somebody\n")
    assert "is not a hotlist" in words_of(operator.page(path)) or "No mapping fits" in words_of(operator.page(path))
    assert operator.submit(f"{path}/check").status_code == 422


def test_a_zip_bomb_is_refused_with_a_sentence(operator, monkeypatch):
    monkeypatch.setattr("patrol_anpr.plumbing.lines.MAX_BYTES", 100_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", rows(1) * 20_000)
    path = uploaded(operator, packed.getvalue(), name="list.zip")
    operator.submit(f"{path}/check")
    assert "larger than a hotlist can be" in words_of(operator.page(path))


def test_a_file_beyond_the_bound_leaves_nothing_and_an_empty_one_is_told(operator, folder, monkeypatch):
    monkeypatch.setattr(list_drafts, "MOST_UPLOAD", 10_000)
    path = begun(operator)
    answer = operator.submit(f"{path}/file", files={"file": ("list.csv", "A" * 20_000)})
    assert (answer.status_code, "larger than" in words_of(answer.text)) == (422, True)
    answer = operator.submit(f"{path}/file", files={"file": ("list.csv", "")})
    assert (answer.status_code, "Choose a file" in words_of(answer.text)) == (422, True)
    assert operator.submit(f"{path}/file", {"x": "y"}).status_code == 422
    assert list((folder / "drafts").glob("*/upload/*")) == []


def test_the_file_of_a_list_may_be_larger_than_other_files_and_only_there(operator, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 10_000)
    large = {"file": ("list.csv", "# a remark\n" * 40_000)}
    path = begun(operator)
    assert operator.submit(f"{path}/file", files=large).status_code == 303
    assert operator.submit(f"{path}/mapping", files=large).status_code == 413
    monkeypatch.setattr(limits, "LIST_BYTES", 100_000)
    assert operator.submit(f"{begun(operator)}/file", files=large).status_code == 413


def test_a_form_of_many_fields_is_refused_before_its_file(operator):
    path = begun(operator)
    fields = {f"f{number}": "x" for number in range(30)}
    answer = operator.submit(f"{path}/file", fields, files={"file": ("list.csv", rows(1))})
    assert (answer.status_code, "too many fields" in words_of(answer.text)) == (422, True)


def test_an_upload_needs_the_token_the_origin_and_the_duty_and_lies_for_its_owner_alone(operator, folder, staff_client):
    path = begun(operator)
    file = {"file": ("../../../list.csv", rows(2))}
    assert operator.post(f"{path}/file", files=file, headers={"origin": operator.url}).status_code == 403
    assert operator.post(f"{path}/file", files=file, headers={"origin": "https://evil.example"}).status_code == 403
    analyst = staff_client(StaffRole.ANALYST)
    assert analyst.submit(f"{path}/file", files=file).status_code == 403
    assert list((folder / "drafts").glob("*/upload/*")) == []
    assert operator.submit(f"{path}/file", files=file).status_code == 303
    (upload,) = (folder / "drafts").glob("*/upload/*")
    assert (upload.name, upload.stat().st_mode & 0o777) == ("list.csv", 0o600)


def test_a_check_that_broke_off_is_told_of_and_begun_again(operator, folder, monkeypatch):
    path = uploaded(operator, rows(3))
    monkeypatch.setattr(list_drafts, "begin_work", lambda folder, draft_id: None)  # its process ends at once
    operator.submit(f"{path}/check")
    answer = operator.get(path)
    assert answer.headers["refresh"] == "3"
    assert "Being checked" in words_of(answer.text)
    drafts = Drafts(folder)
    (draft,) = drafts.all()
    drafts.put(draft.model_copy(update={"begun_at": draft.begun_at - timedelta(minutes=5)}))
    answer = operator.get(path)
    assert "refresh" not in answer.headers
    assert "The check broke off" in words_of(answer.text)
    monkeypatch.setattr(list_drafts, "begin_work", work_on)
    operator.submit(f"{path}/check")
    assert drafts.get(draft.draft_id).stage is Stage.CHECKED


def test_two_people_publish_what_two_keys_sign(operator, folder, staff_client):
    published_by(operator, rows(10))
    repository_of(folder).ask_two("owner-metro")
    path = uploaded(operator, rows(11))
    operator.submit(f"{path}/check")
    assert "Two people have to approve" in words_of(operator.page(path))
    for _ in range(2):
        operator.submit(f"{path}/publish")
        assert heads(folder)["stolen"].revision == 1
    other = staff_client(StaffRole.OPERATOR, staff_id="another-operator")
    other.submit(f"{path}/publish")
    assert heads(folder)["stolen"].revision == 2
    assert operator.submit("/lists/list/stolen/withdraw", {"reason": "x"}).status_code == 422


def test_a_key_on_a_stick_stays_there_and_the_page_says_what_to_run(operator, folder, tmp_path):
    published_by(operator, rows(10))
    (key,) = (folder / "keys").glob("lists-owner-metro-*.pem")
    stick = tmp_path / "stick"
    stick.mkdir()
    key.rename(stick / key.name)
    path = uploaded(operator, rows(11))
    operator.submit(f"{path}/check")
    assert f"patrol-anpr depot lists finish {path.rsplit('/', 1)[1]} --keys FOLDER" in words_of(operator.page(path))
    operator.submit(f"{path}/publish")
    assert heads(folder)["stolen"].revision == 1
    from patrol_anpr.commands.depot_lists import finish_draft, keys_of

    assert finish_draft(folder, path.rsplit("/", 1)[1], keys_of(folder, [stick])) == 0
    assert heads(folder)["stolen"].revision == 2


def test_an_entry_is_added_and_cancelled_by_hand_with_a_reason(operator, folder):
    entry = {"vrm": "tx64 kzw", "reason": "ROBBERY", "tier": "1", "days": "2", "why": "case 7"}
    for changes, said in (
        ({"why": ""}, "Say why"),
        ({"vrm": "#NAME?"}, "cannot be an entry"),
        ({"days": "99"}, "ends after 1 to 30 days"),
    ):
        answer = operator.submit("/lists/by-hand/add", entry | changes)
        assert (answer.status_code, said in words_of(answer.text)) == (422, True)
    assert operator.submit("/lists/by-hand/add", entry).status_code == 303
    assert "TX64 KZW 1 Immediate" in words_of(operator.page("/lists/by-hand"))
    assert operator.submit("/lists/by-hand/cancel", {"cancel_vrm": "TX64KZW", "cancel_why": ""}).status_code == 422
    assert operator.submit("/lists/by-hand/cancel", {"cancel_vrm": "TX64KZW", "cancel_why": "found"}).status_code == 303
    assert heads(folder) == {}
    mine = [action for _, action in actions(folder) if action.startswith("entry")]
    assert mine.count("entry added") == mine.count("entry cancelled") == 1


def stale_depot(folder: Path) -> None:
    path = folder.parent / "list.csv"
    path.write_text("AB12CDE" + "," * 15 + "\n" + rows(5))
    import_hotlist(folder, path, "stolen", "Stolen", "Metro", Tier.PRIORITY, contact="01632 960001")
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, shift(), *(hit(number, list_id="stolen") for number in range(4)))
        send(
            database,
            outcome(1, 0, **done(Disposition.OUT_OF_DATE)),
            outcome(2, 1, **done(Disposition.NO_LONGER_WANTED)),
            outcome(3, 1, undone=True),
            outcome(4, 2, **done(Disposition.ARREST)),
        )


def test_an_entry_that_a_car_calls_out_of_date_goes_to_its_owner_and_is_taken_off_by_their_word(operator, folder):
    stale_depot(folder)
    assert "Cars call 1 entry out of date" in words_of(operator.page("/lists"))
    page = operator.page("/lists/review")
    words = words_of(page)
    assert "AB12 CDE on Stolen" in words
    assert "Owner Metro, 01632 960001" in words
    assert "PC1" not in words
    fields = dict(re.findall(r'name="(car_id|outcome_id)" value="([^"]*)"', page))
    assert operator.submit("/lists/review", fields | {"decision": "removed", "reason": ""}).status_code == 422
    assert heads(folder)["stolen"].entries == 6
    operator.submit("/lists/review", fields | {"decision": "removed", "reason": "DS Example: recovered"})
    assert heads(folder)["stolen"].entries == 5
    assert "Nothing is to be reviewed" in words_of(operator.page("/lists/review"))
    assert operator.submit("/lists/review", fields | {"decision": "kept", "reason": "x"}).status_code == 422
    assert ("staff the-operator", "entry reviewed: removed") in actions(folder)


@on_both
def test_what_is_decided_is_kept_and_asked_no_more(operator, folder):
    stale_depot(folder)
    fields = dict(re.findall(r'name="(car_id|outcome_id)" value="([^"]*)"', operator.page("/lists/review")))
    assert operator.submit("/lists/review", fields | {"decision": "kept", "reason": "DS Example"}).status_code == 303
    assert "Nothing is to be reviewed" in words_of(operator.page("/lists/review"))
    assert heads(folder)["stolen"].entries == 6


def test_who_may_not_publish_sees_no_form_and_nothing_of_a_list(console, folder, staff_client, at_once):
    stale_depot(folder)
    for role in (StaffRole.ANALYST, StaffRole.SENIOR, StaffRole.AUDITOR, StaffRole.ADMINISTRATOR):
        person = staff_client(role)
        for path in ("/lists", "/lists/new", "/lists/review", "/lists/by-hand", "/lists/cars", "/lists/list/stolen"):
            assert person.get(path).status_code == 403, (role, path)


def test_what_is_not_there_is_not_found(operator):
    for path in ("/lists/draft/0123456789abcdef", "/lists/draft/..%2f..%2fetc", "/lists/list/none"):
        assert operator.get(path).status_code == 404
    assert operator.submit("/lists/draft/0123456789abcdef/publish").status_code == 404


def test_the_mappings_that_come_with_the_program_are_shown(operator):
    assert "[columns]" in operator.page("/lists/mappings")


def test_no_mark_stands_in_an_address(operator):
    published_by(operator, rows(3))
    for page in ("/lists", "/lists/list/stolen", "/lists/by-hand", "/lists/cars"):
        assert not re.search(r'(?:href|action)="[^"]*AB0', operator.page(page))
