"""Steps in an order, of which none keeps the next from happening."""

from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class EveryStep:
    """In its `with` block every step is taken, whatever became of those before; the first failure is raised last."""

    def __init__(self) -> None:
        self._failure: BaseException | None = None

    def __enter__(self) -> "EveryStep":
        return self

    def take(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Call `step`; None when it failed."""
        try:
            return step(*args, **kwargs)
        except BaseException as failure:  # noqa: BLE001  it is raised once every step was taken
            self._failure = self._failure or failure
            return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._failure is not None:
            raise self._failure
