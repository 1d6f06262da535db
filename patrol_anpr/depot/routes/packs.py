"""What cars send: packs, each by as many requests as the line needs, and what they ask of those sent before.

A pack goes on where it broke (after the IETF's draft of resumable uploads): HEAD says how much is here, PATCH appends.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from patrol_anpr.depot.asked import JSON, PREFIX, Depot, TheDepot, parsed
from patrol_anpr.depot.body import Refusal, content_of, read_body
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.receipts import signed
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.pack import BadPack, DamagedPack, PackReader
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.receipts import (
    LENGTH,
    OFFSET,
    PARTIAL,
    HoldingsQuestion,
    PackArrived,
    PackReply,
)

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX)

_WRITE_BYTES = 2**19
"""So much is gathered before it is written: each write leaves the event loop."""

PackId = Annotated[str, InPath(pattern="^[0-9a-f]{64}$")]


@router.head("/packs/{pack_id}")
def offset(depot: TheDepot, car_id: CarId, pack_id: PackId) -> Response:
    """How much of a pack is here."""
    return Response(headers={OFFSET: str(depot.arriving.offset(car_id, pack_id))})


@router.patch("/packs/{pack_id}", response_model=PackArrived)
async def append(request: Request, depot: TheDepot, car_id: CarId, pack_id: PackId) -> Response:
    """Append; with the last byte the pack is taken in and answered for.

    409: not at this offset (HEAD says where); 413: too large, split it; 400: damaged on the way, send it again from the
    start; 422: no pack; 503: too many are under way; 507: the car has sent its share of the day.
    """
    begin, length = _number(request, OFFSET), _number(request, LENGTH)
    if length == 0:
        raise Refusal(422, "The content is refused: nothing.")
    if length > depot.limits.pack_bytes:
        raise Refusal(413, "The pack is too large.")
    if request.headers.get("content-type", "") != PARTIAL:
        raise Refusal(415, f"The content must be {PARTIAL}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Encoded content is not taken.")
    if begin == length and (answer := await run_in_threadpool(depot.arriving.answer, car_id, pack_id)):
        return Response(answer, media_type=JSON)
    if begin == 0:
        depot.turns.check()
        await run_in_threadpool(depot.quotas.check_bytes, car_id, length, depot.now())
        await run_in_threadpool(depot.arriving.begin, car_id, pack_id, length)
    elif begin != await run_in_threadpool(depot.arriving.offset, car_id, pack_id):
        raise Refusal(409, "The pack does not go on there.")
    end = begin
    try:
        async with asyncio.timeout(depot.limits.body_seconds):
            async for some in _gathered(request):
                if end + len(some) > length:
                    raise Refusal(413, "The content is longer than was said.")
                await run_in_threadpool(depot.arriving.write, car_id, pack_id, end, some)
                end += len(some)
    except TimeoutError:
        raise Refusal(408, "The content came too slowly.") from None
    if end < length:
        return Response(PackArrived(offset=end).model_dump_json(), media_type=JSON)
    with depot.turns.taking():
        return Response(await run_in_threadpool(_take, depot, car_id, pack_id, length), media_type=JSON)


async def _question(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.report_bytes, seconds=depot.limits.body_seconds)


@router.post("/holdings")
def holdings(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_question)]) -> PackReply:
    """Signed anew for what the depot still holds of a question; what has no receipt in it is not here."""
    question = parsed(HoldingsQuestion, body, depot.limits)
    taken = _ingest(depot).holdings(car_id, question.items)
    return signed(depot.keys, car_id, sha256_of(body), taken, depot.now())


def _take(depot: Depot, car_id: str, pack_id: str, length: int) -> bytes:
    """Return the answer to a pack. Called on a thread of the pool. What is no pack does not lie there any longer."""
    file = depot.arriving.file(car_id, pack_id)
    try:
        with file.open("rb") as source:
            pack = PackReader(source, length)
            if pack.pack_id != pack_id:
                raise DamagedPack("a pack of another id")
            if pack.manifest.car_id != car_id:
                raise BadPack("a pack of another car")
            taken = _ingest(depot).take(car_id, pack, depot.now())
    except (FileNotFoundError, BadPack) as bad:
        if answer := depot.arriving.answer(car_id, pack_id):  # it came twice at once, and the other one was taken
            depot.arriving.drop(car_id, pack_id)
            return answer
        if isinstance(bad, FileNotFoundError):
            raise Refusal(409, "The pack does not go on there.") from None
        log.warning("a pack of %s is refused: %s", car_id, bad)
        depot.arriving.drop(car_id, pack_id)
        raise Refusal(400 if isinstance(bad, DamagedPack) else 422, f"The content is refused: {bad}.") from None
    answer = (
        PackArrived(offset=length, reply=signed(depot.keys, car_id, pack_id, taken, depot.now()))
        .model_dump_json()
        .encode()
    )
    depot.arriving.finish(car_id, pack_id, length, answer)
    return answer


def _ingest(depot: Depot) -> Ingest:
    return Ingest(depot.database, depot.pictures, depot.limits.picture_bytes)


async def _gathered(request: Request) -> AsyncIterator[bytes]:
    """Yield the content in pieces worth a write; what came before a connection broke is yielded, too."""
    pieces: list[bytes] = []
    size = 0
    broken: Exception | None = None
    try:
        async for chunk in content_of(request):
            pieces.append(chunk)
            size += len(chunk)
            if size >= _WRITE_BYTES:
                yield b"".join(pieces)
                pieces, size = [], 0
    except ClientDisconnect as gone:
        broken = gone
    if size:
        yield b"".join(pieces)
    if broken is not None:
        raise broken


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Refusal(422, f"{name} must be a number of bytes.")
    return int(text)
