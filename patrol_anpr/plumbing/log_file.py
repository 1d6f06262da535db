"""The program's own log, written on a thread of its own: whoever logs, and a hit among them, never waits for a disk."""

import contextlib
import copy
import logging
import logging.handlers
import queue
import threading
import traceback
from pathlib import Path, PureWindowsPath
from types import TracebackType

from patrol_anpr.plumbing.worker import Worker

CAPACITY = 10_000
"""Lines that may wait for a slow disk; what comes then is given up and counted."""
CLOSE_LIMIT = 2.0
"""Seconds the last lines may take at the end."""


class LogFile(logging.Handler):
    """Rotating log files. What could not be written (a full disk) is told by its number once there is room again.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, max_bytes: int, files: int) -> None:
        # made first: at exit the standard library closes handlers backwards, and this one still has lines to write then
        self._file = _QuietFile(path, maxBytes=max_bytes, backupCount=files, encoding="utf-8")
        super().__init__()
        self._waiting: queue.Queue[logging.LogRecord | None] = queue.Queue(CAPACITY)
        self._given_up = 0
        self._worker = Worker("log", self._write, lambda _: None, rouse=self._rouse)
        self._worker.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line into the queue, formatted now: what it was made of may change. Never waits, never raises."""
        line = copy.copy(record)
        line.exc_text = None  # another handler may have put the error's text there
        try:
            line.msg = self.format(line)
            line.args = line.exc_info = line.exc_text = line.stack_info = None
            self._waiting.put_nowait(line)
        except Exception:  # noqa: BLE001 - a full queue, or a line that cannot be put in words: never whoever logs pays
            self._given_up += 1

    def close(self) -> None:
        """Write what waits and close the file; a disk that hangs is not waited for."""
        if self._worker.stop(CLOSE_LIMIT):
            self._file.close()
        super().close()

    def _rouse(self) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)

    def _write(self, stopping: threading.Event) -> None:
        while not (stopping.is_set() and self._waiting.empty()):
            line = self._waiting.get()
            if line is None:
                continue
            self._file.handle(line)
            if self._file.failed:
                self._file.failed = False
                self._given_up += 1
            elif self._given_up:
                note, self._given_up = f"{self._given_up} lines before this one could not be written", 0
                self._file.handle(logging.makeLogRecord({"msg": note}))


class _QuietFile(logging.handlers.RotatingFileHandler):
    """Notes a failure, where the standard library would print a stack trace: the disk has a lamp of its own."""

    failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its own name
        self.failed = True


class WithoutTexts(logging.Formatter):
    """Formats a stack trace with places and types alone.

    The text of an error may quote a record, and a folder may name an officer.
    """

    def formatException(  # noqa: N802 - its own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the trace of the error and of those that led to it, the first one first."""
        chain: list[BaseException] = []
        error = ei[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join("".join([*_places(one), type(one).__name__]) for one in reversed(chain))


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    named = [(PureWindowsPath(one.filename).name, one.lineno or 0, one.name, one.line) for one in frames]
    return traceback.StackSummary.from_list(named).format()
