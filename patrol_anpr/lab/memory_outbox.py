"""An Outbox in memory, for tests and benches: behaves as the one on the disk must."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import URGENT, Receipt, ReceiptStatus
from patrol_anpr.wire.receipts import HeldItem, Proof


class MemoryOutbox:
    """Satisfies wire.outbox.Outbox. `held` and `parked` say what became of its items."""

    def __init__(self, items: Iterable[OutboxItem] = ()) -> None:
        self.items = {item.item_id: item for item in items}
        self.held: dict[str, Receipt] = {}
        self.parked: dict[str, Receipt | None] = {}
        self.all: dict[str, OutboxItem] = {}
        self.status: dict[str, ReceiptStatus] = {}
        self.refused_by: dict[str, str] = {}
        self.proven: dict[str, int] = {}
        self._epoch = 0
        self.settled_at: list[datetime | None] = []
        self._guard = threading.Lock()

    def waiting(self) -> int:
        """Count what waits."""
        return len(self.items)

    def waiting_bytes(self) -> int:
        """Count the bytes of what waits."""
        return sum(
            len(item.payload) + sum(len(content) for _, content in item.pictures) for item in self.items.values()
        )

    def next_batch(self, limit: int) -> Sequence[OutboxItem]:
        """Return the next items, the urgent ones first."""
        return sorted(self.items.values(), key=lambda item: item.kind not in URGENT)[:limit]

    def all_waiting(self, at_once: int) -> Iterator[OutboxItem]:
        """All of them."""
        yield from self.next_batch(len(self.items))

    def offer_again(self, software: str) -> int:
        """Let what another version refused wait again."""
        again = [
            name
            for name, status in self.status.items()
            if status is ReceiptStatus.REJECTED and self.refused_by[name] != software
        ]
        return self._wait_again(again)

    def settle(self, proof: Proof, depot_now: datetime | None = None) -> int:
        """Settle what was proven."""
        self.settled_at.append(depot_now)
        settled = 0
        with self._guard:
            if proof.receipt.epoch < self._epoch:
                return 0
            self._epoch = proof.receipt.epoch
            for receipt in proof.items:
                item = self.items.get(receipt.item_id) or self.all.get(receipt.item_id)
                if item is None or item.sha256 != receipt.sha256:
                    continue
                self.proven[receipt.item_id] = proof.receipt.epoch
                if self.items.pop(receipt.item_id, None) is None:
                    continue
                self._settled(item, receipt.status, proof.software)
                (self.held if receipt.status is ReceiptStatus.HELD else self.parked)[receipt.item_id] = receipt
                settled += 1
        return settled

    def park(self, item: OutboxItem, reason: str, software: str) -> None:
        """Set an item aside."""
        del self.items[item.item_id]
        self._settled(item, ReceiptStatus.REJECTED, software)
        self.parked[item.item_id] = None

    def epoch(self) -> int:
        """Return the newest epoch."""
        return self._epoch

    def unproven(self, limit: int) -> Sequence[HeldItem]:
        """Return what was held in an earlier epoch."""
        old = [name for name in self.held if self.proven[name] < self._epoch]
        return [HeldItem(item_id=name, sha256=self.all[name].sha256) for name in old][:limit]

    def reopen(self, lost: Sequence[HeldItem]) -> int:
        """Let what the depot lost wait again."""
        return self._wait_again([item.item_id for item in lost])

    def _settled(self, item: OutboxItem, status: ReceiptStatus, software: str) -> None:
        self.all[item.item_id] = item
        self.status[item.item_id], self.refused_by[item.item_id] = status, software

    def _wait_again(self, names: Sequence[str]) -> int:
        for name in names:
            self.parked.pop(name, None)
            self.held.pop(name, None)
            del self.status[name]
            self.items[name] = self.all[name]
        return len(names)
