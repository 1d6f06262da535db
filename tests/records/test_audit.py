"""The audit trail: any change to it is found."""

import itertools
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from patrol_anpr.domain.audit import FIRST_PREV, AuditCheck, AuditHead, AuditRow, verify_chain
from patrol_anpr.records import Records, audit, tables
from tests.records.made import AT, PATIENCE, PICTURES, a_hit, a_read, an_outcome

text = st.text(st.characters(codec="utf-8"), max_size=12)
said = st.tuples(text, text, text, text, st.floats(allow_nan=False), st.timedeltas(timedelta(0), timedelta(days=9)))


def chain(entries: list[tuple[str, str, str, str, float, timedelta]]) -> list[AuditRow]:
    rows: list[AuditRow] = []
    for seq, (actor, action, object_id, reason, monotonic, late) in enumerate(entries, start=1):
        prev = rows[-1].hash if rows else FIRST_PREV
        row = AuditRow(seq, f"e{seq}", "boot", AT + late, monotonic, actor, action, object_id, reason, prev)
        rows.append(row.seal())
    return rows


chains = st.lists(said, min_size=1, max_size=8).map(chain)


def other(value: Any) -> Any:
    match value:
        case datetime():
            return value + timedelta(microseconds=1)
        case float():
            return 1.0 if value != 1.0 else 2.0
        case int():
            return value + 1
        case _:
            return value + "x"


@settings(deadline=None, max_examples=50)
@given(chains)
def test_a_chain_that_was_left_alone_is_whole(rows: list[AuditRow]) -> None:
    head = AuditHead(rows[-1].seq, rows[-1].hash)
    assert verify_chain(rows, [head]) == AuditCheck(len(rows), None)


@settings(deadline=None, max_examples=50)
@given(chains, st.data())
def test_every_changed_field_is_found_at_its_row(rows: list[AuditRow], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    for field in fields(AuditRow):
        changed = replace(rows[place], **{field.name: other(getattr(rows[place], field.name))})
        assert verify_chain([*rows[:place], changed, *rows[place + 1 :]]).first_bad == place + 1, field.name


@settings(deadline=None, max_examples=50)
@given(chains, st.data())
def test_a_row_rewritten_with_its_hash_breaks_the_next_or_the_held_head(
    rows: list[AuditRow], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    rewritten = replace(rows[place], reason=rows[place].reason + "x").seal()
    found = verify_chain(
        [*rows[:place], rewritten, *rows[place + 1 :]], [AuditHead(rows[-1].seq, rows[-1].hash)]
    ).first_bad
    assert found == (place + 2 if place + 1 < len(rows) else place + 1)


@settings(deadline=None, max_examples=50)
@given(chains, st.data())
def test_rows_cut_out_swapped_or_doubled_are_found(rows: list[AuditRow], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    head = AuditHead(rows[-1].seq, rows[-1].hash)
    assert verify_chain([*rows[:place], *rows[place + 1 :]], [head]).first_bad == place + 1
    assert verify_chain([*rows[: place + 1], *rows[place:]], [head]).first_bad == place + 2
    for first, second in itertools.pairwise(range(len(rows))):
        swapped = [*rows]
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert verify_chain(swapped).first_bad == first + 1


@settings(deadline=None, max_examples=50)
@given(chains)
def test_a_cut_end_is_found_with_a_head_held_elsewhere(rows: list[AuditRow]) -> None:
    head = AuditHead(rows[-1].seq, rows[-1].hash)
    assert verify_chain(rows[:-1]).whole
    assert verify_chain(rows[:-1], [head]).first_bad == len(rows)
    assert verify_chain([], [head]).first_bad == 1


def test_the_trail_of_the_records_is_chained_and_goes_to_the_depot(records: Records) -> None:
    for number in range(20):
        records.audit("4821", "read.viewed", f"read-{number}", "é \U0001f600")
    assert records.flush(PATIENCE)
    assert records._store is not None
    with records._store.database.reading() as connection:
        head = audit.head(connection)
    assert head.seq == 21
    assert records.verify_audit([head]) == AuditCheck(21, None)
    assert [item.kind.value for item in records.outbox.next_batch(50)] == ["audit"] * 21


def raw_door(records: Records) -> Engine:
    """The way past every function of the room."""
    assert records._store is not None
    return records._store.database._writer


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_program_itself_cannot_change_the_trail(records: Records, statement: str) -> None:
    records.flush(PATIENCE)
    writer = raw_door(records)
    records._writer.stop()
    with writer.connect() as connection, pytest.raises(IntegrityError), connection.begin():
        connection.exec_driver_sql(statement)


def test_reads_and_outcomes_are_never_changed(records: Records) -> None:
    hit = a_hit(a_read(1))
    records.keep_read(hit.read, PICTURES, [hit], None)
    records.keep_outcome(an_outcome(hit))
    records._writer.stop()
    with raw_door(records).connect() as connection:
        for table in (tables.reads, tables.outcomes):
            with pytest.raises(IntegrityError, match="only appended"), connection.begin():
                connection.execute(table.update().values(boot_id="x"))
