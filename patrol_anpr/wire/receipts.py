"""Signed receipts: the depot's word on a pack, which a car can prove and keep.

The depot signs (Ed25519) the canonical JSON of a `PackReceipt`, which stands for the receipts of all its items by the
root of their Merkle tree (hashed as RFC 9162 does). A car believes no word that is not signed, for this very pack, by
the key of the depot it was enrolled at.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from patrol_anpr.wire.payloads import Count, Id, Name, Receipt, Sha256, Wire, canonical_json

PARTIAL = "application/partial-upload"
"""What some of a pack is sent as; the two fields say at which of its bytes it begins, and how many those are in all."""
OFFSET, LENGTH = "upload-offset", "upload-length"

MAX_HELD_ASKED = 500
"""Items of one question for what the depot holds."""


class PackReceipt(Wire):
    """What is signed. `epoch` is a number that grows with each restore of the depot.

    `pack` is the id of a pack, or the SHA-256 of a HoldingsQuestion. `root` is that of the item receipts in their
    order, `first_seq` and `last_seq` the range of the depot's numbers for them, 0 where none has one.
    """

    what: Literal["patrol-anpr receipt"] = "patrol-anpr receipt"
    depot_id: Name
    epoch: Count
    car_id: Id
    pack: Sha256
    root: Sha256
    items: Count
    first_seq: Count
    last_seq: Count
    committed_at: AwareDatetime


class PackReply(Wire):
    """The depot's answer to a pack. `receipt` is the very text that was signed, `signature` 64 bytes in hex.

    `missing` names the pictures that the depot lacks: reads naming them got no receipt. `software` is the depot's
    version: what another version rejected is offered to it again.
    """

    receipt: Annotated[str, StringConstraints(max_length=4000)]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    items: tuple[Receipt, ...]
    missing: tuple[Sha256, ...] = ()
    software: Name = ""


class PackArrived(Wire):
    """How much of a pack is at the depot, in bytes, and its answer once that is all of it."""

    offset: Count
    reply: PackReply | None = None


class HeldItem(Wire):
    """One item a car once had a receipt for; `pictures` are those that came with it, without which it is not held."""

    item_id: Id
    sha256: Sha256
    pictures: Annotated[tuple[Sha256, ...], Field(max_length=2)] = ()


class HoldingsQuestion(Wire):
    """A car asks which of these the depot holds; without any, only for the epoch. `nonce`: no old answer fits."""

    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    items: Annotated[tuple[HeldItem, ...], Field(max_length=MAX_HELD_ASKED)] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt that was verified: nothing else settles an item. `items` are the receipts it stands for."""

    receipt: PackReceipt
    text: str
    signature: str
    items: tuple[Receipt, ...]
    software: str = ""


class NotProven(Exception):
    """An answer that proves nothing. The text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a car needs to believe a receipt: whose it must be, for whom, and the depot's public key (32 bytes)."""

    depot_id: str
    car_id: str
    key: bytes

    def proof(self, reply: PackReply, pack: str) -> Proof:
        """Return what the depot's answer to `pack` proves. Raises NotProven."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(bytes.fromhex(reply.signature), reply.receipt.encode())
            receipt = PackReceipt.model_validate_json(reply.receipt)
        except (InvalidSignature, ValueError, ValidationError):
            raise NotProven("the signature is not that of this car's depot") from None
        if (receipt.depot_id, receipt.car_id) != (self.depot_id, self.car_id):
            raise NotProven("it is of another depot, or for another car")
        if receipt.pack != pack:
            raise NotProven("it is for something else than what was sent")
        if receipt.items != len(reply.items) or receipt.root != merkle_root(reply.items):
            raise NotProven("the items are not those that were signed for")
        if any(item.car_id != self.car_id for item in reply.items):
            raise NotProven("an item of another car")
        return Proof(receipt, reply.receipt, reply.signature, reply.items, reply.software)


def signed_reply(
    key: Ed25519PrivateKey, receipt: PackReceipt, items: Sequence[Receipt], missing: Sequence[str], software: str
) -> PackReply:
    """Sign a receipt."""
    text = canonical_json(receipt)
    return PackReply(
        receipt=text.decode("ascii"),
        signature=key.sign(text).hex(),
        items=tuple(items),
        missing=tuple(missing),
        software=software,
    )


def merkle_root(items: Sequence[Receipt]) -> str:
    """Return the root of the Merkle tree over item receipts, in hex; without any the SHA-256 of nothing."""
    if not items:
        return hashlib.sha256().hexdigest()
    level = [hashlib.sha256(b"\0" + leaf(item)).digest() for item in items]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()


def leaf(item: Receipt) -> bytes:
    """Return what the tree hashes of an item receipt."""
    return canonical_json(
        {"item_id": item.item_id, "sha256": item.sha256, "status": item.status.value, "seq": item.seq}
    )
