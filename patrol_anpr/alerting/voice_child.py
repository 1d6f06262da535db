"""The voice's own process: text in, WAV files out. Run as a script; imports nothing of this package.

pyttsx3 can hang or crash in native code, and cannot be stopped from within. Here it can only take this process with it.
It is only asked to save files (`save_to_file`): what plays them can be killed.

Lines in: `NUMBER <tab> PATH <tab> TEXT`, or `rate <tab> WORDS A MINUTE` for all that follows. Lines out: `ready` once
speech has been made for real; `done NUMBER`; `failed NUMBER REASON`; `broken REASON` before it ends by itself. What
failed is told by its type alone: a driver's text may quote the sentence, and the parent logs what it is told. It ends
when its input does, so never outlives the parent.
"""

import os
import re
import shutil
import signal
import sys
import wave
from pathlib import Path
from typing import Any, TextIO

_LETTER_A = re.compile(r"(?<=\b[A-Z] )A\b|\bA(?= [A-Z]\b)")
TRIES = 2
"""Starts of the speech engine: some fail once after a sound device has changed (judged)."""


class NoSoundMade(Exception):
    """The speech engine said that all went well, and left no sound."""


def main() -> None:
    """Serve until the input ends. Arguments: scratch folder, words a minute."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    answers = _private_stdout()
    try:
        engine = _start(Path(sys.argv[1]), int(sys.argv[2]))
    except Exception as problem:  # noqa: BLE001 - the top of this process; drivers raise whatever they like
        _say(answers, f"broken {problem!r}")
        return
    _say(answers, "ready")
    for line in sys.stdin:
        number, path, *text = line.rstrip("\n").split("\t")
        if number == "rate":
            _set_rate(engine, int(path))
            continue
        try:
            _synthesise(engine, text[0], Path(path))
        except Exception as problem:  # noqa: BLE001 - as above
            _say(answers, f"failed {number} {type(problem).__name__}")
        else:
            _say(answers, f"done {number}")
    shutil.rmtree(sys.argv[1], ignore_errors=True)  # the parent died: it would have done this itself


def _private_stdout() -> TextIO:
    """Keep the real standard output for answers: pyttsx3 prints, which now goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _start(scratch: Path, words_a_minute: int) -> Any:
    import pyttsx3

    engine = pyttsx3.init()
    _set_rate(engine, words_a_minute)
    _choose_british(engine)
    trial = scratch / "trial.wav"
    _synthesise(engine, "ready", trial)
    trial.unlink()
    return engine


def _set_rate(engine: Any, words_a_minute: int) -> None:
    """Set the speed. Past pyttsx3 where espeak speaks: it often cancels what espeak has not taken up yet, a speed too.

    pyttsx3 hands a speed on only when it begins a sentence, and ends what espeak is busy with right after.
    """
    espeak = sys.modules.get("pyttsx3.drivers._espeak")  # there if this machine speaks with it
    if espeak is None:
        engine.setProperty("rate", words_a_minute)
        return
    espeak.SetParameter(espeak.RATE, words_a_minute, 0)
    espeak.Synchronize()


def _choose_british(engine: Any) -> None:
    """Take a British voice where the system has one; the system's own choice otherwise."""
    for voice in engine.getProperty("voices"):
        if voice.id.lower() == "gmw/en" or "en-gb" in voice.id.lower():
            engine.setProperty("voice", voice.id)
            return


def for_engine(text: str) -> str:
    """Respell the A of what is said letter by letter, "A N P R": espeak takes one that stands alone for an article."""
    return text if sys.platform == "win32" else _LETTER_A.sub("eigh", text)


def _synthesise(engine: Any, text: str, path: Path) -> None:
    """Make the file. A driver that failed quietly leaves none, or an empty one: seen under load, and gone at once."""
    for _ in range(TRIES):
        engine.save_to_file(for_engine(text), str(path))
        engine.runAndWait()
        if _has_sound(path):
            return
    raise NoSoundMade


def _has_sound(path: Path) -> bool:
    try:
        with wave.open(str(path)) as sound:
            return bool(sound.getnframes())
    except (FileNotFoundError, EOFError):
        return False


def _say(answers: TextIO, line: str) -> None:
    print(line.replace("\n", " "), file=answers, flush=True)


if __name__ == "__main__":
    main()
