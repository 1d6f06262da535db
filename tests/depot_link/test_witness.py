"""A car as the witness of its depot's audit trail, over real HTTP."""

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from patrol_anpr.depot import DepotServer
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch, epoch_of
from patrol_anpr.depot.tables import audit_witnesses
from patrol_anpr.depot.witnesses import contradicted
from patrol_anpr.depot_link import Link
from patrol_anpr.depot_link.witness import CHANGED
from patrol_anpr.identity.own import Identity
from patrol_anpr.wire.witness import AuditHeadReply, SeenHead, WitnessReport
from tests.depot_link.conftest import AT, OneCar

FALSE = "0" * 64


def witnessed(folder: Path) -> list[tuple[str, int]]:
    """The cars that have signed, and which row."""
    with contextlib.closing(DepotDatabase(folder)) as database, database.reading() as connection:
        rows = connection.execute(select(audit_witnesses.c.car_id, audit_witnesses.c.seq))
        return [(row.car_id, row.seq) for row in rows]


def not_as_seen(folder: Path) -> list[int]:
    """The rows that a look at the whole trail finds contradicted."""
    with contextlib.closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return [one.seq for one in contradicted(connection, epoch_of(connection))]


def rewrite(folder: Path) -> None:
    """Change the newest row and its seal, and all that the depot itself keeps about it."""
    with contextlib.closing(DepotDatabase(folder)) as database, database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        last = "seq = (SELECT seq FROM audit_head)"
        connection.exec_driver_sql(f"UPDATE audit SET actor = 'nobody', hash = '{FALSE}' WHERE {last}")
        connection.exec_driver_sql(f"UPDATE audit_head SET hash = '{FALSE}'")


@pytest.fixture
def sync(make_link: Callable[[str], Link], depot: DepotServer, car: OneCar) -> Callable[[], str]:
    """One sync; returns what was wrong in the end."""
    link = make_link(depot.url)

    def run() -> str:
        link.download(car.steps.append)
        return car.problem

    return run


def test_each_sync_signs_the_newest_row(depot_folder: Path, sync) -> None:
    assert CHANGED not in sync()
    ((car, first),) = witnessed(depot_folder)
    assert CHANGED not in sync()
    assert car == "TA14"
    assert witnessed(depot_folder)[0][1] > first, "each sync leaves rows of its own"
    assert not_as_seen(depot_folder) == []


def test_a_row_that_was_changed_after_a_car_saw_it_is_told_by_both(
    depot: DepotServer, depot_folder: Path, sync
) -> None:
    sync()
    before = witnessed(depot_folder)
    rewrite(depot_folder)
    assert not_as_seen(depot_folder) == [before[0][1]]
    assert CHANGED in sync()
    assert CHANGED in sync(), "it stays told"
    assert witnessed(depot_folder) == before, "and is not signed"


def test_a_depot_that_was_restored_is_no_forger(depot_folder: Path, sync) -> None:
    sync()
    rewrite(depot_folder)
    with contextlib.closing(DepotDatabase(depot_folder)) as database, database.writing() as connection:
        begin_epoch(connection, AT)
        add_audit(connection, "operator", "restored")
    assert CHANGED not in sync()
    assert not_as_seen(depot_folder) == []


def test_nobody_signs_for_another_car_or_another_trail(depot: DepotServer, sync, identity: Identity, clock) -> None:
    def signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
        content = request.body
        digest = hashlib.sha256(content).digest() if isinstance(content, bytes) else None
        identity.sign(request, digest, clock.utc())
        return request

    sync()
    with requests.Session() as session:
        session.auth, session.trust_env = signed, False
        told = session.get(f"{depot.url}/v2/audit/head", timeout=20)
        newest = AuditHeadReply.model_validate_json(told.content)
        head = SeenHead(depot_id=newest.depot_id, epoch=newest.epoch, seq=newest.seq, hash=newest.hash)
        other = ec.generate_private_key(ec.SECP256R1()).sign(head.signed(), ec.ECDSA(SHA256()))
        wrong = head.model_copy(update={"hash": FALSE})
        for said, signature in ((head, other), (wrong, identity.signature_of(wrong.signed()))):
            report = WitnessReport(head=said, signature=signature.hex())
            body, media = report.model_dump_json().encode(), {"Content-Type": "application/json"}
            answer = session.post(f"{depot.url}/v2/audit/witness", data=body, headers=media, timeout=20)
            assert answer.status_code == 422
