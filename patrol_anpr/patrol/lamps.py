"""The lamps of one car: what each part last reported, on the screen, and aloud where it stopped or came back."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import CameraChanged, Event, LampChanged
from patrol_anpr.domain.health import SAFE_MODE, CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import ListFault, ListFaultKind
from patrol_anpr.domain.sentences import Sentence, joined, marked, sentence
from patrol_anpr.domain.wording import camera_name
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.ports import Alerting, Matching, Shelf

log = logging.getLogger(__name__)

CLOCK_TOLERANCE = timedelta(minutes=10)
"""A list from further ahead than this was not made in the future: the clock is wrong."""

NO_GPS = Lamp("gps", LampState.UNKNOWN, "No GPS", "No receiver is set up. Reads carry no place.")
"""Of a car whose settings name no receiver."""


def safe_mode(crashes: int, file: str) -> Lamp:
    """Of a car that runs with its standard settings because the program crashed again and again."""
    named = sentence("The settings file {file} is not used.", file=file) if file else ""
    return Lamp(
        SAFE_MODE,
        LampState.BAD,
        "Safe mode",
        joined(
            sentence(
                "The program crashed {count} times in a row and now runs with its safest settings.", count=crashes
            ),
            named,
            "Cameras, matching and recording work; GPS is off. Go on patrol, and tell IT.",
        ),
    )


_CAMERA_LAMPS = {
    CameraState.STARTING: (LampState.UNKNOWN, marked("{camera} starting"), ""),
    CameraState.SEEN: (LampState.GOOD, "{camera}", ""),
    CameraState.LOST: (LampState.BAD, marked("{camera} lost"), "Check the camera's cable. The program keeps trying."),
    CameraState.FROZEN: (LampState.BAD, marked("{camera} frozen"), "Unplug the camera and plug it in again."),
    CameraState.GARBAGE: (LampState.BAD, marked("{camera} unusable"), "Clean the lens and check the camera's cable."),
    CameraState.GAPS: (LampState.WARN, marked("{camera} has gaps"), "A part of the file could not be read."),
    CameraState.ENDED: (LampState.WARN, marked("{camera} ended"), "The video file has been played to its end."),
}
_LITTLE_SEEN = (LampState.WARN, marked("{camera} low visibility"), "")

_LIST_WORDS = {
    ListFaultKind.DAMAGED: marked("List damaged"),
    ListFaultKind.MISSING: marked("List missing"),
    ListFaultKind.PARTLY: marked("List partly damaged"),
    ListFaultKind.UNSURE: marked("Lists not sure"),
}
"""What stands beside the lamp: the first that fits."""


class Lamps:
    """The present state of every part that has reported. Every method may be called from any thread."""

    def __init__(
        self,
        matching: Matching,
        shelf: Shelf | None,
        alerting: Alerting,
        clock: Clock,
        listeners: Listeners,
        *,
        list_amber_after: timedelta,
    ) -> None:
        self._shelf = shelf
        self._matching, self._alerting, self._clock, self._listeners = matching, alerting, clock, listeners
        self._list_amber_after = list_amber_after
        self._lock = threading.Lock()
        self._lamps: dict[str, Lamp] = {}
        self._cameras: dict[str, CameraStatus] = {}

    def lamps(self) -> Sequence[Lamp]:
        """The present state of every part that has reported."""
        with self._lock:
            return tuple(self._lamps.values())

    def camera_statuses(self) -> Sequence[CameraStatus]:
        """What each camera last reported."""
        with self._lock:
            return tuple(self._cameras.values())

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part; tell it, aloud where it stopped or came back."""
        with self._listeners.order:
            with self._lock:
                before = self._lamps.get(lamp.key)
                if before == lamp:
                    return
                self._lamps[lamp.key] = lamp
            if before is None or before.state is not lamp.state:
                log.info("lamp %s is %s", lamp.key, lamp.state.value)
                self._alerting.lamp(lamp)
            self._listeners.publish(LampChanged(lamp))

    def camera_changed(self, status: CameraStatus) -> None:
        """Take the state of a camera and make its lamp of it; what the camera says of itself is the better advice."""
        little_seen = status.state is CameraState.SEEN and status.detail
        state, word, advice = _LITTLE_SEEN if little_seen else _CAMERA_LAMPS[status.state]
        told = sentence(word, camera=sentence(camera_name(status.camera_id)))
        lamp = Lamp(f"camera:{status.camera_id}", state, told, status.detail or advice)
        with self._listeners.order:  # over both, so that lamp and camera never tell of two different states at the end
            self.lamp_changed(lamp)
            with self._lock:
                self._cameras[status.camera_id] = status
            self._listeners.publish(CameraChanged(status))

    def present(self) -> Sequence[Event]:
        """What a new listener has to know: every lamp and every camera as they are."""
        with self._lock:
            lamps, cameras = tuple(self._lamps.values()), tuple(self._cameras.values())
        return [*map(LampChanged, lamps), *map(CameraChanged, cameras)]

    def lists_synced(self, up_to_date: bool) -> None:
        """Take word that a sync has ended: one that brought every list leaves none that is missed unknown."""
        if up_to_date and self._shelf is not None:
            self._shelf.settle()
        self.lamp_changed(self.list_lamp())

    def not_updated(self) -> Sentence:
        """What a crew has to know that goes on without an update of the lists: how old they are."""
        heads = [head for head in self._matching.hotlists if not head.is_own]
        if not heads:
            return sentence("The lists were not updated, and this car has none: no vehicle is matched.")
        age = self._clock.utc() - min(head.issued_at for head in heads)
        if age < -CLOCK_TOLERANCE:
            return sentence("The lists were not updated. The clock is behind them: their age is not known.")
        hours = max(0, int(age.total_seconds() // 3600))
        return sentence("The lists were not updated. The oldest is {hours} h old.", hours=hours)

    def list_lamp(self) -> Lamp:
        """The age of the oldest list in force as a lamp; a list that is missing or damaged comes first."""
        if self._shelf is not None:
            self._shelf.drop_details()
            if faults := self._shelf.faults:
                return _fault_lamp(faults)
        heads = [head for head in self._matching.hotlists if not head.is_by_hand]
        if not heads:
            return Lamp("list", LampState.BAD, "No list", "Sync with the depot, or import a list.")
        now = self._clock.utc()
        oldest = min(heads, key=lambda head: head.issued_at)
        age = now - oldest.issued_at
        if age < -CLOCK_TOLERANCE:
            return Lamp("list", LampState.WARN, "List of unknown age", "The clock is behind the list. Set the clock.")
        hours = max(0, int(age.total_seconds() // 3600))
        issued = f"{oldest.issued_at.astimezone():%H:%M}"
        old = sentence("List {hours} h", hours=hours)
        word = sentence("List {time}", time=issued) if age < timedelta(hours=24) else old
        if any(head.valid_until is not None and head.valid_until < now for head in heads):
            return Lamp(
                "list",
                LampState.WARN,
                sentence("List expired, {hours} h", hours=hours),
                "Alerts go on. Sync with the depot.",
            )
        if age > self._list_amber_after:
            return Lamp("list", LampState.WARN, old, "Sync with the depot when you can.")
        return Lamp("list", LampState.GOOD, word)


def _fault_lamp(faults: Sequence[ListFault]) -> Lamp:
    kinds = {fault.kind for fault in faults}
    word = next(word for kind, word in _LIST_WORDS.items() if kind in kinds)
    out = ", ".join(fault.name for fault in faults if fault.name and fault.kind is not ListFaultKind.PARTLY)
    partly = ", ".join(fault.name for fault in faults if fault.kind is ListFaultKind.PARTLY)
    said = joined(
        sentence("{lists}: out of force.", lists=out) if out else "",
        sentence(
            "{lists}: some entries cannot be read. A mark of them is a possible hit: verify by radio.", lists=partly
        )
        if partly
        else "",
    )
    unsure = sentence("It is not known which lists this car should hold.")
    return Lamp("list", LampState.BAD, word, joined(said or unsure, "Sync with the depot, or import them again."))
