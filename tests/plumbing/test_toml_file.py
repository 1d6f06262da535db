"""Settings files as people save them: read, or one sentence that names the line and what to write."""

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.toml_file import read_toml

GOOD = '[depot]\ncar = "TA14"\n# véhicule\n'
TREE = {"depot": {"car": "TA14"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.encode("utf-32"),
        GOOD.replace("\n", "\r\n").encode("utf-8-sig"),
        GOOD.replace("\n", "\r").encode(),
        GOOD.rstrip("\n").encode(),
    ],
)
def test_what_windows_and_macs_save_is_read(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert read_toml(file) == TREE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD.encode("cp1252"), "not in UTF-8, line 3: it looks like Windows-1252"),
        (GOOD.encode("utf-16-le"), "in UTF-16 without a mark"),
        (GOOD.encode("utf-16")[:-1], "damaged UTF-16"),
        (b"PK\x03\x04...", "a ZIP or an office document"),
        (b"{\\rtf1 [depot]}", "a text with typefaces"),
        ("[depot]\ncar = “TA14”\n".encode(), "line 2: it has typographic quotes"),
        ("[depot]\ncar = \u2018TA14\u2019\n".encode(), "line 2: it has typographic quotes"),
        ("[depot]\ncar\u00a0= 'TA14'\n".encode(), "line 2: it has a blank that is no ordinary one"),
        ("[vehicle]\ngps_baud = \u20139600\n".encode(), "line 2: it has a typographic dash"),
        (b'[records]\nfolder = "C:\\Users\\crew"\n', "line 2: a backslash between double quotes"),
        (b'[records]\n\nfolder = "D:\\records"\n', "line 3: a backslash between double quotes"),
        (b'[records]\nfolder = "D:\\new\\table"\n', r"line 2: a backslash .* single quotes, as in 'C:\\Records'"),
        (b'[records]\nfolder = "C:\\Patrol\\"\n', "line 2: a backslash between double quotes"),
        (b'[records]\nfolder = "\\\\server\\patrol"\n', "line 2: a backslash between double quotes"),
        (b"[alerting]\nsound = True\n", "line 2: write true or false"),
        (b"[alerting]\nsound = yes  # please\n", "line 2: write true or false"),
        (b"[vehicle]\ngps_lost_seconds = 5,5\n", "line 2: write a number with a point"),
        (b"[depot]\ncar =\n", "line 2: it has no value"),
        (b"[depot]\ncar = TA14\n", "line 2: put text between quotes"),
        (b"[depot]\ncar = 'TA14\n", "line 2: a quote is opened and never closed"),
        (b"[depot]\ncar = 'A'\ncar = 'B'\n", "line 3: it names what another line has named"),
        (b"[depot]\n[depot]\n", "line 2: it names what another line has named"),
        (b"[depot\n", "not valid TOML, line 1"),
        (b"x = " + b"[" * 100_000, "not valid TOML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_what_to_do(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said) as raised:
        read_toml(file)
    assert str(file) in str(raised.value)
    assert str(raised.value).endswith(".")


def test_backslashes_between_single_quotes_and_doubled_ones_are_backslashes(file: Path) -> None:
    file.write_bytes(b"a = 'C:\\new'\nb = \"C:\\\\new\"\n")
    assert read_toml(file) == {"a": "C:\\new", "b": "C:\\new"}


@pytest.mark.parametrize("path", ["absent.toml", "", "settings.toml/deeper", "\0"])
def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path, path: str) -> None:
    (tmp_path / "settings.toml").write_text(GOOD)
    with pytest.raises(BadInput, match=r"Check the path|is a folder|Check it"):
        read_toml(tmp_path / path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=100).map(str.encode),
        st.text("[]='\"\\\n\rab1,.#{}“\t\0", max_size=100).map(str.encode),
    )
)
def test_any_bytes_give_a_tree_or_a_sentence(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with contextlib.suppress(BadInput):
        read_toml(file)
