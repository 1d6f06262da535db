"""`patrol-anpr run` whose reader aborts the whole process at a frame, where the settings ask for 512 pixels.

As a fault in a library of the models would: no exception, no end in order. Run as a process of its own, which is
imported once and forks each run: `STARTS FOLDER ARGUMENTS...`. It prints how each ended, a number a line (below zero:
by which signal); what run N wrote lies in FOLDER, as N.out and N.err.
"""

import os
import sys
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.commands.cli import main
from patrol_anpr.domain.plate import Pixels, Plate
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.settings import ReadingSettings
from tests.reading.made import ScriptedDetector, ScriptedOcr

HARMFUL = 512
ABORTS_AT = 3


class Aborting(ScriptedDetector):
    """Finds nothing, twice."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = 0

    def find(self, pixels: Pixels) -> list[Plate]:
        self.frames += 1
        if self.frames == ABORTS_AT:
            os.abort()
        return super().find(pixels)


def scripted(settings: ReadingSettings, _folder: Path) -> Reader:
    detector = Aborting() if settings.input_size == HARMFUL else ScriptedDetector()
    return Reader(detector, ScriptedOcr(), "scripted")


def run_once(number: int, folder: Path) -> None:
    """In the forked process: the command line, its lines in files."""
    for stream, ending in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / f"{number}.{ending}", os.O_WRONLY | os.O_CREAT), stream)
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    pytest.MonkeyPatch().setattr(build, "open_reader", scripted)
    starts, folder, *sys.argv[1:] = sys.argv[1:]
    for number in range(int(starts)):
        child = os.fork()
        if child == 0:
            run_once(number, Path(folder))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
