"""Who is told what happens in the car, in what order."""

import threading
from collections.abc import Callable, Iterable

from patrol_anpr.domain.events import Event

Listener = Callable[[Event], None]


class Listeners:
    """Tells every listener every event, one event at a time, so that all see the same order.

    Listeners are called on the thread on which the event happened, and must not block. `order` is held meanwhile.
    Whoever changes a state holds it from the change until the event is told: then the last event shows the last state.
    Take `order` before any other lock.
    """

    def __init__(self) -> None:
        self.order = threading.RLock()
        self._listeners: list[Listener] = []

    def add(self, listener: Listener, present: Callable[[], Iterable[Event]]) -> None:
        """Tell `listener` the `present` state as events, then every event from now on. Nothing falls between."""
        with self.order:
            self._listeners.append(listener)
            for event in present():
                listener(event)

    def publish(self, event: Event) -> None:
        """Tell every listener. An error of one of them is raised when all have been told."""
        errors: list[Exception] = []
        with self.order:
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except Exception as error:  # noqa: BLE001 - one listener's fault is not the others'; raised below
                    errors.append(error)
        if errors:
            raise errors[0]
