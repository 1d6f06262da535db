"""Mapping files: what a force writes so that its own form of list is read. Bad ones are told with their line."""

import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import RejectedLine, Tier
from patrol_anpr.hotlists.importer import Entry, IgnoredLine, WeededLine
from patrol_anpr.hotlists.mapped import first_lines, fitting, read_list
from patrol_anpr.hotlists.mapping import dated, mapping_of, shipped_files, shipped_mappings

TODAY = date(2026, 11, 30)
SHIPPED = shipped_mappings()
KEYED = "VRM=ab12 cde;MAKE=FORD;REASON=STOLEN;WEED=31/12/2026\nWEED=01/01/2026;VRM=TX64KZW\nMAKE=SEAT\n"

OWN = """
name = "Metro"
header = true
delimiter = ";"
encoding = "cp1252"
weed_date_format = "DD-MON-YYYY hh:mm"
ignore_lines = ["--"]

[columns]
vrm = "Registration"
make = "Veh make"
reason = "Offence"
owner = "OIC"
contact = "Phone"
weed_date = "Expires"

[always]
action = "STOP"
reason = "SEE CONTROL"

[tier]
by = "Priority"
other = 3
[tier.values]
High = 1
Covert = 4

[[ignore]]
column = "Status"
values = ["Closed", "recovered"]
"""
HEAD = "Status;Registration;Veh make;Offence;OIC;Phone;Expires;Priority\n"


def lines_of(tmp_path: Path, content: str | bytes, mapping, tier: Tier = Tier.PRIORITY):
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return sorted(read_list(path, mapping, tier, TODAY), key=lambda line: line.number)


def own():
    return mapping_of(OWN.encode(), "metro.toml")


def test_a_form_of_a_force_is_read_by_its_names_tiers_and_dates(tmp_path):
    content = HEAD + (
        "Open;AB12 CDE;Citroën;Burglary;DC Example;01632 960001;31-Dec-2026 10:00;HIGH\n"
        "-- a remark of the exporting program\n"
        "Open;TX64KZW;Seat;;DC Example;;;whatever\n"
        "Recovered;UX15ZDM;Seat;Theft;;;;High\n"
        "Open;JX26ZBO;Seat;Theft;;;01-Nov-2026 00:00;High\n"
        "Open;JX26ZBP;Seat;Theft;;;2026-12-31;High\n"
    )
    first, remark, second, ignored, weeded, refused = lines_of(tmp_path, content.encode("cp1252"), own())
    voi = first.voi
    assert (voi.vrm, voi.make, voi.reason, voi.action, voi.tier) == (
        "AB12CDE", "Citroën", "Burglary", "STOP", Tier.IMMEDIATE,
    )  # fmt: skip
    assert (voi.force_area, voi.weed_date) == ("DC Example, 01632 960001", date(2026, 12, 31))
    assert remark == IgnoredLine(3)
    assert (second.number, second.voi.reason, second.voi.tier) == (4, "SEE CONTROL", Tier.ROUTINE)
    assert ignored == IgnoredLine(5)
    assert weeded == WeededLine(6)
    assert refused == RejectedLine(7, "its weed date is not a date such as DD-MON-YYYY hh:mm")


def test_a_covert_list_stays_silent_whatever_its_mapping_says(tmp_path):
    content = HEAD + "Open;AB12CDE;;;;;;High\n"
    (entry,) = lines_of(tmp_path, content, own(), Tier.SILENT)
    assert entry.voi.tier is Tier.SILENT


def test_keys_and_values_come_in_any_order_and_a_line_without_a_mark_is_told(tmp_path):
    first, weeded, bad = lines_of(tmp_path, KEYED, SHIPPED["keyed"])
    assert (first.voi.vrm, first.voi.make, first.voi.weed_date) == ("AB12CDE", "FORD", date(2026, 12, 31))
    assert weeded == WeededLine(2)
    assert bad == RejectedLine(3, "it has no VRM")


def test_a_plain_list_has_one_mark_a_line(tmp_path):
    remark, first, second, bad = lines_of(tmp_path, "# marks\nAB12 CDE\n\nTX64KZW\nUX15ZDM,FORD\n", SHIPPED["plain"])
    assert [remark, first.voi.vrm, second.voi.vrm] == [IgnoredLine(1), "AB12CDE", "TX64KZW"]
    assert bad == RejectedLine(5, "it has 2 columns instead of 1")


