"""How well a car is, by one rule for the page and the command. Pure: what is known goes in, concerns come out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.health import LampState

LATE, SILENT = timedelta(hours=24), timedelta(hours=72)
"""A car that was not heard for so long is to be looked at; after SILENT its certificate has ended as well."""
ENDS_SOON = timedelta(hours=24)
OLD_LIST, TOO_OLD_LIST = timedelta(hours=24), timedelta(hours=72)
"""So long after a newer revision was published a car that lacks it is late, or works with what is out of date."""
SOME_BLIND, MOSTLY_BLIND = 0.2, 0.5
"""Shares of the time that a camera was watched in which no plate could have been read."""
MANY_WAITING = 500
"""Records: more than one pack still waits in the car after a sync."""
MUCH_SENT = 0.8
"""Share of a day's quota."""


class Level(IntEnum):
    """How urgent. A page shows it by shape, word and colour; the first is the worst."""

    ACT = 0
    LOOK = 1
    IN_ORDER = 2
    NOT_IN_USE = 3

    @property
    def word(self) -> str:
        """The word that people see."""
        return ("Act", "Look", "In order", "Not in use")[self]


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to do something about, as a sentence."""

    level: Level
    sentence: str


@dataclass(frozen=True, slots=True)
class CameraDay:
    """What one camera could see on its last day (UTC): seconds watched, those it was blind in, and mostly why."""

    camera_id: str
    day: date
    watched: float
    blind: float
    reason: Blind | None = None

    @property
    def blind_share(self) -> float:
        """The share of the time it was watched, 0 to 1."""
        return min(1.0, self.blind / self.watched) if self.watched else 0.0

    @property
    def why(self) -> str:
        """Why it was mostly blind, in words; "" where it was not, or by a newer car's reason."""
        return _WHY[self.reason] if self.reason else ""


_WHY = {
    Blind.LOST: "no picture came",
    Blind.FROZEN: "the picture stood still",
    Blind.GARBLED: "the picture was garbled",
    Blind.BLOCKED: "something is before the lens",
    Blind.DARK: "too dark",
    Blind.BRIGHT: "too bright",
    Blind.BLURRED: "blurred",
    Blind.SMALL: "plates too small",
    Blind.MASKED: "all of it is masked",
    Blind.SKIPPED: "the computer could not keep up",
    Blind.TOO_WIDE: "the lens is too wide",
}


@dataclass(frozen=True, slots=True)
class ListStanding:
    """One list that is for this car: the revision it has in force (None: none) and the one the depot publishes.

    `issued_at` is of the revision in force, `published_at` of the one that is published.
    """

    name: str
    held: int | None
    published: int
    published_at: datetime
    issued_at: datetime | None = None

    @property
    def late_since(self) -> datetime | None:
        """Since when, at the earliest, it lacks a revision; None where it lacks none.

        When those in between were published is not kept: of more than one, it is since the car's own was made.
        """
        if self.held is not None and self.held >= self.published:
            return None
        behind = 1 if self.held is None else self.published - self.held
        return self.published_at if behind == 1 or self.issued_at is None else self.issued_at


@dataclass(frozen=True, slots=True)
class CarFacts:
    """What the rule goes by. `heard` is the car's last word, signed with the key it has now; None: not one yet.

    `says_sound`: what is kept of its word is what it signed. `certificate_ends` as it was when it was heard. `waiting`
    are records that were still in the car then; None: it did not say. `sent` is the share of today's quota.
    """

    car_id: str
    enrolled: datetime | None
    denied: datetime | None = None
    heard: datetime | None = None
    says_sound: bool = True
    certificate_ends: datetime | None = None
    software: str = ""
    reading: LampState = LampState.UNKNOWN
    waiting: int | None = None
    lists: Sequence[ListStanding] = ()
    cameras: Sequence[CameraDay] = ()
    doubted: int = 0
    refused: int = 0
    incidents: int = 0
    sent: float = 0.0


@dataclass(frozen=True, slots=True)
class CarHealth:
    """The verdict on a car: its level is that of its worst concern. `silent` is how long it was not heard."""

    facts: CarFacts
    level: Level
    concerns: tuple[Concern, ...] = ()
    silent: timedelta = timedelta()


