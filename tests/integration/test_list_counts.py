"""Whether a list was worth its noise is told the depot at the end of each shift, and kept there."""

from datetime import timedelta
from pathlib import Path

from patrol_anpr.domain.shift import Crew, ListCounts, Shift
from patrol_anpr.wire.payloads import Kind, ListCountsPayload
from patrol_anpr.wire.records import list_counts_item
from tests.conftest import FakeClock
from tests.integration.cars import LISTED, Depot, driving, pictures, settings_of, sign_on
from tests.made import NOW, a_read
from tests.records.made import PATIENCE, a_shift, opened


def test_the_counts_of_each_list_reach_the_depot_once_with_the_shift(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot, driving(settings_of(tmp_path, depot=depot)) as (car, _):
        assert car.patrol.start_sync().result(30)
        session = sign_on(car)
        hits = [car.patrol.read_made(a_read(vrm), pictures(number))[0] for number, vrm in enumerate(LISTED)]
        session.dismiss(hits[0].hit_id)
        session.confirm(hits[1].hit_id, looked=True)
        assert car.patrol.sign_off().result(30) == 0
        sign_on(car)
        assert car.patrol.sign_off().result(30) == 0  # a shift without a hit has nothing to tell of
        held = depot.holds()
        held.assert_sound()
        (told,) = [one for one in held.payloads[Kind.LIST_COUNTS] if isinstance(one, ListCountsPayload)]
        (counts,) = told.lists
        assert told.shift_id == session.shift.shift_id
        assert (counts.list_id, counts.hits, counts.dismissed, counts.peak) == ("stolen", 3, 1, 3)


def test_the_mean_is_over_the_shift_and_a_short_one_is_no_rate() -> None:
    counts = [ListCounts("untaxed", "Untaxed", hits=84, dismissed=3, lately=0, peak=21)]

    def mean(minutes: float) -> object:
        shift = Shift("s", "o", "TA14", Crew.SINGLE, NOW, NOW + timedelta(minutes=minutes))
        payload = ListCountsPayload.model_validate_json(list_counts_item(shift, counts).payload)
        return payload.lists[0].per_ten_minutes

    assert [mean(60), mean(480), mean(1)] == [14.0, 1.75, 84.0]


def test_kept_twice_they_are_told_once_and_go_when_the_depot_has_them(tmp_path: Path, clock: FakeClock) -> None:
    counts = [ListCounts("untaxed", "Untaxed", 4, 1, 0, 2)]
    with opened(tmp_path, clock) as records:
        for _ in range(2):
            records.keep_list_counts(a_shift(ended_at=NOW + timedelta(hours=8)), counts)
        assert records.flush(PATIENCE)
        items = [item for item in records.outbox.next_batch(20) if item.kind is Kind.LIST_COUNTS]
        assert [item.item_id for item in items] == ["list-counts:shift-1"]
