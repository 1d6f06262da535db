"""Taking in a large file that a form sends: straight to its place on the disk, within a bound."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from patrol_anpr.console.guard import check_form
from patrol_anpr.console.page import CSRF_FIELD
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import new_file, sync_file

MOST_FIELD, MOST_FIELDS = 64 * 1024, 20
"""Bytes of a field of such a form, and how many it has beside its file."""
_NOT_WHOLE = "The file did not arrive whole. Upload it again."


@dataclass(slots=True)
class _Part:
    """One part of the form that is coming in: a field, or the file."""

    name: str = ""
    file_name: str | None = None
    content: bytes = b""


class _Form:
    """What has come in of a form. The bytes of its file wait in `pending` until they are written."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.pending: list[bytes] = []
        self._part, self._header, self._value = _Part(), b"", b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Take in what came. Raises BadInput where it is no form, or a field is too long."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise BadInput(_NOT_WHOLE) from None

    def finish(self) -> None:
        """Say that all came. Raises BadInput where the end is missing."""
        try:
            self._parser.finalize()
        except FormParserError:
            raise BadInput(_NOT_WHOLE) from None

    def _begin(self) -> None:
        self._part = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                self._part.file_name = options[b"filename"].decode("utf-8", "replace")
                self.file_name = self._part.file_name
        self._header = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self.pending.append(data[start:end])
            return
        self._part.content += data[start:end]
        if len(self._part.content) > MOST_FIELD:
            raise BadInput("A field of the form is too long.")

    def _end(self) -> None:
        if self._part.file_name is None:
            if len(self.fields) == MOST_FIELDS:
                raise BadInput("The form has too many fields.")
            self.fields[self._part.name] = self._part.content.decode("utf-8", "replace")


async def take_upload(request: Request, place: Callable[[str], Path], most: int) -> Path:
    """Write the file of a form to where `place` puts a file of its name (mode 0600); return where it lies.

    The form's token is looked at before a byte of the file is kept. What is not whole is deleted.

    Raises:
        NotAllowed: no form of this browser sent it.
        BadInput: there is no file, it is empty or has more than `most` bytes, or did not arrive whole.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadInput("Choose a file first.")
    form, size = _Form(options[b"boundary"]), 0
    path: Path | None = None
    try:
        async for chunk in request.stream():
            form.feed(chunk)
            if form.file_name is not None and path is None:
                check_form(request, form.fields.get(CSRF_FIELD, ""))
                if not form.file_name:
                    raise BadInput("Choose a file first.")
                path = place(form.file_name)
                await run_in_threadpool(_begin, path)
            if path is not None and form.pending:
                content = b"".join(form.pending)
                form.pending.clear()
                size += len(content)
                if size > most:
                    raise BadInput(f"The file is larger than {most >> 20} MB. Pack it as a ZIP, or check it.")
                await run_in_threadpool(_append, path, content)
        form.finish()
        check_form(request, form.fields.get(CSRF_FIELD, ""))
        if path is None or not size:
            raise BadInput("The file is empty, or none was chosen. Choose a file.")
        await run_in_threadpool(sync_file, path)
    except BaseException as error:
        if path is not None:
            path.unlink(missing_ok=True)
        if isinstance(error, ClientDisconnect):  # also where it took too long (limits.py)
            raise BadInput(_NOT_WHOLE) from None
        raise
    return path


def _begin(path: Path) -> None:
    path.unlink(missing_ok=True)
    new_file(path).close()


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
