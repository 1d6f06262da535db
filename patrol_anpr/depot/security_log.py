"""Who asked the depot for what, and what came of it: one JSON line a request, for whoever watches the force's network.

A line holds no VRM, officer or place: the route stands for the path, and of the content only its bytes are counted.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patrol_anpr.depot.metrics import Metrics, Served
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.log_file import LogFile

security = logging.getLogger("patrol_anpr.depot.security")

NOBODY = "-"
"""Who asked where no car was recognised."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""A method of another name is "other": whoever asks could fill the figures with names."""
_BYTES, _FILES = 20 * 2**20, 20
_PROGRAM_FORM = "%(asctime)s %(levelname)s %(name)s %(message)s"


class SecurityLog:
    """Wraps the service. Whatever becomes of a request, a line says so, and it is counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and write its line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, received, sent, status = time.monotonic(), 0, 0, 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            nonlocal sent, status
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            served = _served(scope, status, received, sent, time.monotonic() - began)
            security.info(
                "%s", json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds")} | asdict(served))
            )
            if self._metrics is not None:
                self._metrics.count(served)


def address_of(scope: Scope) -> str:
    """Return the address that a request came from.

    Whoever asks over a Unix socket is the proxy, which says for whom; from anybody else that would be hearsay.
    """
    if scope.get("client"):
        return str(scope["client"][0])
    told = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return told[-1].decode("latin-1").rpartition(",")[2].strip()[:45] if told else NOBODY


def _served(scope: Scope, status: int, received: int, sent: int, seconds: float) -> Served:
    state = scope.get("state", {})
    return Served(
        who=state.get("car_id") or state.get("session", NOBODY),
        address=address_of(scope),
        method=scope["method"] if scope["method"] in METHODS else "other",
        route=getattr(scope.get("route"), "path", "none"),
        status=status,
        received_bytes=received,
        sent_bytes=sent,
        seconds=round(seconds, 3),
    )


@contextmanager
def logs_in(folder: Path, program: str = "depot") -> Iterator[None]:
    """Write the security log and the program's own log to files in `folder`, which only its owner may enter.

    `program` names the second; two programs need two folders. Raises RecordsFault when they cannot be opened.
    """
    whole = logging.getLogger("patrol_anpr")
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(_written(security, folder / "security.log", "%(message)s"))
            stack.enter_context(_written(whole, folder / f"{program}.log", _PROGRAM_FORM))
        except OSError as error:
            raise RecordsFault(
                f"The depot's log cannot be written ({error.strerror or error}). Check its folder and the disk."
            ) from error
        yield


@contextmanager
def _written(logger: logging.Logger, path: Path, form: str) -> Iterator[None]:
    """Write what a logger is told to a file, and to no logger above it in the tree."""
    path.touch(mode=0o600)
    file = LogFile(path, max_bytes=_BYTES, files=_FILES)
    file.setFormatter(logging.Formatter(form))
    level, logger.propagate = logger.level, False
    logger.setLevel(logging.INFO)
    logger.addHandler(file)
    try:
        yield
    finally:
        logger.removeHandler(file)
        file.close()
        logger.propagate = True
        logger.setLevel(level)
