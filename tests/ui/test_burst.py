"""Fifty hits in one second: in order, by one voice, the window alive and nothing lost; engine and records are real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from patrol_anpr.alerting import announcer as announcing
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from tests.conftest import FakeClock
from tests.integration.test_alarm_flood import Drive
from tests.ui.test_hit_card import touch
from ui.app import discard
from ui.window import Window

BURST = 50
TIERS = [Tier.ROUTINE] * 30 + [Tier.PRIORITY] * 16 + [Tier.IMMEDIATE] * 4


@pytest.fixture
def drive(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    monkeypatch.setattr(announcing, "TICK", 0.005)
    drive = Drive(tmp_path / "records", clock, Crew.WITH_OBSERVER)
    yield drive
    drive.close()


@pytest.fixture
def window(app: QApplication, drive: Drive) -> Iterator[Window]:
    window = Window(drive.patrol)
    window.resize(1280, 800)
    window.show()
    assert drive.session is not None
    window.begin(drive.session)
    window.show_page("live")
    app.processEvents()
    yield window
    discard(app, window)


def test_fifty_hits_in_a_second_are_in_order_by_one_voice_and_the_window_lives(
    app: QApplication, drive: Drive, window: Window
) -> None:
    began = drive.clock.monotonic()
    for number, tier in enumerate(TIERS):
        drive.list_vehicle(f"B{number:05d}", tier, reason=tier.word)
    for number in range(BURST):
        drive.go_to(began + number / BURST)
        drive.read(f"B{number:05d}", number)
        app.processEvents()

    queue = window.flow.queue
    assert len(queue.open_hits) == BURST
    assert queue.shown is not None
    assert queue.shown.hit.tier is Tier.IMMEDIATE, "however late in the burst it came"
    order = [entry.hit.tier for entry in (queue.shown, *queue.waiting)]
    assert order == sorted(order)
    drive.clock.advance(1)
    card = window.live.card
    card.rest()
    first = queue.shown.hit_id
    touch(window, card.later)
    app.processEvents()
    assert queue.shown is not None
    assert queue.shown.hit_id != first, "a touch is heard in the middle of it"

    drive.end()
    urgent = [at for at, sound in drive.player.heard if sound is Tone.IMMEDIATE]
    assert urgent
    assert urgent[0] - began <= 2, "the first routine tone was cut off"
    assert drive.player.overlaps == 0, "one voice"
    spoken = [sound for _, sound in drive.player.heard if isinstance(sound, str)]
    assert spoken
    told = sum(len(one.split(". ")) > 1 for one in spoken)
    assert told < BURST, "a burst is counted, not recited"
    counts = drive.announcer.counts
    put_off = 1
    assert len(drive.sounded) + counts.counted + counts.held + put_off >= BURST, "each sounded or is in a number"
    assert drive.records.flush(60)
    assert len(drive.records.hits(drive.shift.shift_id)) == BURST


def test_fifty_sightings_of_one_car_in_a_second_are_one_sound_one_line_and_one_tap(
    app: QApplication, drive: Drive, window: Window
) -> None:
    drive.list_vehicle("B00001", Tier.PRIORITY)
    began = drive.clock.monotonic()
    for number in range(BURST):
        drive.go_to(began + number / BURST)
        drive.read("B00001", number)
        app.processEvents()
    (line,) = window.flow.queue.open_lines()
    assert line.times == BURST
    assert len(drive.heard(lambda sound: sound is Tone.PRIORITY)) == 1
    drive.clock.advance(1)
    window.live.card.rest()
    touch(window, window.live.card.confirm)
    app.processEvents()
    assert drive.patrol.open_hits() == []
    assert drive.records.flush(60)
    hits = drive.records.hits(drive.shift.shift_id)
    assert len(hits) == BURST
    assert not any(hit.is_open for hit in hits)
