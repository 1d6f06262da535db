"""Publishing lists and rosters: what is absurd is stopped at the depot."""

import os
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from patrol_anpr.depot import import_hotlist, import_roster
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.kept import entries_of, kept_head, opened_list
from patrol_anpr.depot.lists.publishing import (
    Confirmation,
    opening_keys,
    published,
    repository_of,
    withdraw_hotlist,
)
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.depot.tables import audit
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.mapping import shipped_mappings
from patrol_anpr.hotlists.shelf import try_out
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.vehicle.clock import SystemClock
from tests.depot.postgresql import on_both

SURE = Confirmation("Sgt Example", "the owner was asked")
ROW = "AB12CDE,FORD" + "," * 14 + "\n"


def rows(count: int) -> str:
    return "".join(ROW.replace("12CDE", f"{number:05}") for number in range(count))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "depot"


@pytest.fixture
def publish(folder: Path, tmp_path: Path):
    def publish(lines: int, **wishes):
        path = tmp_path / "list.csv"
        path.write_text(rows(lines))
        return import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY, **wishes)

    return publish


def index(folder: Path):
    return tuple(head for head, _ in published(repository_of(folder)))


def audited(folder: Path):
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).all()
    return [(row.actor, row.action, row.object_id, row.reason) for row in rows]


def file_of(folder: Path, head) -> Path:
    return repository_of(folder).target(head.sha256)


@on_both
def test_each_publication_is_a_new_revision_and_the_old_file_stays(folder, publish):
    first, second = publish(10), publish(12)
    assert (first.revision, second.revision) == (1, 2)
    assert index(folder) == (second,)
    assert (first.form, second.form) == ("whole", "whole")
    for head in (first, second):
        assert file_of(folder, head).stat().st_size == head.bytes


def test_a_small_change_is_a_delta_over_the_last_whole_list_and_a_large_one_a_whole_list(folder, publish):
    first = publish(100)
    second, third = publish(101), publish(103)
    assert [head.form for head in (first, second, third)] == ["whole", "delta", "delta"]
    assert second.files[0] == third.files[0] == first.files[0]
    assert third.bytes < first.bytes / 2
    assert (second.entries, third.entries) == (101, 103)
    assert publish(200).form == "whole"
    assert publish(201).form == "delta"


def test_a_whole_list_stays_while_deltas_lie_over_it(folder, tmp_path, monkeypatch):
    day = [datetime(2026, 11, 1, tzinfo=UTC)]
    path = tmp_path / "list.csv"
    for number in range(4):
        path.write_text(rows(100 + number))
        head = import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY, now=lambda: day[0])
        os.utime(file_of(folder, head), (day[0].timestamp(),) * 2)
        day[0] += timedelta(days=3)
    kept = {file.name for file in file_of(folder, head).parent.iterdir() if not file.suffix}
    assert kept == {one.sha256 for one in head.files}
    assert len(head.files) == 2


def test_a_list_for_other_cars_has_another_key_and_the_old_one_opens_it_no_more(folder, publish):
    end = datetime.now(UTC) + timedelta(days=9)
    first = publish(100)
    second = publish(101, audience=("TA14", "TA15"), valid_until=end)
    third = publish(102, audience=("TA14",), valid_until=end)
    assert len({head.key_id for head in (first, second, third)}) == 3
    assert [head.form for head in (second, third)] == ["whole", "whole"]
    assert publish(103, audience=("TA14",), valid_until=end).key_id == third.key_id
    key = opening_keys(folder).get(third.key_id)
    assert key is not None
    ShippedList.open(file_of(folder, third), key).close()
    with pytest.raises(RecordsFault):
        ShippedList.open(file_of(folder, first), key)


def test_keys_of_lists_that_are_published_no_more_go(folder, publish):
    end = datetime.now(UTC) + timedelta(days=9)
    keys = [publish(100).key_id]
    keys += [publish(101, audience=(car,), valid_until=end).key_id for car in ("TA14", "TA15")]
    assert [opening_keys(folder).get(key_id) is not None for key_id in keys] == [False, True, True]


def test_what_the_depot_publishes_lies_sealed(folder, publish):
    publish(100)
    for file in folder.rglob("*"):
        if file.is_file():
            assert b"AB00007" not in file.read_bytes(), file


def test_an_empty_list_is_never_published(folder, publish):
    publish(10)
    for confirmed in (None, SURE):
        with pytest.raises(BadInput, match="is empty"):
            publish(0, confirmed=confirmed)
    assert [head.revision for head in index(folder)] == [1]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(1, 60), now=st.integers(1, 700))
