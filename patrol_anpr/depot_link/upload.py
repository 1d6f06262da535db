"""Sending what the outbox holds, in packs. Only a receipt that is signed for exactly what was sent settles anything."""

import logging
import secrets
from collections.abc import Callable, Sequence

from patrol_anpr.depot_link.channel import Channel, Refused
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.depot_link.sending import PieceSize, Sending
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.outbox import Outbox, OutboxItem
from patrol_anpr.wire.pack import MAX_ITEM_BYTES, MAX_ITEMS, MAX_PACK_BYTES, Pack, picture_bytes
from patrol_anpr.wire.payloads import URGENT, ReceiptStatus, sha256_of
from patrol_anpr.wire.receipts import (
    MAX_HELD_ASKED,
    HeldItem,
    HoldingsQuestion,
    NotProven,
    PackReply,
    Proof,
    Verifier,
)

log = logging.getLogger(__name__)

PACK_BYTES = 4 * 2**20
"""Of one pack, well under what a depot takes; a single record may make a larger one."""
_TOO_LARGE, _NOT_READ = 413, 422

WRONG_RECEIPT = (
    "The depot's receipt is not for what this car sent, or not signed by its depot. Nothing was settled, all records "
    "stay in the car. Tell IT."
)
OLDER_RECEIPT = (
    "The depot answered as it was before it was put back from a copy. Nothing was settled, and all records stay in the "
    "car. Tell IT."
)
REFUSED = "The depot refused some records, or holds others by the same number. They are kept in the car. Tell IT."
NOT_TAKEN = "Some records were not taken by the depot. They are kept in the car and sent next time."


class Upload:
    """One upload, from now until nothing more can be sent. Lives for one call of Link.upload."""

    def __init__(
        self,
        channel: Channel,
        verifier: Verifier,
        outbox: Outbox,
        report: ProgressReport,
        batch: int,
        piece_size: PieceSize,
    ) -> None:
        self._channel = channel
        self._verifier = verifier
        self._outbox = outbox
        self._report = report
        self._batch = min(batch, MAX_ITEMS)
        self._piece_size = piece_size
        self._stuck: set[str] = set()  # could not be sent in this upload; they wait for the next
        self._software = ""  # of the depot
        self.epoch: int | None = None
        """The depot's, proven, once all that was held in an earlier one has been asked about."""

    def run(self, give_way: Callable[[], bool] = lambda: False) -> None:
        """Send until the outbox is empty, only stuck items are left, or `give_way` says to end after a pack.

        Raises DepotFault; receipts so far count.
        """
        self._learn_epoch(give_way)
        if self._outbox.offer_again(self._software):
            log.info("records that another version of the depot refused are offered again")
        fruitless = 0
        while not give_way() and (items := self._next()):
            fruitless = 0 if self._send(items) else fruitless + 1
            if fruitless == 2:  # once may be a picture that came anew; twice would be for ever
                self._give_up(items)
                fruitless = 0

    def _learn_epoch(self, give_way: Callable[[], bool]) -> None:
        """Find out whether this is still the depot that gave the receipts; after a restore ask what it still holds."""
        proof = self._holdings(())
        self._software = proof.software
        self._outbox.settle(proof, self._channel.depot_time)
        while not give_way() and (once_held := self._outbox.unproven(MAX_HELD_ASKED)):
            proof = self._holdings(once_held)
            self._outbox.settle(proof, self._channel.depot_time)
            here = {(receipt.item_id, receipt.sha256) for receipt in proof.items}
            lost = [item for item in once_held if (item.item_id, item.sha256) not in here]
            reopened = self._outbox.reopen(lost)
            log.warning("the depot was restored: it holds %d of %d records", len(here), len(once_held))
            if not here and not reopened:
                break
        if not self._outbox.unproven(1):
            self.epoch = proof.receipt.epoch

    def _holdings(self, asked: Sequence[HeldItem]) -> Proof:
        question = HoldingsQuestion(nonce=secrets.token_hex(16), items=tuple(asked)).model_dump_json().encode()
        try:
            reply, _ = self._channel.ask("POST", "holdings", PackReply, body=question)
        except Refused as refusal:
            raise DepotFault(WRONG_RECEIPT) from refusal
        assert reply is not None  # 304 answers a tag, and none was sent
        return self._proven(reply, sha256_of(question))

    def _proven(self, reply: PackReply, pack: str) -> Proof:
        """Verify an answer. Raises DepotFault: whoever cannot sign is sent nothing more."""
        try:
            proof = self._verifier.proof(reply, pack)
        except NotProven as why:
            log.error("a receipt is not believed: %s", why)  # noqa: TRY400
            raise DepotFault(WRONG_RECEIPT) from None
        if proof.receipt.epoch < self._outbox.epoch():
            log.error("a receipt of an older epoch is not believed")
            raise DepotFault(OLDER_RECEIPT)
        return proof

    def _next(self) -> list[OutboxItem]:
        """Return the records of the next pack: the urgent ones travel by themselves, before any picture."""
        items: list[OutboxItem] = []
        size = 0
        for item in self._outbox.next_batch(self._batch + len(self._stuck)):
            if item.item_id in self._stuck:
                continue
            if sha256_of(item.payload) != item.sha256:
                log.error("an item of the outbox is damaged on the disk; it stays there")
                self._give_up([item])
                continue
            needed = len(item.payload) + picture_bytes([item])
            if len(item.payload) > MAX_ITEM_BYTES or needed > MAX_PACK_BYTES // 2:
                self._park(item)
                continue
            size += needed
            full = size > PACK_BYTES or len(items) == self._batch
            if items and (full or (item.kind in URGENT) != (items[0].kind in URGENT)):
                break
            items.append(item)
        return items

    def _send(self, items: Sequence[OutboxItem]) -> int:
        """Send items as a pack; halve what the depot finds too much. Return how many were settled."""
        pack = Pack.of(self._verifier.car_id, items)
        try:
            reply = Sending(self._channel, pack, self._piece_size, lambda sent: self._report.step(sent=sent)).run()
        except Refused as refusal:
            if len(items) > 1:
                half = len(items) // 2
                return self._send(items[:half]) + self._send(items[half:])
            log.warning("one item is refused with %d", refusal.status)
            if refusal.status not in (_TOO_LARGE, _NOT_READ):
                self._give_up(items)
                return 0
            self._park(items[0])
            return 1
        return self._settle(self._proven(reply, pack.pack_id), reply.missing)

    def _settle(self, proof: Proof, missing: Sequence[str]) -> int:
        if missing:
            log.warning("%d pictures are missing at the depot, and not here", len(missing))
        settled = self._outbox.settle(proof, self._channel.depot_time)
        self._report.step(items=settled)
        refused = [receipt for receipt in proof.items if receipt.status is not ReceiptStatus.HELD]
        if refused:
            log.warning("%d items were refused for good or are in conflict; parked", len(refused))
            self._report.problem(REFUSED)
        return settled

    def _park(self, item: OutboxItem) -> None:
        """Park what no pack can carry to this depot."""
        log.error("a record is too large for the depot, or it cannot read it; parked")
        self._outbox.park(item, "too large, or not read by this version of the depot", self._software)
        self._report.step(items=1)
        self._report.problem(REFUSED)

    def _give_up(self, items: Sequence[OutboxItem]) -> None:
        self._stuck.update(item.item_id for item in items)
        self._report.problem(NOT_TAKEN)
