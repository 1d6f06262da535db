"""The lamp of sound and speech: "no hits" and "no sound" must never look alike. Pure."""

from patrol_anpr.alerting.output import Output
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.health import Lamp, LampState


def _lamp(state: LampState, word: str, advice: str = "") -> Lamp:
    return Lamp("voice", state, word, advice)


STARTING = _lamp(LampState.UNKNOWN, "Voice starting")
FAULT = _lamp(LampState.BAD, "Voice fault", "A sound failed for an unknown reason. See the log; restart if it stays.")
NOT_HEARD = _lamp(
    LampState.BAD, "Voice not heard", "Check the volume and the loudspeaker, then have the start check say it again."
)

_NO_SOUND = _lamp(LampState.BAD, "No sound", "Hits cannot be heard. Connect or switch on a loudspeaker.")
_NO_SPEECH = _lamp(
    LampState.BAD,
    "Voice lost",
    "Tones go on, and speech is tried again by itself. If it stays away, install espeak-ng or a system voice.",
)
_UNHEARD = {
    Output.NONE: _lamp(LampState.BAD, "No output", "Sound is played into nothing. Connect or switch on a loudspeaker."),
    Output.MUTED: _lamp(LampState.BAD, "Sound muted", "The computer's sound is muted. Unmute it to hear hits."),
    Output.TURNED_DOWN: _lamp(LampState.BAD, "Volume 0", "The computer's volume is at 0. Turn it up to hear hits."),
}
_UNPLUGGED = _lamp(
    LampState.WARN, "Plug empty?", "The sound goes to a socket with nothing in it. Plug a loudspeaker in."
)
_SECOND = _lamp(
    LampState.WARN, "Sound 2nd way", "The usual sound program failed; another one plays. Check the sound system."
)
_OFF = _lamp(LampState.WARN, "Sound off", "Started without sound. Start again with sound to hear hits.")
_TONES = _lamp(LampState.WARN, "Tones only", "Started without speech. Start again with speech to hear hits told.")
_READY = _lamp(LampState.GOOD, "Voice ready")


def voice_lamp(route: Route, output: Output, voice: VoiceState | None, before: LampState) -> Lamp:
    """Return the lamp for the way sound goes, what becomes of it, and the voice's state (None: no speech asked for).

    `before` is the lamp's state until now: what was bad stays bad until it is proved good.
    """
    is_starting = route is Route.UNKNOWN or voice in (VoiceState.STARTING, VoiceState.STOPPED)
    was_bad = before is LampState.BAD
    rows = (
        (route is Route.OFF, _OFF),
        (route in (Route.NONE, Route.BELL), _NO_SOUND),
        (is_unheard(output), _UNHEARD.get(output, _NO_SOUND)),
        (voice is VoiceState.DOWN or (is_starting and was_bad), _NO_SPEECH),
        (is_starting, STARTING),
        (output is Output.UNPLUGGED, _UNPLUGGED),
        (route is Route.SECOND, _SECOND),
        (voice is None, _TONES),
    )
    return next((lamp for applies, lamp in rows if applies), _READY)


def is_unheard(output: Output) -> bool:
    """Tell whether a sound that was played cannot have been heard."""
    return output in _UNHEARD
