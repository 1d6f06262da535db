"""What waits on the car to be sent to the depot. Nothing leaves the outbox without a receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from patrol_anpr.wire.payloads import Kind, Payload, canonical_json, kind_of, sha256_of
from patrol_anpr.wire.receipts import HeldItem, Proof


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
        """Return up to `limit` items that wait; the same again until they are settled.

        Hits, what was decided on them and their shifts (URGENT) first, then the others; each in the order they were
        made.
        """
        ...

    def all_waiting(self, at_once: int) -> Iterator[OutboxItem]:
        """Yield all items that wait now, in the order of `next_batch`; `at_once` are read from the disk together."""
        ...

    def settle(self, proof: Proof, depot_now: datetime | None = None) -> int:
        """Take a verified receipt in, and keep it; return how many items that waited are settled.

        `depot_now` is the depot's clock when it gave it; None where its answer had none, then the car's is taken.
        HELD: sent. REJECTED and CONFLICT: parked, that is kept with the reason and the depot's version, and not offered
        again to that version. An item receipt for an unknown item, or with another SHA-256, changes nothing; nor does a
        receipt of an older epoch than `epoch`. One of a newer epoch begins that epoch.
        """
        ...

    def park(self, item: OutboxItem, reason: str, software: str) -> None:
        """Park what the depot of this version cannot take, as too large."""
        ...

    def offer_again(self, software: str) -> int:
        """Have what another version of the depot than `software` rejected wait again; return how many items that is."""
        ...

    def epoch(self) -> int:
        """Return the newest epoch of the depot that was proven; 0 before the first receipt."""
        ...

    def unproven(self, limit: int) -> Sequence[HeldItem]:
        """Return up to `limit` items that the depot held in an earlier epoch, of which this one says nothing yet."""
        ...

    def reopen(self, lost: Sequence[HeldItem]) -> int:
        """Have items that the depot no longer holds wait again, with their pictures; return how many that is."""
        ...
