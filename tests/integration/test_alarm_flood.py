"""An hour on a busy road with a list of untaxed vehicles: what is heard of it, and what is kept."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from patrol_anpr.alerting import announcer as announcing
from patrol_anpr.alerting.agenda import Utterance
from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.governor import TELL_AFTER, WINDOW
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.tones import Tone, load_tones, repeated
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.patrol import Parts, Patrol
from patrol_anpr.records.records import Records
from patrol_anpr.settings import AlertingSettings
from tests.alerting.made import TONES, WordsVoice
from tests.conftest import FakeClock
from tests.fakes import FakeMatching
from tests.integration.cars import KEY, pictures, until
from tests.made import a_hotlist, a_match, a_read

ALERTING = AlertingSettings()
ROUTINE_LIMIT = ALERTING.routine_alarms_in_ten_minutes
HOUR = 3600.0
READS, ROUTINE_SHARE = 2500, 0.034
FLOOD = 10
"""More alarms in ten minutes are a flood (IEC 62682)."""
CHARACTERS_A_SECOND = 15
"""About as fast as the voice speaks."""


class TimedPlayer:
    """Plays in the time of the clock: a sound is over when the clock has come to its end, or its turn was cut."""

    def __init__(self, clock: FakeClock) -> None:
        tones = load_tones(TONES)
        self._names = {repeated(wav, times): tone for tone, wav in tones.items() for times in (1, 2)}
        self._clock = clock
        self._news = threading.Condition()
        self._ends_at: float | None = None
        self.route = Route.FIRST
        self.heard: list[tuple[float, Tone | str]] = []
        """Each sound with its second: a tone, or words."""
        self.overlaps = 0
        """How often a sound began before the one before it was over."""

    def play(self, wav: bytes, turn: Turn) -> bool:
        if turn.is_cut():
            return False
        sound = self._names.get(wav) or wav.decode()
        with self._news:
            self.overlaps += self._ends_at is not None
            self.heard.append((self._clock.monotonic(), sound))
            self._ends_at = self._clock.monotonic() + (
                1.0 if isinstance(sound, Tone) else len(sound) / CHARACTERS_A_SECOND
            )
        turn.begun(self._end)
        with self._news:
            assert self._news.wait_for(lambda: self._ends_at is None, 30)
        return not turn.is_cut()

    def probe(self, turn: Turn) -> None: ...

    @property
    def ends_at(self) -> float | None:
        """When the sound that is played is over; None while none is."""
        with self._news:
            return self._ends_at

    def time_has_passed(self) -> None:
        if self._ends_at is not None and self._ends_at <= self._clock.monotonic():
            self._end()

    def _end(self) -> None:
        with self._news:
            self._ends_at = None
            self._news.notify_all()


class Drive:
    """A car with its records and its announcer real, over a player in the clock's time; lists and reads are given."""

    def __init__(self, folder: Path, clock: FakeClock, crew: Crew = Crew.SINGLE) -> None:
        self.clock, self.player = clock, TimedPlayer(clock)
        self.sounded: dict[str, float] = {}
        """When each hit's tone began, by its id."""
        self.announcer = Announcer(
            WordsVoice(),
            self.player,
            clock,
            lambda _: None,
            tones=load_tones(TONES),
            re_alert=60 * ALERTING.again_after_minutes,
            routine_limit=ROUTINE_LIMIT,
            on_sound=self.sounded.setdefault,
        )
        self._looked_at = 0.0
        self._watch_agenda()
        self.records = Records.open(folder, KEY, clock, lambda _: None, lambda _: None)
        self.matching = FakeMatching()
        self.patrol = Patrol(
            Parts(
                self.matching,
                self.announcer,
                self.records,
                clock,
                unit="TA14",
                list_amber_after=timedelta(hours=12),
                keep_days=7,
            )
        )
        self.records.start()
        self.announcer.start()
        self.session = self.patrol.sign_on("LOCAL", "", self.patrol.units()[0], crew).result(timeout=10)
        self.shift = self.session.shift
        self.hits: list[tuple[float, Hit]] = []
        """Each with the second of its Read."""

    def close(self) -> None:
        self.announcer.stop()
        self.patrol.close()
        self.records.stop()

    def _watch_agenda(self) -> None:
        """Note when the announcer last looked for something to say."""
        agenda = self.announcer._agenda
        take = agenda.take

        def noted(now: float) -> Utterance | None:
            self._looked_at = now
            return take(now)

        agenda.take = noted  # type: ignore[method-assign]

    def list_vehicle(self, vrm: str, tier: Tier, kind: MatchKind = MatchKind.EXACT, reason: str = "UNTAXED") -> None:
        hotlist = a_hotlist(tier, list_id=reason.lower().replace(" ", "-"), name=reason.capitalize())
        self.matching.matches[vrm] = [a_match(vrm, tier, kind, hotlist, reason=reason)]

    def go_to(self, second: float) -> None:
        """Let the time pass up to a second, with every end of a sound on the way in its place."""
        while (ends_at := self.player.ends_at) is not None and ends_at <= second:
            self._pass(max(ends_at - self.clock.monotonic(), 0.0))
            self.settle()
        self._pass(second - self.clock.monotonic())

    def _pass(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.player.time_has_passed()

    def settle(self) -> None:
        """Wait until the announcer plays something or has nothing to say."""
        until(lambda: self.player.ends_at is not None or self._is_idle())

    def _is_idle(self) -> bool:
        with self.announcer._wake:
            nothing_left = self.announcer._current is None and not len(self.announcer._agenda)
            return nothing_left and self._looked_at == self.clock.monotonic()

    def read(self, vrm: str, number: int) -> Sequence[Hit]:
        read = replace(a_read(vrm), captured_at=self.clock.utc(), captured_monotonic=self.clock.monotonic())
        hits = self.patrol.read_made(read, pictures(number))
        self.hits += [(self.clock.monotonic(), hit) for hit in hits]
        if hits:
            self.settle()
        return hits

    def heard(self, wanted: Callable[[Tone | str], bool]) -> list[float]:
        """The seconds in which such sounds began."""
        return [second for second, sound in self.player.heard if wanted(sound)]

    def end(self) -> None:
        """Let everything be said."""
        self.go_to(self.clock.monotonic() + TELL_AFTER)
        self.settle()
        while self.player.ends_at is not None:
            self.go_to(self.clock.monotonic() + 1)
            self.settle()


@pytest.fixture
def drive(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    monkeypatch.setattr(announcing, "TICK", 0.005)
    drive = Drive(tmp_path / "records", clock)
    yield drive
    drive.close()


def most_in_ten_minutes(seconds: Sequence[float]) -> int:
    return max((sum(0 <= at - first <= WINDOW for at in seconds) for first in seconds), default=0)


def is_routine(sound: Tone | str) -> bool:
    """Whether this is the sentence of a routine hit."""
    return not isinstance(sound, Tone) and sound.startswith(("Routine.", "Possible routine."))


def is_number(sound: Tone | str) -> bool:
    """Whether this tells how many routine hits were held back."""
    return not isinstance(sound, Tone) and " more " in sound and "." not in sound[:-1]


def test_an_hour_with_a_list_of_untaxed_vehicles_is_no_flood_and_hides_no_urgent_hit(drive: Drive) -> None:
    chance = random.Random(62682)
    began = drive.clock.monotonic()
    reads = sorted(began + HOUR * chance.random() for _ in range(READS))
    passing = [f"R{number:05d}" for number in range(READS)]
    listed = chance.sample(range(READS), round(READS * ROUTINE_SHARE))
    for number in listed:
        kind = chance.choice([MatchKind.EXACT, MatchKind.EXACT, MatchKind.CHECK])
        drive.list_vehicle(passing[number], Tier.ROUTINE, kind, chance.choice(["UNTAXED", "NO INSURANCE"]))
    in_a_sentence = min(listed) + 1  # the vehicle after the first routine hit
    for number in (in_a_sentence, READS // 2, READS - 1):
        drive.list_vehicle(passing[number], Tier.IMMEDIATE, MatchKind.EXACT, "FIREARMS")
    for number, second in enumerate(reads):
        drive.go_to(second)
        drive.read(passing[number], number)
    drive.end()

    urgent = [(second, hit) for second, hit in drive.hits if hit.tier is Tier.IMMEDIATE]
    assert len(urgent) == 3
    assert all(0 <= drive.sounded[hit.hit_id] - second <= 1 for second, hit in urgent)
    spoken, numbers = drive.heard(is_routine), drive.heard(is_number)
    assert most_in_ten_minutes(spoken) <= ROUTINE_LIMIT
    assert most_in_ten_minutes(drive.heard(lambda sound: sound in (Tone.ROUTINE, Tone.CHECK))) <= ROUTINE_LIMIT
    assert most_in_ten_minutes(sorted(spoken + numbers)) <= FLOOD
    assert len(spoken) >= 5 * ROUTINE_LIMIT, "no fewer are spoken than may be"
    assert numbers
    assert len(drive.sounded) + drive.announcer.counts.held == len(drive.hits)
    assert drive.records.flush(60)
    kept = drive.records.hits(drive.shift.shift_id)
    assert {hit.hit_id for hit in kept} == {hit.hit_id for _, hit in drive.hits}
    assert drive.records.summary(drive.shift.shift_id).reads == READS
    assert len(drive.patrol.open_hits()) == len(drive.hits)


def test_what_was_held_back_is_not_told_to_the_next_officer(drive: Drive) -> None:
    for number in range(ROUTINE_LIMIT + 4):
        drive.list_vehicle(f"R{number:05d}", Tier.ROUTINE)
        drive.read(f"R{number:05d}", number)
        drive.go_to(drive.clock.monotonic() + 15)
    assert drive.announcer.counts.held == 4
    drive.patrol.sign_off().result(timeout=10)
    drive.patrol.sign_on("LOCAL", "", drive.patrol.units()[0], Crew.SINGLE).result(timeout=10)
    drive.end()
    assert drive.heard(is_number) == []
