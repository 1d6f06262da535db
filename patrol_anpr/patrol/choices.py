"""What the officers of this car have set: in force at once, and kept over a restart in a small file."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from patrol_anpr.domain.choices import Choices, SettingShown
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.patrol.ports import Alerting
from patrol_anpr.plumbing.files import made_folder, write_whole

log = logging.getLogger(__name__)

FILE_NAME = "choices.json"
DAMAGED = "What was set for sound and screen could not be read. The usual values are in force; set them again."
_FORM = TypeAdapter(Choices)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file held; `problem` is a sentence where that could not be used, and the usual values hold."""

    choices: Choices
    problem: str = ""


def read_choices(file: Path, usual: Choices) -> Kept:
    """Read what was set. What the file does not name, and all of a file that cannot be used, is as `usual`."""
    try:
        content = json.loads(file.read_bytes())
        return Kept(_FORM.validate_python({**asdict(usual), **content}))
    except FileNotFoundError:
        return Kept(usual)
    except (OSError, ValueError, TypeError, ValidationError) as error:
        log.warning("the officers' choices cannot be read: %s", type(error).__name__)
        return Kept(usual, DAMAGED)


class Chooser:
    """Owns the choices of this car; satisfies window_ports.Choosing. Every method may be called from any thread.

    `file` None: nothing is kept. `told` gets the names of what has changed, for the audit trail.
    """

    def __init__(
        self,
        alerting: Alerting,
        thread: Executor,
        told: Callable[[str], None],
        *,
        file: Path | None,
        choices: Choices,
        others: Sequence[SettingShown],
    ) -> None:
        self._alerting, self._thread, self._told, self._file = alerting, thread, told, file
        self._lock = threading.Lock()
        self._now = choices
        self.others = others
        self._put_in_force(choices)

    @property
    def now(self) -> Choices:
        """What is set."""
        with self._lock:
            return self._now

    def choose(self, choices: Choices) -> "Future[None]":
        """Put in force what an officer sets, at once. The Future ends when it is kept.

        It raises RecordsFault where that cannot be: then it holds until the program ends.
        """
        with self._lock:
            before, self._now = asdict(self._now), choices
        self._put_in_force(choices)
        changed = [f"{name} {value}" for name, value in asdict(choices).items() if value != before[name]]
        if changed:
            self._told(", ".join(changed))
        return self._thread.submit(self._keep)

    def _put_in_force(self, choices: Choices) -> None:
        self._alerting.set_volumes(voice=choices.voice_volume, tones=choices.tone_volume)
        self._alerting.set_speed(choices.words_per_minute)

    def _keep(self) -> None:
        """Write the newest: of two that are asked for at once the last stays."""
        if self._file is None:
            return
        content = json.dumps(asdict(self.now), indent=1)
        try:
            made_folder(self._file.parent, "records.folder")
            write_whole(self._file, content.encode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RecordsFault(
                "This holds until the program ends: it could not be saved ({reason}).", reason=reason
            ) from error
