"""A TOML file as people save it: by Notepad, with typographic quotes, with the paths of Windows.

What can be read is read; otherwise one sentence names the line and says what to write instead.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from patrol_anpr.domain.errors import BadInput

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = ((b"PK\x03\x04", "a ZIP or an office document"), (b"{\\rtf", "a text with typefaces"), (b"\xd0\xcf", "Word"))

_BACKSLASH = (
    "a backslash between double quotes has a meaning of its own. Write a path between single quotes, as in "
    r"'C:\Records'"
)
_HINTS = (
    (r"[\u2018-\u201f\u00ab\u00bb\u2032\u2033]", "it has typographic quotes. Write straight ones, \" or '"),
    (r"[\u00a0\u2000-\u200d\u202f\u2060\ufeff]", "it has a blank that is no ordinary one. Type the line again"),
    (r"[\u2010-\u2015\u2212]", "it has a typographic dash. Write an ordinary one, -"),
    (r'"[^"]*\\', _BACKSLASH),
    (r"""=\s*(["'])(?:(?!\1).)*$""", "a quote is opened and never closed"),
    (r"=\s*(?i:true|false|yes|no|on|off)\s*(?:#|$)", "write true or false, in small letters"),
    (r"=\s*\d+,\d+\s*(?:#|$)", "write a number with a point, not with a comma"),
    (r"=\s*(?:#|$)", "it has no value. Give one, or take the line out"),
    (r"=\s*[^\s\"'\[{\d+-]", "put text between quotes"),
)
"""What a wrong line holds (a pattern), and what to do; the first that fits."""
_TWICE = "it names what another line has named already. Keep one of them"
_PLACE = re.compile(r"^(?P<words>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file in UTF-8 or, where a byte-order mark says so, in UTF-16.

    Raises:
        BadInput: it cannot be read, is no text, or is no TOML; or a value holds what a backslash made of it.
    """
    text = _decoded(_content(file), file).replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The settings file {file} is not valid TOML, {_why(str(error), text)}.") from None
    except RecursionError:
        raise BadInput(f"The settings file {file} is not valid TOML: it is nested too deeply.") from None
    if any(not value.isprintable() for value in _texts(tree)):
        number = next((n for n, line in enumerate(text.split("\n"), 1) if re.search(r'"[^"]*\\[^\\"]', line)), 0)
        where = f"line {number}: {_BACKSLASH}" if number else "a value holds a character that cannot be seen"
        raise BadInput(f"The settings file {file} cannot be used, {where}.")
    return tree


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(f"There is no settings file {file}. Check the path.") from None
    except IsADirectoryError:
        raise BadInput(f"The settings file {file} is a folder. Name a file in it.") from None
    except OSError as error:
        raise BadInput(f"The settings file {file} cannot be read ({error.strerror or error}).") from None
    except ValueError:  # a zero byte in the path
        raise BadInput("The path of the settings file cannot be used. Check it.") from None


def _decoded(content: bytes, file: Path) -> str:
    for start, kind in _NO_TEXT:
        if content.startswith(start):
            raise BadInput(f"The settings file {file} is {kind}. Save it as plain text in UTF-8.")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        raise BadInput(f"The settings file {file} is in UTF-16 without a mark, or damaged. Save it as UTF-8.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise BadInput(f"The settings file {file} is damaged {encoding.upper()}. Save it as UTF-8.") from None
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            f"The settings file {file} is not in UTF-8, line {line}: it looks like Windows-1252, which Notepad calls "
            "ANSI. Save it as UTF-8."
        ) from None


def _why(error: str, text: str) -> str:
    """Where the fault stands and what to do, of what tomllib says: "Invalid value (at line 2, column 8)"."""
    found = _PLACE.match(error)
    lines = text.split("\n")
    number = int(found["line"]) if found and found["line"] else len(text.rstrip().split("\n"))
    words = found["words"] if found else error
    line = lines[number - 1] if number <= len(lines) else ""
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, line)), "")
    if "overwrite" in words or "twice" in words:
        hint = _TWICE
    return f"line {number}: {hint or words[:1].lower() + words[1:]}"


def _texts(tree: Mapping[str, Any]) -> Iterator[str]:
    left: list[Any] = list(tree.values())
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
