"""The bytes of a list file as numbered lines of text: out of the ZIP, bounded, decoded."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from patrol_anpr.domain.errors import BadInput

MAX_LINE = 64 * 1024
"""Bytes of a line; a longer one is refused without being held."""
MAX_BYTES = 2 * 1024**3
"""Bytes of the whole list once unpacked: about three times what 5 million entries take. Stops a ZIP bomb."""
MAX_LINES = 20_000_000
"""Lines of a list, blank ones counted: the other way to pack much into a small ZIP."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"
_ZIP_START = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line, numbered from 1, without its line end; or the reason why its text cannot be had."""

    number: int
    text: str
    problem: str = ""


def physical_lines(path: Path) -> Iterator[Line]:
    """Give the lines of a CSV file, or of the one CSV file in a ZIP, which is known by its content, not its name.

    Raises:
        BadInput: the file cannot be read, is no ZIP with exactly one CSV, is too large, or is UTF-16.
    """
    try:
        with ExitStack() as stack:
            yield from _lines(_unpacked(stack.enter_context(path.open("rb")), path, stack), path)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path.name}: check the name of the list.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadInput(f"The ZIP {path.name} is damaged or of an unknown kind: fetch it again.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or error}).") from error


def _unpacked(file: IO[bytes], path: Path, stack: ExitStack) -> IO[bytes]:
    start = file.read(len(_ZIP_START))
    file.seek(0)
    if start != _ZIP_START:
        return file
    archive = stack.enter_context(zipfile.ZipFile(file))
    # Finder adds a __MACOSX folder to what it packs. Names choose the member and are never used as paths.
    members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    lists = [one for one in members if one.filename.lower().endswith(".csv")] or members
    if len(lists) != 1:
        raise BadInput(
            f"The ZIP {path.name} holds {len(lists)} files that could be the list: put exactly one CSV in it."
        )
    if lists[0].flag_bits & 1:
        raise BadInput(f"The ZIP {path.name} is locked with a password: unpack it, or pack it without one.")
    return io.BufferedReader(stack.enter_context(archive.open(lists[0])), 1 << 16)  # type: ignore[type-var]


def _lines(stream: IO[bytes], path: Path) -> Iterator[Line]:
    number = size = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        size += len(raw)
        if number == 1:
            if raw.startswith(_UTF16):
                raise BadInput(f"{path.name} is in UTF-16: save it as CSV in UTF-8.")
            raw = raw.removeprefix(_UTF8_BOM)
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE)
                size += len(raw)
                _refuse_too_large(size, number, path)
            yield Line(number, "", f"it is longer than {MAX_LINE} bytes")
            continue
        _refuse_too_large(size, number, path)
        if b"\0" in raw:
            yield Line(number, "", "it holds zero bytes, so it is damaged")
        else:
            yield Line(number, _decoded(raw.rstrip(b"\r\n")))


def _refuse_too_large(size: int, lines: int, path: Path) -> None:
    if size > MAX_BYTES or lines > MAX_LINES:
        raise BadInput(
            f"{path.name} is larger than a hotlist can be, {MAX_BYTES >> 20} MB or {MAX_LINES} lines: check the file."
        )


def _decoded(raw: bytes) -> str:
    """UTF-8, or else the code page of Windows: old exports mix both in one file."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
