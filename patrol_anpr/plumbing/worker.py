"""A named thread with an owner: it ends when it is told to, and begins again when anything else ended it."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from math import ceil
from pathlib import PureWindowsPath

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds before a body that failed begins again: each time twice as long, up to this."""
STEADY_SECONDS = 60.0
"""A body that ran this long before it failed begins again after the first pause."""


class EndedByItself(Exception):
    """What `on_failure` gets when a body came back although nobody had told it to end."""


class Worker:
    """Runs `body` on a thread of its own until `stop`.

    `body` gets the event that tells it to end, and comes back when that is set. Whatever else ends it (an error of any
    kind, SystemExit too, or a plain return) is logged by its type and told to `on_failure` on the worker's thread,
    where it becomes a red lamp; the body begins again after a pause. The error's text is not logged: it may quote a
    record.

    A thread cannot be broken off, so one that hangs is left behind by `stop`. It is a daemon: it holds up no exit.
    """

    def __init__(
        self,
        name: str,
        body: Callable[[threading.Event], None],
        on_failure: Callable[[BaseException], object],
        *,
        rouse: Callable[[], object] | None = None,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wire the thread; nothing runs yet.

        Args:
            name: of the thread, as the log and docs/architecture.md have it.
            body: what runs.
            on_failure: gets what ended the body.
            rouse: called by `stop` after the event is set, to wake a body that waits for something else.
            wait: waits for the event for some seconds, as `Event.wait`; a test need not wait.
            monotonic: seconds, to tell a body that failed at once from one that had run well.
        """
        self.name = name
        self._body = body
        self._on_failure = on_failure
        self._rouse = rouse
        self._wait = wait
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread is there, also when it was left behind."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> bool:
        """Start; returns at once. False when the thread of before still hangs: there is never a second one."""
        if self.running:
            return False
        # An event of its own for each thread, so that no thread misses its end because the next one began.
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stopping,), name=self.name, daemon=True)
        self._thread.start()
        return True

    def stop(self, deadline: float) -> bool:
        """Tell the body to end and wait for that, `deadline` seconds at most; return whether it has ended.

        Called on the worker's own thread it waits for nothing.
        """
        self._stopping.set()
        if self._rouse is not None:
            self._rouse()
        if self._thread is None or self._thread.ident is None:
            return True
        if self._thread is threading.current_thread():
            return False
        self._thread.join(deadline)
        if self._thread.is_alive():
            log.error("the thread %s had not ended after %.1f s", self.name, deadline)
            return False
        return True

    def _run(self, stopping: threading.Event) -> None:
        pause = FIRST_PAUSE
        while not stopping.is_set():
            began = self._monotonic()
            try:
                self._body(stopping)
                failure: BaseException = EndedByItself(self.name)
            except BaseException as error:  # noqa: BLE001  the thread's top: whatever it is, it becomes a lamp
                failure = error
            if stopping.is_set() and isinstance(failure, EndedByItself):
                return
            self._tell(failure)
            if self._monotonic() - began >= STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._wait(stopping, pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _tell(self, failure: BaseException) -> None:
        log.error("the thread %s failed: %s", self.name, described(failure))
        try:
            self._on_failure(failure)
        except BaseException as error:  # noqa: BLE001  a lamp that cannot be shown must not end the thread either
            log.error("the failure of %s could not be told: %s", self.name, described(error))  # noqa: TRY400  no text


def described(error: BaseException) -> str:
    """The type of `error` and where it came from, without its text and the folders, which may name an officer."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PureWindowsPath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-3:]]
    return " < ".join([type(error).__name__, *reversed(places)])


def in_seconds(stopping: threading.Event, seconds: float) -> bool:
    """Wait as Event.wait, a second at a time: what is wrong with a thread shows only when it runs."""
    return any(stopping.wait(min(1.0, seconds - gone)) for gone in range(ceil(seconds)))
