"""The depot's epoch: a number that grows when the depot is restored, so that cars ask what it still holds.

Receipt numbers given after the copy was made are given again after a restore: only the epoch tells the two apart.
"""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from patrol_anpr.depot.tables import meta

_EPOCH = "epoch"
FIRST = 1


def epoch_of(connection: Connection) -> int:
    """Return the epoch; 1 in a depot that was never restored."""
    value = connection.execute(select(meta.c.value).where(meta.c.name == _EPOCH)).scalar_one_or_none()
    return FIRST if value is None else int(value)


def begin_epoch(connection: Connection, now: datetime) -> int:
    """Begin a new epoch, in the transaction that ends a restore; return it.

    It is the moment in milliseconds: the same old copy may be put back twice, and cars must see that, too.
    """
    old = epoch_of(connection)
    epoch = max(old + 1, int(now.timestamp() * 1000))
    changed = connection.execute(update(meta).where(meta.c.name == _EPOCH).values(value=str(epoch)))
    if not changed.rowcount:
        connection.execute(insert(meta).values(name=_EPOCH, value=str(epoch)))
    return epoch
