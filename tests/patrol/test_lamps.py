"""The lamps of one car, told from many threads."""

import threading

from patrol_anpr.domain.events import CameraChanged, Event, LampChanged
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.patrol.lamps import Lamps
from patrol_anpr.patrol.listeners import Listeners
from tests.fakes import FakeAlerting


class HandedOn:
    """A lock that lets somebody else in as soon as it is free, once."""

    def __init__(self, somebody: threading.Thread) -> None:
        self._lock, self._depth, self._somebody = threading.RLock(), 0, somebody

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        free = self._depth == 0
        self._lock.release()
        if free and self._somebody.ident is None:
            self._somebody.start()
            self._somebody.join(10)


def test_the_lamp_and_the_state_of_a_camera_are_told_together() -> None:
    listeners, heard = Listeners(), list[Event]()
    listeners.add(heard.append, tuple)
    lamps = Lamps(None, None, FakeAlerting(), None, listeners, list_amber_after=None)  # type: ignore[arg-type]
    seen = threading.Thread(target=lamps.camera_changed, args=(CameraStatus("front", CameraState.SEEN),))
    listeners.order = HandedOn(seen)  # type: ignore[assignment]
    lamps.camera_changed(CameraStatus("front", CameraState.LOST))
    assert [type(event) for event in heard] == [LampChanged, CameraChanged, LampChanged, CameraChanged]
    assert [status.state for status in lamps.camera_statuses()] == [CameraState.SEEN]
