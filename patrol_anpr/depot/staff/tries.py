"""How long somebody must wait who signs on in vain, again and again. It is kept in the database, over a restart."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from patrol_anpr.depot.dialect import take_turn
from patrol_anpr.depot.tables import sign_on_tries
from patrol_anpr.wire.payloads import sha256_of

FREE: Mapping[str, int] = {"account": 5, "address": 30}
"""So often may one be wrong before one waits. Behind one address may be a whole station."""
_FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=15)
"""No longer, or anybody could keep somebody from their work for a day."""
FORGOTTEN = timedelta(hours=24)


def wait_after(failed: int, free: int) -> timedelta:
    """Return how long to wait after so many failures in a row: none, then 15 s, and each time twice that."""
    if failed < free:
        return timedelta()
    return min(LONGEST, _FIRST * float(2 ** min(failed - free, 10)))


def count_try(connection: Connection, staff_id: str, address: str, now: datetime) -> timedelta:
    """Count a try as failed, before it is looked at: many at once are all counted. Returns how long to wait instead.

    Where that is not zero, nothing was counted and the try must not be looked at.
    """
    take_turn(connection, "sign-on tries")
    connection.execute(delete(sign_on_tries).where(sign_on_tries.c.last_at < now - FORGOTTEN))
    rows = {}
    for kind, whose in _keys(staff_id, address).items():
        query = select(sign_on_tries.c.failed, sign_on_tries.c.last_at).where(sign_on_tries.c.whose == whose)
        rows[kind] = connection.execute(query).one_or_none()
    waits = [row.last_at + wait_after(row.failed, FREE[kind]) - now for kind, row in rows.items() if row is not None]
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        return longest
    for kind, whose in _keys(staff_id, address).items():
        row = rows[kind]
        if row is None:
            connection.execute(insert(sign_on_tries).values(whose=whose, failed=1, last_at=now))
        else:
            connection.execute(
                update(sign_on_tries)
                .where(sign_on_tries.c.whose == whose)
                .values(failed=sign_on_tries.c.failed + 1, last_at=now)
            )
    return timedelta()


def forgive(connection: Connection, staff_id: str, address: str) -> None:
    """Forget the failures of an account that was signed on; of its address only this one try."""
    keys = _keys(staff_id, address)
    connection.execute(delete(sign_on_tries).where(sign_on_tries.c.whose == keys["account"]))
    connection.execute(
        update(sign_on_tries)
        .where(sign_on_tries.c.whose == keys["address"], sign_on_tries.c.failed > 0)
        .values(failed=sign_on_tries.c.failed - 1)
    )


def _keys(staff_id: str, address: str) -> dict[str, str]:
    """Hashes: what somebody types into the wrong field may be a password."""
    return {
        "account": f"account {sha256_of(staff_id.strip().casefold().encode())}",
        "address": f"address {sha256_of(address.encode())}",
    }
