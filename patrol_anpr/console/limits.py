"""How much a form may carry, and how long it may take: looked at before anything is read of it."""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patrol_anpr.console.cookies import token_in
from patrol_anpr.console.state import Console
from patrol_anpr.depot.lists.drafts import MOST_UPLOAD

FORM_BYTES = 2**18
UPLOAD_BYTES = 2**24
"""Of a form with a file, which only somebody who is signed on may send: a roster or a plan of shifts."""
LIST_BYTES = MOST_UPLOAD + FORM_BYTES
"""Of the form with the file of a list: its page takes it straight to the disk (uploads.py)."""
FORM_SECONDS, UPLOAD_SECONDS, LIST_SECONDS = 20.0, 600.0, 3600.0
_LIST = re.compile(r"/lists/draft/[0-9a-f]{16}/file\Z")
_FORM, _UPLOAD = "application/x-www-form-urlencoded", "multipart/form-data"
_CHANGES = "POST"


class Limits:
    """Wraps the app: a form that is too large, of another type, or too slow is refused."""

    def __init__(self, app: ASGIApp, console: Console) -> None:
        self._app, self._console = app, console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != _CHANGES:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        media = headers.get("content-type", "").split(";")[0].strip().lower()
        length = headers.get("content-length", "")
        if not length.isdigit():
            await _refuse(411, "A form says how long it is.", scope, receive, send)
        elif media not in (_FORM, _UPLOAD):
            await _refuse(415, "Only forms are taken here.", scope, receive, send)
        elif int(length) > (most := await self._most(scope["path"], media, headers)):
            await _refuse(413, f"That is more than the {most:,} bytes that a form may carry.", scope, receive, send)
        else:
            await self._app(scope, _in_time(receive, _seconds(most, int(length))), send)

    async def _most(self, path: str, media: str, headers: Headers) -> int:
        if media != _UPLOAD or not await self._is_signed_on(headers):
            return FORM_BYTES
        return LIST_BYTES if _LIST.match(path) else UPLOAD_BYTES

    async def _is_signed_on(self, headers: Headers) -> bool:
        token = token_in(headers.get("cookie", ""), self._console)
        found = await asyncio.to_thread(self._console.sessions.find, token, self._console.now())
        return found is not None


def _seconds(most: int, length: int) -> float:
    if length <= FORM_BYTES:
        return FORM_SECONDS
    return LIST_SECONDS if most == LIST_BYTES else UPLOAD_SECONDS


def _in_time(receive: Receive, seconds: float) -> Receive:
    """Let a body come as long as it may take; what is not here then is taken for a browser that went away."""
    ends: float | None = None

    async def timely() -> Message:
        nonlocal ends
        loop = asyncio.get_running_loop()
        ends = ends or loop.time() + seconds
        try:
            async with asyncio.timeout_at(ends):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return timely


async def _refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    # Closed, because what is left of the form would be read to its end otherwise.
    await PlainTextResponse(sentence, status, {"connection": "close"})(scope, receive, send)
