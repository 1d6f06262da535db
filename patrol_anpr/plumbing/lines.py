"""The bytes of a CSV file that others made, as numbered lines of text: out of the ZIP, bounded, decoded."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from patrol_anpr.domain.errors import BadInput

MAX_LINE = 64 * 1024
"""Bytes of a line; a longer one is refused without being held."""
MAX_BYTES = 2 * 1024**3
"""Bytes of the whole file once unpacked: about three times what a hotlist of 5 million entries takes. Stops a bomb."""
MAX_LINES = 20_000_000
"""Lines of a file, blank ones counted: the other way to pack much into a small ZIP."""

_HEAD = 4096
"""Bytes looked at to tell what kind of file it is."""
_ZIP_START = b"PK\x03\x04"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_WEB_PAGE = (b"<!doctype html", b"<html")

_SAVE_AS_CSV = "Save it as CSV, and see that no mark such as 1 JAN or 1 E 10 becomes a date or a number on the way."
_OTHER_KINDS = (
    (b"\x00\x05\x16\x07", "a companion file that a Mac makes. Take the file of the same name without ._ before it."),
    (b"\xd0\xcf\x11\xe0", f"an Excel workbook. {_SAVE_AS_CSV}"),
    (b"%PDF", "a PDF. Ask for it as CSV."),
    (b"{\\rtf", "a text with typefaces (RTF). Save it as plain text."),
    (b"<?xml", "an XML file. Ask for it as CSV."),
    (b"\x1f\x8b", "packed with gzip. Unpack it first, or pack it as a ZIP."),
    (b"7z\xbc\xaf", "packed with 7-Zip. Unpack it first, or pack it as a ZIP."),
    (b"Rar!", "packed with RAR. Unpack it first, or pack it as a ZIP."),
)
"""How files begin that are taken for a CSV by mistake, and what to do about each."""
_OFFICE = (
    ("xl/", f"an Excel workbook. {_SAVE_AS_CSV}"),
    ("content.xml", f"an OpenDocument file. {_SAVE_AS_CSV}"),
    ("Index/", f"a Numbers or Pages file. {_SAVE_AS_CSV}"),
    ("word/", "a Word document. Ask for it as CSV."),
)
"""What office programs save is a ZIP, too: a name in it, and what to do."""

_DAMAGED_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, struct.error, ValueError,
    OverflowError, RuntimeError,
)  # fmt: skip
"""All that zipfile raises for bytes that are no good ZIP."""


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line, numbered from 1, without its line end; or the reason why its text cannot be had."""

    number: int
    text: str
    problem: str = ""


def physical_lines(path: Path, encoding: str = "") -> Iterator[Line]:
    """Give the lines of a CSV file, or of the one CSV file in a ZIP, which is known by its content, not its name.

    Text is UTF-8, with or without a byte-order mark, or the code page of Windows, whichever a line is; where an
    `encoding` is given (one in which ASCII is as it is), it is that, and a line that is not has a problem.

    Raises:
        BadInput: the file cannot be read, is too large, is no ZIP with exactly one CSV, or is text in UTF-16 or
            something else than text, which is then named.
    """
    name = path.name
    try:
        with ExitStack() as stack:
            yield from _lines(_unpacked(stack.enter_context(_opened(path)), name, stack), name, encoding)
    except _DAMAGED_ZIP as error:
        raise BadInput(f"The ZIP {name} is damaged or of an unknown kind. Fetch it again.") from error
    except OSError as error:
        raise BadInput(f"The file {name} cannot be read ({error.strerror or error}).") from error


def is_zip(path: Path) -> bool:
    """Tell whether `physical_lines` takes the file for a ZIP. Raises BadInput when it cannot be read."""
    with _opened(path) as file:
        return file.read(len(_ZIP_START)) == _ZIP_START


