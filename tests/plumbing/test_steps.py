import pytest

from patrol_anpr.plumbing.steps import EveryStep


def failing(error: BaseException) -> None:
    raise error


def test_every_step_is_taken_and_the_first_failure_is_raised_last() -> None:
    taken: list[str] = []
    first = OSError("first")

    def run() -> None:
        with EveryStep() as steps:
            steps.take(taken.append, "sound")
            assert steps.take(failing, first) is None
            steps.take(failing, SystemExit())
            steps.take(taken.append, "show")

    with pytest.raises(OSError, match="first"):
        run()
    assert taken == ["sound", "show"]


def test_a_step_gives_its_result() -> None:
    with EveryStep() as steps:
        assert steps.take(len, "abc") == 3


def test_an_error_outside_the_steps_is_not_hidden() -> None:
    def run() -> None:
        with EveryStep() as steps:
            steps.take(failing, OSError())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
