"""The invented month: a depot as cars and operators fill one, the same for the same seed, and sound."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol_anpr.depot.audit import check_trail
from patrol_anpr.depot.car_trails import broken_trails
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.doubts import doubts_of, incidents_of
from patrol_anpr.depot.fleet.standing import cars_of
from patrol_anpr.depot.lists.publishing import published, repository_of
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.tables import items
from patrol_anpr.domain.hit import HitState, MatchKind, Verification
from patrol_anpr.lab.invented_month import InventedMonth, Seat, invent_month
from patrol_anpr.lab.invented_shift import COURSES
from patrol_anpr.wire.payloads import HitPayload, Kind, OutcomePayload, Payload, ReadPayload, payload_of, sha256_of
from tests.depot.reports.records import amounts

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def payloads(folder: Path) -> Mapping[Kind, list[Payload]]:
    found: dict[Kind, list[Payload]] = {kind: [] for kind in Kind}
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        for row in connection.execute(select(items.c.kind, items.c.payload).order_by(items.c.seq)):
            found[Kind(row.kind)].append(payload_of(row.kind, row.payload))
    return found


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> InventedMonth:
    return invent_month(tmp_path_factory.mktemp("month") / "depot", NOW, small=True)


@pytest.fixture(scope="module")
def held(month: InventedMonth) -> Mapping[Kind, list[Payload]]:
    return payloads(month.folder)


def test_it_holds_every_kind_of_record_and_nothing_that_is_doubted(month: InventedMonth, held) -> None:
    assert {kind for kind, found in held.items() if found} >= set(Kind) - {Kind.VOI, Kind.CORRECTION}
    assert (len(held[Kind.READ]), len(held[Kind.HIT])) == (month.reads, month.hits)
    assert (list(doubts_of(month.folder)), list(incidents_of(month.folder))) == ([], [])
    assert all(month.begins <= read.captured_at < NOW for read in held[Kind.READ] if isinstance(read, ReadPayload))


def test_its_figures_agree_with_its_records(month: InventedMonth, held) -> None:
    with closing(DepotDatabase(month.folder)) as database:
        counted = {one: sum(amounts(database, one).values()) for one in Breakdown}
    assert {counted[one] for one in Breakdown if one.startswith("hits.")} == {month.hits}
    assert counted[Breakdown.READS_CAR] == month.reads
    assert counted[Breakdown.COVERAGE] == pytest.approx(counted[Breakdown.WATCHED_CAR])
    listed = sum(one.hits for said in held[Kind.LIST_COUNTS] for one in said.lists)
    assert counted[Breakdown.HITS_LIST] == listed, "what the cars counted themselves"


def test_every_picture_is_there_and_within_the_national_limits(month: InventedMonth, held) -> None:
    with closing(DepotDatabase(month.folder)) as database:
        pictures = pictures_in(month.folder, database)
        for read in held[Kind.READ]:
            patch, overview = pictures.content(read.patch_sha256), pictures.content(read.overview_sha256)
            assert (sha256_of(patch), sha256_of(overview)) == (read.patch_sha256, read.overview_sha256)
            assert len(patch) <= 3 * 1024
            assert len(overview) <= 25 * 1024


def test_hits_are_exact_and_near_and_officers_say_every_sort_of_thing(held) -> None:
    hits = [hit for hit in held[Kind.HIT] if isinstance(hit, HitPayload)]
    assert {hit.kind for hit in hits} == set(MatchKind)
    said = [one for one in held[Kind.OUTCOME] if isinstance(one, OutcomePayload)]
    assert {one.state for one in said} == set(HitState) - {HitState.RAISED}
    assert any(one.undone for one in said)
    assert {one.verification for one in said} >= {Verification.CORRECT, Verification.MISREAD}
    every_sort = {decision.disposition.value for course in COURSES for decision in course if decision.disposition}
    assert {one.disposition for one in said} - {None} <= every_sort | {"not_stopped_entry_out_of_date"}


def test_the_trails_are_whole_and_the_cars_are_enrolled_and_heard(month: InventedMonth) -> None:
    with closing(DepotDatabase(month.folder)) as database, database.reading() as connection:
        assert check_trail(connection).whole
        assert list(broken_trails(connection)) == []
    for car in cars_of(month.folder):
        assert car.enrolled is not None
        assert car.said[0].manifest is not None


def test_lists_of_three_owners_and_every_tier_are_in_force(month: InventedMonth) -> None:
    lists = published(repository_of(month.folder))
    assert len({about.owner for _, about in lists}) == 3
    assert {head.tier for head, _ in lists} == {1, 2, 3, 4}


def test_the_same_seed_makes_the_same_records_and_the_cars_take_their_seats(month: InventedMonth, tmp_path) -> None:
    seat = Seat(tmp_path / "NT1" / "identity", bytes(32))
    again = invent_month(tmp_path / "depot", NOW, small=True, seats={"NT1": seat})
    assert payloads(again.folder) == payloads(month.folder)
    assert any(seat.folder.iterdir())


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_the_whole_month_is_as_sound(tmp_path: Path) -> None:
    told = []
    month = invent_month(tmp_path / "depot", NOW, progress=lambda done, every: told.append((done, every)))
    assert 1_000 <= month.reads <= 2_500
    found = payloads(month.folder)
    assert all(found.values())
    assert Counter(hit.kind for hit in found[Kind.HIT] if isinstance(hit, HitPayload))[MatchKind.CHECK] > 20
    assert (list(doubts_of(month.folder)), list(incidents_of(month.folder))) == ([], [])
    assert told[-1][0] == told[-1][1]