def _opened(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(f"There is no file {path.name}. Check the path.") from None
    except IsADirectoryError:
        raise BadInput(f"{path.name or path} is a folder and cannot be read. Name a file in it.") from None
    except ValueError:  # a zero byte in the path
        raise BadInput("The path of the file cannot be used. Check it.") from None


def _unpacked(file: io.BufferedReader, name: str, stack: ExitStack) -> io.BufferedReader:
    if not file.peek(_HEAD).startswith(_ZIP_START):
        return file
    archive = stack.enter_context(zipfile.ZipFile(file))
    members = [one for one in archive.infolist() if not one.is_dir() and not _beside_the_point(one.filename)]
    for part, kind in _OFFICE:
        if any(one.filename.startswith(part) for one in members):
            raise BadInput(f"{name} is {kind}")
    found = [one for one in members if one.filename.lower().endswith(".csv")] or members
    if len(found) != 1:
        raise BadInput(
            f"The ZIP {name} holds {len(found)} files that could be the one to read. Put exactly one CSV in it."
        )
    if found[0].flag_bits & 1:
        raise BadInput(f"The ZIP {name} is locked with a password. Unpack it, or pack it without one.")
    return io.BufferedReader(stack.enter_context(archive.open(found[0])), 1 << 16)  # type: ignore[arg-type]


def _beside_the_point(member: str) -> bool:
    """Tell whether a system put this file beside the packed one. Names choose the member and are never used as paths.

    A Mac adds `__MACOSX/` and `._list.csv`, which ends like a list, and Windows adds Thumbs.db.
    """
    path = PurePosixPath(member)
    return "__MACOSX" in path.parts or path.name.startswith(".") or path.name.lower() in ("thumbs.db", "desktop.ini")


def _lines(stream: io.BufferedReader, name: str, encoding: str) -> Iterator[Line]:
    _refuse_other_kinds(stream.peek(_HEAD), name)
    number = size = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        size += len(raw)
        if number == 1:
            raw = raw.removeprefix(_UTF8_BOM)
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE)
                size += len(raw)
                _refuse_too_large(size, number, name)
            yield Line(number, "", f"it is longer than {MAX_LINE} bytes")
            continue
        _refuse_too_large(size, number, name)
        if b"\0" in raw:
            yield Line(number, "", "it holds zero bytes, so it is damaged")
        else:
            yield _decoded(number, raw.rstrip(b"\r\n"), encoding)


def _refuse_other_kinds(head: bytes, name: str) -> None:
    if head.startswith(_UTF16_BOMS) or _looks_like_utf16(head):
        raise BadInput(f"{name} is in UTF-16 (“Unicode text”). Save it as CSV in UTF-8.")
    if head.startswith(_ZIP_START):
        raise BadInput(f"{name} holds another ZIP. Unpack it once, then try again.")
    if head.lstrip().lower().startswith(_WEB_PAGE):
        raise BadInput(f"{name} is a web page, not a CSV file: perhaps a login page answered. Fetch it again.")
    for start, kind in _OTHER_KINDS:
        if head.startswith(start):
            raise BadInput(f"{name} is {kind}")
    if b"\r" in head.rstrip(b"\r") and b"\n" not in head:
        raise BadInput(f"{name} has the line ends of an old Mac. Save it as CSV in UTF-8, not as “Macintosh”.")


def _looks_like_utf16(head: bytes) -> bool:
    """Tell UTF-16 without its mark: Latin text in it has a zero in every second byte and in no other."""
    even, odd = head[0:200:2], head[1:200:2]
    zeros, others = sorted((even.count(0) / max(1, len(even)), odd.count(0) / max(1, len(odd))))[::-1]
    return len(head) >= 8 and zeros > 0.9 and others < 0.1


def _refuse_too_large(size: int, lines: int, name: str) -> None:
    if size > MAX_BYTES or lines > MAX_LINES:
        raise BadInput(
            f"{name} is larger than a hotlist can be, {MAX_BYTES >> 20} MB or {MAX_LINES} lines. Check the file."
        )


def _decoded(number: int, raw: bytes, encoding: str) -> Line:
    """Without an `encoding` UTF-8, or else the code page of Windows: old exports mix both in one file."""
    try:
        return Line(number, raw.decode(encoding or "utf-8"))
    except UnicodeDecodeError:
        if encoding:
            return Line(number, "", f"it is not written in {encoding}")
        return Line(number, raw.decode("cp1252", errors="replace"))
