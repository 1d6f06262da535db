"""The lamp of sound and speech: "no hits" and "no sound" must never look alike. Pure."""

from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.health import Lamp, LampState

STARTING = Lamp("voice", LampState.UNKNOWN, "Voice starting")
FAULT = Lamp(
    "voice", LampState.BAD, "Voice fault", "A sound failed for an unknown reason. See the log; restart if it stays."
)

_NO_SOUND = Lamp(
    "voice",
    LampState.BAD,
    "No sound",
    "Hits cannot be heard. Connect or switch on a loudspeaker.",
)
_NO_SPEECH = Lamp(
    "voice",
    LampState.BAD,
    "Voice lost",
    "Tones go on, and speech is tried again by itself. If it stays away, install espeak-ng or a system voice.",
)
_SECOND = Lamp(
    "voice",
    LampState.WARN,
    "Sound 2nd way",
    "The usual sound program failed; another one plays. Check the sound system.",
)
_OFF = Lamp("voice", LampState.WARN, "Sound off", "Started without sound. Start again with sound to hear hits.")
_TONES = Lamp(
    "voice", LampState.WARN, "Tones only", "Started without speech. Start again with speech to hear hits told."
)
_READY = Lamp("voice", LampState.GOOD, "Voice ready")


def voice_lamp(route: Route, voice: VoiceState | None, before: LampState) -> Lamp:
    """Return the lamp for the way sound goes and the voice's state (None: no speech was asked for).

    `before` is the lamp's state until now: what was bad stays bad until it is proved good.
    """
    if route is Route.OFF:
        return _OFF
    if route in (Route.NONE, Route.BELL):
        return _NO_SOUND
    if voice is VoiceState.DOWN:
        return _NO_SPEECH
    if route is Route.UNKNOWN or voice in (VoiceState.STARTING, VoiceState.STOPPED):
        return _NO_SPEECH if before is LampState.BAD else STARTING
    if route is Route.SECOND:
        return _SECOND
    return _TONES if voice is None else _READY
