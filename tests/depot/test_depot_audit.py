"""The depot's own audit trail: whatever is done to a row shows."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from patrol_anpr.depot.audit import add_audit, check_trail, hash_at, head_of
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sqlite_file import FILE
from patrol_anpr.depot.tables import audit
from patrol_anpr.domain.audit import AuditHead
from tests.depot.postgresql import on_both


def fill(folder: Path, rows: int = 5) -> list[AuditHead]:
    """Add rows, each in a transaction of its own; return the heads they made."""
    heads = []
    with contextlib.closing(DepotDatabase(folder)) as database:
        for number in range(rows):
            with database.writing() as connection:
                add_audit(connection, "operator", "list published", f"L{number}", "why")
                heads.append(head_of(connection))
    return heads


def first_bad(folder: Path, *held: AuditHead) -> int | None:
    with contextlib.closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        return check_trail(connection, held).first_bad


def tamper(folder: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Do what somebody with the rights of the file's owner can do."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as file, file:
        for trigger in ("update", "delete"):
            file.execute(f"DROP TRIGGER audit_no_{trigger}")
        change(file)


@on_both
def test_a_trail_that_nobody_touched_is_whole(folder: Path) -> None:
    heads = fill(folder)
    assert [head.seq for head in heads] == [1, 2, 3, 4, 5]
    assert first_bad(folder, *heads) is None
    with contextlib.closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        assert hash_at(connection, 3) == heads[2].hash
        assert hash_at(connection, 6) is None


@pytest.mark.parametrize("column", ["at", "actor", "action", "object_id", "reason", "entry_id", "boot_id", "prev_hash"])
def test_a_changed_field_shows(folder: Path, column: str) -> None:
    fill(folder)
    new = "2001-01-01T00:00:00.000000+00:00" if column == "at" else "x"
    tamper(folder, lambda file: file.execute(f"UPDATE audit SET {column} = ? WHERE seq = 3", (new,)))
    assert first_bad(folder) == 3


def test_a_row_that_is_cut_out_shows(folder: Path) -> None:
    fill(folder)
    tamper(folder, lambda file: file.execute("DELETE FROM audit WHERE seq = 2"))
    assert first_bad(folder) == 2


def test_a_cut_end_shows_by_the_head_and_by_whoever_saw_it(folder: Path) -> None:
    heads = fill(folder)
    tamper(folder, lambda file: file.execute("DELETE FROM audit WHERE seq > 3"))
    assert first_bad(folder) == 4
    with contextlib.closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute("UPDATE audit_head SET seq = 3, hash = ?", (heads[2].hash,))
    assert first_bad(folder) is None
    assert first_bad(folder, heads[-1]) == 4


def test_a_row_put_in_beside_the_chain_shows(folder: Path) -> None:
    fill(folder)
    with contextlib.closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute("INSERT INTO audit (at, actor, action, object_id, reason) SELECT at, 'x', 'x', '', '' FROM audit")
    assert first_bad(folder) == 1


@on_both
def test_rows_that_come_at_once_follow_one_another(folder: Path) -> None:
    with contextlib.closing(DepotDatabase(folder)) as database:

        def append() -> None:
            for _ in range(10):
                with database.writing() as connection:
                    add_audit(connection, "operator", "tried")

        threads = [threading.Thread(target=append) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as connection:
            assert head_of(connection).seq == 40
    assert first_bad(folder) is None


@on_both
def test_a_row_whose_transaction_failed_leaves_no_gap(folder: Path) -> None:
    def fail(connection: Connection) -> None:
        add_audit(connection, "operator", "in vain")
        raise RuntimeError

    fill(folder, 1)
    with (
        contextlib.closing(DepotDatabase(folder)) as database,
        pytest.raises(RuntimeError),
        database.writing() as connection,
    ):
        fail(connection)
    assert fill(folder, 1)[0].seq == 2
    assert first_bad(folder) is None


def test_rows_from_before_the_chain_stay_outside(folder: Path) -> None:
    DepotDatabase(folder).close()
    with contextlib.closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute("INSERT INTO audit (at, actor, action, object_id, reason) VALUES ('2026-01-01', 'x', 'x', '', '')")
    fill(folder)
    assert first_bad(folder) is None
    with contextlib.closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        assert connection.execute(select(audit.c.actor).order_by(audit.c.number)).scalars().first() == "x"