def test_absurd_changes_need_a_person(tmp_path_factory, before: int, now: int):
    folder = tmp_path_factory.mktemp("depot")
    path = folder / "list.csv"

    def publish(entries: int, confirmed: Confirmation | None = None):
        path.write_text(rows(entries))
        return import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.ROUTINE, confirmed=confirmed)

    publish(before)
    if before * 0.6 <= now <= before * 10:
        assert publish(now).revision == 2
    else:
        with pytest.raises(BadInput, match="was not published"):
            publish(now)
        assert publish(now, SURE).revision == 2
        assert audited(folder)[-1] == ("Sgt Example", "hotlist size confirmed", "stolen", "the owner was asked")


def test_a_zip_is_unpacked(folder, tmp_path):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("list.csv", ROW.lower() + "\n" + "," * 15 + "\n" + ROW.upper())
    head = import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY)
    assert head.entries == 2


def test_files_that_are_no_list_are_refused(folder, tmp_path):
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as packed:
        packed.writestr("a.csv", ROW)
        packed.writestr("b.csv", ROW)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(two.read_bytes()[:60])
    for path in (two, cut, tmp_path / "absent.csv", tmp_path):
        with pytest.raises(BadInput):
            import_hotlist(folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY)


@pytest.mark.parametrize("list_id", ["", "../x", "a/b", "a\x00", "x" * 100, "\u202ex"])
def test_odd_list_ids_are_refused(folder, tmp_path, list_id: str):
    (tmp_path / "list.csv").write_text(ROW)
    with pytest.raises(BadInput, match="id"):
        import_hotlist(folder, tmp_path / "list.csv", list_id, "Stolen", "Force", Tier.PRIORITY)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=400), st.lists(st.sampled_from([ROW.encode(), b"A,B\n", b"\0\n"])).map(b"".join)))
def test_the_depot_publishes_what_a_car_takes_and_refuses_what_it_refuses(folder, tmp_path, content: bytes):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        taken = try_out(path, Tier.ROUTINE, SystemClock())
    except BadInput as refusal:
        with pytest.raises(BadInput) as again:
            import_hotlist(folder, path, "any", "Any", "Force", Tier.ROUTINE)
        assert str(again.value) == str(refusal)  # noqa: PT017
    else:
        head = import_hotlist(folder, path, "any", "Any", "Force", Tier.ROUTINE, confirmed=SURE)
        assert head.entries == taken.entries


def test_a_list_that_begins_with_a_mark_of_peterborough_is_no_broken_zip(folder, tmp_path):
    (tmp_path / "list.csv").write_text(ROW.replace("AB12CDE", "PK12ABC"))
    assert import_hotlist(folder, tmp_path / "list.csv", "any", "Any", "Force", Tier.ROUTINE).entries == 1


def test_a_line_with_an_endless_field_does_not_spoil_the_list(folder, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(ROW + "y" * 1_000_000 + "\n" + ROW.replace("12", "13"))
    assert import_hotlist(folder, path, "any", "Any", "Force", Tier.ROUTINE).entries == 2


# Roster


@on_both
def test_a_roster_is_replaced_whole_and_pins_are_not_kept(folder, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("officer_id,name,pin\nPC1,Ann Example,60417283\nPC2,Bob,73052846\n", encoding="utf-8-sig")
    assert import_roster(folder, path) == 2
    path.write_text("PC3,Zoë,19538264\n", encoding="utf-8")
    assert import_roster(folder, path) == 1
    database = DepotDatabase(folder)
    try:
        (officer,) = roster_of(database, "TA14").officers
    finally:
        database.close()
    assert (officer.officer_id, officer.name) == ("PC3", "Zoë")
    assert PasswordHasher().verify(officer.pin_hash, "19538264")
    assert b"19538264" not in (folder / "depot.sqlite").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "officer_id,name,pin\n",
        "PC1,Ann\n",
        "PC1,Ann,6041728\n",
        "PC1,,60417283\n",
        "../x,Ann,60417283\n",
        "PC1,Ann,60417283\nPC1,Bob,60417283\n",
        f"PC1,{'x' * 200},60417283\n",
    ],
)
def test_a_roster_with_a_bad_line_leaves_the_old_one(folder, tmp_path, text: str):
    path = tmp_path / "roster.csv"
    path.write_text("PC9,Old,60417283\n")
    import_roster(folder, path)
    path.write_text(text)
    with pytest.raises(BadInput) as refusal:
        import_roster(folder, path)
    assert "60417283" not in str(refusal.value)
    assert "Ann" not in str(refusal.value)
    database = DepotDatabase(folder)
    try:
        assert [officer.officer_id for officer in roster_of(database, "TA14").officers] == ["PC9"]
    finally:
        database.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PC1,Ann,25803614.0\n", "line 1 .*a PIN that a spreadsheet changed"),
        (b"PC1,Ann,2.58E+05\n", "line 1 .*a PIN that a spreadsheet changed"),
        (b"1001.0,Ann,25803614\n", "line 1 .*an officer id that a spreadsheet changed"),
        (b"PC9001,Ann,25803614\npc9001,Bob,25803715\n", "line 2 .*a second time"),
        (b"Officer ID,Name,PIN\r\nPC1,Ann,25803614\r\nPC1 ,Bob,25803715\r\n", "line 3 .*a second time"),
        (b"PC1,Ann,258036\n", "Line 1 .*a PIN of 8 to 12 digits"),
        (b"PC1,Ann,correct horse\n", "Line 1 .*a PIN of 8 to 12 digits"),
        (b"PC1,Ann,25803614\nPC2,Bob,12345678\n", "Line 2 .*not easily guessed: no run, pattern, date or officer id"),
        (b"PC1;Ann;25803614\n", "separated by semicolons"),
        ("PC1,Ann,25803614\n".encode("utf-16"), "UTF-16"),
        (b'PC1,"Ann,25803614\nPC2,Bob,25803614\n', "line 1 .*quotes"),
        (b"PC1,Ann,25803614\nPC2,B\0b,25803614\n", "line 2 .*zero bytes"),
        (b"PK\x03\x04 and no more", "ZIP"),
    ],
)
def test_what_is_wrong_with_a_roster_is_said_with_its_line(folder, tmp_path, content: bytes, said: str):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=f"(?i){said}") as refusal:
        import_roster(folder, path)
    assert not any(secret in str(refusal.value) for secret in ("25803614", "25803715", "Ann", "Bob"))