MARK = st.from_regex(r"[A-H]{2}\d{2} ?[A-H]{3}", fullmatch=True)
FIELD = st.text(st.characters(exclude_characters='"\r\n\0', codec="utf-8"), max_size=8)
WEED = st.sampled_from(["", "31/12/2026", "2026-12-31", "20250101", "no date"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(MARK, st.lists(FIELD, min_size=9, max_size=9), WEED), min_size=1, max_size=6))
def test_the_shipped_mapping_of_16_columns_reads_what_the_reader_of_cars_reads(tmp_path, said):
    path = tmp_path / "list.csv"
    rows = [
        ",".join([vrm, *(f.replace(",", "") for f in fields), weed, "", "", "", "", ""]) for vrm, fields, weed in said
    ]
    path.write_text("\n".join(rows), newline="")
    found = []
    for mapping in (None, SHIPPED["bof"]):
        try:
            lines = list(read_list(path, mapping, Tier.ROUTINE, TODAY))
            found.append([line.number if isinstance(line, RejectedLine) else line for line in lines])
        except BadInput:
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'x'\n[columns]\nmake = 1\n", "line 2, columns.vrm: it is missing"),
        ("name = 'x'\n\nform = 'rows'\n[columns]\nvrm = 1\n", "line 3, form: write columns or keyed"),
        ("name = 'x'\n[columns]\nvrm = 0\n", "line 3, columns.vrm: a column is a number from 1"),
        ("name = 'x'\n[columns]\nvrm = 'VRM'\n", "line 3, columns.vrm: a column can be called by its name only"),
        ("name = 'x'\nwidth = 2\n[columns]\nvrm = 3\n", "line 4, columns.vrm: there are 2 columns only"),
        ("name = 'x'\nform = 'keyed'\n[columns]\nvrm = 3\n", "line 4, columns.vrm: with form"),
        ("name = 'x'\nform = 'keyed'\nheader = true\n[columns]\nvrm = 'V'\n", "line 3, header: form"),
        ("name = 'x'\ndelimiter = ', '\n[columns]\nvrm = 1\n", "line 2, delimiter: write one sign"),
        ("name = 'x'\ndelimiter = 'x'\n[columns]\nvrm = 1\n", "line 2, delimiter: what separates"),
        ("name = 'x'\nencoding = 'utf-16'\n[columns]\nvrm = 1\n", "line 2, encoding: write one of auto, utf-8"),
        ("name = 'x'\n[columns]\nvrm = 1\nregistration = 2\n", "line 4, columns.registration: nothing"),
        ("name = 'x'\n[columns]\nvrm = 1\n[tier]\nby = 2\n[tier.values]\nA = 9\n", "line 7, tier.values.A: a tier is"),
        ("name = 'x'\nweed_date_format = 'DD/MM'\n[columns]\nvrm = 1\nweed_date = 2\n", "line 2, weed_date_format: a"),
        ("name = 'x'\nweed_date_format = 'DDMMYY'\n[columns]\nvrm = 1\n", "line 2, weed_date_format: no"),
        ("name = 'x'\n[columns\nvrm = 1\n", "line 2:"),
        ("name = “x”\n[columns]\nvrm = 1\n", "line 1: it has typographic quotes"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used_is_told_with_its_line(text, said):
    with pytest.raises(BadInput) as refused:
        mapping_of(text.encode(), "metro.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("The mapping file metro.toml ")


def test_a_file_without_what_the_mapping_reads_is_refused_with_what_it_has(tmp_path):
    with pytest.raises(BadInput, match=r"no column “Registration”.* It has: VRM, Make"):
        lines_of(tmp_path, "VRM;Make\nAB12CDE;FORD\n", own())


def test_a_header_row_and_marks_in_another_column_are_not_taken_for_entries(tmp_path):
    mapping = mapping_of(b"name = 'x'\n[columns]\nvrm = 1\nmake = 2\n", "x.toml")
    with pytest.raises(BadInput, match="begins with a header row"):
        lines_of(tmp_path, "VRM,Make\nAB12CDE,FORD\n", mapping)
    with pytest.raises(BadInput, match="marks in column 2"):
        lines_of(tmp_path, "17,AB12CDE\n18,TX64KZW\n", mapping)


def test_the_first_lines_show_what_each_column_means(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(HEAD + "Open;AB12CDE;Seat;Theft;;;;High\n")
    shown = first_lines(path, own(), Tier.ROUTINE, TODAY, 10)
    assert shown.headings == tuple(HEAD.strip().split(";"))
    assert shown.meanings == ("", "VRM", "make", "reason", "owner", "contact", "weed date", "")
    ((texts, line),) = shown.rows
    assert texts[1] == "AB12CDE"
    assert isinstance(line, Entry)
    path.write_text(KEYED)
    shown = first_lines(path, SHIPPED["keyed"], Tier.ROUTINE, TODAY, 10)
    assert dict(zip(shown.headings, shown.meanings, strict=True)) == {
        "vrm": "VRM", "make": "make", "reason": "reason", "weed": "weed date",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("AB12CDE,FORD" + "," * 14 + "\n", "bof"),
        (KEYED, "keyed"),
        ("VRM,Make,Model,Colour,Action,Markers,Reason,Owner,Contact,Weed date\nAB12CDE,,,,,,,,,\n", "named"),
        ("AB12CDE\nTX64 KZW\n", "plain"),
        ("some text\nof another kind\n", None),
    ],
)
def test_the_mapping_that_fits_a_file_is_found(tmp_path, content, name):
    path = tmp_path / "list.csv"
    path.write_text(content)
    assert fitting(path, list(SHIPPED.values()), TODAY) is (SHIPPED[name] if name else None)


def test_a_line_in_another_encoding_is_told_and_the_rest_is_read(tmp_path):
    mapping = mapping_of(b"name = 'x'\nencoding = 'utf-8'\n[columns]\nvrm = 1\nmake = 2\n", "x.toml")
    first, bad = lines_of(tmp_path, b"AB12CDE,FORD\nTX64KZW," + b"Citro\xebn\n", mapping)
    assert first.voi.make == "FORD"
    assert bad == RejectedLine(2, "it is not written in utf-8")


def test_a_zip_is_read_and_a_bomb_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr("patrol_anpr.plumbing.lines.MAX_BYTES", 50_000)
    for content, good in (("AB12CDE\n", True), ("AB12CDE\n" * 10_000, False)):
        path = tmp_path / "list.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("list.csv", content)
        if good:
            assert len(list(read_list(path, SHIPPED["plain"], Tier.ROUTINE, TODAY))) == 1
        else:
            with pytest.raises(BadInput, match="larger than a hotlist can be"):
                list(read_list(path, SHIPPED["plain"], Tier.ROUTINE, TODAY))


@given(st.binary(max_size=200))
def test_no_bytes_make_a_mapping_fail_otherwise_than_by_a_sentence(content):
    try:
        mapping_of(content, "x.toml")
    except BadInput as told:
        said = str(told)
    else:
        said = "The mapping file x.toml"
    assert said.startswith("The mapping file x.toml")


SNIPPETS = st.sampled_from([
    "name = 'x'", "[columns]", "vrm = 1", "vrm = 'a'", "make = true", "[tier]", "by = 2", "values = 3", "[tier.values]",
    "A = 1", "[[ignore]]", "column = 1", "values = ['x']", "header = true", "form = 'keyed'", "width = 3",
    "equals = '='", "weed_date_format = 'YYYYMMDD'", "weed_date = 3", "delimiter = '\"'", "columns = 1", "tier = []",
    "ignore = {}", "name = 9" * 3, "x = 1e999", f"y = {'9' * 5000}",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(SNIPPETS, max_size=9).map("\n".join))
def test_no_mapping_of_right_words_in_a_wrong_order_crashes(text):
    try:
        mapping_of(text.encode(), "x.toml")
    except BadInput as told:
        said = str(told)
    else:
        said = "The mapping file x.toml"
    assert said.startswith("The mapping file x.toml")


CONTENT = st.binary(max_size=120) | st.text().map(str.encode)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([*SHIPPED.values(), mapping_of(OWN.encode(), "own")]),
    st.binary(max_size=120) | st.text().map(str.encode),
)
def test_no_list_file_makes_a_mapping_crash(tmp_path, mapping, content):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with suppress(BadInput):
        numbers = [line.number for line in read_list(path, mapping, Tier.ROUTINE, TODAY)]
        assert len(numbers) == len(set(numbers))
    with suppress(BadInput):
        first_lines(path, mapping, Tier.ROUTINE, TODAY, 5)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_each_format_of_a_date_reads_the_day_that_was_written(day):
    for form, said in {
        "DD/MM/YYYY": f"{day:%d/%m/%Y}", "YYYYMMDD": f"{day:%Y%m%d}", "D.M.YY": f"{day.day}.{day.month}.{day:%y}",
        "DD-MON-YYYY": f"{day:%d-%b-%Y}", "YYYY-MM-DD hh:mm:ss": f"{day:%Y-%m-%d} 23:59:59.5",
    }.items():  # fmt: skip
        assert dated(said, form) == day


def test_the_shipped_files_are_examples_with_their_words(tmp_path):
    assert set(shipped_files()) == {"bof", "keyed", "named", "plain"}
    assert all(content.startswith(b"# ") for content in shipped_files().values())
