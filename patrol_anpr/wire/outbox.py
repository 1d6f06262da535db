"""What waits on the car to be sent to the depot. Nothing leaves the outbox without a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from patrol_anpr.wire.payloads import Kind, Payload, Receipt, canonical_json, kind_of, sha256_of


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One record that waits.

    `payload` is its canonical JSON (wire.canonical_json), `sha256` that of `payload`; `pictures` are (name, JPEG bytes)
    of a read, empty for the other kinds. The names are for people; at the depot a picture is called by its SHA-256.
    """

    item_id: str
    kind: Kind
    payload: bytes
    sha256: str
    pictures: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, item_id: str, payload: Payload, pictures: tuple[tuple[str, bytes], ...] = ()) -> "OutboxItem":
        """Make the item of a payload."""
        content = canonical_json(payload)
        return cls(item_id, kind_of(payload), content, sha256_of(content), pictures)


class Outbox(Protocol):
    """The queue on the disk (records/outbox.py). Calls come from the depot link's thread and may block on the disk."""

    def waiting(self) -> int:
        """Count the items without a receipt. Parked items (rejected, in conflict) do not wait."""
        ...

    def waiting_bytes(self) -> int:
        """Sum the bytes of payloads and pictures that wait; an estimate is enough."""
        ...

    def next_batch(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to `limit` items that wait, in the order they were made; the same again until they are settled."""
        ...

    def settle(self, receipts: Sequence[Receipt], depot_now: datetime | None = None, software: str = "") -> int:
        """Take receipts in, in one transaction; return how many items they settled.

        `depot_now` is the depot's clock when it gave them; None where its answer had none, then the car's is taken.
        HELD: sent. REJECTED and CONFLICT: parked, that is kept with the reason and the depot's version (`software`),
        and not offered again to that version. A receipt for an unknown item, or with another SHA-256, changes nothing.
        """
        ...

    def offer_again(self, software: str) -> int:
        """Have what another version of the depot than `software` rejected wait again; return how many items that is."""
        ...
