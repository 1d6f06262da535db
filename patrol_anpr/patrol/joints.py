"""What the proof run says of each joint: passed or not, in a sentence, with what to do. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.domain.clock import can_be
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.proof import JOINT_NAMES, Joint, JointResult, JointState, Tap
from patrol_anpr.domain.sentences import Sentence, sentence
from patrol_anpr.domain.wording import camera_name
from patrol_anpr.patrol.lamps import NO_GPS

DEADLINES: Mapping[Joint, float] = {
    Joint.CAMERA: 5.0,
    Joint.DETECTOR: 8.0,
    Joint.OCR: 10.0,
    Joint.LIST: 3.0,
    Joint.SOUND: 30.0,
    Joint.TOUCH: 30.0,
    Joint.DISK: 8.0,
    Joint.KEY: 8.0,
    Joint.CLOCK: 3.0,
    Joint.GPS_TIME: 5.0,
}
"""Seconds from the moment a joint is tried until it has failed (judged): people are given longer than parts, and parts
as long as a computer needs that reads one frame a second.
"""
FIX_FRESH = 5.0
"""Seconds: an older Fix proves nothing of now."""

_TELL_IT = "Run the check again. If it stays, tell IT."
_READING = "Plates may not be read. Run the check again; if it stays, close the program and start it again."
_ANSWER = "Answer YES or NO. It counts also now."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a joint, and the words for it."""

    state: JointState
    sentence: str = ""
    advice: str = ""


PASSED = Verdict(JointState.PASSED)
NOT_TRIED = Verdict(JointState.SKIPPED, "Not tried, because of the fault before it.")
NO_RECEIVER = Verdict(JointState.SKIPPED, NO_GPS.advice)

STUCK = Verdict(JointState.FAILED, "The same picture comes again and again.", "Unplug the camera and plug it in again.")
NO_MATCH = Verdict(JointState.FAILED, "The TEST plate was read, and matched no list.", _TELL_IT)
MISREAD = Verdict(JointState.FAILED, "The TEST plate was read wrongly.", _READING)
NOT_HEARD = Verdict(
    JointState.FAILED, "The test was not heard.", "Turn the volume up and check the loudspeaker, then say it again."
)
NOT_STORED = Verdict(JointState.FAILED, "What was stored could not be read back.", "Check the disk. Tell IT.")
_NOT_PLAYED = Verdict(JointState.FAILED, "The test was not played.", "Check the loudspeaker, then say it again.")

_TOO_LATE: Mapping[Joint, Verdict] = {
    Joint.CAMERA: Verdict(JointState.FAILED, "No picture comes.", "Check the camera's cable and its power."),
    Joint.DETECTOR: Verdict(JointState.FAILED, "The TEST plate was not found in the picture.", _READING),
    Joint.OCR: Verdict(JointState.FAILED, "The TEST plate was found, but not read.", _READING),
    Joint.LIST: NO_MATCH,
    Joint.SOUND: Verdict(JointState.FAILED, "Nobody said whether the test was heard.", _ANSWER),
    Joint.TOUCH: Verdict(
        JointState.FAILED, "No touch came.", "Touch the TEST plate; it counts also now. If nothing happens, tell IT."
    ),
    Joint.DISK: Verdict(JointState.FAILED, "The disk did not store the test in time.", "Check the disk. Tell IT."),
    Joint.KEY: Verdict(JointState.FAILED, "The key to the records did not answer in time.", "Unlock the key store."),
    Joint.CLOCK: Verdict(JointState.FAILED, "The clock was not looked at.", _TELL_IT),
    Joint.GPS_TIME: Verdict(
        JointState.FAILED, "No time from GPS.", "Drive into the open and run the check again. Reads carry no place."
    ),
}
_LAMP_OF: Mapping[Joint, str] = {
    Joint.DETECTOR: "reading",
    Joint.OCR: "reading",
    Joint.SOUND: "voice",
    Joint.DISK: "records",
    Joint.CLOCK: "clock",
    Joint.GPS_TIME: "gps",
}
"""The part whose lamp says best why a joint fails."""


ALL_PROVEN = Lamp("proof", LampState.GOOD, "Proven")
OF_NO_PATROL = Lamp("proof", LampState.UNKNOWN, "Not proven yet")
"""After the end of a patrol: what it began without is not said of the next one."""


def unproven(results: Sequence[JointResult]) -> Lamp:
    """The lamp of a patrol that has begun without these, since not every joint has a lamp of its own."""
    parts = {f"part{number}": _named(one) for number, one in enumerate(results, 1)}
    what = sentence(", ".join(f"{{{name}}}" for name in parts), **parts)
    advice = sentence("The patrol began without: {what}.", what=what)
    return Lamp("proof", LampState.WARN, "Not all proven", advice)


