"""Many pictures in one object, each sealed with the key of its group; a picture is told from where it lies."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from patrol_anpr.depot.storage.group_keys import NONCE_BYTES, GroupKeys, KeyGone
from patrol_anpr.depot.storage.objects import NoSuchObject, Objects


class Unreadable(Exception):
    """The picture cannot be given out. The text says why, and names no picture."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is: bytes `start` to `start + length` of the object `segment`, its nonce before it."""

    sha256: str
    segment: str
    start: int
    length: int

    @property
    def group(self) -> str:
        """Whose key opens it."""
        return group_of(self.segment)


def group_of(segment: str) -> str:
    """Return the group of a segment, the first part of its name: a day in UTC ("2026-11-30"), or one case."""
    return segment.partition("/")[0]


class Segments:
    """Segments in `objects`, sealed with `keys`. Any thread may call."""

    def __init__(self, objects: Objects, keys: GroupKeys) -> None:
        self.objects = objects
        self.keys = keys

    def put(self, group: str, pictures: Mapping[str, bytes]) -> list[Place]:
        """Keep pictures, by SHA-256, as one segment, for good; return where each is. Raises OSError, KeyGone."""
        key = self.keys.to_seal(group)
        segment = f"{group}/{secrets.token_hex(16)}"
        places: list[Place] = []
        sealed: list[bytes] = []
        start = 0
        for sha256, content in pictures.items():
            nonce = secrets.token_bytes(NONCE_BYTES)
            sealed.append(nonce + key.encrypt(nonce, content, _bound(sha256, segment)))
            places.append(Place(sha256, segment, start, len(sealed[-1])))
            start += len(sealed[-1])
        self.objects.put(segment, b"".join(sealed))
        return places

    def get(self, place: Place) -> bytes:
        """Return a picture as it was put. Raises Unreadable, OSError."""
        try:
            return self.open(place, self.objects.get(place.segment, place.start, place.length))
        except NoSuchObject as fault:
            raise Unreadable("its segment is not there, or too short") from fault

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Return the picture that lies sealed in its place: the seal holds only for its SHA-256 in its segment.

        Raises Unreadable, OSError.
        """
        try:
            key = self.keys.to_open(place.group)
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(place.sha256, place.segment))
        except KeyGone as fault:
            raise Unreadable("the key of its group is gone") from fault
        except (InvalidTag, ValueError) as fault:
            raise Unreadable("its segment is damaged") from fault


def _bound(sha256: str, segment: str) -> bytes:
    return f"{sha256} {segment}".encode()
