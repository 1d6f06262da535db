"""Where the recogniser thread takes its frames from: the newest of each camera, or, of files, every one."""

import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from patrol_anpr.domain.plate import Frame
from patrol_anpr.plumbing.mailbox import Latest


class Feed(Protocol):
    """Gives frames to one thread."""

    @property
    def cameras(self) -> Collection[str]:
        """The ids of the cameras it has."""
        ...

    @property
    def paced(self) -> bool:
        """Whether frames come at their own pace, so that a camera which gives none for a while has stopped."""
        ...

    def round(self) -> Iterator[Frame]:
        """One frame of each camera at most, each taken when it is its turn. None at all: there is nothing now."""
        ...

    def over(self) -> Collection[str]:
        """The cameras that have given their last frame since this was last asked."""
        ...

    def wake_with(self, event: threading.Event) -> None:
        """Set `event` when there is something new."""
        ...


class NewestFrames:
    """The newest frame of each camera, from its slot: what the thread was too slow for is overwritten and counted.

    One frame of each camera a round: no camera waits for another's second frame.
    """

    paced = True

    def __init__(self, slots: Mapping[str, Latest[Frame]]) -> None:
        self._slots = dict(slots)

    @property
    def cameras(self) -> Collection[str]:
        """The ids of the cameras."""
        return tuple(self._slots)

    def round(self) -> Iterator[Frame]:
        """What lies in the slots now."""
        for slot in self._slots.values():
            frame = slot.take()
            if frame is not None:
                yield frame

    def over(self) -> Collection[str]:
        """None: a camera that is gone may come back, and its tracks end by the clock."""
        return ()

    def wake_with(self, event: threading.Event) -> None:
        """Set `event` at each new frame."""
        for slot in self._slots.values():
            slot.wake_with(event)
