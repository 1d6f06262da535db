"""Training and policy that have ended are told at the depot and in the car, and blind no car."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol_anpr.depot import import_roster
from patrol_anpr.domain.hit import MatchKind
from tests.integration.cars import LISTED, NAME, OFFICER, PIN, Depot, driving, pictures, settings_of, sign_on, write_csv
from tests.made import a_read

TODAY = datetime.now(UTC).date()
ENDED, GOOD = TODAY - timedelta(days=3), TODAY + timedelta(days=3)


def test_an_officer_whose_training_has_ended_signs_on_gets_hits_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "car").mkdir()
    line = (OFFICER, NAME, PIN, "", ENDED.isoformat(), GOOD.isoformat())
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        import_roster(depot.folder, write_csv(tmp_path / "roster.csv", [line]))
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result(30)
            sign_on(car)
            (hit,) = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
            assert hit.match.kind is MatchKind.EXACT
            summary = car.patrol.summary()
            assert summary is not None
            assert (summary.hits, summary.training_ended, summary.policy_ended) == (1, ENDED, None)
            assert car.patrol.sign_off().result(30) == 0
        with driving(settings) as (car, _):  # without a sync: the car remembers what the roster says
            sign_on(car)
            summary = car.patrol.summary()
            assert summary is not None
            assert summary.training_ended == ENDED
