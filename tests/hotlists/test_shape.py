"""Files that would load, and are no hotlists. All marks are invented."""

import contextlib
import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.importer import Entry, ListLine, read_entries

TODAY = date(2026, 11, 21)
MARKS = [f"{a}{b}{n:02}CDE" for a in "ABC" for b in "DEF" for n in (12, 22, 73)]
REST = ["FORD", "FOCUS", "BLUE", "STOP", "", "STOLEN", "E41", "", "39A1", "31/12/2030", "", "", "", "", ""]

Read = Callable[[str | bytes], list[ListLine]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes) -> list[ListLine]:
        path = tmp_path / "list.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_entries(path, Tier.PRIORITY, TODAY))

    return read


def rows(*columns: object, count: int = 25, separator: str = ",") -> str:
    """Lines of 16 columns; a column is a text, or a function of the line's number (from 0)."""
    cells = [*columns, *REST][:16]
    return "".join(
        separator.join(cell(number) if callable(cell) else str(cell) for cell in cells) + "\r\n"
        for number in range(count)
    )


def mark(number: int) -> str:
    return MARKS[number]


@pytest.mark.parametrize("count", [1, 3, 25])
@pytest.mark.parametrize(
    "first",
    [lambda n: str(n + 10), lambda n: f"{n + 100000}", lambda n: f"R{n + 1}", lambda n: "FORD", lambda n: ""],
    ids=["record numbers", "long numbers", "numbers with a letter", "makes", "nothing"],
)
def test_marks_that_stand_in_another_column_are_not_in_force_as_something_else(read: Read, first, count: int) -> None:
    with pytest.raises(BadInput, match="marks in column 2; lists have them in column 1"):
        read(rows(first, mark, count=count))
    with pytest.raises(BadInput, match="marks in column 4; lists have them in column 1"):
        read(rows(first, "x", "y", mark, count=count))


def test_a_record_number_before_all_16_columns_is_told_as_such(read: Read) -> None:
    content = "".join(f"{n + 1},{MARKS[n]},{','.join(REST)}\n" for n in range(25))
    with pytest.raises(BadInput, match="marks in column 2; lists have them in column 1"):
        read(content)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("VRM,Make,Model", "header row, and lists have none"),
        ("Vehicle Reg,Make", "header row, and lists have none"),
        ("No,VRM,Make,Model", "the marks stand in column 2"),
        ("Id,Ref,Number Plate,Make", "the marks stand in column 3"),
        ("Car,Make,Model,Colour", "header row, and lists have none"),
    ],
)
@pytest.mark.parametrize("title", ["", "Stolen vehicles of today\r\n", "\r\n"])
def test_a_header_row_is_told_with_the_column_it_gives_the_marks(
    read: Read, header: str, said: str, title: str
) -> None:
    names = header.split(",")
    content = ",".join([*names, *[""] * (16 - len(names))])
    with pytest.raises(BadInput, match=said):
        read(title + content + "\r\n" + rows(mark))


def test_one_word_for_the_marks_makes_the_first_line_a_header_row(read: Read) -> None:
    with pytest.raises(BadInput, match="header row"):
        read("Registration Number" + "," * 15 + "\n" + rows(mark))


@pytest.mark.parametrize("reason", ["REG", "PLATE", "NUMBER PLATE", "ACTION"])
@pytest.mark.parametrize("first", ["10 AB", "AB12 CDE", "12-D-1234"])
def test_a_word_of_a_header_in_a_good_line_is_text(read: Read, first: str, reason: str) -> None:
    line = ",".join([first, "FORD", "FOCUS", "BLUE", "STOP", "", reason, *[""] * 9])
    assert len(read(line + "\n" + rows(mark, count=3))) == 4


def test_a_header_row_further_down_is_refused_as_a_line(read: Read) -> None:
    header = ",".join(["VRM", "MAKE", *[""] * 14])
    content = rows(mark, count=27) * 5 + header + "\r\n" + rows(mark, count=1)
    refused = [line for line in read(content) if not isinstance(line, Entry)]
    assert [(line.number, line.reason) for line in refused] == [(136, "it is a header row")]


@pytest.mark.parametrize("first", ["12-D-1234", "M AB 1234", "1234 BCD", "10 AB", "AIZ 1234", "A 1", "101 D 101"])
def test_marks_of_other_countries_and_of_few_characters_stay_where_they_are(read: Read, first: str) -> None:
    assert all(isinstance(line, Entry) for line in read(rows(lambda n: first.replace("1", str(1 + n % 9)))))


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_separator_is_named(read: Read, separator: str, word: str) -> None:
    with pytest.raises(BadInput, match=f"separated by {word}: save it as CSV with commas"):
        read(rows(mark, separator=separator))
    with pytest.raises(BadInput, match=f"separated by {word}"):
        read(rows(lambda n: f'"{mark(n)}"', '"FORD, BLUE"', separator=separator))


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


GOOD = rows(mark).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed(**{"[Content_Types].xml": b"", "xl/workbook.xml": b"", "docProps/app.xml": b""}), "Excel workbook"),
        (packed(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "Word document"),
        (packed(**{"mimetype": b"", "content.xml": b""}), "OpenDocument"),
        (packed(**{"list.xlsx": packed(**{"xl/workbook.xml": b""})}), "another ZIP"),
        (packed(**{"list.zip": packed(**{"list.csv": GOOD})}), "another ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "Excel workbook"),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X" + b"\0" * 500, "companion file that a Mac makes"),
        (packed(**{"list.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00"}), "companion file that a Mac makes"),
        (b"\x1f\x8b\x08" + b"x" * 50, "gzip"),
        (b"%PDF-1.7\n" + b"x" * 50, "PDF"),
        (b"<?xml version='1.0'?><list/>", "XML"),
        (b"\r\n <!DOCTYPE html>\n<html><body>Log in</body></html>", "web page"),
        (b"{\\rtf1\\ansi AB12 CDE}", "RTF"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (GOOD.decode().encode("utf-16-le"), "UTF-16"),
        (GOOD.decode().encode("utf-16-be"), "UTF-16"),
        (GOOD.replace(b"\r\n", b"\r"), "line ends of an old Mac"),
    ],
)
def test_a_file_of_another_kind_is_named_for_what_it_is(read: Read, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(content)


def test_what_a_mac_or_windows_packs_beside_the_list_is_passed_over(read: Read) -> None:
    members = {"list.csv": GOOD, "._list.csv": b"\x00\x05\x16\x07", "__MACOSX/._list.csv": b"\x00", ".DS_Store": b""}
    assert len(read(packed(**members))) == 25
    assert len(read(packed(**{"new/list.csv": GOOD, "new/__MACOSX/list.csv": b"", "new/Thumbs.db": b""}))) == 25


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=600),
        st.text(max_size=200).map(str.encode),
        st.text('A1,;\t\r\n"\0 =E-.', max_size=300).map(str.encode),
    )
)
def test_any_bytes_give_lines_or_a_sentence(read: Read, content: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert any(isinstance(line, Entry) for line in read(content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_any_damage_to_a_zip_gives_lines_or_a_sentence(read: Read, chance: random.Random, wounds: int) -> None:
    content = bytearray(packed(**{"list.csv": GOOD}))
    for _ in range(wounds):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    with contextlib.suppress(BadInput):
        read(bytes(content))
