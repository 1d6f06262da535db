"""An inference that never comes back: the lamp says so, the shift can be ended, and the next one waits for nothing."""

import threading
from pathlib import Path

import pytest

from patrol_anpr.domain.events import ReadMade
from patrol_anpr.domain.health import LampState
from patrol_anpr.patrol import engine
from tests.integration.cars import blind, driving, passing, settings_of, sign_on, write_clip
from tests.reading.made import plate_box


def test_a_reader_that_hangs_is_told_and_holds_up_no_sign_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HANGING_SECONDS", 0.2)
    monkeypatch.setattr(engine.Engine.stop, "__defaults__", (0.5,))
    detector, gate = blind(monkeypatch), threading.Event()
    detector.show(plate_box(400, 330, 120))
    find = detector.find
    monkeypatch.setattr(detector, "find", lambda pixels: gate.wait(60) and find(pixels))
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW"))
    with driving(settings_of(tmp_path, cameras=[("front", str(clip))]), cameras=True) as (car, heard):
        sign_on(car, "LOCAL", "")
        _, told = heard.wait_lamp("reading", LampState.BAD)
        assert told.word == "Not reading"
        car.patrol.sign_off().result()
        assert not heard.of(ReadMade)
        gate.set()
        known = len(heard.events)
        sign_on(car, "LOCAL", "")
        heard.wait_lamp("reading", LampState.GOOD, after=known)
        heard.wait(lambda event: isinstance(event, ReadMade), after=known)
