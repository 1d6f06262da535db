"""Faults 19 to 21 and bar B16 for the whole car: a camera fails, its lamp turns red, it is said aloud, it heals."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.events import ReadMade
from patrol_anpr.domain.health import LampState
from patrol_anpr.patrol.car import Car
from patrol_anpr.settings import Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import Heard, driving, passing, settings_of, sign_on, until

BAD, GOOD = LampState.BAD, LampState.GOOD
LOST_WITHIN, FROZEN_WITHIN, BACK_WITHIN = 2.0, 5.0, 10.0


class ClockedPlayer(TellingPlayer):
    """Also notes when each sound began."""

    def __init__(self) -> None:
        super().__init__(dict(load_tones(TONES)))
        self.begun: list[float] = []

    def play(self, wav: bytes, turn: Turn) -> bool:
        self.begun.append(time.monotonic())
        return super().play(wav, turn)


@dataclass
class Road:
    """A car on patrol: vehicles pass the front camera again and again, nothing passes the rear one."""

    car: Car
    heard: Heard
    player: ClockedPlayer
    front: FakeCamera
    rear: FakeCamera

    def fails(self, camera: str, fault: Callable[[], None], within: float) -> None:
        """Let a camera fail; its lamp must be red and its loss be sounding within so many seconds."""
        known, said, now = len(self.heard.events), len(self.player.begun), time.monotonic()
        fault()
        at, lamp = self.heard.wait_lamp(f"camera:{camera}", BAD, within=within + 5, after=known)
        assert at - now < within
        assert lamp.advice
        self.sounds("lost", said, now, within)

    def heals(self, camera: str, cure: Callable[[], None]) -> None:
        known, said, now = len(self.heard.events), len(self.player.begun), time.monotonic()
        cure()
        self.heard.wait_lamp(f"camera:{camera}", GOOD, within=BACK_WITHIN, after=known)
        self.sounds("back", said, now, BACK_WITHIN + 3)

    def sounds(self, tone: str, said: int, since: float, within: float) -> None:
        until(lambda: tone in self.player.played[said:], within=within + 3)
        place = self.player.played.index(tone, said)
        assert self.player.begun[place] - since < within + 0.3  # the lamp's own limit, and the announcer's turn

    def reads_on(self, camera: str) -> None:
        """A Read of another vehicle is made from now on."""
        known = len(self.heard.events)
        self.heard.wait(lambda event: isinstance(event, ReadMade) and event.read.camera_id == camera, after=known)


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> ClockedPlayer:
    """The announcer as built, with a voice and a player that tell what they are given."""
    player = ClockedPlayer()
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "find_look", lambda: None)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    return player


@pytest.fixture
def road(tmp_path: Path, player: ClockedPlayer) -> Iterator[Road]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, frame in enumerate(passing("TX64KZW", "XT24ZPA", "UX15ZDM", "JX26ZBO", "TU75KZG")):
        cv2.imwrite(str(pictures / f"{number:03}.jpg"), frame)
    with ExitStack() as stack:
        front = stack.enter_context(FakeCamera(pictures=pictures, fps=6))
        rear = stack.enter_context(FakeCamera(fps=10))
        silent = settings_of(tmp_path, cameras=[("front", front.url), ("rear", rear.url)])
        settings = Settings.model_validate(silent.model_dump() | {"alerting": {"sound": True}})
        car, heard = stack.enter_context(driving(settings, cameras=True))
        for name in ("front", "rear"):
            heard.wait_lamp(f"camera:{name}", GOOD)
        sign_on(car, "LOCAL", "")
        yield Road(car, heard, player, front, rear)


def test_a_pulled_camera_is_told_within_two_seconds_and_heals_while_the_other_reads_on(road: Road) -> None:
    road.fails("rear", road.rear.kill, LOST_WITHIN)
    road.reads_on("front")
    road.heals("rear", road.rear.restart)
    assert any("rear" in words.lower() for words in road.player.played)


def test_a_camera_that_stops_sending_is_told_within_five_seconds_and_heals(road: Road) -> None:
    road.fails("rear", road.rear.suspend, FROZEN_WITHIN)
    road.reads_on("front")
    road.heals("rear", road.rear.resume)


def test_a_camera_that_sends_garbage_is_told_within_two_seconds_and_heals(road: Road) -> None:
    road.fails("rear", lambda: road.rear.mode("garbage"), LOST_WITHIN)
    road.reads_on("front")
    road.heals("rear", lambda: road.rear.mode("moving"))


def test_a_frozen_picture_is_told_within_five_seconds_and_heals(road: Road) -> None:
    road.fails("rear", lambda: road.rear.mode("frozen"), FROZEN_WITHIN)
    road.heals("rear", lambda: road.rear.mode("moving"))


def test_the_camera_that_was_reading_reads_again_after_it_was_pulled(road: Road) -> None:
    road.reads_on("front")
    road.fails("front", road.front.kill, LOST_WITHIN)
    road.heals("front", road.front.restart)
    road.reads_on("front")