def test_a_roster_of_windows_with_a_header_and_empty_columns_is_taken(folder, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes("Officer ID,Name,PIN,,\r\nPC1,Zo\xeb Example,25803614,,\r\n,,,,\r\n".encode("cp1252"))
    assert import_roster(folder, path) == 1
    database = DepotDatabase(folder)
    try:
        assert [officer.name for officer in roster_of(database, "TA14").officers] == ["Zoë Example"]
    finally:
        database.close()


def test_the_revision_before_is_kept_and_opens_until_the_list_is_taken_back(folder, publish):
    first = publish(10)
    assert kept_head(repository_of(folder), "stolen") is None
    second = publish(12)
    repository = repository_of(folder)
    kept = kept_head(repository, "stolen")
    assert kept == first
    with opened_list(repository, kept, opening_keys(folder).get(kept.key_id)) as opened:
        assert sorted(entry.voi.vrm for entry in entries_of(opened)) == [f"AB{number:05}" for number in range(10)]
    publish(13)
    assert kept_head(repository, "stolen") == second
    withdraw_hotlist(folder, "stolen", "operator", "by mistake")
    assert kept_head(repository, "stolen") is None
    assert list(repository.beside("before").iterdir()) == []


def test_a_kept_revision_opens_also_when_its_files_are_published_no_more(folder, tmp_path):
    day = [datetime(2026, 11, 1, tzinfo=UTC)]
    path = tmp_path / "list.csv"
    for count in (100, 200, 200):  # a whole list each time, the last two a day and more apart
        path.write_text(rows(count))
        audience = ("TA14",) if count == 200 else None
        head = import_hotlist(
            folder, path, "stolen", "Stolen", "Force", Tier.PRIORITY, audience=audience,
            valid_until=day[0] + timedelta(days=30), now=lambda: day[0],
        )  # fmt: skip
        os.utime(file_of(folder, head), (day[0].timestamp(),) * 2)
        day[0] += timedelta(days=3)
        if count == 100:
            first = head
    repository = repository_of(folder)
    other = path.with_name("other.csv")
    other.write_text(rows(3))
    kept = kept_head(repository, "stolen")
    assert kept is not None
    import_hotlist(folder, other, "other", "Other", "Force", Tier.PRIORITY, now=lambda: day[0])
    assert not repository.target(first.sha256).exists()
    with opened_list(repository, kept, opening_keys(folder).get(kept.key_id)) as opened:
        assert opened.count == 200


def test_a_list_of_another_form_is_published_by_its_mapping(folder, tmp_path):
    path = tmp_path / "marks.txt"
    path.write_text("# marks\nAB12CDE\nTX64 KZW\n")
    reports = []
    mapping = shipped_mappings()["plain"]
    head = import_hotlist(
        folder, path, "plain", "Plain", "Force", Tier.PRIORITY, mapping=mapping, on_report=reports.append
    )
    assert (head.entries, reports[0].ignored) == (2, 1)
