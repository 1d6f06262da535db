import logging
import threading
from collections.abc import Callable

import pytest

from patrol_anpr.plumbing.worker import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, EndedByItself, Worker, described

LONG = 10.0


class Rig:
    """A worker whose body does what `steps` say, one after the other, and then waits for its end."""

    def __init__(self, *steps: Callable[[], None], steady: bool = False) -> None:
        self.steps = list(steps)
        self.failures: list[BaseException] = []
        self.pauses: list[float] = []
        self.settled = threading.Event()
        self.now = 0.0
        self.steady = steady
        self.worker = Worker("some-thread", self.body, self.failed, wait=self.pause, monotonic=lambda: self.now)

    def body(self, stopping: threading.Event) -> None:
        if self.steady:
            self.now += STEADY_SECONDS
        if self.steps:
            self.steps.pop(0)()
            return
        self.settled.set()
        assert stopping.wait(LONG)

    def failed(self, error: BaseException) -> None:
        self.failures.append(error)

    def pause(self, stopping: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return stopping.is_set()

    def run(self) -> None:
        assert self.worker.start()
        assert self.settled.wait(LONG)
        assert self.worker.stop(LONG)
        assert not self.worker.running


def raising(error: BaseException) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step


@pytest.mark.parametrize(
    "error", [ValueError(), OSError(), SystemExit(1), KeyboardInterrupt(), GeneratorExit(), MemoryError()], ids=repr
)
def test_whatever_ends_the_body_is_told_and_it_begins_again(error: BaseException) -> None:
    rig = Rig(raising(error))
    rig.run()
    assert rig.failures == [error]


def test_a_body_that_just_comes_back_is_told_too() -> None:
    rig = Rig(lambda: None)
    rig.run()
    assert [type(failure) for failure in rig.failures] == [EndedByItself]


def test_a_stop_is_no_failure_and_the_thread_has_its_name() -> None:
    rig = Rig()
    assert rig.worker.start()
    assert rig.settled.wait(LONG)
    assert "some-thread" in {thread.name for thread in threading.enumerate()}
    assert rig.worker.stop(LONG)
    assert rig.failures == []


def test_the_pause_grows_up_to_a_limit() -> None:
    rig = Rig(*[raising(ValueError()) for _ in range(9)])
    rig.run()
    assert rig.pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert rig.pauses == sorted(rig.pauses)
    assert rig.pauses[-1] == LONGEST_PAUSE


def test_a_body_that_ran_well_before_it_failed_begins_again_soon() -> None:
    rig = Rig(*[raising(ValueError()) for _ in range(3)], steady=True)
    rig.run()
    assert rig.pauses == [FIRST_PAUSE] * 3


def test_a_stop_during_the_pause_begins_nothing_again() -> None:
    begun: list[int] = []
    pausing = threading.Event()

    def body(stopping: threading.Event) -> None:
        begun.append(1)
        raise ValueError

    def wait(stopping: threading.Event, seconds: float) -> bool:
        pausing.set()
        return stopping.wait(LONG)

    worker = Worker("some-thread", body, lambda error: None, wait=wait)
    worker.start()
    assert pausing.wait(LONG)
    assert worker.stop(LONG)
    assert len(begun) == 1


def test_a_body_that_hangs_is_left_behind_after_the_deadline_and_never_doubled() -> None:
    release, entered = threading.Event(), threading.Event()

    def body(stopping: threading.Event) -> None:
        entered.set()
        assert release.wait(LONG)

    worker = Worker("some-thread", body, lambda error: None)
    assert worker.start()
    assert entered.wait(LONG)
    assert not worker.stop(0.05)
    assert worker.running
    assert not worker.start()
    release.set()
    assert worker.stop(LONG)  # it came back after all
    assert worker.start()
    assert worker.stop(LONG)


def test_stop_rouses_a_body_that_waits_for_something_else() -> None:
    work = threading.Condition()
    waiting = threading.Event()

    def body(stopping: threading.Event) -> None:
        with work:
            waiting.set()
            assert work.wait_for(stopping.is_set, LONG)

    def rouse() -> None:
        with work:
            work.notify_all()

    worker = Worker("some-thread", body, lambda error: None, rouse=rouse)
    worker.start()
    assert waiting.wait(LONG)
    assert worker.stop(LONG)


def test_a_failure_that_cannot_be_told_does_not_end_the_thread() -> None:
    rig = Rig(raising(ValueError()))

    def failed(error: BaseException) -> None:
        rig.failures.append(error)
        raise SystemExit

    rig.worker._on_failure = failed
    rig.run()
    assert len(rig.failures) == 1


def test_the_log_has_the_type_and_the_place_and_never_the_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        Rig(raising(ValueError("INVENTED9"))).run()
    assert "ValueError" in caplog.text
    assert "test_worker.py" in caplog.text
    assert "INVENTED9" not in caplog.text


def test_stop_without_start_and_from_the_thread_itself() -> None:
    answers: list[bool] = []
    done = threading.Event()

    def body(stopping: threading.Event) -> None:
        answers.append(worker.stop(LONG))
        done.set()

    worker = Worker("some-thread", body, lambda error: None)
    assert worker.stop(0)
    worker.start()
    assert done.wait(LONG)
    assert answers == [False]
    assert worker.stop(LONG)


@pytest.mark.parametrize("folder", ["/home/officer/", "C:\\Users\\officer\\"])
def test_an_error_is_described_without_its_text_and_without_folders(folder: str) -> None:
    bug = compile("def stumble():\n    raise ValueError('AB12CDE')\n", f"{folder}part.py", "exec")
    names: dict[str, Callable[[], None]] = {}
    exec(bug, names)
    with pytest.raises(ValueError, match="AB12CDE") as raised:
        names["stumble"]()
    said = described(raised.value)
    assert said.startswith("ValueError < part.py:2 stumble")
    assert "officer" not in said
    assert "AB12CDE" not in said
