"""One Future after another."""

from concurrent.futures import CancelledError, Future

import pytest

from patrol_anpr.plumbing.futures import after


def test_the_second_begins_when_the_first_has_ended() -> None:
    first, second = Future[None](), Future[int]()
    started: list[str] = []

    def start() -> Future[int]:
        started.append("second")
        return second

    whole = after(first, start)
    assert started == []
    first.set_result(None)
    assert started == ["second"]
    assert not whole.done()
    second.set_result(7)
    assert whole.result(0) == 7


def test_an_error_of_the_first_begins_nothing() -> None:
    first = Future[None]()
    whole = after(first, lambda: pytest.fail("begun"))
    first.set_exception(OSError("full"))
    with pytest.raises(OSError, match="full"):
        whole.result(0)


def test_an_error_of_the_second_and_one_at_its_start_are_told() -> None:
    done, second = Future[None](), Future[int]()
    done.set_result(None)
    whole = after(done, lambda: second)
    second.set_exception(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        whole.result(0)

    def refuse() -> Future[int]:
        raise RuntimeError("the program ends")

    with pytest.raises(RuntimeError, match="ends"):
        after(done, refuse).result(0)


def test_what_is_cancelled_is_cancelled() -> None:
    done, second = Future[None](), Future[int]()
    done.set_result(None)
    whole = after(done, lambda: second)
    second.cancel()
    assert whole.cancelled()
    first = Future[None]()
    whole = after(first, lambda: second)
    first.cancel()
    with pytest.raises(CancelledError):
        whole.result(0)
