"""What is to be said next: the most urgent first, nothing stale, a burst counted. Pure, no threads."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from patrol_anpr.alerting.governor import Governor
from patrol_anpr.alerting.phrases import and_more, more_routine, sentence
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier

STALE = 10.0
"""Seconds after which a hit's sentence is not said any more: the vehicle is out of sight."""
BURST = 3
"""With this many other hits waiting, one is said and the others are counted."""
CAPACITY = 200
"""Utterances that wait at most: far more than are said before they are stale, so that nothing is lost but memory."""

RANK_LOST, RANK_TEST, RANK_BACK, RANK_PROBE = 25, 28, 35, 99
"""Ranks of what is no hit: a part lost, the officer's test, a part back, a silent try (`rank_of` tells a tier's)."""


def rank_of(tier: Tier) -> int:
    """The rank of a tier; a lower rank is said first and cuts a higher one off."""
    return 10 * tier


def replay_of(hit_id: str) -> str:
    """The `part` of a sentence that the officer wants to hear again: asked for twice, it is said once."""
    return f"replay:{hit_id}"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A tone and the words after it. `tone` None: words alone; without words either, the player is only tried.

    `at` is in monotonic seconds; `part` is the lamp's key when it tells of a part; `more` other hits are counted in it,
    `more_immediate` of them of the top tier; `has_sounded`: it was cut off after its tone had begun.
    """

    rank: int
    tone: Tone | None
    at: float
    repeat: int = 1
    hit: Hit | None = None
    text: str = ""
    part: str = ""
    mutable: bool = True
    more: int = 0
    more_immediate: int = 0
    has_sounded: bool = False
    on_done: Callable[[bool], None] | None = field(default=None, compare=False)

    @property
    def words(self) -> str:
        """What the voice says; "" for a tone alone."""
        own = self.text or (sentence(self.hit) if self.hit else "")
        return f"{own} {and_more(self.more, self.more_immediate)}".strip()

    def is_about(self, hit_id: str) -> bool:
        """Whether it tells of this hit, by itself or because the officer asked for it."""
        return (self.hit is not None and self.hit.hit_id == hit_id) or self.part == replay_of(hit_id)

    @property
    def tells_of_hits(self) -> bool:
        """Whether its words are of hits: one, some that are counted, or one that is heard again."""
        of_a_part = bool(self.part) and not self.part.startswith(replay_of(""))
        return not of_a_part and self.rank not in (RANK_TEST, RANK_PROBE)

    @property
    def is_immediate(self) -> bool:
        """Whether it tells of a hit of the top tier."""
        return self.rank == rank_of(Tier.IMMEDIATE) or self.more_immediate > 0

    @property
    def is_probe(self) -> bool:
        """Whether nothing of it is to be heard."""
        return self.tone is None and not self.words

    @property
    def order(self) -> tuple[int, bool, float]:
        """The most urgent sorts first; EXACT before CHECK, then the older."""
        return self.rank, self.hit is not None and self.hit.match.kind is MatchKind.CHECK, self.at


class Agenda:
    """The queue of the announcer: at most CAPACITY utterances, the least urgent hit gives way and is counted.

    `on_unsaid` is called with each hit that will make no sound of its own, but for those that `governor` holds back:
    they are one number told later, and another look at such a vehicle is nothing new.
    """

    def __init__(self, on_unsaid: Callable[[Hit], None], governor: Governor | None = None) -> None:
        self._on_unsaid = on_unsaid
        self._governor = governor or Governor()
        self._waiting: list[Utterance] = []
        self._missed: list[Utterance] = []
        self.stale = 0
        self.counted = 0
        self.held = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, utterance: Utterance) -> bool:
        """Add one, unless the governor holds it back; news of a part replaces older news of the same part.

        Returns whether it was added.
        """
        if self._holds_back(utterance, utterance.at):
            return False
        if utterance.part:
            self._waiting = [other for other in self._waiting if other.part != utterance.part]
        self._waiting.append(utterance)
        if len(self._waiting) > CAPACITY:
            last = max(self._waiting, key=lambda other: other.order)
            self._waiting.remove(last)
            self._miss(last)
        return True

    def give_back(self, utterance: Utterance) -> None:
        """Put one back that was cut off, unless there is newer news of the same part."""
        if not utterance.part or all(other.part != utterance.part for other in self._waiting):
            self._waiting.append(utterance)

    def remove(self, hit_id: str) -> None:
        """Take out what is waiting about a hit."""
        self._waiting = [other for other in self._waiting if not other.is_about(hit_id)]
        self._missed = [other for other in self._missed if not other.is_about(hit_id)]
        self._governor.forget(hit_id)

    def mute(self) -> None:
        """Take out all that mute silences."""
        self._waiting = [other for other in self._waiting if not other.mutable]
        self._missed = [other for other in self._missed if not other.mutable]
        self._governor.mute()

    def take(self, now: float) -> Utterance | None:
        """Return what to say now, None when there is nothing. `now` in monotonic seconds."""
        self._waiting = [utterance for utterance in self._waiting if not self._holds_back(utterance, now)]
        self._drop_stale(now)
        if not self._waiting:
            return self._tell_missed(now) or self._tell_held(now)
        best = min(self._waiting, key=lambda utterance: utterance.order)
        self._waiting.remove(best)
        if best.hit is None:
            return best
        self._thin_out()
        return self._count_missed(best)

    def _thin_out(self) -> None:
        """Count the hits of a burst; routine ones, however many, make no burst of more urgent ones."""
        others = [other for other in self._waiting if other.hit is not None]
        urgent = [other for other in others if other.rank < rank_of(Tier.ROUTINE)]
        if len(others) < BURST:
            return
        keep = urgent if len(urgent) < BURST else []
        self._waiting = [other for other in self._waiting if other.hit is None or other in keep]
        for other in others:
            if other not in keep:
                self._miss(other)

    def _holds_back(self, utterance: Utterance, now: float) -> bool:
        if utterance.hit is None or self._governor.allows(utterance.hit, now):
            return False
        self._governor.hold(utterance.hit, now)
        self.held += 1
        if utterance.more:
            self._missed.append(replace(utterance, hit=None))
        return True

    def _drop_stale(self, now: float) -> None:
        fresh = []
        for utterance in self._waiting:
            if utterance.hit is None or now - utterance.at <= STALE:
                fresh.append(utterance)
                continue
            self.stale += 1
            self._miss(utterance)
        self._waiting = fresh

    def _miss(self, utterance: Utterance) -> None:
        """Count one that is not said; what it counted itself is not lost either."""
        if utterance.hit is not None and not utterance.has_sounded:
            self._on_unsaid(utterance.hit)
            self.counted += 1
            self._missed.append(utterance)
        elif utterance.more:
            self._missed.append(replace(utterance, hit=None))

    def _count_missed(self, utterance: Utterance) -> Utterance:
        more, immediate = _total(self._missed)
        self._missed = []
        return replace(utterance, more=utterance.more + more, more_immediate=utterance.more_immediate + immediate)

    def _tell_missed(self, now: float) -> Utterance | None:
        """Only stale hits are left: their most urgent tone, and how many they are; of routine ones the number alone."""
        if not self._missed:
            return None
        best = min(self._missed, key=lambda utterance: utterance.order)
        tone = best.tone if best.rank < rank_of(Tier.ROUTINE) else None
        return self._count_missed(replace(best, tone=tone, at=now, hit=None, text="", more=0, more_immediate=0))

    def _tell_held(self, now: float) -> Utterance | None:
        """How many routine hits were held back, in words alone: a tone would be one more alarm."""
        reasons = self._governor.due(now)
        return Utterance(rank_of(Tier.ROUTINE), None, now, text=more_routine(reasons)) if reasons else None


def _total(missed: list[Utterance]) -> tuple[int, int]:
    """How many hits these stand for, and how many of them are of the top tier."""
    own = [utterance.hit for utterance in missed if utterance.hit is not None]
    more = len(own) + sum(utterance.more for utterance in missed)
    immediate = sum(hit.tier is Tier.IMMEDIATE for hit in own) + sum(utterance.more_immediate for utterance in missed)
    return more, immediate
