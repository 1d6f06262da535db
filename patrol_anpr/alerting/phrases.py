"""What is said, word for word. Pure, and the only way text reaches the speech engine.

A VRM is only ever spelled; text of a list passes `clean`, which leaves ASCII letters, digits and `, . ' -` in a bounded
length. So a hostile line of a list, or a plate that is no plate, cannot reach the engine's own markup.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from patrol_anpr.domain import wording
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.wording import PHONETIC, spelled

VOICE_CHECK = "Patrol A N P R voice check."
TEST_HIT = "Test."

_NOT_SPEAKABLE = re.compile(r"[^A-Za-z0-9,.' -]+")
_REPEATED = re.compile(r"([,.' -])[,.' -]*")

_VEHICLE_LENGTH, _REASON_LENGTH = 48, 80
"""Characters that are said of a vehicle and of a reason: about 3 and 5 seconds of speech (judged)."""
_SHORT_REASON, _MOST_REASONS = 30, 2
"""Longer reasons (in characters), and more of them, make no short sentence (judged)."""
_WORD = re.compile(r"\b[A-Za-z]+\b")
_SPELLED_BY_ENGINES = 3
"""Words of so many capitals, or fewer, are spelled by espeak-ng 1.51 within a sentence (measured)."""

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
    "screen": "Screen works again.",
}
"""By the part's key."""


def clean(text: str, length: int) -> str:
    """Return `text` with only what the speech engine may see, cut at a word to at most `length` characters."""
    plain = unicodedata.normalize("NFKD", text[: 4 * length])
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = _REPEATED.sub(_first_or_space, _NOT_SPEAKABLE.sub(" ", plain)).strip(",.' -")
    if len(plain) > length:
        plain = plain[: length + 1].rpartition(" ")[0] or plain[:length]
    return plain.strip(",.' -")


def as_heard(text: str) -> str:
    """Return `text` with what people spell in single letters, "No M O T", of which an engine would make a word.

    What they say as a word is no longer in capitals where an engine would spell it: "Cad" for CAD.
    """
    return _WORD.sub(lambda found: _heard(found[0]), text)


def _heard(word: str) -> str:
    if word.upper() in wording.ABBREVIATIONS or word in wording.SPELLED_NAMES:
        return " ".join(word.upper())
    return word.capitalize() if word in wording.SAID_AS_WORDS and len(word) <= _SPELLED_BY_ENGINES else word


def sentence(hit: Hit, now: datetime | None = None) -> str:
    """Return the sentence of a hit, in the words of its list's entry.

    Of a hit of the past `now` tells how long ago: "Priority. Seen 12 minutes ago. Silver Ford Focus. ..."; of a mark
    that an officer entered that is said: "Priority. Entered by hand. ...".

    EXACT: "Priority. Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen." CHECK starts otherwise and
    says whose claim it is: "Possible priority. Check plate. List says Silver Ford Focus. ..." The mark spelled is the
    list's, so that a CHECK can be held against the plate ahead. Warning markers come last: "Warning, firearms." The
    words are those of the screen; abbreviations are said in letters.
    """
    voi = hit.match.voi
    vehicle = _said(wording.vehicle(voi), _VEHICLE_LENGTH)
    reason = _said(wording.sentence_case(voi.reason), _REASON_LENGTH)
    warnings = _said(", ".join(wording.markers(voi.markers)), _REASON_LENGTH)
    claim = ". ".join(part for part in (vehicle, spelled(voi.vrm), reason, warnings and f"Warning, {warnings}") if part)
    how = " Entered by hand." if hit.read.is_entered else ""
    if hit.past and now is not None:
        how += f" Seen {ago(now - hit.read.captured_at)}."
    if hit.match.kind is MatchKind.CHECK:
        return f"Possible {hit.tier.word.lower()}.{how} Check plate. List says {claim}."
    return f"{hit.tier.word}.{how} {claim}."


def ago(span: timedelta) -> str:
    """Return how long ago something was: "a moment ago", "1 minute ago", "2 hours ago"."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "a moment ago"
    count, unit = (minutes, "minute") if minutes < 120 else (minutes // 60, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def _said(text: str, length: int) -> str:
    return as_heard(clean(text, length))


def more_routine(reasons: Sequence[str]) -> str:
    """Return how many routine hits were not spoken: "Four more untaxed.", "Three more untaxed, two no M O T.".

    `reasons` says of each why it is listed. More than two reasons, or long ones, are "Nine more routine hits.".
    """
    kinds = Counter(_within_sentence(clean(reason, _REASON_LENGTH)) for reason in reasons).most_common()
    if len(kinds) <= _MOST_REASONS and all(0 < len(kind) <= _SHORT_REASON for kind, _ in kinds):
        (first, count), *others = kinds
        parts = [f"{_number(count)} more {as_heard(first)}"]
        parts += [f"{_number(other_count)} {as_heard(other)}" for other, other_count in others]
    else:
        parts = [f"{_number(len(reasons))} more routine {'hit' if len(reasons) == 1 else 'hits'}"]
    words = ", ".join(parts)
    return f"{words[0].upper()}{words[1:]}."


def _number(count: int) -> str:
    return PHONETIC[str(count)] if count < 10 else str(count)


def _within_sentence(text: str) -> str:
    """Put a sentence into the middle of another: "No MOT" becomes "no MOT", "MOT expired" stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


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
