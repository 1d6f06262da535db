"""Reading the body of a request with limits that hold while it streams."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request

from patrol_anpr.wire.pack import MAX_PACK_BYTES
from patrol_anpr.wire.shape import Most
from patrol_anpr.wire.signatures import digest_field


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost. Sizes in bytes, times in seconds for the whole of a body, a head, a handshake.

    `arriving_bytes` is what a car may have at the depot of packs that are not complete.
    """

    pack_bytes: int = MAX_PACK_BYTES
    arriving_bytes: int = 4 * MAX_PACK_BYTES
    picture_bytes: int = 4 * 2**20
    report_bytes: int = 2**18
    body_seconds: float = 60.0
    head_seconds: float = 10.0
    handshake_seconds: float = 5.0
    connections: int = 1000
    connections_an_address: int = 64
    json: Most = field(default_factory=Most)


class Refusal(Exception):
    """A request that is not served: an HTTP status and a sentence that repeats nothing of the request.

    `reason` is a word of wire/signatures.py, for the car.
    """

    def __init__(self, status: int, problem: str, reason: str = "") -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.reason = reason


async def content_of(request: Request) -> AsyncIterator[bytes]:
    """Return the content of a request in pieces, as it comes: the one place where content is read.

    Nothing of it may be used before the end: only there is it compared with the digest that the car signed, and Refusal
    (400: send again) raised where it is another.
    """
    signed: str = getattr(request.state, "content_digest", "")
    digest = hashlib.sha256()
    async for chunk in request.stream():
        if signed:
            digest.update(chunk)
        yield chunk
    if signed and digest_field(digest.digest()) != signed:
        raise Refusal(400, "The content is not what was signed.")


async def read_body(request: Request, *, media: str, limit: int, seconds: float) -> bytes:
    """Return the whole body, of type `media` and at most `limit` bytes, received within `seconds`.

    Raises Refusal: 415 another type or a content coding, 413 too large, 408 too slow.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != media:
        raise Refusal(415, f"The content must be {media}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Encoded content is not taken.")
    # A little too much is read to its end and thrown away, so that the sender hears the 413 and not a broken pipe.
    patience = 4 * limit
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in content_of(request):
                size += len(chunk)
                if size > limit:
                    chunks.clear()
                else:
                    chunks.append(chunk)
                if size > patience:
                    break
    except TimeoutError:
        raise Refusal(408, "The content came too slowly.") from None
    if size > limit:
        raise Refusal(413, "The content is too large.")
    return b"".join(chunks)
