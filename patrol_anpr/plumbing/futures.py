"""One Future after another, without a thread that waits in between."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def after(first: "Future[Any]", start: Callable[[], "Future[T]"]) -> "Future[T]":
    """Return the end of what `start` starts once `first` has ended well; an error of either is the error of both."""
    whole: Future[T] = Future()

    def go_on(done: "Future[Any]") -> None:
        try:
            done.result()
            start().add_done_callback(lambda last: _copy(last, whole))
        except Exception as error:  # noqa: BLE001 - it is told to whoever waits
            whole.set_exception(error)

    first.add_done_callback(go_on)
    return whole


def _copy(source: "Future[T]", target: "Future[T]") -> None:
    if source.cancelled():
        target.cancel()
    elif (error := source.exception()) is not None:
        target.set_exception(error)
    else:
        target.set_result(source.result())