def judged(facts: CarFacts, depot_software: str, now: datetime) -> CarHealth:
    """Judge one car; `depot_software` is what the depot itself runs."""
    if facts.denied is not None:
        return CarHealth(facts, Level.NOT_IN_USE, (Concern(Level.NOT_IN_USE, f"Refused since {_at(facts.denied)}."),))
    if facts.enrolled is None:
        code = "Its code was not used yet. A code is good for an hour; make another one."
        return CarHealth(facts, Level.NOT_IN_USE, (Concern(Level.NOT_IN_USE, code),))
    since = facts.heard or facts.enrolled
    concerns = tuple(sorted(_concerns(facts, depot_software, now), key=lambda one: one.level))
    return CarHealth(facts, concerns[0].level if concerns else Level.IN_ORDER, concerns, now - since)


def by_urgency(cars: Iterable[CarHealth]) -> Sequence[CarHealth]:
    """Put those first that were not heard for the longest, then the others by their level."""

    def place(car: CarHealth) -> tuple[timedelta, Level, str]:
        return -car.silent if car.silent > SILENT else timedelta(), car.level, car.facts.car_id

    return sorted(cars, key=place)


def _concerns(facts: CarFacts, depot_software: str, now: datetime) -> Iterator[Concern]:
    yield from _of_silence(facts, now)
    if facts.heard is None:
        return
    if not facts.says_sound:
        yield _act("What the depot keeps of its word is not what the car signed. Look into the depot's audit.")
        return
    if facts.reading is LampState.BAD:
        yield _act("It reads no plates. `patrol-anpr doctor` in the car says why.")
    if facts.reading is LampState.WARN:
        yield _look("Not all that should read could be opened. `patrol-anpr doctor` in the car says why.")
    yield from _of_lists(facts, now)
    yield from _of_cameras(facts)
    yield from _of_records(facts)
    if facts.software and facts.software != depot_software:
        yield _look(f"It runs {facts.software}, the depot {depot_software}.")


def _of_silence(facts: CarFacts, now: datetime) -> Iterator[Concern]:
    since = facts.heard or facts.enrolled
    assert since is not None
    silent = now - since
    told = f"Not heard since {'' if facts.heard else 'it enrolled at '}{_at(since)}"
    if silent > SILENT:
        yield _act(f"{told}, {_days(silent)} ago. Find out whether it is in use, and have it sync.")
    elif silent > LATE:
        yield _look(f"{told}, {_days(silent)} ago.")
    elif facts.certificate_ends is not None and facts.certificate_ends < now + ENDS_SOON:
        yield _look(f"Its certificate ends at {_at(facts.certificate_ends)}. A sync renews it.")


def _of_lists(facts: CarFacts, now: datetime) -> Iterator[Concern]:
    if facts.lists and all(one.held is None for one in facts.lists):
        yield _act("It has none of the lists that are for it, so it raises no hits from them.")
        return
    late = [(one.late_since, one) for one in facts.lists if one.late_since and now - one.late_since >= OLD_LIST]
    if not late:
        return
    first = min(since for since, _ in late)
    named = "; ".join(f"{one.name}, {_has(one)}, published {one.published}" for _, one in late)
    lists = "1 list is" if len(late) == 1 else f"{len(late)} lists are"
    told = f"{lists} late, the first since {_at(first)}: {named}."
    yield _act(told) if now - first > TOO_OLD_LIST else _look(told)


def _has(one: ListStanding) -> str:
    return "in the car none" if one.held is None else f"in the car {one.held}"


def _of_cameras(facts: CarFacts) -> Iterator[Concern]:
    for camera in facts.cameras:
        if camera.blind_share < SOME_BLIND:
            continue
        why = f", mostly: {camera.why}" if camera.why else ""
        told = f"Camera {camera.camera_id} was blind for {camera.blind_share:.0%} of its time on {camera.day}{why}."
        yield _act(told) if camera.blind_share >= MOSTLY_BLIND else _look(told)


def _of_records(facts: CarFacts) -> Iterator[Concern]:
    if facts.incidents:
        yield _act(
            f"Incidents in the last 30 days, which no car sends by mistake: {facts.incidents:,}. Look into them."
        )
    if facts.refused:
        yield _look(f"Records that were refused and the car keeps: {facts.refused:,}.")
    if facts.doubted:
        yield _look(f"Records that are held and not understood: {facts.doubted:,}.")
    if facts.waiting is not None and facts.waiting > MANY_WAITING:
        yield _look(f"{facts.waiting:,} records still waited in the car when it was heard last.")
    if facts.sent >= 1:
        yield _act("It has used up its quota of today: more pictures are taken after midnight (UTC).")
    elif facts.sent >= MUCH_SENT:
        yield _look(f"It has used {facts.sent:.0%} of its quota of today.")


def _act(sentence: str) -> Concern:
    return Concern(Level.ACT, sentence)


def _look(sentence: str) -> Concern:
    return Concern(Level.LOOK, sentence)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _days(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"
