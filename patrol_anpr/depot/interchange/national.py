"""A read as the national record has it: its fields, and pictures within its limits. Pure.

The fields and limits are those that are public of the standard; its full text was not available, and no conformity is
claimed. Whose read it was, what lists say of the mark and whether it was a hit are no part of it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from patrol_anpr.domain.read import ENTERED
from patrol_anpr.plumbing.jpeg import FRAMES, NotAJpeg, frame_size, segments
from patrol_anpr.wire.payloads import Motion, ReadPayload

PATCH_BYTES, PATCH_SIZE = 3 * 1024, (120, 60)
"""A patch has at most so many bytes, or is at most so wide and tall (pixels)."""
OVERVIEW_BYTES = 25 * 1024


class LeftOut(StrEnum):
    """Why a read, or a picture of one, is not sent. The value is for people."""

    ENTERED = "entered by an officer: no camera read it"
    NOT_UNDERSTOOD = "not understood by this version"
    NO_FEED = "it names no feed, and depot.toml has none"
    TOO_LARGE = "a picture beyond the limits"
    GONE = "a picture that the depot cannot read any more"


@dataclass(frozen=True, slots=True)
class NationalRecord:
    """One read. `record_id` names it for good: the same read has the same one whenever it is sent.

    Degrees in WGS 84, None where the car had no fix; `confidence` 0 to 100; the pictures are JPEG, None where there is
    none to send.
    """

    record_id: str
    vrm: str
    captured_at: datetime
    feed_id: str
    source_id: str
    camera_id: str
    latitude: float | None
    longitude: float | None
    confidence: int
    motion: Motion
    patch: bytes | None = field(repr=False)
    overview: bytes | None = field(repr=False)


def why_left_out(read: ReadPayload, feed_id: str) -> LeftOut | None:
    """Return why a read is no national record; None for one that is. `feed_id` stands in where the car names none."""
    if read.camera_id == ENTERED:
        return LeftOut.ENTERED
    return None if read.feed_id or feed_id else LeftOut.NO_FEED


def record_of(
    car_id: str, read: ReadPayload, feed_id: str, pictures: Mapping[str, bytes]
) -> tuple[NationalRecord, list[LeftOut]]:
    """Make the record of a read, and say which of its pictures it goes without; `pictures` are those at hand."""
    patch, overview = (pictures.get(name) if name else None for name in (read.patch_sha256, read.overview_sha256))
    without = [
        LeftOut.GONE
        for name, picture in ((read.patch_sha256, patch), (read.overview_sha256, overview))
        if name and picture is None
    ]
    if patch is not None and not _is_small_patch(patch):
        patch = None
        without.append(LeftOut.TOO_LARGE)
    if overview is not None and len(overview) > OVERVIEW_BYTES:
        overview = None
        without.append(LeftOut.TOO_LARGE)
    record = NationalRecord(
        f"{car_id}:{read.read_id}",
        read.vrm,
        read.captured_at,
        read.feed_id or feed_id,
        read.source_id,
        read.camera_id,
        read.latitude,
        read.longitude,
        read.confidence,
        read.motion,
        patch,
        overview,
    )
    return record, without


def _is_small_patch(patch: bytes) -> bool:
    if len(patch) <= PATCH_BYTES:
        return True
    with suppress(NotAJpeg):
        for segment in segments(patch):
            if segment.marker in FRAMES:
                width, height = frame_size(segment)
                return width <= PATCH_SIZE[0] and height <= PATCH_SIZE[1]
    return False
