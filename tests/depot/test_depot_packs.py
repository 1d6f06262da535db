"""Packs on their way, and whether what is in them can come from the car that sends it."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.arriving import KEPT_SECONDS, Arriving
from patrol_anpr.depot.asked import Depot
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.routes.packs import _take
from patrol_anpr.depot.source import NOT_OF_SHIFT, NOT_ON_ROSTER, OTHER_SHIFT, OTHER_SOURCE, Known, strange
from patrol_anpr.depot.tables import incidents
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.shift import Crew
from patrol_anpr.wire.payloads import OutcomePayload, ReadPayload, ShiftPayload
from patrol_anpr.wire.receipts import PackArrived
from tests.depot.packs import append, built, post
from tests.depot.test_depot_service import audit, item, jpeg, read

AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
KNOWN = Known(shifts={"s1": "PC1"}, officers=frozenset({"PC1", "PC2"}), roster=frozenset({"PC1", "PC2", "PC3"}))


@given(data=st.data())
def test_a_pack_goes_on_wherever_it_broke(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = data.draw(st.binary(min_size=1, max_size=300))
    arriving = Arriving(tmp_path_factory.mktemp("depot"), 1000)
    arriving.begin("TA14", "a" * 64, len(content))
    while (offset := arriving.offset("TA14", "a" * 64)) < len(content):
        arriving.write("TA14", "a" * 64, offset, content[offset : offset + data.draw(st.integers(1, 100))])
    assert arriving.file("TA14", "a" * 64).read_bytes() == content


def test_a_pack_in_pieces_is_taken_with_its_last_byte_and_answered_the_same_again(call):
    pack_id, content = built([audit(1), read(jpeg(), jpeg())], [jpeg()])
    half = len(content) // 2
    first = PackArrived.model_validate_json(append(call, pack_id, content[:half], 0, len(content)).content)
    assert (first.offset, first.reply) == (half, None)
    assert call("HEAD", f"packs/{pack_id}").headers["upload-offset"] == str(half)
    assert append(call, pack_id, content[half + 1 :], half + 1, len(content)).status_code == 409
    last = append(call, pack_id, content[half:], half, len(content))
    reply = PackArrived.model_validate_json(last.content).reply
    assert reply is not None
    assert [receipt.status for receipt in reply.items] == ["held", "held"]
    assert call("HEAD", f"packs/{pack_id}").headers["upload-offset"] == str(len(content)), "its answer is kept"
    assert append(call, pack_id, b"", len(content), len(content)).content == last.content


@pytest.mark.parametrize("left", [None, b"some of it"], ids=["taken by the other", "still coming"])
def test_a_pack_that_came_twice_at_once_is_answered_the_same(call, depot: DepotServer, left: bytes | None):
    pack_id, content = built([audit(1)])
    first = append(call, pack_id, content, 0, len(content)).content
    at_work: Depot = depot.app.state.depot
    if left is not None:
        at_work.arriving.write("TA14", pack_id, 5, left)
    assert _take(at_work, "TA14", pack_id, len(content)) == first
    assert at_work.arriving.offset("TA14", pack_id) == len(content)


def test_half_packs_of_a_car_have_a_quota_and_an_end(tmp_path: Path):
    arriving = Arriving(tmp_path, 250)
    for number, name in enumerate("abc"):
        arriving.begin("TA14", name * 64, 100)
        arriving.write("TA14", name * 64, 0, bytes(100))
        os.utime(arriving.file("TA14", name * 64), (1e9 + number, 1e9 + number))
    arriving.begin("TA15", "d" * 64, 100)
    arriving.write("TA15", "d" * 64, 0, bytes(100))
    assert [arriving.offset("TA14", name * 64) for name in "abc"] == [0, 100, 100], "the oldest went"
    again = Arriving(tmp_path, 250)
    assert KEPT_SECONDS < 1e6
    again.begin("TA16", "e" * 64, 1)
    assert [again.offset("TA14", name * 64) for name in "bc"] == [0, 0]
    assert again.offset("TA15", "d" * 64) == 100


def a_read(**changes) -> ReadPayload:
    made = read(jpeg(), jpeg(), **changes)
    return ReadPayload.model_validate(made["payload"])


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (a_read(), []),
        (a_read(shift_id="s1", officer_id="PC1"), []),
        (a_read(source_id="TA15"), [OTHER_SOURCE]),
        (a_read(shift_id="s9", officer_id="PC1"), [OTHER_SHIFT]),
        (a_read(shift_id="s1", officer_id="PC2"), [NOT_OF_SHIFT]),
        (a_read(shift_id="s1", officer_id="PC9"), [NOT_ON_ROSTER, NOT_OF_SHIFT]),
    ],
)
def test_what_does_not_fit_the_car_is_told(payload: ReadPayload, found: list[str]):
    assert list(strange(payload, "TA14", KNOWN)) == found


@pytest.mark.parametrize(("officer", "found"), [("PC1", []), ("PC2", []), ("PC3", [NOT_OF_SHIFT])])
def test_an_outcome_is_of_an_officer_of_this_car(officer: str, found: list[str]):
    outcome = OutcomePayload(outcome_id="o1", hit_id="h1", officer_id=officer, at=AT, state=HitState.ACKNOWLEDGED)
    assert list(strange(outcome, "TA14", KNOWN)) == found


def test_what_is_strange_is_held_and_looked_into(call, folder):
    shift = ShiftPayload(shift_id="s1", officer_id="PC1", unit="TA14", crew=Crew.SINGLE, started_at=AT)
    told = item("shift-1", "shift", shift.model_dump(mode="json"))
    good = read(jpeg(), jpeg(), shift_id="s1", officer_id="PC1")
    others = [
        read(jpeg(), jpeg(), shift_id="s9", read_id=f"r{number}") | {"item_id": f"read-{number}"} for number in (2, 3)
    ]
    reply = post(call, told, good, *others, pictures=[jpeg()])
    assert [receipt.status for receipt in reply.items] == ["held"] * 4
    with closing(DepotDatabase(folder, Role.OPERATOR)) as database, database.reading() as connection:
        rows = connection.execute(select(incidents.c.item_id, incidents.c.what)).all()
    assert [tuple(row) for row in rows] == [("read-2", f"{OTHER_SHIFT} (2)")], "one line for all of a pack"
