"""What many looks at one plate say together: votes a character, weighted by confidence and size."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patrol_anpr.domain.plate import Candidate, CharGuess
from patrol_anpr.domain.vrm import fold, is_word
from patrol_anpr.reading.prior import decode

_GAP = ""

# When a Read need not wait for the end of its track: three sure frames, no sure frame against them, and hardly a doubt
# left about the whole. Measured with `patrol-anpr bench passes`: models/MODEL_CARD.md.
_SURE, _SURE_WIDTH, _SURE_FRAMES = 0.9, 40.0, 3
"""Confidence (0 to 1) and width (px) from which on a frame counts as sure, and how many of them are needed."""
_OBJECTS = 0.8
"""Confidence (0 to 1) from which on a frame that says something else holds the Read up."""
_SETTLED = 99
"""Percent: the chance of the whole text."""
_APART = 0.06
"""Seconds: two frames nearer to each other show the same blur and noise (judged)."""

TRUST = (0.91, 0.83, 0.73)
"""What each part of the `evidence` counts in `chance`; fitted by models/recipes/fit_confidence.py.

A fit with composites in, (0.72, 1.15, 0.25), was no better on plates it had not seen.
"""

ALONE = 48.0
"""Pixels: a narrower plate seen once is never accepted; on such plates the OCR can be sure and wrong."""

ACCEPTED = 50
"""Percent: below it, what was seen of a plate makes no Read."""

_LARGE = 64.0
"""px: from here on a plate's size says nothing more about how right its text is (measured with `bench passes`)."""
_MOST_COUNTED = 20
"""Looks at one plate; beyond, they are too alike to add anything (judged)."""
_CERTAIN = 0.998
"""Chance (0 to 1) beyond which the OCR's word for a whole text is not believed (judged)."""
_MOST_MARKS = 7
"""Characters of a current UK mark, and of most marks on the road."""


@dataclass(frozen=True, slots=True)
class Look:
    """One Candidate of a track: `width` of its plate in pixels, `at` in seconds (monotonic), `cut` by the frame's edge.

    `candidate` is decoded with the prior.
    """

    candidate: Candidate
    width: float
    at: float
    cut: bool = False

    @property
    def whole(self) -> float:
        """The chance (0 to 1) that all of its text is right.

        It is that of as many characters as most marks have, so that a text which lost one is not the surer for it.
        """
        chars = self.candidate.chars
        return math.prod(chars) ** (_MOST_MARKS / len(chars)) if chars else 0.0

    @property
    def weight(self) -> float:
        """What the look counts: the chance that all of its text is right, and its size; beyond 80 px that adds nothing.

        By the weakest character alone, a crowd of poor looks outvoted the one good frame.
        """
        return self.whole * min(1.0, self.width / 80) ** 2 + 1e-6


@dataclass(frozen=True, slots=True)
class Consensus:
    """The text of a track.

    `chars` has one confidence (0 to 1) a character; `texts` are all texts of the looks, the best supported first;
    `width` is that of the largest look, in pixels; `agreeing` counts the looks that by themselves say the text.
    """

    text: str
    chars: tuple[float, ...]
    texts: tuple[str, ...]
    width: float
    agreeing: int

    @property
    def confidence(self) -> float:
        """The weakest character's confidence, 0 when empty."""
        return min(self.chars, default=0.0)


NOTHING = Consensus("", (), (), 0.0, 0)


def alone(candidate: Candidate, width: float) -> Consensus:
    """Return the consensus of one look: `candidate`, decoded with the prior, at a plate `width` pixels wide."""
    return Consensus(candidate.text, candidate.chars, (candidate.text,), width, 1)


def agree(looks: Sequence[Look], today: date) -> Consensus:
    """Return the consensus of `looks`; NOTHING when none made out a character.

    Looks at a plate cut by the frame's edge count only where there are no others.
    """
    looks = [look for look in looks if look.candidate.text]
    looks = [look for look in looks if not look.cut] or looks
    if not looks:
        return NOTHING
    support: dict[str, float] = defaultdict(float)
    for look in looks:
        support[look.candidate.text] += look.weight
    texts = tuple(sorted(support, key=lambda text: -support[text]))
    merged = decode(_merged(looks, _reference(support)), today)
    widest = max(look.width for look in looks)
    return Consensus(merged.text, merged.chars, texts, widest, count_agreeing(looks, merged.text))


def count_agreeing(looks: Sequence[Look], text: str) -> int:
    """Return how many of the looks say `text` by themselves (O=0, I=1)."""
    return sum(fold(look.candidate.text) == fold(text) for look in looks)


