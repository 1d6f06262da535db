"""What an officer adds by hand, in a real car: found again, in force again after a restart, and known at the depot."""

from pathlib import Path

import pytest

from patrol_anpr.domain.by_hand import Lifetime, VoiWish
from patrol_anpr.domain.events import HitRaised
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.own import FILE
from patrol_anpr.wire.payloads import CorrectionPayload, HitPayload, Kind, ReadPayload, VoiPayload
from tests.integration.cars import CAR, LISTED, PATIENCE_S, Depot, blind, driving, pictures, settings_of, sign_on
from tests.made import a_read


@pytest.fixture(autouse=True)
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)


def test_a_shift_with_everything_by_hand_reaches_the_depot(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path / "car", depot=depot)
        with driving(settings) as (car, heard):
            assert car.patrol.start_sync().result(PATIENCE_S)
            session = sign_on(car)
            misread = a_read("TX64KZN")
            car.patrol.read_made(misread, pictures(1))

            correction = session.correct_read(misread, LISTED[0]).result(PATIENCE_S)
            corrected = heard.of(HitRaised)[-1].hit
            assert (corrected.vrm, corrected.read.vrm, corrected.match.voi.vrm) == (LISTED[0], "TX64KZN", LISTED[0])

            (entered,) = session.enter(LISTED[1]).result(PATIENCE_S)
            assert entered.read.is_entered

            wish = VoiWish("LM19XYZ", "Drove off from fuel", Tier.PRIORITY, Lifetime.DAY, misread.read_id)
            entry = session.make_voi(wish).result(PATIENCE_S)
            car.patrol.read_made(a_read("LM19XYZ"), pictures(2))
            own = heard.of(HitRaised)[-1].hit
            assert (own.match.hotlist.name, own.match.voi.reason) == ("This car", "Drove off from fuel")
            assert car.patrol.start_sync().result(PATIENCE_S)  # what the depot has takes nothing of it
            assert car.patrol.list_lamp().state is LampState.GOOD

            assert car.records.flush(PATIENCE_S)
            found = car.patrol.search.reads(LISTED[0]).result(PATIENCE_S)
            assert [read.read_id for read in found.reads] == [misread.read_id]
            assert car.patrol.sign_off().result(PATIENCE_S) == 0

        held = depot.holds()
        held.assert_sound()
        (kept,) = held.payloads[Kind.CORRECTION]
        assert isinstance(kept, CorrectionPayload)
        assert (kept.correction_id, kept.vrm) == (correction.correction_id, LISTED[0])
        (voi,) = held.payloads[Kind.VOI]
        assert isinstance(voi, VoiPayload)
        assert (voi.voi_id, voi.vrm, voi.reason, voi.ended_at) == (entry.voi_id, "LM19XYZ", "Drove off from fuel", None)
        hits = {hit.hit_id: hit for hit in held.hits if isinstance(hit, HitPayload)}
        assert (hits[corrected.hit_id].corrected_vrm, hits[entered.hit_id].corrected_vrm) == (LISTED[0], None)
        assert hits[own.hit_id].list_id == f"own-{CAR.lower()}"
        by_hand = [read for read in held.reads if isinstance(read, ReadPayload) and read.camera_id == "entered"]
        assert [(read.vrm, read.patch_sha256) for read in by_hand] == [(LISTED[1], None)]

        with driving(settings) as (car, heard):  # the next day
            session = sign_on(car)
            assert car.patrol.search.own_entries == (entry,)
            car.patrol.read_made(a_read("LM19XYZ"), pictures(3))
            assert heard.of(HitRaised)[-1].hit.match.voi.reason == "Drove off from fuel"
            session.withdraw_voi(entry.voi_id).result(PATIENCE_S)
            assert car.patrol.read_made(a_read("LM19XYZ"), pictures(4)) == []
            assert car.patrol.sign_off().result(PATIENCE_S) == 0
        assert [one.ended_at is None for one in depot.holds().payloads[Kind.VOI] if isinstance(one, VoiPayload)] == [
            True,
            False,
        ]


def test_lost_entries_are_told_at_the_start(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "car")
    with driving(settings) as (car, _):
        session = sign_on(car, "LOCAL", "")
        session.make_voi(VoiWish("LM19XYZ", "Seen", Tier.ROUTINE, Lifetime.WEEK)).result(PATIENCE_S)
    (settings.hotlists.folder / FILE).unlink()
    with driving(settings) as (car, heard):
        _, lamp = heard.wait_lamp("own-list", LampState.BAD)
        assert "make those that are still needed again" in lamp.advice
    with driving(settings) as (car, heard):
        assert [lamp for lamp in heard.lamps if lamp.key == "own-list"] == []
