"""Ending several parts side by side, within a time, whatever one of them does."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from patrol_anpr.plumbing.worker import described

log = logging.getLogger(__name__)


class StillGoing(Exception):
    """A part that had not ended in time."""


def end_all(parts: Mapping[str, Callable[[], object]], deadline: float) -> Mapping[str, BaseException]:
    """Call every part's end, each on a thread of its own, and wait `deadline` seconds for all of them together.

    One that fails or hangs keeps no other from its end. Returns what went wrong, by name: what the call raised, or
    StillGoing for one that had not come back, or that came back with False because it left something behind.
    """
    wrong: dict[str, BaseException] = {name: StillGoing(name) for name in parts}
    lock = threading.Lock()

    def end(name: str, part: Callable[[], object]) -> None:
        try:
            ended = part()
        except BaseException as error:  # noqa: BLE001  whatever it is, the others have their end too
            outcome: BaseException | None = error
        else:
            outcome = StillGoing(name) if ended is False else None
        with lock:
            if outcome is None:
                del wrong[name]
            else:
                wrong[name] = outcome

    until = time.monotonic() + deadline
    threads = [
        threading.Thread(target=end, args=(name, part), name=f"end-{name}", daemon=True) for name, part in parts.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    with lock:
        for name, error in wrong.items():
            log.error("the end of %s: %s", name, described(error))
        return dict(wrong)
