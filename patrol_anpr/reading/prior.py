"""UK formats and the date rule as a prior over what the OCR saw. It leans, it never forbids.

A format is worth a factor, so a foreign or odd plate that the OCR is sure of stays as it is. Only O and 0, I and 1 are
decided by the format alone: the UK plate font draws each pair alike, so the OCR cannot know.
"""

import math
import re
from collections.abc import Sequence
from datetime import date

from patrol_anpr.domain.plate import Candidate, CharGuess
from patrol_anpr.domain.vrm import VrmFormat, format_of, issued_by

_BEAM = 24
"""Texts followed from slot to slot; judged: more cost time and change no mark."""
_TWINS = {"O": "0", "0": "O", "I": "1", "1": "I"}
_TWIN_SHARE = 0.8
"""What the unlikelier twin gets at least of the pair's probability: the format decides (judged)."""
_NEVER = 1e-4
"""Chance given to what the OCR did not name at all: less than the least it names (judged)."""

# How much likelier a mark of this family is than its neighbours in the beam. Between OTHER and CURRENT lies a factor
# of twelve: enough to settle a doubt, too little to bend a plate that was read with 0.95.
_WEIGHT = {
    VrmFormat.CURRENT: 1.0,
    VrmFormat.PREFIX: 0.5,
    VrmFormat.SUFFIX: 0.25,
    VrmFormat.NORTHERN_IRELAND: 0.2,
    VrmFormat.DATELESS: 0.2,
    VrmFormat.Q_PLATE: 0.1,
    VrmFormat.DIPLOMATIC: 0.1,
    VrmFormat.OTHER: 0.08,
}
_NOT_ISSUED = 0.1
"""Factor for a mark whose date lies ahead: a misreading is likelier, but clocks can be wrong (judged)."""
# Shaped like a current mark, but with a letter or number that never stands there (a Q: mostly an O with a bolt in it).
# No other country's marks have this shape, so a misreading is likelier by far; a letter read with 0.999 still stays.
_NEVER_ISSUED = 0.005
_CURRENT_SHAPE = re.compile(r"[A-Z01]{2}[0-9OI]{2}[A-Z01]{3}")  # whichever twin stands there


def weight(text: str, today: date | None) -> float:
    """Return the prior's factor for `text`, above 0; without `today` the date rule is left out."""
    kind = format_of(text)
    if kind is VrmFormat.OTHER and _CURRENT_SHAPE.fullmatch(text):
        return _NEVER_ISSUED
    factor = _WEIGHT[kind]
    return factor * _NOT_ISSUED if today is not None and not issued_by(text, today) else factor


def format_flag(text: str, today: date) -> str:
    """Return the flag kept with a Read: "current", "current/not_issued", "prefix", ..., "other"."""
    kind = format_of(text).value
    return kind if issued_by(text, today) else f"{kind}/not_issued"


def decode(guesses: Sequence[CharGuess], today: date | None = None) -> Candidate:
    """Return the likeliest mark under the OCR's probabilities and the prior.

    `chars` are the OCR's probabilities of the characters chosen (of both twins together for O, 0, I and 1), untouched
    by the prior: it may choose, it adds no confidence. The last one's is also that of nothing standing behind it.
    """
    paths: dict[str, tuple[float, tuple[float, ...]]] = {"": (0.0, ())}
    for guess in guesses:
        grown: dict[str, tuple[float, tuple[float, ...]]] = {}
        for text, (logarithm, chars) in paths.items():
            for char, share, confidence in _choices(guess):
                longer = text + char
                entry = logarithm + math.log(share), _sure_of(chars, char, confidence)
                if longer not in grown or entry[0] > grown[longer][0]:
                    grown[longer] = entry
        best = sorted(grown.items(), key=lambda item: -item[1][0])[:_BEAM]
        paths = dict(best)
    text = max(paths, key=lambda mark: paths[mark][0] + math.log(weight(mark, today)))
    return Candidate(text, paths[text][1], tuple(guesses))


def _sure_of(chars: tuple[float, ...], char: str, confidence: float) -> tuple[float, ...]:
    """Add how sure a place is; one that seems empty makes the character before it as unsure as that.

    Else a mark that lost its last, thin character is as sure as one that never had it.
    """
    if char:
        return (*chars, confidence)
    return (*chars[:-1], chars[-1] * confidence) if chars else chars


def _choices(guess: CharGuess) -> list[tuple[str, float, float]]:
    """Return (character, likelihood, confidence) for each option and for each option's twin."""
    seen = dict(guess.options)
    choices: list[tuple[str, float, float]] = []
    for char in seen | {_TWINS[char]: 0.0 for char in seen if char in _TWINS}:
        own = seen.get(char, 0.0)
        pair = own + seen.get(_TWINS[char], 0.0) if char in _TWINS else own
        likelihood = max(own, _TWIN_SHARE * pair) if char in _TWINS else own
        choices.append((char, max(likelihood, _NEVER), min(1.0, pair)))
    return choices
