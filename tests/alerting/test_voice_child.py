"""The speech process alone: a driver that fails quietly is asked once more, and no more than that."""

import wave
from pathlib import Path

import pytest

from patrol_anpr.alerting import voice_child


class Driver:
    """Makes what it is told to, one outcome a call: sound, an empty file, or none."""

    def __init__(self, *outcomes: str) -> None:
        self.outcomes = list(outcomes)

    def save_to_file(self, _text: str, path: str) -> None:
        outcome = self.outcomes.pop(0)
        if outcome == "none":
            return
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(b"\1\0" * 100 if outcome == "sound" else b"")

    def runAndWait(self) -> None:
        """Nothing is left to do."""


@pytest.mark.parametrize("outcomes", [("sound",), ("empty", "sound"), ("none", "sound")])
def test_sound_is_made_at_the_second_try_at_the_latest(tmp_path: Path, outcomes: tuple[str, ...]) -> None:
    driver = Driver(*outcomes)
    voice_child._synthesise(driver, "Alpha", tmp_path / "one.wav")
    assert not driver.outcomes


@pytest.mark.parametrize("outcome", ["empty", "none"])
def test_a_driver_that_stays_silent_is_a_failure(tmp_path: Path, outcome: str) -> None:
    with pytest.raises(RuntimeError, match="no sound"):
        voice_child._synthesise(Driver(outcome, outcome), "Alpha", tmp_path / "one.wav")
