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


def read_toml(file: Path, kind: str = "settings file") -> dict[str, Any]:
    """Read a TOML file in UTF-8 or, where a byte-order mark says so, in UTF-16. Sentences call it a `kind`.

    Raises:
        BadInput: it cannot be read, is no text, or is no TOML; or a value holds what a backslash made of it.
    """
    return tree_of(text_of(read_content(file, kind), f"The {kind} {file}"), f"The {kind} {file}")


def tree_of(text: str, named: str) -> dict[str, Any]:
    """Read the text of a TOML file; `named` is the file in sentences. Raises BadInput as `read_toml` does."""
    try:
        tree = tomllib.loads(text)
    except ValueError as error:  # of tomllib, or of a number that has no end
        raise BadInput(f"{named} is not valid TOML, {_why(str(error), text)}.") from None
    except RecursionError:
        raise BadInput(f"{named} is not valid TOML: it is nested too deeply.") from None
    if any(not value.isprintable() for value in _texts(tree)):
        number = next((n for n, line in enumerate(text.split("\n"), 1) if re.search(r'"[^"]*\\[^\\"]', line)), 0)
        where = f"line {number}: {_BACKSLASH}" if number else "a value holds a character that cannot be seen"
        raise BadInput(f"{named} cannot be used, {where}.")
    return tree


def read_content(file: Path, kind: str) -> bytes:
    """Read a file that a person wrote. Raises BadInput where it cannot be read."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(f"There is no {kind} {file}. Check the path.") from None
    except IsADirectoryError:
        raise BadInput(f"The {kind} {file} is a folder. Name a file in it.") from None
    except OSError as error:
        raise BadInput(f"The {kind} {file} cannot be read ({error.strerror or error}).") from None
    except ValueError:  # a zero byte in the path
        raise BadInput(f"The path of the {kind} cannot be used. Check it.") from None


def text_of(content: bytes, named: str) -> str:
    """Return the text of a TOML file, with the line ends of Unix. Raises BadInput where it is none."""
    return _decoded(content, named).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes, named: str) -> str:
    for start, kind in _NO_TEXT:
        if content.startswith(start):
            raise BadInput(f"{named} is {kind}. Save it as plain text in UTF-8.")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        raise BadInput(f"{named} is in UTF-16 without a mark, or damaged. Save it as UTF-8.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise BadInput(f"{named} is damaged {encoding.upper()}. Save it as UTF-8.") from None
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            f"{named} is not in UTF-8, line {line}: it looks like Windows-1252, which Notepad calls "
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
