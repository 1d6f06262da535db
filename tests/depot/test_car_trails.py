"""What a car's audit trail says as it arrives: a row that is missing, changed or there in two ways is an incident."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol_anpr.depot.car_trails import CHANGED, FORKED, MISSING, broken_trails
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import incidents
from patrol_anpr.domain.audit import FIRST_PREV, AuditRow
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.records import audit_item
from tests.depot.postgresql import on_both

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def trail(rows: int, boot: str = "boot-1", after: Sequence[AuditRow] = ()) -> list[AuditRow]:
    """A trail, or how it goes on after some rows."""
    made = list(after)
    for seq in range(len(after) + 1, len(after) + rows + 1):
        prev = made[-1].hash if made else FIRST_PREV
        made.append(AuditRow(seq, f"{boot}-{seq}", boot, NOW, 0.5 + seq, "4821", "tried", "", "", prev).seal())
    return made[len(after) :]


class Taker:
    """A depot that takes audit rows of cars in."""

    def __init__(self, folder: Path) -> None:
        self._service = DepotDatabase(folder, Role.INGEST)
        self._ingest = Ingest(self._service, pictures_in(folder, self._service), 2**20)
        self._looking = DepotDatabase(folder, Role.OPERATOR)

    def close(self) -> None:
        """Close it."""
        self._service.close()
        self._looking.close()

    def take(self, rows: Sequence[AuditRow], car: str = "TA14") -> None:
        """Take the rows in, as a car sends them."""
        pack = Pack.of(car, [audit_item(row) for row in rows])
        taken = self._ingest.take(car, read_pack(pack.piece(0, pack.size)), NOW)
        assert {receipt.status for receipt in taken.receipts} <= {"held", "conflict"}

    def incidents(self) -> list[str]:
        """What has become an incident."""
        with self._looking.reading() as connection:
            return list(connection.execute(select(incidents.c.what).order_by(incidents.c.number)).scalars())

    def broken(self) -> list[tuple[int, str]]:
        """What a look at all of it finds."""
        with self._looking.reading() as connection:
            return [(one.seq, one.what) for one in broken_trails(connection)]


@pytest.fixture
def depot(folder: Path) -> Iterator[Taker]:
    taker = Taker(folder)
    with contextlib.closing(taker):
        yield taker


@on_both
def test_a_whole_trail_in_any_number_of_packs_is_no_incident(depot: Taker) -> None:
    rows = trail(9)
    for first in (0, 4, 6):
        depot.take(rows[first : first + 4])
    depot.take(trail(3, "boot-2"))
    depot.take(trail(3, "boot-3"), car="TB20")
    assert (depot.incidents(), depot.broken()) == ([], [])


@on_both
def test_a_row_that_does_not_come_is_an_incident_and_found_until_it_comes(depot: Taker) -> None:
    rows = trail(5)
    depot.take(rows[:2])
    depot.take(rows[3:])
    assert depot.incidents() == [MISSING]
    assert depot.broken() == [(4, MISSING)]
    depot.take(rows[2:3])
    assert depot.broken() == []


@pytest.mark.parametrize("field", ["actor", "action", "object_id", "reason", "boot_id", "monotonic", "prev_hash"])
def test_a_row_that_is_not_what_was_sealed_is_an_incident(depot: Taker, field: str) -> None:
    rows = trail(3)
    new = {"monotonic": 7.25, "prev_hash": rows[0].hash[::-1]}.get(field, "changed")
    depot.take([rows[0], replace(rows[1], **{field: new})])
    assert depot.incidents() == [CHANGED]


@on_both
def test_records_that_were_put_back_and_went_on_are_an_incident(depot: Taker) -> None:
    rows = trail(4)
    depot.take(rows)
    depot.take(trail(2, "boot-2", after=rows[:2]))
    assert depot.incidents() == [FORKED]
    assert depot.broken() == [(3, FORKED)]


def test_the_same_rows_again_are_none(depot: Taker) -> None:
    rows = trail(4)
    depot.take(rows)
    depot.take(rows)
    assert depot.incidents() == []
