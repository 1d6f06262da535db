"""The process in which models of the depot run before they are trusted: the test card, and a shadow run.

Whatever they do, hang, crash or take all the memory, ends this process and not the car. Its parent is `trying.py` or
`shadow_run.py`, which end it, too; it ends by itself when its parent does.
"""

import faulthandler
import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import psutil

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.patrol.reader import build_reader
from patrol_anpr.reading.card import Score, draw_cards, score, why_not
from patrol_anpr.reading.shadow import compared, see
from patrol_anpr.reading.trial import TestCard
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import ReadingSettings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.models import ShadowCounts

MOST_MEMORY = 3 * 2**30
"""Bytes of its own that the process may ask for, where the system can hold it to that (measured: 0.3 GB are used)."""
PICTURE_SECONDS = 30.0
"""A picture of a shadow run that takes longer hangs (0.1 s is usual)."""
MOST_PIXELS = 64_000_000
UNUSABLE = marked("They cannot be used on this machine. {why}")


def main() -> None:
    """Do what the first line of stdin asks, a JSON object: `card` or `shadow`."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    ask = json.loads(stdin.readline())
    _be_humble()
    settings = ReadingSettings.model_validate(ask["reading"])
    if ask["what"] == "card":
        threading.Thread(target=_end_with_parent, args=(stdin,), name="parent-watch", daemon=True).start()
        _answer(stdout, {"why": _card(settings, Path(ask["new"]), draw_cards())})
    else:
        _shadow(settings, Path(ask["old"]), Path(ask["new"]), stdin, stdout)


def _be_humble() -> None:
    """Take what others leave of the processor, and be the first to go where the memory runs out."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
    else:
        import resource

        os.nice(19)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _end_with_parent(stdin: BinaryIO) -> None:
    stdin.read(1)
    os._exit(1)


def _card(settings: ReadingSettings, new: Path, cards: Sequence[TestCard]) -> str | None:
    """Return why the models in `new` may not take over, "" where they may; None where the program's own do not read."""
    today = SystemClock().utc().date()

    def scored(folder: Path) -> Score:
        reader = build_reader(settings, folder, must_read=folder == MODELS)
        return score(reader.detector, reader.ocr, cards, today)

    try:
        old = scored(MODELS)
    except KnownError:
        return None
    try:
        return why_not(scored(new), old)
    except KnownError as error:
        return sentence(UNUSABLE, why=error.sentence)


def _shadow(settings: ReadingSettings, old: Path, new: Path, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Answer each picture of stdin (a JSON line with its size, then its bytes) with what differs in it."""
    readers = [build_reader(settings, folder) for folder in (old, new)]
    while head := stdin.readline():
        size = json.loads(head)
        height, width = int(size["height"]), int(size["width"])
        if not 0 < height * width <= MOST_PIXELS:
            return
        content = stdin.read(height * width * 3)
        if len(content) < height * width * 3:
            return
        pixels = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        faulthandler.dump_traceback_later(PICTURE_SECONDS, exit=True)
        today = SystemClock().utc().date()
        try:
            before, after = (see(one.detector, one.ocr, pixels, today) for one in readers)
            counts = compared(before, after)
        except KnownError:
            counts = ShadowCounts(pictures=1, missed=1)
        faulthandler.cancel_dump_traceback_later()
        _answer(stdout, counts.model_dump())


def _answer(stdout: BinaryIO, said: Mapping[str, Any]) -> None:
    stdout.write(json.dumps(said).encode() + b"\n")
    stdout.flush()


if __name__ == "__main__":
    main()
