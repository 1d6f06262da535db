"""How far a sync has come, told as SyncProgress."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import DepotFault, KnownError
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.sentences import joined
from patrol_anpr.plumbing.worker import described

log = logging.getLogger(__name__)

BROKEN_OFF = "The sync broke off for an unknown reason. What the car has stays as it is. Tell IT; the log says where."


class ProgressReport:
    """Counts items and bytes and tells each step. The time left is estimated from the bytes, else from the items."""

    def __init__(self, what: str, tell: Callable[[SyncProgress], None], clock: Clock) -> None:
        self._what = what
        self._tell = tell
        self._clock = clock
        self._started = clock.monotonic()
        self._total = self._total_bytes = self._done = self._bytes = 0
        self._problems: dict[str, None] = {}
        self._news: dict[str, None] = {}
        self._doubts: list[ListDoubt] = []

    def expect(self, items: int, total_bytes: int) -> None:
        """So many items and bytes lie ahead."""
        self._total = items
        self._total_bytes = total_bytes
        self._say()

    def step(self, items: int = 0, sent: int = 0) -> None:
        """`items` more are done, `sent` more bytes are over."""
        self._done += items
        self._bytes += sent
        self._say()

    def problem(self, sentence: str) -> None:
        """Something went wrong; it is told once, with the last step."""
        self._problems[sentence] = None

    def news(self, sentence: str) -> None:
        """Something happened that is right and must be known; it is told once, with the last step."""
        self._news[sentence] = None

    def doubt(self, doubt: ListDoubt) -> None:
        """A list waits for a person to accept it; it is told with the last step."""
        self._doubts.append(doubt)

    @property
    def problems(self) -> str:
        """What went wrong; "" where nothing did."""
        return joined(*self._problems) if self._problems else ""

    def finish(self) -> None:
        """Tell the last step."""
        self._say(finished=True)

    def _say(self, *, finished: bool = False) -> None:
        self._tell(
            SyncProgress(
                what=self._what,
                done=self._done,
                # What is sent again after a break counts again; nobody wants to see 110 of 100.
                total=max(self._total, self._done),
                sent_bytes=self._bytes,
                total_bytes=max(self._total_bytes, self._bytes),
                seconds_left=0.0 if finished else self._seconds_left(),
                finished=finished,
                problem=self.problems if finished else "",
                news=joined(*self._news) if finished and self._news else "",
                doubts=tuple(self._doubts) if finished else (),
            )
        )

    def _seconds_left(self) -> float | None:
        passed = self._clock.monotonic() - self._started
        for done, total in ((self._bytes, self._total_bytes), (self._done, self._total)):
            if total > 0 and done > 0:
                return passed * max(0, total - done) / done
        return None


@contextmanager
def reported(what: str, tell: Callable[[SyncProgress], None], clock: Clock) -> Iterator[ProgressReport]:
    """Tell what breaks a sync off as its problem; a bug, too, ends as a sentence that leaves a way to go on."""
    report = ProgressReport(what, tell, clock)
    try:
        yield report
    except KnownError as error:
        report.problem(error.sentence)
        raise
    except Exception as error:
        # Not the text of the error: it may quote a record.
        log.error("a sync broke off: %s", described(error))  # noqa: TRY400
        report.problem(BROKEN_OFF)
        raise DepotFault(BROKEN_OFF) from error
    finally:
        report.finish()