def certain(looks: Sequence[Look], consensus: Consensus) -> bool:
    """Tell whether more looks would not change the text: enough separate frames say it, none is sure of another.

    Frames less than _APART seconds apart show the same blur and noise and count as one. What was seen too small has a
    vote in the consensus but can neither settle it nor hold it up.
    """
    if chance(consensus) < _SETTLED:
        return False
    separate, last = 0, -math.inf
    for look in sorted(looks, key=lambda look: look.at):
        if look.cut or look.width < _SURE_WIDTH:
            continue
        agrees, confidence = fold(look.candidate.text) == fold(consensus.text), look.candidate.confidence
        if not agrees and confidence >= _OBJECTS:
            return False
        if agrees and confidence >= _SURE and look.at - last >= _APART:
            separate, last = separate + 1, look.at
    return separate >= _SURE_FRAMES


def chance(said: Consensus) -> int:
    """Return the chance in percent (0 to 100) that the text stands on the plate: what a Read says of itself.

    See `probability`; a word, however well it is read, is no mark and never accepted.
    """
    percent = round(100 * probability(said))
    return min(percent, ACCEPTED - 1) if is_word(said.text) else percent


def probability(said: Consensus) -> float:
    """Return the chance (0 to 1) that the text is right.

    From its characters, how many looks say it by themselves, and how wide the plate was in the largest of all (px).
    Fitted on simulated approaches of drawn and real plates: models/MODEL_CARD.md has the table.
    """
    if not said.chars:
        return 0.0
    log_odds = sum(trust * part for trust, part in zip(TRUST, evidence(said), strict=True))
    likely = 1 / (1 + math.exp(-log_odds))
    return min(likely, (ACCEPTED - 1) / 100) if said.agreeing <= 1 and said.width < ALONE else likely


def evidence(said: Consensus) -> tuple[float, float, float]:
    """Return what a chance is made of.

    The log odds of all characters being right, the logarithm of the looks that say so, and that of the plate's width as
    a share of a large one's. Looks that say something else are no evidence, however many they are.
    """
    whole = min(_CERTAIN, max(1 - _CERTAIN, math.prod(said.chars)))
    size = min(1.0, max(1.0, said.width) / _LARGE)
    return math.log(whole / (1 - whole)), math.log(max(1, min(said.agreeing, _MOST_COUNTED))), math.log(size)


def _reference(support: dict[str, float]) -> str:
    """The best supported text of the best supported length."""
    lengths: dict[int, float] = defaultdict(float)
    for text, weight in support.items():
        lengths[len(text)] += weight
    best = max(lengths, key=lambda length: lengths[length])
    return max((text for text in support if len(text) == best), key=lambda text: support[text])


def _merged(looks: Sequence[Look], reference: str) -> list[CharGuess]:
    """Average the looks' probabilities at each place of `reference` and behind it; other texts are aligned to it."""
    votes: list[dict[str, float]] = [defaultdict(float) for _ in range(len(reference) + 1)]
    total = sum(look.weight for look in looks)
    for look in looks:
        for place, guess in zip(votes, _placed(reference, look.candidate.guesses), strict=True):
            for char, share in guess.options if guess else ((_GAP, 1.0),):
                place[char] += look.weight * share / total
    return [CharGuess(tuple(sorted(place.items(), key=lambda option: -option[1]))) for place in votes]


def _placed(reference: str, slots: Sequence[CharGuess]) -> list[CharGuess | None]:
    """Return what a look says of each place of `reference` and of the one behind it.

    Where it has no more characters its next slots speak, which may say both "nothing" and the character that it lost.
    """
    placed = aligned(reference, [guess for guess in slots if guess.best[0]])
    last = max((at for at, guess in enumerate(slots) if any(guess is one for one in placed)), default=-1)
    while placed and placed[-1] is None:
        placed.pop()
    missing = len(reference) + 1 - len(placed)
    behind = [*slots[last + 1 :], *[None] * missing]
    return [*placed, *behind[:missing]]


def aligned(reference: str, guesses: Sequence[CharGuess]) -> list[CharGuess | None]:
    """Return, for each place of `reference`, the guess that stands there, or None where one is missing.

    The alignment is the cheapest edit: a guess costs what it holds against the character, a missing or surplus one 0.8.
    """
    if len(guesses) == len(reference):
        return list(guesses)
    skip = 0.8
    rows, columns = len(reference) + 1, len(guesses) + 1
    odds = [dict(guess.options) for guess in guesses]
    cost = [[skip * (row + column) for column in range(columns)] for row in range(rows)]
    for row in range(1, rows):
        for column in range(1, columns):
            cost[row][column] = min(
                cost[row - 1][column - 1] + 1 - odds[column - 1].get(reference[row - 1], 0.0),
                cost[row - 1][column] + skip,
                cost[row][column - 1] + skip,
            )
    placed: list[CharGuess | None] = [None] * len(reference)
    row, column = rows - 1, columns - 1
    while row and column:
        if cost[row][column] == cost[row - 1][column - 1] + 1 - odds[column - 1].get(reference[row - 1], 0.0):
            row, column = row - 1, column - 1
            placed[row] = guesses[column]
        elif cost[row][column] == cost[row - 1][column] + skip:
            row -= 1
        else:
            column -= 1
    return placed
