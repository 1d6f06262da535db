"""The proof run at sign-on: the joints of the chain from camera to records, and how each one stands. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.sentences import Sentence, sentence

TEST_VRM = "8TEST8"
"""The text of the TEST plate. No country issues four letters between two digits, so no vehicle bears it lawfully."""


class Joint(StrEnum):
    """A joint of the chain from camera to records, in the order a Read goes through them."""

    CAMERA = "camera"
    DETECTOR = "detector"
    OCR = "ocr"
    LIST = "list"
    SOUND = "sound"
    TOUCH = "touch"
    DISK = "disk"
    KEY = "key"
    CLOCK = "clock"
    GPS_TIME = "gps_time"


OF_A_CAMERA = (Joint.CAMERA, Joint.DETECTOR, Joint.OCR, Joint.LIST)
"""These are proven for each camera; the others once for the car."""
OF_THE_CAR = tuple(joint for joint in Joint if joint not in OF_A_CAMERA)
JOINT_NAMES: Mapping[Joint, Sentence] = {
    Joint.CAMERA: sentence("Picture"),
    Joint.DETECTOR: sentence("Plate found"),
    Joint.OCR: sentence("Plate read"),
    Joint.LIST: sentence("List match"),
    Joint.SOUND: sentence("Sound"),
    Joint.TOUCH: sentence("Touch screen"),
    Joint.DISK: sentence("Saved"),
    Joint.KEY: sentence("Key"),
    Joint.CLOCK: sentence("Clock"),
    Joint.GPS_TIME: sentence("GPS time"),
}
"""As the start check and the lamp call them."""


class JointState(StrEnum):
    """SKIPPED: it could not be tried, because of a joint before it, or because the car has no such part."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is waited for."""
        return self not in (JointState.WAITING, JointState.RUNNING)


class Tap(StrEnum):
    """What the TEST target was tapped with. Only a finger proves the glass."""

    FINGER = "finger"
    MOUSE = "mouse"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame of a camera showed of the TEST plate that was laid into a copy of it.

    `fresh`: whether the frame is another picture than the one before it; None for the first one. `found`: the detector
    found the plate. `made` comes once it was read: a Read with its pictures, which goes to the proof run and nowhere
    else. `problem` is a sentence when a model failed.
    """

    camera_id: str
    fresh: bool | None
    found: bool = False
    made: tuple[Read, Evidence] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class JointResult:
    """How one joint stands. `camera_id` is "" for a joint of the car.

    `sentence` says what is wrong (of a passed joint: what is to be known), `advice` what to do about it; `seconds` is
    how long after the start of the proof run the joint was over.
    """

    joint: Joint
    camera_id: str = ""
    state: JointState = JointState.WAITING
    sentence: str = ""
    advice: str = ""
    seconds: float | None = None

    @property
    def key(self) -> str:
        """Its name in the audit trail: "detector:front", "disk"."""
        return f"{self.joint}:{self.camera_id}" if self.camera_id else self.joint.value


@dataclass(frozen=True, slots=True)
class ProofRun:
    """One proof run as it stands: a result for each joint, in order. `number` grows with each run of the program."""

    number: int = 0
    results: tuple[JointResult, ...] = ()

    def of(self, joint: Joint, camera_id: str = "") -> JointResult:
        """The result of a joint. KeyError when there is none such."""
        for result in self.results:
            if (result.joint, result.camera_id) == (joint, camera_id):
                return result
        raise KeyError(joint, camera_id)

    def having(self, changed: JointResult) -> "ProofRun":
        """This run with one result changed."""
        results = tuple(changed if one.key == changed.key else one for one in self.results)
        return replace(self, results=results)

    @property
    def is_over(self) -> bool:
        """Whether no joint is waited for any more; a run that never began is not over."""
        return bool(self.results) and all(result.state.is_over for result in self.results)

    @property
    def faults(self) -> Sequence[JointResult]:
        """The joints that failed, in order."""
        return [result for result in self.results if result.state is JointState.FAILED]

    @property
    def everything_works(self) -> bool:
        """Whether it is over and no joint failed."""
        return self.is_over and not self.faults


def begun(number: int, cameras: Sequence[str]) -> ProofRun:
    """A run in which every joint waits."""
    of_cameras = [JointResult(joint, camera) for camera in cameras for joint in OF_A_CAMERA]
    return ProofRun(number, (*of_cameras, *map(JointResult, OF_THE_CAR)))