def _named(result: JointResult) -> Sentence:
    name = JOINT_NAMES[result.joint]
    if not result.camera_id:
        return name
    return sentence("{name} ({camera})", name=name, camera=sentence(camera_name(result.camera_id)))


def reading_failed(problem: str) -> Verdict:
    """A model failed; `problem` says how."""
    return Verdict(JointState.FAILED, "Reading failed.", problem)


def not_stored(problem: str) -> Verdict:
    """The records took nothing; `problem` says why."""
    return Verdict(JointState.FAILED, "It cannot be stored.", problem)


def of_key(fault: str) -> Verdict:
    """Judge the key to the records; `fault` says what is wrong with it, "" for nothing."""
    return Verdict(JointState.FAILED, "The records cannot be opened with it.", fault) if fault else PASSED


def _stop(word: str) -> Sentence:
    return sentence("{word}.", word=sentence(word))


def told_by(lamp: Lamp) -> Verdict:
    """A joint that fails for what its part says of itself."""
    return Verdict(JointState.FAILED, _stop(lamp.word), lamp.advice)


def too_late(joint: Joint, lamps: Mapping[str, Lamp]) -> Verdict:
    """What is said of a joint whose deadline has passed: in the words of its part, where that is not well."""
    lamp = lamps.get(_LAMP_OF.get(joint, ""))
    if lamp is not None and lamp.state in (LampState.BAD, LampState.WARN):
        return told_by(lamp)
    return _TOO_LATE[joint]


_NO_CAMERA = "{camera} camera does not work."
_NOT_BY_FINGER = {
    Tap.MOUSE: "By mouse: the touch screen itself is not proven.",
    Tap.KEY: "By key: the touch screen itself is not proven.",
}


def of_camera(status: CameraStatus | None, offered_before: int, lamp: Lamp | None) -> Verdict | None:
    """Judge a camera: its pictures must come now, and show enough to read plates in. None: not known yet."""
    if status is None:
        return told_by(lamp) if lamp is not None and lamp.state is LampState.BAD else None
    if status.state is CameraState.STARTING:
        return None
    if status.state in (CameraState.SEEN, CameraState.GAPS) and not status.detail:
        return PASSED if status.offered > offered_before else None
    if lamp is not None and lamp.state is not LampState.GOOD:
        return told_by(lamp)
    told = sentence(_NO_CAMERA, camera=sentence(camera_name(status.camera_id)))
    return Verdict(JointState.FAILED, told, status.detail or _TOO_LATE[Joint.CAMERA].advice)


def of_list(*, matched: bool, lamp: Lamp | None) -> Verdict:
    """Judge the lists: the TEST plate is found in its own, and those of the depot are there. Old ones are told."""
    if not matched:
        return NO_MATCH
    if lamp is not None and lamp.state is LampState.BAD:
        return told_by(lamp)
    old = lamp is not None and lamp.state is LampState.WARN
    return Verdict(JointState.PASSED, _stop(lamp.word), lamp.advice) if lamp is not None and old else PASSED


def of_sound(*, played: bool | None, heard: bool | None, lamp: Lamp | None) -> Verdict | None:
    """Judge the sound: it must have been played and heard. None: not known yet."""
    if played is False:
        bad = lamp is not None and lamp.state in (LampState.BAD, LampState.WARN)
        return told_by(lamp) if lamp is not None and bad else _NOT_PLAYED
    if heard is False:
        return NOT_HEARD
    return PASSED if played and heard else None


def of_tap(how: Tap) -> Verdict:
    """Judge a tap: only a finger proves the glass."""
    if how is Tap.FINGER:
        return PASSED
    return Verdict(JointState.PASSED, _NOT_BY_FINGER[how])


def of_clock(lamp: Lamp | None) -> Verdict | None:
    """Judge the computer's clock by its lamp: any difference from a better clock is a fault. None: not known yet."""
    if lamp is None:
        return None
    return PASSED if lamp.state is LampState.GOOD else told_by(lamp)


def of_gps_time(fix: Fix | None, now: float, lamp: Lamp | None) -> Verdict | None:
    """Judge the receiver: a place with a time that can be, at most five seconds old. None: not known yet."""
    if lamp == NO_GPS:
        return NO_RECEIVER
    if fix is None or fix.age(now) > FIX_FRESH:
        return None
    return _of_time(fix.at_utc)


def _of_time(at: datetime | None) -> Verdict:
    if at is None:
        return Verdict(JointState.FAILED, "GPS gives a place, but no time.", "Check the receiver's settings. Tell IT.")
    if not can_be(at):
        return Verdict(
            JointState.FAILED,
            sentence("GPS gives a wrong date: {date}.", date=f"{at:%d.%m.%Y}"),
            "Its receiver is too old or broken. Tell IT.",
        )
    return PASSED
