"""The moment after the layout moved in which a finger already on its way must not hit anything."""

from collections.abc import Callable

from patrol_anpr.domain.clock import Clock

DEAD_SECONDS = 0.7


class DeadTime:
    """Touches are ignored for 700 ms after `restart`.

    `epoch` grows with each restart: a press made in one epoch may not be released in another, so a card that changes
    under a resting finger is not answered by lifting it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = float("-inf")
        self.epoch = 0
        self.on_restart: Callable[[], object] = lambda: None
        """Called when what a touch would act on has changed."""

    def restart(self, extra: float = 0.0) -> None:
        """Begin anew; `extra` seconds are added for an animation that still runs."""
        self.epoch += 1
        self._until = self._clock.monotonic() + DEAD_SECONDS + extra
        self.on_restart()

    @property
    def active(self) -> bool:
        """Whether touches are ignored now."""
        return self._clock.monotonic() < self._until
