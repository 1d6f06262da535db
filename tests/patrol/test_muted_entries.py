"""An entry muted for the shift: one entry of one list is silent, never an immediate one, and all is recorded."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.entry import may_be_muted
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import EntryMuted, HitRaised
from patrol_anpr.domain.hit import Hit, HitState, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from tests.conftest import FakeClock
from tests.fakes import FakeRecording
from tests.integration.cars import driving, hotlist_lines, pictures, settings_of, sign_on, write_csv
from tests.made import EVIDENCE, a_hotlist, a_match, a_read
from tests.patrol.test_patrol import Car

OTHER = "K7PTL"


@pytest.fixture
def car(clock: FakeClock) -> Iterator[Car]:
    car = Car(clock)
    car.matching.matches[OTHER] = [a_match(OTHER)]
    car.sign_on()
    yield car
    car.patrol.close()


def seen(car: Car, vrm: str = "AB12CDE") -> Hit:
    return car.patrol.read_made(a_read(vrm), EVIDENCE)[0]


def sounded(car: Car) -> list[str]:
    return [entry[1] for entry in car.story if isinstance(entry, tuple) and entry[0] == "sound"]


def test_a_muted_entry_makes_no_sound_and_every_hit_of_it_is_recorded_and_counted(car: Car) -> None:
    first = seen(car)
    car.session.mute_entry(first.hit_id)
    again, other = seen(car), seen(car, OTHER)
    assert sounded(car) == [first.read.read_id, other.read.read_id]
    assert (first.muted, again.muted, other.muted) == (False, True, False)
    assert [hit.muted for _, _, hits, _ in car.recording.reads for hit in hits] == [False, True, False]
    summary = car.patrol.summary()
    assert summary is not None
    assert (summary.hits, summary.unresolved) == (3, 3)
    assert [event.hit for event in car.events if isinstance(event, HitRaised)] == [first, again, other]


def test_muting_is_audited_with_the_officer_and_names_the_hit_not_the_mark(car: Car) -> None:
    hit = seen(car)
    car.session.mute_entry(hit.hit_id)
    car.session.mute_entry(hit.hit_id)
    car.session.unmute_entry(hit.hit_id)
    assert car.recording.audits[-2:] == [("LOCAL", "entry_muted"), ("LOCAL", "entry_unmuted")]
    assert [event.muted for event in car.events if isinstance(event, EntryMuted)] == [True, False]
    assert hit.hit_id in car.alerting.acknowledged, "what was being said about it stops"


def test_taken_back_it_sounds_again(car: Car) -> None:
    car.session.mute_entry(seen(car).hit_id)
    muted = seen(car)
    car.session.unmute_entry(muted.hit_id)
    after = seen(car)
    assert not after.muted
    assert sounded(car)[-1] == after.read.read_id


@pytest.mark.parametrize(
    "match",
    [
        a_match(tier=Tier.IMMEDIATE),
        replace(a_match(tier=Tier.IMMEDIATE, kind=MatchKind.CHECK), tier=Tier.PRIORITY),  # as matcher.py makes it
    ],
)
def test_an_entry_of_the_immediate_tier_is_never_muted(car: Car, match) -> None:
    car.matching.matches["AB12CDE"] = [match]
    hit = seen(car)
    with pytest.raises(BadInput, match="immediate tier"):
        car.session.mute_entry(hit.hit_id)
    assert not seen(car).muted


def test_an_entry_that_its_list_raises_to_the_immediate_tier_sounds_though_it_was_muted(car: Car) -> None:
    car.session.mute_entry(seen(car).hit_id)
    car.matching.matches["AB12CDE"] = [a_match(tier=Tier.IMMEDIATE, hotlist=a_hotlist(Tier.PRIORITY, revision=4))]
    urgent = seen(car)
    assert not urgent.muted
    assert sounded(car)[-1] == urgent.read.read_id


def test_muting_an_earlier_hit_of_an_entry_that_is_immediate_now_leaves_that_one_sounding(car: Car) -> None:
    earlier = seen(car)
    car.matching.matches["AB12CDE"] = [a_match(tier=Tier.IMMEDIATE, hotlist=a_hotlist(Tier.PRIORITY, revision=4))]
    urgent = seen(car)
    car.session.mute_entry(earlier.hit_id)
    assert earlier.hit_id in car.alerting.acknowledged
    assert urgent.hit_id not in car.alerting.acknowledged


def test_the_same_mark_on_another_list_sounds(car: Car) -> None:
    car.session.mute_entry(seen(car).hit_id)
    car.matching.matches["AB12CDE"].append(a_match(hotlist=a_hotlist(list_id="local")))
    muted, sounds = car.patrol.read_made(a_read(), EVIDENCE)
    assert (muted.muted, sounds.muted) == (True, False)


def test_a_muted_entry_ends_with_the_shift(car: Car) -> None:
    car.session.mute_entry(seen(car).hit_id)
    session = car.session
    car.patrol.sign_off().result(timeout=10)
    car.sign_on()
    assert not seen(car).muted
    with pytest.raises(BadInput, match="signed off"):
        session.mute_entry("any")


def test_nobody_mutes_a_hit_of_another_shift_or_a_silent_one(car: Car) -> None:
    hit = seen(car)
    car.patrol.sign_off().result(timeout=10)
    car.sign_on()
    car.matching.matches[OTHER] = [a_match(OTHER, Tier.SILENT)]
    for hit_id in (hit.hit_id, seen(car, OTHER).hit_id):
        with pytest.raises(BadInput, match="not of the shift"):
            car.session.mute_entry(hit_id)


def test_a_restart_says_again_what_nobody_saw_but_for_muted_entries(clock: FakeClock) -> None:
    car = Car(clock, recording=FakeRecording())
    car.sign_on()
    hit = seen(car)
    car.session.mute_entry(hit.hit_id)
    car.recording.mutes = [(hit.hit_id, True)]
    again = Car(clock, recording=car.recording)
    again.sign_on(crew=Crew.SINGLE)
    assert sounded(again) == []
    assert again.patrol.muted.is_muted(hit)


def test_over_real_records_a_muted_entry_survives_a_restart_within_the_shift_and_no_longer(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with driving(settings) as (car, _):
        file = write_csv(tmp_path / "list.csv", hotlist_lines(["TX64KZW", "UX15ZDM"]))
        car.shelf.put_in_force(a_hotlist(Tier.ROUTINE), file)
        session = sign_on(car, "LOCAL", "")
        muted = car.patrol.read_made(a_read("TX64KZW"), pictures(1))[0]
        kept = car.patrol.read_made(a_read("UX15ZDM"), pictures(2))[0]
        for hit in (muted, kept):
            session.mute_entry(hit.hit_id)
        session.unmute_entry(kept.hit_id)
        assert car.records.flush(20)
    with driving(settings) as (car, _):
        session = sign_on(car, "LOCAL", "")
        assert car.patrol.read_made(a_read("TX64KZW"), pictures(3))[0].muted
        assert not car.patrol.read_made(a_read("UX15ZDM"), pictures(4))[0].muted
        assert car.records.flush(20)
        assert [hit.muted for hit in car.records.hits(session.shift.shift_id)] == [False, True, False, False]
        car.patrol.sign_off().result(20)
        sign_on(car, "LOCAL", "")
        assert not car.patrol.read_made(a_read("TX64KZW"), pictures(5))[0].muted


@given(tier=st.sampled_from(Tier), listed=st.sampled_from(Tier), kind=st.sampled_from(MatchKind))
def test_what_is_immediate_on_its_list_or_as_told_may_never_be_muted(tier: Tier, listed: Tier, kind: MatchKind) -> None:
    match = replace(a_match(tier=listed, kind=kind), tier=tier)
    if Tier.IMMEDIATE in (tier, listed):
        assert not may_be_muted(match)
    elif tier is not Tier.SILENT:
        assert may_be_muted(match)


def test_replay_says_the_sentence_of_a_hit_of_this_shift_and_of_no_other(car: Car) -> None:
    hit = seen(car)
    car.session.confirm(hit.hit_id)
    car.patrol.replay(hit.hit_id)
    assert car.story[-1] == ("replay", hit.hit_id)
    assert HitState.ACKNOWLEDGED not in car.states()
    with pytest.raises(BadInput, match="not of the shift"):
        car.patrol.replay("another")
    car.patrol.sign_off().result(timeout=10)
    with pytest.raises(BadInput, match="Nobody is signed on"):
        car.patrol.replay(hit.hit_id)
