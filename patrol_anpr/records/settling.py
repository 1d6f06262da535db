"""What the depot's answers change in the outbox: receipts settle, refusals park, a restored depot is sent anew.

These jobs are written ahead of what waits: on a full disk that could wait for them for ever.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from patrol_anpr.records.jobs import Job, Scene
from patrol_anpr.records.outbox import offer_rows_again, park_row, parked_rows, reopen_row, settle_rows
from patrol_anpr.records.store import Store
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus
from patrol_anpr.wire.receipts import HeldItem, Proof

RECEIPTS_AT_ONCE = 25
"""Receipts of one write: their journal fits the reserve of a full disk with room to spare."""

_T = TypeVar("_T")


@dataclass
class _Settling(Job):
    """A job after which another number of records may be parked: `parked`, None where it is as many as before."""

    parked: int | None = field(default=None, init=False)

    @property
    def items(self) -> int:
        """Nothing new for the depot."""
        return 0

    def saved(self, store: Store) -> None:
        """Count."""
        super().saved(store)
        if self.parked is not None:
            self.scene.tally.parked = self.parked


@dataclass
class Settle(_Settling):
    """Some item receipts of a proof; `at` is the depot's time, by which the days until the erasing count."""

    proof: Proof
    some: tuple[Receipt, ...]
    at: datetime

    def write(self, connection: Connection) -> int:
        """Mark what they prove."""
        settled = settle_rows(connection, self.proof, self.some, self.at)
        self.told = -settled
        if any(one.status is not ReceiptStatus.HELD for one in self.some):
            self.parked = parked_rows(connection)
        return settled


@dataclass
class Park(_Settling):
    """What the depot cannot take waits no more."""

    item: OutboxItem
    reason: str
    at: datetime
    software: str

    def write(self, connection: Connection) -> int:
        """Park it."""
        parked = park_row(connection, self.item.item_id, self.item.sha256, self.reason, self.at, self.software)
        self.told, self.parked = -parked, parked_rows(connection)
        return parked


@dataclass
class OfferAgain(_Settling):
    """What another version of the depot than `software` rejected waits again."""

    software: str

    def write(self, connection: Connection) -> int:
        """Have it wait."""
        self.told = offer_rows_again(connection, self.software)
        self.parked = parked_rows(connection)
        return self.told


@dataclass
class Reopen(_Settling):
    """What a restored depot no longer holds waits again."""

    lost: tuple[HeldItem, ...]

    def write(self, connection: Connection) -> int:
        """Have them wait."""
        self.told = sum(reopen_row(connection, one) for one in self.lost)
        self.parked = parked_rows(connection)
        return self.told


class Settling:
    """Gives these jobs to the writer and waits for each; satisfies outbox.OutboxWriting.

    `give` puts a job ahead of others, as Writer.give does; `answer` waits for it or raises RecordsFault.
    """

    def __init__(
        self, give: Callable[[Job], "Future[int]"], answer: Callable[["Future[int]"], int], scene: Scene
    ) -> None:
        self._give, self._answer, self._scene = give, answer, scene

    def settle(self, proof: Proof, depot_now: datetime | None) -> int:
        """By the depot's clock: the days are counted from here, and a car's clock may be set right in between."""
        at = depot_now or self._scene.clock.utc()
        # Also without any item: the epoch of the receipt counts.
        pieces = list(_pieces(proof.items, RECEIPTS_AT_ONCE)) or [()]
        return sum(self._write(Settle(proof, some, at, scene=self._scene)) for some in pieces)

    def park(self, item: OutboxItem, reason: str, software: str) -> None:
        """Park an item."""
        self._write(Park(item, reason, self._scene.clock.utc(), software, scene=self._scene))

    def offer_again(self, software: str) -> int:
        """Have what another version of the depot rejected wait again."""
        return self._write(OfferAgain(software, scene=self._scene))

    def reopen(self, lost: Sequence[HeldItem]) -> int:
        """Have what was lost wait again, a few at a time: others write in between."""
        return sum(self._write(Reopen(some, scene=self._scene)) for some in _pieces(lost, RECEIPTS_AT_ONCE))

    def _write(self, job: Job) -> int:
        return self._answer(self._give(job))


def _pieces(whole: Sequence[_T], size: int) -> Iterator[tuple[_T, ...]]:
    for begin in range(0, len(whole), size):
        yield tuple(whole[begin : begin + size])
