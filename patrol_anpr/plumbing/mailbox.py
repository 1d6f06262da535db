"""A mailbox with one slot, for pixels: the newest wins, what it replaces is counted."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds at most one item. `put` overwrites and never blocks; `take` empties the slot.

    Policy when behind: overwrite. Counter: `overwritten`.
    """

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._item: T | None = None
        self._offered = 0
        self._overwritten = 0
        self._wake: threading.Event | None = None

    def wake_with(self, event: threading.Event) -> None:
        """Also set `event` at each put, so that one thread can wait on several mailboxes."""
        self._wake = event

    def put(self, item: T) -> None:
        """Place `item`, replacing what was not taken yet."""
        with self._ready:
            self._offered += 1
            if self._item is not None:
                self._overwritten += 1
            self._item = item
            self._ready.notify()
        if self._wake is not None:
            self._wake.set()

    def take(self, timeout: float = 0.0) -> T | None:
        """Return the item and empty the slot; None when nothing came within `timeout` seconds."""
        with self._ready:
            if self._item is None and timeout > 0:
                self._ready.wait_for(lambda: self._item is not None, timeout)
            item, self._item = self._item, None
            return item

    @property
    def offered(self) -> int:
        """Items put so far."""
        return self._offered

    @property
    def overwritten(self) -> int:
        """Items that were replaced before anyone took them."""
        return self._overwritten
