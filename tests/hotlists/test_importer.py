"""Hotlist files as they really are: dirty, and sometimes no hotlists. All marks are invented."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import RejectedLine, Tier
from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.hotlists.importer import (
    JUDGED_EARLY,
    JUDGED_FROM,
    MAX_FIELD,
    Entry,
    ListLine,
    WeededLine,
    parse_date,
    read_entries,
    tier_of,
)
from patrol_anpr.hotlists.marks import surely_a_mark
from patrol_anpr.plumbing import lines as lines_module
from patrol_anpr.plumbing.lines import MAX_LINE

TODAY = date(2026, 11, 21)


def row(vrm: str = "AB12CDE", **columns: str) -> str:
    """A line of 16 columns; `columns` by name."""
    names = ["vrm", "make", "model", "colour", "action", "markers", "reason", "nim", "information", "area", "weed"]
    said = {"make": "FORD", "model": "FOCUS", "colour": "SILVER", "reason": "STOLEN"} | columns | {"vrm": vrm}
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([*(said.get(name, "") for name in names), *[""] * 5])
    return out.getvalue()


Given = Callable[[str | bytes], list[ListLine]]


@pytest.fixture
def loaded(tmp_path: Path) -> Given:
    """Write a file and read it as a list of the PRIORITY tier."""

    def load(content: str | bytes) -> list[ListLine]:
        path = tmp_path / "list.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_entries(path, Tier.PRIORITY, TODAY))

    return load


def marks(lines: list[ListLine]) -> list[str]:
    return [line.voi.vrm for line in lines if isinstance(line, Entry)]


def refused(lines: list[ListLine]) -> dict[int, str]:
    return {line.number: line.reason for line in lines if isinstance(line, RejectedLine)}


def test_a_line_becomes_a_voi_with_all_its_columns(loaded: Given) -> None:
    text = "ab12 cde,FORD,FOCUS,SILVER,STOP,FI,STOLEN,N1,CALL CONTROL,39A1,31/12/2026,P1,GSC,CAD1,S1,S2\r\n"
    (line,) = loaded(text)
    assert isinstance(line, Entry)
    assert line.number == 1
    voi = line.voi
    assert (voi.vrm, voi.make, voi.model, voi.colour) == ("AB12CDE", "FORD", "FOCUS", "SILVER")
    assert (voi.action, voi.markers, voi.reason, voi.nim_code) == ("STOP", "FI", "STOLEN", "N1")
    assert (voi.information, voi.force_area, voi.weed_date) == ("CALL CONTROL", "39A1", date(2026, 12, 31))
    assert (voi.pnc_id, voi.gsc, voi.cad, voi.spare_1, voi.spare_2) == ("P1", "GSC", "CAD1", "S1", "S2")
    assert voi.tier is Tier.IMMEDIATE


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark(loaded: Given, end: str, bom: bytes) -> None:
    assert marks(loaded(bom + end.join([row("AB12CDE"), row("AB12CDF")]).encode())) == ["AB12CDE", "AB12CDF"]


def test_utf8_and_the_windows_code_page_in_one_file(loaded: Given) -> None:
    given = row(reason="Café £").encode() + b"\n" + row(reason="Café £").encode("cp1252") + b"\n"
    assert [line.voi.reason for line in loaded(given) if isinstance(line, Entry)] == ["Café £", "Café £"]


def test_lower_case_blanks_and_quotes_in_a_vrm(loaded: Given) -> None:
    given = "\n".join([row(" ab12 cde "), row("ab12-cdf"), '"AB12CDG"' + row("")])
    assert marks(loaded(given)) == ["AB12CDE", "AB12CDF", "AB12CDG"]


def test_every_bad_line_is_told_by_number_and_the_good_ones_load(loaded: Given) -> None:
    lines = [
        row("AB12CDE"),
        "AB12CDF,FORD",
        row(""),
        row("A"),
        row("AB12CDE12CDE1"),
        row("AB1*"),
        row("AB12CDÉ"),
        row("AB12CDG", weed="31/02/2027"),
        row("AB12CDH") + "\0",
        row("AB12CDJ", information="x" * (MAX_FIELD + 1)),
        row("AB12CDK", information="x" * (1 << 20)),
        'AB12CDL,"FORD"X,' + "," * 13,
        "",
        row("AB12CDM"),
    ]
    got = loaded("\r\n".join(lines))
    assert marks(got) == ["AB12CDE", "AB12CDM"]
    assert got[-1] == Entry(14, got[-1].voi)  # type: ignore[union-attr]
    reasons = refused(got)
    assert list(reasons) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    for number, words in {
        2: "2 columns instead of 16",
        3: "no VRM",
        4: "one character",
        5: "longer than 12",
        6: "other than letters and digits",
        7: "other than letters and digits",
        8: "weed date",
        9: "zero bytes",
        10: "column 9 is longer",
        11: f"longer than {MAX_LINE} bytes",
        12: "quotes",
    }.items():
        assert words in reasons[number]


def test_no_reason_holds_a_vrm(loaded: Given) -> None:
    got = loaded("\n".join([row("AB12CDE"), "AB12CDF,FORD", row("AB12CDG!"), row("AB12CDH", weed="AB12CDH")]))
    assert len(refused(got)) == 3
    assert not any("AB12" in reason for reason in refused(got).values())


def test_a_quote_that_is_never_closed_spoils_its_own_line_only(loaded: Given) -> None:
    spoilt = 'AB12CDF,FORD,"FOCUS,' + "," * 13
    got = loaded("\n".join([row("AB12CDE"), spoilt, *(row(f"AB12CD{x}") for x in "GHJKLMNPRSTUVW")]))
    assert refused(got) == {2: "a quote is opened and never closed"}
    assert len(marks(got)) == 15


def test_two_unclosed_quotes_do_not_join_the_lines_between(loaded: Given) -> None:
    spoilt = 'AB12CDF,FORD,"FOCUS,' + "," * 13
    got = loaded("\n".join([row("AB12CDE"), spoilt, row("AB12CDG"), spoilt, row("AB12CDH"), row("AB12CDJ")]))
    assert marks(got) == ["AB12CDE", "AB12CDG", "AB12CDH", "AB12CDJ"]
    assert list(refused(got)) == [2, 4]


def test_a_quoted_field_may_hold_line_breaks_commas_and_quotes(loaded: Given) -> None:
    got = loaded("\n".join([row("AB12CDE", information='one, "two"\r\nthree'), row("AB12CDF")]))
    assert marks(got) == ["AB12CDE", "AB12CDF"]
    assert [line.number for line in got] == [1, 3]
    assert isinstance(got[0], Entry)
    assert got[0].voi.information.split() == ["one,", '"two"', "three"]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", '=HYPERLINK("x")'])
def test_formulas_are_text(loaded: Given, text: str) -> None:
    (line,) = loaded(row(reason=text))
    assert isinstance(line, Entry)
    assert line.voi.reason == text


def test_what_cannot_be_seen_becomes_a_blank(loaded: Given) -> None:
    (line,) = loaded(row(reason="STOLEN\x1b[2J\u202eKO"))
    assert isinstance(line, Entry)
    assert line.voi.reason == "STOLEN [2J KO"


def test_weeded_entries_are_told_apart_and_the_weed_date_is_the_last_day(loaded: Given) -> None:
    got = loaded("\n".join([row("AB12CDE", weed="20261120"), row("AB12CDF", weed="20261121"), row("AB12CDG")]))
    assert got[0] == WeededLine(1)
    assert marks(got) == ["AB12CDF", "AB12CDG"]


def test_one_vrm_for_several_reasons_gives_several_entries(loaded: Given) -> None:
    got = loaded("\n".join([row(reason="STOLEN"), row(reason="NO INSURANCE")]))
    assert marks(got) == ["AB12CDE", "AB12CDE"]


@pytest.mark.parametrize(
    "text",
    [
        "20270131",
        "2027-01-31",
        "2027/01/31",
        "31/01/2027",
        "31-01-2027",
        "31.01.2027",
        "31/1/27",
        "31-Jan-2027",
        "31 JAN 27",
        "31012027",
        "2027-01-31T23:59:00",
        "31/01/2027 23:59",
    ],
)
def test_dates_as_uk_files_write_them(text: str) -> None:
    assert parse_date(text) == date(2027, 1, 31)


@pytest.mark.parametrize("text", ["310127", "2027", "31/13/2027", "30022027", "soon", "31/01-2027", "31/XXX/2027", "0"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (its text is never shown)
        parse_date(text)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_the_same_in_every_form(day: date) -> None:
    forms = ["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d%m%Y"]
    assert {parse_date(day.strftime(form)) for form in forms} == {day}


@pytest.mark.parametrize(
    ("action", "markers", "list_tier", "tier"),
    [
        ("", "", Tier.ROUTINE, Tier.ROUTINE),
        ("STOP", "", Tier.ROUTINE, Tier.ROUTINE),
        ("STOP", "FI", Tier.ROUTINE, Tier.IMMEDIATE),
        ("Stop and search", "dr / vi", Tier.PRIORITY, Tier.IMMEDIATE),
        ("STOP", "Firearms believed carried", Tier.ROUTINE, Tier.IMMEDIATE),
        ("STOP", "we ex owner", Tier.ROUTINE, Tier.ROUTINE),
        ("DO NOT STOP", "FI", Tier.ROUTINE, Tier.ROUTINE),
        ("OBSERVE", "FI", Tier.PRIORITY, Tier.PRIORITY),
        ("SILENT", "FI", Tier.IMMEDIATE, Tier.SILENT),
        ("silent", "", Tier.ROUTINE, Tier.SILENT),
        ("STOP", "FI", Tier.SILENT, Tier.SILENT),
    ],
)
def test_an_entry_may_raise_its_tier_and_only_silence_lowers_it(
    action: str, markers: str, list_tier: Tier, tier: Tier
) -> None:
    assert tier_of(action, markers, list_tier) is tier


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_list_is_refused(loaded: Given, content: bytes) -> None:
    with pytest.raises(BadInput, match="is empty"):
        loaded(content)


def test_a_list_of_weeded_entries_only_is_refused(loaded: Given) -> None:
    with pytest.raises(BadInput, match="weed dates of all 2 have passed"):
        loaded("\n".join([row(weed="20200101"), row(weed="20200102")]))


def test_a_header_row_is_refused(loaded: Given) -> None:
    with pytest.raises(BadInput, match="header row"):
        loaded("VRM,Make,Model,Colour" + "," * 12 + "\n" + row())


def test_a_list_with_other_columns_is_refused_with_the_first_reason(loaded: Given) -> None:
    with pytest.raises(BadInput, match=r"3 of its first 3 lines .*line 1: it has 14 columns instead of 16"):
        loaded("\n".join(["AB12CDE" + "," * 13] * 3))


def test_a_list_mostly_bad_is_refused_but_a_short_one_is_not_judged(loaded: Given) -> None:
    bad = "AB12CDE,FORD"
    assert len(marks(loaded("\n".join([row(), bad, bad, bad])))) == 1
    with pytest.raises(BadInput, match="is not a hotlist"):
        loaded("\n".join([row()] * (JUDGED_FROM // 2 - 1) + [bad] * (JUDGED_FROM // 2 + 1)))


def test_a_picture_is_refused(loaded: Given) -> None:
    with pytest.raises(BadInput, match="is not a hotlist"):
        loaded(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4000)


@pytest.mark.parametrize("judged_at", ["nonsense", row()])
def test_a_large_file_that_is_no_list_is_given_up_early(tmp_path: Path, judged_at: str) -> None:
    path = tmp_path / "list.csv"
    lines = ["nonsense"] * (JUDGED_EARLY * 3)
    lines[JUDGED_EARLY - 1] = judged_at
    path.write_text("\n".join(lines))
    seen: list[ListLine] = []
    with pytest.raises(BadInput):
        seen.extend(read_entries(path, Tier.PRIORITY, TODAY))
    assert len(seen) < JUDGED_EARLY


def test_utf16_is_refused_with_advice(loaded: Given) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        loaded(row().encode("utf-16"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file"):
        list(read_entries(tmp_path / "list.csv", Tier.ROUTINE, TODAY))
    with pytest.raises(BadInput, match="cannot be read"):
        list(read_entries(tmp_path, Tier.ROUTINE, TODAY))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_with_one_csv_loads_whatever_its_name(tmp_path: Path) -> None:
    members = {"../../etc/list.CSV": row().encode(), "__MACOSX/._list.csv": b"junk", "readme.txt": b"hello"}
    path = zipped(tmp_path / "list.dat", members)
    assert marks(list(read_entries(path, Tier.ROUTINE, TODAY))) == ["AB12CDE"]
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("members", [{}, {"a.csv": b"", "b.csv": b""}, {"a.xml": b"", "b.xml": b""}])
def test_a_zip_without_exactly_one_list_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(BadInput):
        list(read_entries(zipped(tmp_path / "list.zip", members), Tier.ROUTINE, TODAY))


def test_a_damaged_zip_is_refused_even_when_the_damage_comes_last(tmp_path: Path) -> None:
    path = zipped(tmp_path / "list.zip", {"list.csv": "\n".join(row(f"AB12C{n:03}") for n in range(500)).encode()})
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]):
        path.write_bytes(damaged)
        with pytest.raises(BadInput):
            list(read_entries(path, Tier.ROUTINE, TODAY))


def test_a_locked_zip_is_refused_with_advice(tmp_path: Path) -> None:
    path = zipped(tmp_path / "list.zip", {"list.csv": row().encode()})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the "encrypted" bit, in the local header and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="password"):
        list(read_entries(path, Tier.ROUTINE, TODAY))


@pytest.mark.parametrize("unit", [b"\0" * 1000, b"\n" * 1000, row().encode() + b"\n"])
def test_a_zip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: bytes) -> None:
    monkeypatch.setattr(lines_module, "MAX_BYTES", 1 << 18)
    path = zipped(tmp_path / "list.zip", {"list.csv": unit * ((1 << 20) // len(unit))})
    assert path.stat().st_size < 1 << 16
    with pytest.raises(BadInput, match="larger than a hotlist"):
        list(read_entries(path, Tier.ROUTINE, TODAY))


def test_a_flood_of_blank_lines_is_stopped(loaded: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINES", 1000)
    with pytest.raises(BadInput, match="larger than a hotlist"):
        loaded(b"\n" * 2000)


FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=20).filter(
    lambda text: not surely_a_mark(text.strip())  # marks beside marks that are hardly any: refused as another column's
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(ALPHABET, min_size=2, max_size=8), FIELD, FIELD), min_size=1, max_size=5))
def test_what_the_csv_module_writes_is_read_back(loaded: Given, wanted: list[tuple[str, str, str]]) -> None:
    if wanted[0][0] in ("REG", "VRM", "VRN", "PLATE"):
        return
    got = loaded("\n".join(row(vrm, make=make, information=text) for vrm, make, text in wanted))
    assert refused(got) == {}
    assert marks(got) == [vrm for vrm, _, _ in wanted]
    for line, (_, make, text) in zip(got, wanted, strict=True):
        assert isinstance(line, Entry)
        assert line.voi.make == "".join(char if char.isprintable() else " " for char in make).strip()
        assert line.voi.information == "".join(char if char.isprintable() else " " for char in text).strip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.one_of(st.binary(max_size=400), st.text('A1,"\n\r\0 =', max_size=200).map(str.encode)))
def test_no_bytes_between_two_good_lines_lose_either_or_crash(loaded: Given, dirt: bytes) -> None:
    got = loaded(row("AB12CDE").encode() + b"\n" + dirt + b"\n" + row("AB12CDF").encode())
    found = marks(got)
    assert found[0] == "AB12CDE"
    assert found[-1] == "AB12CDF"
    assert all(line.number >= 1 for line in got)
    assert [line.number for line in got] == sorted({line.number for line in got})
