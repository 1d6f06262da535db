"""Whatever a line does to answers, nothing counts as held without the depot's receipt for exactly that."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot_link.channel import NOT_REACHED
from patrol_anpr.depot_link.progress import ProgressReport
from patrol_anpr.depot_link.sending import PieceSize
from patrol_anpr.depot_link.upload import Upload
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.lab.memory_outbox import MemoryOutbox
from patrol_anpr.wire.pack import read_pack
from patrol_anpr.wire.payloads import Receipt, ReceiptStatus, sha256_of
from patrol_anpr.wire.receipts import (
    HoldingsQuestion,
    PackArrived,
    PackReceipt,
    PackReply,
    Verifier,
    merkle_root,
    signed_reply,
)
from tests.conftest import FakeClock
from tests.depot_link.conftest import audit_item

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
LIES = ("honest", "lost before", "lost after", "replayed", "forged", "one less", "reordered", "older epoch")


class LyingLine:
    """Stands for a Channel to a depot that is honest, over a line that is not."""

    depot_time = None

    def __init__(self, lie: Callable[[], str]) -> None:
        self.held: dict[tuple[str, str], int] = {}
        self.epoch = 5
        self._lie = lie
        self._said: list[PackReply] = []

    def patiently(self, once: Callable[[], Any]) -> Any:
        return once()

    def ask(self, method: str, path: str, reply: object, *, body: bytes) -> tuple[PackReply, str]:
        asked = HoldingsQuestion.model_validate_json(body).items
        here = [(item.item_id, item.sha256) for item in asked if (item.item_id, item.sha256) in self.held]
        return self._answer(sha256_of(body), here), ""

    def ask_once(
        self, method: str, path: str, reply: object, *, body: bytes, media: str, headers: dict[str, str]
    ) -> tuple[PackArrived, str]:
        pack = read_pack(body)
        return PackArrived(
            offset=len(body), reply=self._answer(pack.pack_id, [(it.item_id, it.sha256) for it in pack.manifest.items])
        ), ""

    def _answer(self, pack: str, items: list[tuple[str, str]]) -> PackReply:
        lie = self._lie()
        if lie == "lost before":
            raise DepotFault(NOT_REACHED)
        for item in items:
            self.held.setdefault(item, len(self.held) + 1)
        receipts = [
            Receipt(car_id="TA14", item_id=name, sha256=sha256, status=ReceiptStatus.HELD, seq=self.held[name, sha256])
            for name, sha256 in items
        ]
        honest = self._signed(KEY, pack, receipts, self.epoch)
        self._said.append(honest)
        match lie:
            case "lost after":
                raise DepotFault(NOT_REACHED)
            case "replayed":
                return self._said[0]
            case "forged":
                return self._signed(OTHER, pack, receipts, self.epoch)
            case "one less":
                return honest.model_copy(update={"items": honest.items[1:]})
            case "reordered":
                return honest.model_copy(update={"items": honest.items[::-1]})
            case "older epoch":
                return self._signed(KEY, pack, receipts, self.epoch - 1)
        return honest

    def _signed(self, key: Ed25519PrivateKey, pack: str, receipts: list[Receipt], epoch: int) -> PackReply:
        receipt = PackReceipt(
            depot_id="depot-1",
            epoch=epoch,
            car_id="TA14",
            pack=pack,
            root=merkle_root(receipts),
            items=len(receipts),
            first_seq=0,
            last_seq=0,
            committed_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
        return signed_reply(key, receipt, receipts, (), "1")


@given(st.lists(st.sampled_from([*LIES, "restored"]), max_size=12), st.integers(1, 6))
def test_nothing_is_held_that_the_depot_did_not_sign_for_and_all_is_in_the_end(lies: list[str], count: int) -> None:
    left = list(lies)
    outbox = MemoryOutbox([audit_item(number) for number in range(count)])
    line = LyingLine(lambda: left.pop(0) if left else "honest")
    verifier = Verifier("depot-1", "TA14", KEY.public_key().public_bytes_raw())

    def upload() -> None:
        report = ProgressReport("Records", lambda _: None, FakeClock())
        Upload(line, verifier, outbox, report, 2, PieceSize()).run()  # type: ignore[arg-type]

    while left:
        if left[0] == "restored":
            left.pop(0)
            line.held.clear()
            line.epoch += 1
            continue
        with contextlib.suppress(DepotFault):
            upload()
        signed_now = [name for name in outbox.held if outbox.proven[name] == line.epoch]
        for name in signed_now:
            assert (name, outbox.all[name].sha256) in line.held
    upload()
    assert outbox.waiting() == 0
    assert {name for name, _ in line.held} == set(outbox.held)
    assert {outbox.proven[name] for name in outbox.held} <= {line.epoch}
