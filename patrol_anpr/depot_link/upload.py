"""Sending what the outbox holds: pictures first, then their records. Only a receipt that fits settles an item."""

import json
import logging
from collections.abc import Callable, Sequence

from patrol_anpr.depot_link.channel import Channel, Refused
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.outbox import Outbox, OutboxItem
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus, Taken, UploadBatch, UploadItem, UploadReply, sha256_of

log = logging.getLogger(__name__)

JPEG = "image/jpeg"
BATCH_BYTES = 4 * 2**20
"""Payload bytes of one batch, well under what a depot takes."""

WRONG_RECEIPT = "The depot's answer did not fit what was sent, so nothing was settled by it. Tell IT."


class Upload:
    """One upload, from now until nothing more can be sent. Lives for one call of Link.upload."""

    def __init__(self, channel: Channel, car_id: str, outbox: Outbox, report: ProgressReport, batch: int) -> None:
        self._channel = channel
        self._car_id = car_id
        self._outbox = outbox
        self._report = report
        self._batch = batch
        self._software = ""  # of the depot, as its last answer says
        self._stuck: set[str] = set()  # could not be sent in this upload; they wait for the next
        self._sent_pictures: set[str] = set()

    def run(self, give_way: Callable[[], bool] = lambda: False) -> None:
        """Send until the outbox is empty, only stuck items are left, or `give_way` says to end after a batch.

        Raises DepotFault; receipts so far count.
        """
        self._send_all(give_way)
        if self._software and not give_way() and self._outbox.offer_again(self._software):
            log.info("records that another version of the depot refused are offered again")
            self._send_all(give_way)

    def _send_all(self, give_way: Callable[[], bool]) -> None:
        fruitless = 0
        while not give_way() and (items := self._next()):
            fruitless = 0 if self._send(items) else fruitless + 1
            if fruitless == 2:  # once may be a picture the depot no longer had; twice would be for ever
                self._give_up(items)
                fruitless = 0

    def _next(self) -> list[OutboxItem]:
        offered = self._outbox.next_batch(self._batch + len(self._stuck))
        items: list[OutboxItem] = []
        size = 0
        for item in offered:
            if item.item_id in self._stuck:
                continue
            if not _whole(item):
                log.error("an item of the outbox is damaged on the disk; it stays there")
                self._give_up([item])
                continue
            size += len(item.payload)
            if items and (size > BATCH_BYTES or len(items) == self._batch):
                break
            items.append(item)
        return items

    def _give_up(self, items: Sequence[OutboxItem]) -> None:
        self._stuck.update(item.item_id for item in items)
        self._report.problem("Some records were not taken by the depot. They are kept in the car and sent next time.")

    def _send(self, items: Sequence[OutboxItem]) -> int:
        """Send items with their pictures; halve what the depot finds too much. Return how many were settled."""
        for item in items:
            self._send_pictures(item)
        batch = UploadBatch(items=tuple(map(_wire_item, items)))
        try:
            reply, _ = self._channel.ask("POST", "items", UploadReply, body=batch.model_dump_json().encode())
        except Refused as refusal:
            if len(items) == 1:
                log.warning("one item is refused with %d", refusal.status)
                self._give_up(items)
                return 0
            half = len(items) // 2
            return self._send(items[:half]) + self._send(items[half:])
        assert reply is not None  # 304 answers a tag, and none was sent
        # The depot lost or never got these; the next round sends them again.
        self._sent_pictures.difference_update(reply.missing)
        self._software = reply.software
        return self._settle(items, reply.receipts)

    def _send_pictures(self, item: OutboxItem) -> None:
        for _, content in item.pictures:
            sha256 = sha256_of(content)
            if sha256 in self._sent_pictures:
                continue
            try:
                taken, _ = self._channel.ask("PUT", f"pictures/{sha256}", Taken, body=content, media=JPEG)
            except Refused as refusal:
                # The depot remembers; the receipt of the read will say so.
                log.warning("a picture is refused with %d", refusal.status)
            else:
                if taken is None or taken.sha256 != sha256:
                    raise DepotFault(WRONG_RECEIPT)
                self._report.step(sent=len(content))
            self._sent_pictures.add(sha256)

    def _settle(self, items: Sequence[OutboxItem], receipts: Sequence[Receipt]) -> int:
        waiting = {(item.item_id, item.sha256): item for item in items}
        good: list[Receipt] = []
        for receipt in receipts:
            item = waiting.pop((receipt.item_id, receipt.sha256), None)
            if item is None or receipt.car_id != self._car_id:
                self._report.problem(WRONG_RECEIPT)
                log.error("a receipt fits nothing that was sent; ignored")
            else:
                good.append(receipt)
        settled = self._outbox.settle(good, self._channel.depot_time, self._software) if good else 0
        self._report.step(items=settled, sent=sum(len(item.payload) for item in items))
        refused = [receipt for receipt in good if receipt.status is not ReceiptStatus.HELD]
        if refused:
            log.warning("%d items were refused for good or are in conflict; parked", len(refused))
            self._report.problem(
                "The depot refused some records, or holds others by the same number. They are kept in the car. Tell IT."
            )
        return settled


def _whole(item: OutboxItem) -> bool:
    return sha256_of(item.payload) == item.sha256


def _wire_item(item: OutboxItem) -> UploadItem:
    return UploadItem(item_id=item.item_id, kind=item.kind, sha256=item.sha256, payload=json.loads(item.payload))
