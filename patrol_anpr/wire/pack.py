"""A pack: some records of one car and their pictures as one run of bytes, for the wire or a file.

`MAGIC`, four bytes of length (big-endian), the manifest (canonical JSON) of that length, then the payloads of the
items and the pictures, in the manifest's order and nothing between or behind them. The manifest names each by SHA-256
and size, so its own SHA-256 stands for the whole pack: the pack id. What a record says comes before any picture:
hits and what was decided on them first, then the other records, then reads, then pictures.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Annotated, BinaryIO

from pydantic import Field, StringConstraints, ValidationError

from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import URGENT, Id, Kind, Sha256, Wire, canonical_json, sha256_of
from patrol_anpr.wire.shape import Most, holds_too_much

MAGIC = b"PATROL-PACK-2\n"
_LENGTH_BYTES = 4

MAX_ITEMS = 500
"""Records of one pack."""
MAX_PICTURES = 4 * MAX_ITEMS
MAX_ITEM_BYTES = 2**20
"""Of one record, without its pictures."""
MAX_PICTURE_BYTES = 4 * 2**20
MAX_PACK_BYTES = 16 * 2**20
_MAX_MANIFEST_BYTES = 2**20
_MANIFEST = Most(fields=4 * MAX_ITEMS + 2 * MAX_PICTURES + 100, values=4 * MAX_ITEMS + 2 * MAX_PICTURES + 100, depth=6)

KindWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]


class BadPack(ValueError):
    """These bytes are no pack, or not one that may be taken. The text repeats nothing of them."""


class DamagedPack(BadPack):
    """They were a pack, and were changed or cut on the way."""


class PackItem(Wire):
    """One record of a pack: `kind` may be one of a newer car, `size` counts the bytes of its payload."""

    item_id: Id
    kind: KindWord
    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=MAX_ITEM_BYTES)]


class PackPicture(Wire):
    """One picture of a pack; `size` in bytes."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=MAX_PACK_BYTES)]


class Manifest(Wire):
    """What a pack holds, in the order of its bytes."""

    car_id: Id
    items: Annotated[tuple[PackItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    pictures: Annotated[tuple[PackPicture, ...], Field(max_length=MAX_PICTURES)] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack to be sent. Its bytes are made piece by piece from what it was made of, never as a whole."""

    pack_id: str
    items: tuple[OutboxItem, ...]
    size: int
    _parts: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, car_id: str, items: Sequence[OutboxItem]) -> "Pack":
        """Make the pack of some records, in the order they are sent in."""
        ordered = sorted(items, key=_place)
        pictures = {sha256_of(jpeg): jpeg for item in ordered for _, jpeg in item.pictures}
        manifest = canonical_json(
            Manifest(
                car_id=car_id,
                items=tuple(
                    PackItem(item_id=item.item_id, kind=item.kind, sha256=item.sha256, size=len(item.payload))
                    for item in ordered
                ),
                pictures=tuple(PackPicture(sha256=name, size=len(jpeg)) for name, jpeg in pictures.items()),
            )
        )
        head = MAGIC + len(manifest).to_bytes(_LENGTH_BYTES, "big") + manifest
        parts = (head, *(item.payload for item in ordered), *pictures.values())
        return cls(sha256_of(manifest), tuple(ordered), sum(map(len, parts)), parts)

    def piece(self, start: int, most: int) -> bytes:
        """Return at most `most` bytes from `start` on; empty behind the end."""
        end = start + most
        ends = accumulate(map(len, self._parts))
        return b"".join(
            part[max(0, start - (stop - len(part))) : end - (stop - len(part))]
            for part, stop in zip(self._parts, ends, strict=True)
            if stop > start and stop - len(part) < end
        )


def picture_bytes(items: Iterable[OutboxItem]) -> int:
    """Count the bytes of the pictures of some records."""
    return sum(len(jpeg) for item in items for _, jpeg in item.pictures)


def _place(item: OutboxItem) -> int:
    if item.kind in URGENT:
        return 0
    return 2 if item.kind is Kind.READ else 1


class PackReader:
    """Reads a pack from `source`, one part at a time. Raises BadPack, at once for what its manifest says.

    `items` first, then `pictures`, each once and to its end; then `finish`.
    """

    def __init__(self, source: BinaryIO, size: int) -> None:
        if size > MAX_PACK_BYTES:
            raise BadPack("a pack that is too large")
        self._source = source
        if self._take(len(MAGIC)) != MAGIC:
            raise BadPack("no pack of this version")
        length = int.from_bytes(self._take(_LENGTH_BYTES), "big")
        if length > _MAX_MANIFEST_BYTES:
            raise BadPack("a manifest that is too large")
        content = self._take(length)
        self.pack_id = sha256_of(content)
        self.manifest = _parsed(content)
        named = sum(item.size for item in self.manifest.items) + sum(one.size for one in self.manifest.pictures)
        if len(MAGIC) + _LENGTH_BYTES + length + named != size:
            raise BadPack("a pack of another size than its manifest says")

    def items(self) -> Iterator[tuple[PackItem, bytes]]:
        """Yield each record and its payload."""
        for item in self.manifest.items:
            yield item, self._checked(item)

    def pictures(self) -> Iterator[tuple[PackPicture, bytes]]:
        """Yield each picture and its content."""
        for picture in self.manifest.pictures:
            yield picture, self._checked(picture)

    def _checked(self, named: PackItem | PackPicture) -> bytes:
        content = self._take(named.size)
        if sha256_of(content) != named.sha256:
            raise DamagedPack("a part that is not what its SHA-256 says")
        return content

    def _take(self, size: int) -> bytes:
        content = self._source.read(size)
        if len(content) != size:
            raise DamagedPack("a pack that ends too early")
        return content


def read_pack(content: bytes) -> PackReader:
    """Read a pack that lies in memory. Raises BadPack."""
    return PackReader(io.BytesIO(content), len(content))


def _parsed(content: bytes) -> Manifest:
    if holds_too_much(content, _MANIFEST):
        raise BadPack("a manifest that holds too much")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        raise BadPack("a manifest of another shape") from None
