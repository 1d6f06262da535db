"""What is said, word for word. Pure, and the only way text reaches the speech engine.

A VRM is only ever spelled; text of a list passes `clean`, which leaves ASCII letters, digits and `, . ' -` in a bounded
length. So a hostile line of a list, or a plate that is no plate, cannot reach the engine's own markup.
"""

import re
import unicodedata

from patrol_anpr.domain import wording
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.vrm import MAX_LENGTH, normalise, spaced

VOICE_CHECK = "Patrol ANPR voice check."

_WORDS = (
    "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu zero one two three four five six seven eight nine"
)
_SPOKEN = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", _WORDS.split(), strict=True))

_NOT_SPEAKABLE = re.compile(r"[^A-Za-z0-9,.' -]+")
_REPEATED = re.compile(r"([,.' -])[,.' -]*")

_VEHICLE_LENGTH, _REASON_LENGTH = 48, 80
"""Characters that are said of a vehicle and of a reason: about 3 and 5 seconds of speech (judged)."""

_LOST = {
    "No list": "No hotlist.",
    "Not reading": "Not reading plates.",
}
"""By the lamp's word, where that is too short for the ear."""
_BACK = {
    "gps": "GPS back.",
    "records": "Recording again.",
    "disk": "Disk has room again.",
    "clock": "Clock is right again.",
    "list": "Hotlist ready.",
    "reading": "Reading plates again.",
    "health": "Health check works again.",
    "voice": "Voice back.",
}
"""By the part's key."""


def spelled(vrm: str) -> str:
    """Return a mark in the phonetic alphabet: `AB12CDE` is "Alpha Bravo one two, Charlie Delta Echo"."""
    groups = spaced(normalise(vrm)[:MAX_LENGTH]).split()
    return ", ".join(" ".join(_SPOKEN[character] for character in group) for group in groups)


def clean(text: str, length: int) -> str:
    """Return `text` with only what the speech engine may see, cut at a word to at most `length` characters."""
    plain = unicodedata.normalize("NFKD", text[: 4 * length])
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = _REPEATED.sub(_first_or_space, _NOT_SPEAKABLE.sub(" ", plain)).strip(",.' -")
    if len(plain) > length:
        plain = plain[: length + 1].rpartition(" ")[0] or plain[:length]
    return plain.strip(",.' -")


def sentence(hit: Hit) -> str:
    """Return the sentence of a hit, in the words of its list's entry.

    EXACT: "Priority. Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen." CHECK starts otherwise and
    says whose claim it is: "Possible priority. Check plate. List says Silver Ford Focus. ..." The mark spelled is the
    list's, so that a CHECK can be held against the plate ahead. Warning markers come last: "Warning, firearms." The
    words are those of the screen.
    """
    voi = hit.match.voi
    vehicle, reason = (
        clean(wording.vehicle(voi), _VEHICLE_LENGTH),
        clean(wording.sentence_case(voi.reason), _REASON_LENGTH),
    )
    warnings = clean(", ".join(wording.markers(voi.markers)), _REASON_LENGTH)
    claim = ". ".join(part for part in (vehicle, spelled(voi.vrm), reason, warnings and f"Warning, {warnings}") if part)
    if hit.match.kind is MatchKind.CHECK:
        return f"Possible {hit.tier.word.lower()}. Check plate. List says {claim}."
    return f"{hit.tier.word}. {claim}."


def and_more(count: int, immediate: int) -> str:
    """Return how many other hits there are, of which `immediate` are of the top tier; "" for none."""
    if not count:
        return ""
    urgent = f", {immediate} immediate" if immediate else ""
    return f"And {count} more{urgent}."


def part_lost(lamp: Lamp) -> str:
    """Return what is said when a part stopped, in the words of its lamp: "GPS lost.", "Front camera frozen."."""
    if lamp.key == "voice":
        return ""  # a lost voice cannot say so: its tone is all there is
    if lamp.key == "clock":
        return "Clock is wrong."  # the lamp shows by how much
    if name := _camera(lamp.key):
        state = clean(lamp.word, _VEHICLE_LENGTH).lower().removeprefix(name.lower()).strip()
        return f"{name} camera {state or 'lost'}."
    return _LOST.get(lamp.word) or f"{clean(lamp.word, _VEHICLE_LENGTH)}."


def part_back(lamp: Lamp) -> str:
    """Return what is said when a part works again: "Front camera back."."""
    if name := _camera(lamp.key):
        return f"{name} camera back."
    return _BACK.get(lamp.key) or f"{clean(lamp.word, _VEHICLE_LENGTH)}."


def _camera(key: str) -> str:
    part, _, name = key.partition(":")
    return clean(wording.camera_name(name), _VEHICLE_LENGTH) if part == "camera" else ""


def _first_or_space(found: re.Match[str]) -> str:
    """Keep the first mark of a run, and one space where the run had one."""
    mark = found[1].strip()
    return f"{mark} " if mark and " " in found[0] else mark or " "
