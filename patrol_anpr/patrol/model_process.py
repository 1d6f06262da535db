"""The parent's side of the process in which models of the depot run (`model_child.py`)."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from patrol_anpr.plumbing.processes import NO_WINDOW
from patrol_anpr.settings import ReadingSettings

COMMAND = (sys.executable, "-P", "-X", "utf8", "-m", "patrol_anpr.patrol.model_child")
_OF_THE_FILES = {"detector": "", "detector_form": "auto", "ocr": "", "ocr_config": "", "ocr_near": ""}


class ModelProcess:
    """One such process: it is asked for one thing, and `end` ends it whatever it does."""

    def __init__(self, what: str, reading: ReadingSettings, old: Path, new: Path, command: Sequence[str]) -> None:
        """Start it. Raises OSError."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=NO_WINDOW,
        )
        settings = reading.model_copy(update=_OF_THE_FILES).model_dump(mode="json")
        ask = {"what": what, "reading": settings, "old": str(old.absolute()), "new": str(new.absolute())}
        try:
            self.stdin.write(json.dumps(ask).encode() + b"\n")
            self.stdin.flush()
        except OSError:
            self.end()
            raise

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes]:
        """What it reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """What it answers."""
        assert self._process.stdout is not None
        return self._process.stdout

    def has_ended(self) -> bool:
        """Whether it is over."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Have it end at once; whoever waits for its answer gets none. Any thread may call."""
        self._process.kill()

    def end(self) -> None:
        """End it at once, and leave nothing of it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self.stdin, self.stdout):
            try:
                pipe.close()
            except OSError:
                continue  # what it did not take any more
