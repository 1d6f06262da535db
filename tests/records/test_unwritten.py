"""Asked while nothing can be written, the records answer as they will when it is."""

import errno
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hit import Hit, HitState, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.search import MarkPattern
from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, Crew
from patrol_anpr.records import Records, queries
from patrol_anpr.records import records as records_module
from patrol_anpr.records.jobs import KeepOutcome
from tests.made import SHIFT
from tests.records.made import AT, PATIENCE, PICTURES, Heard, a_hit, a_read, a_shift, an_outcome
from tests.records.test_retention import settle


@contextmanager
def stuck(records: Records, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that takes nothing."""
    full = threading.Event()
    full.set()
    assert records._store is not None
    sync = records._store.pictures.sync

    def failing() -> None:
        if full.is_set():
            raise OSError(errno.ENOSPC, "no space")
        sync()

    monkeypatch.setattr(records._store.pictures, "sync", failing)
    yield
    full.clear()


def answers(records: Records) -> dict[str, object]:
    return {
        "summary": records.summary(SHIFT),
        "another summary": records.summary("another"),
        "open": records.open_hits(SHIFT),
        "hits": records.hits(SHIFT),
        "recent": records.recent_reads(SHIFT, 5),
        "before": records.reads_before(SHIFT, "read-4", 3),
        "before an old one": records.reads_before(SHIFT, "read-2", 3),
        "all": records.find_reads(SHIFT, None, 1, 5),
        "found": records.find_reads(SHIFT, MarkPattern.of("ZZ*"), None, 3),
        "pictures": [records.evidence_of(f"read-{number}") for number in range(1, 10)],
        "unfinished": records.unfinished_shifts(),
        "tries": records.pin_tries(),
        "waiting": records.waiting(),
        "roster": records.roster(),
    }


def test_what_is_in_memory_is_part_of_every_answer(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    records.start_shift(a_shift(shift_id="earlier", started_at=AT - timedelta(days=1)))
    records.start_shift(a_shift())
    hits = {}
    for number in range(1, 4):
        hits[number] = a_hit(a_read(number), number)
        records.keep_read(a_read(number), PICTURES, [hits[number]], SHIFT)
    records.keep_outcome(an_outcome(hits[1], 1))
    records.audit("4821", PIN_REFUSED, "4821")
    assert records.flush(PATIENCE)
    with stuck(records, monkeypatch):
        records.end_shift(a_shift(shift_id="earlier", ended_at=AT))
        records.start_shift(a_shift(shift_id="another", crew=Crew.WITH_OBSERVER))
        records.audit("4821", PIN_ACCEPTED, "4821")
        records.keep_outcome(an_outcome(hits[2], 2, HitState.DISMISSED))
        tiers = [Tier.IMMEDIATE, Tier.SILENT, Tier.PRIORITY, Tier.ROUTINE]
        for number, tier in enumerate(tiers, start=4):
            kind = MatchKind.CHECK if number == 6 else MatchKind.EXACT
            hits[number] = a_hit(a_read(number), number, tier, kind)
            records.keep_read(a_read(number), PICTURES, [hits[number]], SHIFT)
        records.keep_read(a_read(8), PICTURES, [], None)
        records.keep_outcome(an_outcome(hits[7], 3))
        records.keep_outcome(an_outcome(hits[7], 4, HitState.ACKNOWLEDGED, undone=True))
        records.keep_outcome(an_outcome(hits[4], 5))
        assert not records.flush(0.01)
        in_memory = answers(records)
    assert records.flush(PATIENCE)
    assert answers(records) == in_memory
    assert [hit.hit_id for hit, _ in records.open_hits(SHIFT)] == ["hit-3", "hit-6", "hit-7"]
    summary = records.summary(SHIFT)
    assert (summary.reads, summary.hits, summary.confirmed, summary.dismissed, summary.unresolved) == (7, 6, 2, 1, 3)


def test_an_open_hit_that_is_written_while_the_disk_is_asked_is_not_missed(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = a_hit(a_read(1))
    asked = queries.open_hits
    with ExitStack() as full:
        full.enter_context(stuck(records, monkeypatch))
        records.keep_read(hit.read, PICTURES, [hit], SHIFT)

        def written_meanwhile(connection: Connection, shift_id: str) -> Sequence[Hit]:
            found = asked(connection, shift_id)
            full.close()
            assert records.flush(PATIENCE)
            return found

        monkeypatch.setattr(queries, "open_hits", written_meanwhile)
        assert records.open_hits(SHIFT) == [(hit, PICTURES)]


def test_an_outcome_in_memory_keeps_its_read_from_being_erased(records: Records) -> None:
    hit, other = a_hit(a_read(1), 1), a_hit(a_read(2), 2)
    for one in (hit, other):
        records.keep_read(one.read, PICTURES, [one], SHIFT)
    assert records.flush(PATIENCE)
    settle(records)
    later = AT + timedelta(days=8)
    waiting = KeepOutcome(an_outcome(hit), scene=records._scene)
    records._unwritten.add(waiting)  # given, but the writer has something else in hand
    assert records.purge(later, later, keep_days=7).result(PATIENCE) == 1
    assert [one.read.read_id for one in records.reads_page(None, 9)] == ["read-1"]
    records._unwritten.drop(waiting)
    assert records.purge(later, later, keep_days=7).result(PATIENCE) == 1


def test_a_count_that_fails_after_trouble_is_no_record_refused(
    records: Records, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(connection: Connection) -> int:
        raise RecordsFault("The disk is gone.")

    with stuck(records, monkeypatch):
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        assert heard.wait_for_word("Not recording")
        monkeypatch.setattr(records_module, "waiting_rows", gone)
    assert records.flush(PATIENCE)
    records.keep_read(a_read(2), PICTURES, [], SHIFT)
    assert records.flush(PATIENCE)
    assert [lamp.word for lamp in heard.lamps] == ["Recording", "Not recording", "Recording"]
