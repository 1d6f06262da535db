"""The job that counts: each item once, in whatever pieces and order they come, and with no right to see a read."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import known_of, store_items
from patrol_anpr.depot.reports import folding
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.reports.facts import OPEN
from patrol_anpr.depot.reports.folding import CLOSED, fold
from patrol_anpr.depot.reports.reading import Period, figures_of
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.tables import counted_hits, counted_outcomes, counted_shifts, figures
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import HitState, Verification
from patrol_anpr.wire.payloads import (
    CorrectionPayload,
    CoveragePayload,
    CoverageRow,
    ListCount,
    ListCountsPayload,
)
from tests.depot.postgresql import on_both
from tests.depot.reports.records import DAY, LATER, NOW, amounts, done, hit, outcome, send, shift
from tests.depot.test_depot_postgres import new_item

HITS = [one for one in Breakdown if one.startswith("hits.")]


@pytest.fixture
def depot(folder: Path):
    """The depot as what takes records in."""
    with closing(DepotDatabase(folder)) as made:  # on SQLite this makes the file
        made.close()
    with closing(DepotDatabase(folder, Role.INGEST)) as opened:
        yield opened


@pytest.fixture
def job(folder: Path, depot: DepotDatabase):
    with closing(DepotDatabase(folder, Role.FIGURES)) as opened:
        yield opened


def totals(job: DepotDatabase) -> set[float]:
    return {sum(amounts(job, one).values()) for one in HITS}


@on_both
def test_a_shift_is_counted_from_its_records(depot: DepotDatabase, job: DepotDatabase):
    send(depot, shift(hours=None), *(hit(number) for number in range(3)), hit(3, tier=1, muted=True))
    send(depot, outcome(1, 0), outcome(2, 0, **done(Disposition.ARREST)), shift(hours=8))
    assert fold(job, NOW + LATER) == 8
    assert totals(job) == {4}
    assert amounts(job, Breakdown.HITS_TIER) == {"1": 1, "2": 3}
    assert amounts(job, Breakdown.HITS_UNIT) == {"Roads 1": 4}
    assert amounts(job, Breakdown.HITS_VERIFICATION) == {"correct": 1, OPEN: 3}
    assert amounts(job, Breakdown.ALARMS_LIST) == {"metro-pnc": 3}
    assert amounts(job, Breakdown.STOPS_DISPOSITION) == {"stopped_arrest": 1}
    assert amounts(job, Breakdown.PATROL_UNIT) == {"Roads 1": 8 * 3600}
    assert amounts(job, Breakdown.HITS_REASON) == {"stolen": 4}, (
        "the words of the list, which may name somebody, stay out"
    )


@on_both
def test_what_comes_again_or_is_folded_again_counts_once(depot: DepotDatabase, job: DepotDatabase):
    for _ in range(3):
        send(depot, hit(0), outcome(1, 0))
        fold(job, NOW + LATER)
    assert totals(job) == {1}


@on_both
def test_an_outcome_that_comes_days_later_moves_its_hit_and_adds_none(depot: DepotDatabase, job: DepotDatabase):
    send(depot, hit(0), outcome(1, 0, state=HitState.DISMISSED, verification=Verification.MISREAD))
    fold(job, NOW + LATER)
    assert amounts(job, Breakdown.VERIFIED_EXACT) == {"misread": 1}
    later = DAY + timedelta(days=2)
    send(depot, outcome(2, 0, later, state=HitState.ACKNOWLEDGED, verification=None, undone=True))
    fold(job, NOW + LATER)
    assert (amounts(job, Breakdown.VERIFIED_EXACT), totals(job)) == ({OPEN: 1}, {1})
    send(depot, outcome(3, 0, later + timedelta(seconds=1)))
    fold(job, NOW + LATER)
    assert (amounts(job, Breakdown.VERIFIED_EXACT), totals(job)) == ({"correct": 1}, {1})


@on_both
def test_an_outcome_or_a_shift_may_come_before_or_after_its_hit(depot: DepotDatabase, job: DepotDatabase):
    send(depot, outcome(1, 0))
    fold(job, NOW + LATER)
    send(depot, hit(0))
    fold(job, NOW + LATER)
    assert amounts(job, Breakdown.HITS_UNIT) == {"unknown": 1}
    send(depot, shift())
    fold(job, NOW + LATER)
    assert amounts(job, Breakdown.HITS_UNIT) == {"Roads 1": 1}
    assert amounts(job, Breakdown.HITS_VERIFICATION) == {"correct": 1}


@on_both
def test_reads_are_counted_without_being_seen(depot: DepotDatabase, job: DepotDatabase):
    with depot.writing() as connection:
        known_of(connection, "TA14", [])
        store_items(connection, "TA14", [new_item(f"r{number}", DAY) for number in range(5)], NOW)
    fold(job, NOW + LATER)
    assert amounts(job, Breakdown.READS_CAR) == {"TA14": 5}
    with job.reading() as connection:
        seen = connection.exec_driver_sql("SELECT payload FROM items_to_count WHERE kind = 'read'").scalars().all()
    assert seen == [None] * 5


@on_both
def test_coverage_corrections_and_peaks_add_up(depot: DepotDatabase, job: DepotDatabase):
    row = CoverageRow(
        camera_id="front", minute=DAY, shift_id="s1", seconds=60, blind={Blind.DARK: 20}, reads=4, unread=1
    )
    for number, peak in enumerate((4, 9, 2)):
        counted = ListCount(list_id="pnc", name="PNC", hits=9, dismissed=1, per_ten_minutes=1.0, peak=peak)
        send(
            depot,
            CoveragePayload(coverage_id=f"c{number}", minutes=(row, row)),
            CorrectionPayload(correction_id=f"k{number}", read_id="r", officer_id="PC1", at=DAY, vrm="AB12CDE"),
            ListCountsPayload(shift_id=f"s{number}", ended_at=DAY, lists=(counted,)),
        )
        fold(job, NOW + LATER)
    assert amounts(job, Breakdown.COVERAGE) == {"usable": 240, "dark": 120}
    assert amounts(job, Breakdown.READS_CAMERA) == {"TA14 front": 24}
    assert amounts(job, Breakdown.UNREAD_CAR) == {"TA14": 6}
    assert amounts(job, Breakdown.CORRECTIONS_CAR) == {"TA14": 3}
    assert amounts(job, Breakdown.PEAK_LIST) == {"pnc": 9}


def test_what_has_not_settled_waits_and_nothing_after_it_is_counted(depot: DepotDatabase, job: DepotDatabase):
    send(depot, hit(0), at=NOW - LATER)
    send(depot, hit(1), at=NOW)
    send(depot, hit(2), at=NOW - LATER)  # a higher number: counted in its turn
    assert fold(job, NOW) == 1
    assert fold(job, NOW + LATER) == 2
    assert totals(job) == {3}


def test_when_it_counted_last_is_kept_also_when_nothing_had_come(depot: DepotDatabase, job: DepotDatabase):
    for moment in (NOW, NOW + LATER):
        fold(job, moment)
        assert figures_of(job, Period.until(NOW.date(), 7)).counted_at == moment


def test_many_items_are_folded_stretch_by_stretch_to_the_same_figures(
    depot: DepotDatabase, job: DepotDatabase, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(folding, "STRETCH", 7)
    for number in range(20):
        send(depot, hit(number, DAY - timedelta(days=number % 3)), outcome(number, number))
    assert fold(job, NOW + LATER) == 40
    assert totals(job) == {20}
    assert amounts(job, Breakdown.HITS_VERIFICATION) == {"correct": 20}


def test_a_fold_that_breaks_off_goes_on_where_it_was(
    depot: DepotDatabase, job: DepotDatabase, monkeypatch: pytest.MonkeyPatch
):
    send(depot, hit(0), outcome(1, 0))
    with monkeypatch.context() as broken:
        broken.setattr(folding, "count_day", lambda *_: (_ for _ in ()).throw(SQLAlchemyError("away")))
        with pytest.raises(SQLAlchemyError):
            fold(job, NOW + LATER)
    assert totals(job) == {0}
    fold(job, NOW + LATER)
    assert totals(job) == {1}


@on_both
def test_what_was_not_understood_or_came_in_two_ways_counts_no_second_time(depot: DepotDatabase, job: DepotDatabase):
    send(depot, hit(0), hit(1))
    send(depot, hit(2), doubt="not the shape of a hit")
    send(depot, hit(0, tier=1), status="conflict")
    fold(job, NOW + LATER)
    assert totals(job) == {2}
    assert amounts(job, Breakdown.HITS_TIER) == {"2": 2}


@on_both
def test_facts_of_days_long_past_go_and_their_figures_stay(depot: DepotDatabase, job: DepotDatabase):
    send(depot, hit(0), outcome(1, 0), shift())
    fold(job, NOW + LATER)
    after = NOW + CLOSED + timedelta(days=9)
    fold(job, after)
    with job.reading() as connection:
        assert connection.execute(select(func.count()).select_from(counted_hits)).scalar() == 1, "one clock alone"
    send(depot, hit(7, after), at=after)
    send(depot, hit(8, after), hit(9, after), hit(10, after), at=after)
    fold(job, after + LATER)
    with job.reading() as connection:
        left = [
            connection.execute(select(func.count()).select_from(one)).scalar()
            for one in (counted_outcomes, counted_shifts)
        ]
    assert left == [0, 0]
    assert totals(job) == {5}


def test_the_facts_hold_no_mark_no_officer_and_no_place(depot: DepotDatabase, job: DepotDatabase):
    kept = {column.name for table in (counted_hits, counted_outcomes, counted_shifts, figures) for column in table.c}
    assert not kept & {
        "vrm",
        "listed_vrm",
        "corrected_vrm",
        "officer_id",
        "latitude",
        "longitude",
        "reason_text",
        "payload",
    }
    send(
        depot,
        hit(0, listed_vrm="ZZ99ZZZ", reason="Zebedee"),
        outcome(1, 0, officer_id="OFFICER9", corrected_vrm="QQ99QQQ"),
    )
    fold(job, NOW + LATER)
    with job.reading() as connection:
        for table in (counted_hits, counted_outcomes, counted_shifts, figures):
            text = str(connection.execute(select(table)).all())
            assert not any(word in text for word in ("ZZ99ZZZ", "QQ99QQQ", "OFFICER9", "Zebedee"))
