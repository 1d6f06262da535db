"""The depot's signed word on what it took in: the same, whichever way that came."""

from datetime import datetime

from patrol_anpr import __version__
from patrol_anpr.depot.ingest import Taken
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.wire.receipts import PackReceipt, PackReply, merkle_root, signed_reply


def signed(keys: DepotKeys, car_id: str, pack: str, taken: Taken, now: datetime) -> PackReply:
    """Sign for what a pack, or something else of this SHA-256, became."""
    numbers = [receipt.seq for receipt in taken.receipts if receipt.seq] or [0]
    receipt = PackReceipt(
        depot_id=keys.depot_id,
        epoch=taken.epoch,
        car_id=car_id,
        pack=pack,
        root=merkle_root(taken.receipts),
        items=len(taken.receipts),
        first_seq=min(numbers),
        last_seq=max(numbers),
        committed_at=now,
    )
    return signed_reply(keys.receipts, receipt, taken.receipts, taken.missing, __version__)
