"""How the words of a list are put for people: one table for what the screen shows and what the voice says. Pure.

List files shout (SILVER BMW XC90, NO INSURANCE) and use signals (FI). What is made of them here is shown and spoken
alike.
"""

import re

from patrol_anpr.domain.hit import Match
from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.domain.sentences import marked
from patrol_anpr.domain.vrm import MAX_LENGTH, normalise, spaced

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_WORD_OR_DOTTED = re.compile(rf"\b(?:[A-Z]\.)+[A-Z]\b|{_WORD.pattern}")
_VOWEL = re.compile(r"[AEIOU]")

_SPELLED = (
    "AMC AMG BYD CDI CDTI CLA CLE CRDI DAF DCI EHS EQA EQC EQE EQS EQV ERF FSI GLA GLE GSI GTA GTE GTI HDI LEVC LTI "
    "MAN MPV SDI SRI SUV SXI TDI TFSI TSI"
)
_LETTERS = frozenset(_SPELLED.split())
"""Names that have a vowel and are letters all the same."""
_SHORT_WORDS = frozenset({"DE", "EL", "GO", "KA", "LA", "LE", "UP"})
"""Names of two characters that are words; all others are letters: XE, ID, TT."""

_SPELLED_ALOUD = "ABH ANPR DVLA DVSA GBH HGV LGV MIB MOT NCA NFA OCG PNC PSV RTC UK VED VOI VRM"
ABBREVIATIONS = frozenset(_SPELLED_ALOUD.split())
"""What people say letter by letter; screens show it in capitals."""
_SHORTENED_WORDS = frozenset({"CAD", "SORN", "TWOC", "ULEZ", "VIN"})
_ACRONYMS = ABBREVIATIONS | _SHORTENED_WORDS

SAID_AS_WORDS = _SHORTENED_WORDS | {"DAF", "MAN"}
"""What is shown in capitals and said as a word all the same."""
SPELLED_NAMES = _LETTERS - SAID_AS_WORDS
"""Names of vehicles that are said letter by letter though they could be read as words."""

_SIGNALS = {
    "DR": marked("drugs"),
    "ES": marked("escaper"),
    "EX": marked("explosives"),
    "FI": marked("firearms"),
    "SU": marked("suicidal"),
    "VI": marked("violent"),
    "WE": marked("weapons"),
}
"""The warning signals whose meaning we are sure of; another one is shown and said as it came."""

_ALPHABET = (
    "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet Kilo Lima Mike November Oscar Papa Quebec Romeo "
    "Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu zero one two three four five six seven eight nine"
)
PHONETIC = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", _ALPHABET.split(), strict=True))
"""How letters and digits are said over the radio."""


def spelled(vrm: str) -> str:
    """Return a mark in the phonetic alphabet: `AB12CDE` is "Alpha Bravo one two, Charlie Delta Echo"."""
    groups = spaced(normalise(vrm)[:MAX_LENGTH]).split()
    return ", ".join(" ".join(PHONETIC[character] for character in group) for group in groups)


def vehicle(voi: Voi) -> str:
    """Return colour, make and model as one phrase: "Silver Ford Focus", "Blue BMW X5", "Red Mercedes-Benz GLA"."""
    words = " ".join((voi.colour, voi.make, voi.model)).split()
    return _WORD.sub(lambda found: _name(found[0]), " ".join(words))


def _name(word: str) -> str:
    """Put one name: FORD becomes Ford; BMW, XC90 and GTI, which are spelled, have capitals; McLaren stays."""
    capitals = word.upper()
    has_digit = any(character.isdigit() for character in word)
    if has_digit or capitals in _LETTERS or not _VOWEL.search(_plain(capitals)):
        return capitals
    if len(word) == 2 and capitals not in _SHORT_WORDS:
        return capitals
    return word.capitalize() if word in (capitals, word.lower()) else word


def _plain(capitals: str) -> str:
    """Letters with a mark on them (Ë) and those of other alphabets count as vowels: nothing is known of them."""
    return "".join(character if character.isascii() else "A" for character in capitals)


def sentence_case(text: str) -> str:
    """Put a text that shouts as a sentence: NO MOT becomes "No MOT". One with small letters is left as it is."""
    quiet = _quiet(text)
    return quiet[:1].upper() + quiet[1:] if text.isupper() else quiet


def why_listed(match: Match) -> str:
    """Return why a vehicle is on a list; where the entry does not say, the list's name says it: "Untaxed vehicles"."""
    return sentence_case(match.voi.reason) or match.hotlist.name


def _quiet(text: str) -> str:
    text = " ".join(text.split())
    if not text.isupper():
        return text
    return _WORD_OR_DOTTED.sub(lambda found: found[0] if _is_spelled(found[0]) else found[0].lower(), text)


def _is_spelled(word: str) -> bool:
    return word in _ACRONYMS or "." in word or any(character.isdigit() for character in word)


def markers(text: str) -> tuple[str, ...]:
    """Return the warning markers in words: "FI/VI" gives "firearms" and "violent"; an unknown signal stays as it is.

    The two-letter signals count only among their own kind: in a sentence "we" and "ex" are words.
    """
    parts = re.findall(r"[^\W_]+", text)
    if parts and all(len(part) <= 2 for part in parts):
        found = [_SIGNALS.get(part.upper(), part.upper()) for part in parts]
    else:
        found = [_quiet(part) for part in re.split(r"[,;/]", text)]
    return tuple(dict.fromkeys(word for word in found if any(map(str.isalnum, word))))


def camera_name(camera_id: str) -> str:
    """Return a camera's name from its id: `front` is Front, `rear_left` Rear left."""
    words = camera_id.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
