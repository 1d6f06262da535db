"""The speech process alone: a driver that fails quietly is asked once more, and no more than that."""

import os
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from patrol_anpr.alerting import voice_child
from patrol_anpr.alerting.phrases import as_heard


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
    with pytest.raises(voice_child.NoSoundMade):
        voice_child._synthesise(Driver(outcome, outcome), "Alpha", tmp_path / "one.wav")


DRIVER_THAT_QUOTES = """
import wave

class init:
    def getProperty(self, name): return []
    def setProperty(self, name, value): pass
    def runAndWait(self): pass
    def save_to_file(self, text, path):
        if text != "ready":
            raise ValueError("cannot say " + text)
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(bytes(200))
"""


def test_a_failure_is_told_without_the_sentence_that_a_driver_may_quote(tmp_path: Path) -> None:
    (tmp_path / "pyttsx3.py").write_text(DRIVER_THAT_QUOTES, encoding="utf-8")
    (tmp_path / "scratch").mkdir()
    ran = subprocess.run(
        [sys.executable, "-P", voice_child.__file__, str(tmp_path / "scratch"), "170"],
        input=f"1\t{tmp_path / 'one.wav'}\tAlpha Bravo\n",
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.splitlines() == ["ready", "failed 1 ValueError"]


def phonemes(text: str) -> str:
    """What espeak makes of a text, in the phonetic alphabet."""
    command = ["espeak-ng", "-q", "--ipa", "-v", "en-gb", text]
    said = subprocess.run(command, check=True, capture_output=True, timeout=20).stdout.decode()
    return re.sub(r"[\s\u02c8\u02cc]", "", said)  # without the stress marks


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize("word", ["MOT", "DVLA", "ANPR", "ABH", "NFA", "VOI", "OCG", "PNC", "UK"])
@pytest.mark.parametrize("sentence", ["No {}.", "No {} since.", "{} marker."])
def test_an_abbreviation_is_the_names_of_its_letters_and_no_word(word: str, sentence: str) -> None:
    before, after = (phonemes(part) for part in sentence.split("{}"))
    letters = "".join("e\u026a" if letter == "A" else phonemes(letter) for letter in word)
    assert phonemes(voice_child.for_engine(as_heard(sentence.format(word)))) == before + letters + after


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize("word", ["CAD", "DAF", "MAN", "SORN", "TWOC", "ULEZ", "VIN"])
def test_what_people_say_as_a_word_is_not_spelled(word: str) -> None:
    assert phonemes(voice_child.for_engine(as_heard(f"Seen, {word} since."))) == phonemes(
        f"Seen, {word.lower()} since."
    )


def test_an_article_is_left_alone() -> None:
    assert voice_child.for_engine("A Ford, a van. Class A, A19") == "A Ford, a van. Class A, A19"
