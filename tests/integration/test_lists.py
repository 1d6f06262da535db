"""A list that should be in force and is not, told by a whole car: red, aloud, until it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.depot.lists.publishing import Confirmation, import_hotlist, withdraw_hotlist
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.matcher import UNREAD
from patrol_anpr.hotlists.note import NOTE_FILE
from patrol_anpr.hotlists.shelf import SUFFIX
from patrol_anpr.settings import Settings
from patrol_anpr.wire.payloads import Kind
from tests.integration.cars import (
    LISTED,
    OFFICER,
    Depot,
    blind,
    driving,
    hotlist_lines,
    settings_of,
    sign_on,
    write_csv,
)


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    with Depot(tmp_path / "depot") as depot:
        yield depot


@pytest.fixture
def synced(tmp_path: Path, depot: Depot) -> Settings:
    """The settings of a car that has synced once and was closed."""
    settings = settings_of(tmp_path, depot=depot)
    with driving(settings) as (car, _):
        assert car.patrol.start_sync().result()
        assert list_lamp(car).state is LampState.GOOD
    return settings


def list_lamp(car: build.Car) -> Lamp:
    return next(lamp for lamp in car.patrol.lamps() if lamp.key == "list")


def list_file(settings: Settings) -> Path:
    (file,) = settings.hotlists.folder.glob(f"*{SUFFIX}")
    return file


@pytest.mark.parametrize(
    ("wound", "word"), [("damaged", "List damaged"), ("deleted", "List missing"), ("note lost", "Lists not sure")]
)
def test_a_lost_list_is_red_and_told_aloud_at_the_start_until_a_sync_brings_it(
    synced: Settings, monkeypatch: pytest.MonkeyPatch, wound: str, word: str
) -> None:
    file = list_file(synced)
    if wound == "damaged":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    else:
        (file if wound == "deleted" else synced.hotlists.folder / NOTE_FILE).unlink()
    aloud: list[Lamp] = []
    monkeypatch.setattr(Announcer, "lamp", lambda self, lamp: aloud.append(lamp))
    with driving(synced) as (car, _):
        lamp = list_lamp(car)
        assert (lamp.state, lamp.word) == (LampState.BAD, word)
        assert lamp in aloud
        assert car.patrol.start_sync().result()
        assert list_lamp(car).state is LampState.GOOD
        assert car.matcher.match(LISTED[0], car.patrol.clock.utc())
    with driving(synced) as (car, _):
        assert list_lamp(car).state is LampState.GOOD


def test_a_list_that_turns_out_damaged_while_driving_is_told_at_once(synced: Settings) -> None:
    with driving(synced) as (car, heard):
        (head,) = car.matcher.hotlists
        file = list_file(synced)
        file.write_bytes(bytes(file.stat().st_size))
        known = len(heard.events)
        for mark in LISTED:
            (match,) = car.matcher.match(mark, car.patrol.clock.utc())
            assert (match.kind, match.voi.vrm, match.voi.reason) == (MatchKind.CHECK, mark, UNREAD)
        _, lamp = heard.wait_lamp("list", LampState.BAD, after=known)
        assert lamp.word == "List partly damaged"
        assert head.name in lamp.advice
        assert car.patrol.start_sync().result()
        assert list_lamp(car).state is LampState.GOOD
        assert [match.kind for match in car.matcher.match(LISTED[0], car.patrol.clock.utc())] == [MatchKind.EXACT]


def test_the_lists_open_whatever_the_folder_of_the_records(synced: Settings, tmp_path: Path) -> None:
    elsewhere = synced.records.model_copy(update={"folder": tmp_path / "elsewhere"})
    with driving(synced.model_copy(update={"records": elsewhere})) as (car, _):
        assert list_lamp(car).state is LampState.GOOD


def test_a_patrol_without_the_depot_begins_with_lists_whose_age_the_officer_knows_and_that_is_on_record(
    synced: Settings, depot: Depot
) -> None:
    depot.switch_off()
    with driving(synced) as (car, _):
        sign_on(car)
        assert car.patrol.start_sync().result() is False
        assert car.patrol.not_updated() == "The lists were not updated. The oldest is 0 h old."
        car.patrol.go_on_without_update()
        depot.switch_on()
        assert car.patrol.sign_off().result() == 0
        (told,) = depot.holds().audited("list.not_updated")
        assert (told.actor, told.reason) == (OFFICER, "The lists were not updated. The oldest is 0 h old.")


# What comes by the signed road


def test_a_list_that_its_owner_took_back_is_matched_no_more_and_the_officer_is_told(
    synced: Settings, depot: Depot
) -> None:
    with driving(synced) as (car, heard):
        sign_on(car)
        assert car.matcher.match(LISTED[0], car.patrol.clock.utc())
        withdraw_hotlist(depot.folder, "stolen", "Sgt Example", "published by mistake")
        assert car.patrol.start_sync().result()
        assert car.matcher.match(LISTED[0], car.patrol.clock.utc()) == []
        (news,) = [event.news for event in heard.of(SyncProgress) if event.news]
        assert news == "Stolen vehicles was taken back by its owner. It is no longer matched."
        assert list_lamp(car).word == "No list", "silence is never mistaken for no hits"
    with driving(synced) as (car, _):
        assert car.shelf.faults == (), "and it is not missed at the next start"


def test_an_absurd_list_is_in_force_once_an_officer_accepts_it_and_that_is_on_record(
    synced: Settings, depot: Depot
) -> None:
    with driving(synced) as (car, heard):
        confirmed = Confirmation("Sgt Example", "the others are found")
        file = write_csv(depot.folder.parent / "short.csv", hotlist_lines(LISTED[:1]))
        import_hotlist(
            depot.folder, file, "stolen", "Stolen vehicles", "Test force", Tier.PRIORITY, confirmed=confirmed
        )
        assert car.patrol.start_sync().result() is False
        (doubt,) = [event.doubts for event in heard.of(SyncProgress) if event.doubts][-1]
        assert car.matcher.match(LISTED[1], car.patrol.clock.utc()), "the old one stays"
        with pytest.raises(BadInput, match="Sign on before"):
            car.patrol.accept_list(doubt)
        sign_on(car)
        car.patrol.accept_list(doubt)
        assert car.patrol.start_sync().result() is True
        assert car.matcher.match(LISTED[1], car.patrol.clock.utc()) == []
        assert car.matcher.match(LISTED[0], car.patrol.clock.utc())
        car.patrol.sign_off().result()
    audited = [one for one in depot.holds().payloads[Kind.AUDIT] if one.action == "list.accepted"]
    assert [(one.actor, one.object_id, one.reason) for one in audited] == [
        (OFFICER, "stolen", "revision 2: 1 entries instead of 3")
    ]


def test_a_list_file_that_was_swapped_on_the_disk_is_told_at_the_start(synced: Settings, depot: Depot) -> None:
    """By an older one of the same list, genuine once."""
    olds: list[bytes] = []
    for listed in (LISTED[:2], LISTED[1:]):
        depot.publish(listed)
        with driving(synced) as (car, _):
            assert car.patrol.start_sync().result()
        newest = max(synced.hotlists.folder.glob("stolen.*"))  # named by the revision
        olds.append(newest.read_bytes())
    newest.write_bytes(olds[0])
    with driving(synced) as (car, _):
        assert list_lamp(car).state is LampState.BAD
        assert car.patrol.start_sync().result(), "and a sync mends it"
        assert list_lamp(car).state is LampState.GOOD
