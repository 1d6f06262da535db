"""One sound's turn at the loudspeaker: what ends a sound at once, whichever way it goes out."""

import threading
from collections.abc import Callable


class Turn:
    """One sound's turn at the loudspeaker. `cut` ends it from any thread, also before it has begun."""

    def __init__(self, on_begun: Callable[[], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None
        self._on_begun = on_begun
        self._was_cut = False

    def is_cut(self) -> bool:
        """Tell whether `cut` was called."""
        return self._was_cut

    def begun(self, stop: Callable[[], None], *, audible: bool = True) -> None:
        """Say that the wait or the sound that `stop` ends has begun; the first audible one calls `on_begun`."""
        with self._lock:
            self._stop = stop
            cut = self._was_cut
        if cut:
            stop()
        elif audible and self._on_begun is not None:
            on_begun, self._on_begun = self._on_begun, None
            on_begun()

    def cut(self) -> None:
        """End what is playing now, and let nothing more of this turn begin. Never blocks."""
        with self._lock:
            self._was_cut = True
            stop = self._stop
        if stop is not None:
            stop()
