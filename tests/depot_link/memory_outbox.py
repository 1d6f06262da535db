"""An Outbox in memory, for tests: behaves as the one on the disk must."""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime

from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus


class MemoryOutbox:
    def __init__(self, items: Iterable[OutboxItem] = ()) -> None:
        self.items = {item.item_id: item for item in items}
        self.held: dict[str, Receipt] = {}
        self.parked: dict[str, Receipt] = {}
        self.all: dict[str, OutboxItem] = {}
        self.refused_by: dict[str, str] = {}
        self.settled_at: list[datetime | None] = []
        self._guard = threading.Lock()

    def waiting(self) -> int:
        return len(self.items)

    def waiting_bytes(self) -> int:
        return sum(
            len(item.payload) + sum(len(content) for _, content in item.pictures) for item in self.items.values()
        )

    def next_batch(self, limit: int) -> Sequence[OutboxItem]:
        return list(self.items.values())[:limit]

    def offer_again(self, software: str) -> int:
        again = [
            name
            for name, receipt in self.parked.items()
            if receipt.status is ReceiptStatus.REJECTED and self.refused_by[name] != software
        ]
        for name in again:
            del self.parked[name]
            self.items[name] = self.all[name]
        return len(again)

    def settle(self, receipts: Sequence[Receipt], depot_now: datetime | None = None, software: str = "") -> int:
        self.settled_at.append(depot_now)
        settled = 0
        with self._guard:
            for receipt in receipts:
                item = self.items.get(receipt.item_id)
                if item is None or item.sha256 != receipt.sha256:
                    continue
                self.all[receipt.item_id] = self.items.pop(receipt.item_id)
                self.refused_by[receipt.item_id] = software
                (self.held if receipt.status is ReceiptStatus.HELD else self.parked)[receipt.item_id] = receipt
                settled += 1
        return settled
