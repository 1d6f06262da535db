"""The proof run in a whole car: every part real; each of its joints broken for real."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.proof import Joint, JointResult, JointState, Tap
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.reader import open_reader
from patrol_anpr.settings import ReadingSettings, Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import Depot, Heard, driving, passing, settings_of, sign_on, until

PASSED, FAILED, SKIPPED = JointState.PASSED, JointState.FAILED, JointState.SKIPPED


@cache
def reader():
    """The shipped models, opened once."""
    return open_reader(ReadingSettings())


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of a road on which one vehicle after the other passes."""
    folder = tmp_path_factory.mktemp("road")
    for number, frame in enumerate(passing("XT24ZPA", "TU75KZG")):
        cv2.imwrite(str(folder / f"{number:03}.jpg"), frame)
    return folder


@dataclass
class Proving:
    car: Car
    heard: Heard
    player: TellingPlayer
    front: FakeCamera
    rear: FakeCamera

    def run(self) -> None:
        self.car.patrol.proof.start()

    def result(self, joint: Joint, camera: str = "") -> JointResult:
        return self.car.patrol.proof.run.of(joint, camera)

    def crew(self) -> None:
        """Do what a crew does: hear the test, and touch the target."""
        until(lambda: self.result(Joint.TOUCH).state is JointState.RUNNING)
        self.car.patrol.proof.tapped(Tap.FINGER)
        self.car.patrol.voice_heard(True)
        until(lambda: self.car.patrol.proof.run.is_over)

    def states(self) -> dict[str, JointState]:
        return {one.key: one.state for one in self.car.patrol.proof.run.results}

    def faults(self) -> list[str]:
        return [one.key for one in self.car.patrol.proof.run.faults]


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> TellingPlayer:
    player = TellingPlayer(dict(load_tones(TONES)))
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "find_look", lambda: None)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    monkeypatch.setattr(build, "open_reader", lambda settings: reader())
    return player


@pytest.fixture
def proving(tmp_path: Path, road: Path, player: TellingPlayer) -> Iterator[Proving]:
    with ExitStack() as stack:
        depot = stack.enter_context(Depot(tmp_path / "depot"))
        front, rear = (stack.enter_context(FakeCamera(pictures=road, fps=10)) for _ in range(2))
        silent = settings_of(tmp_path, depot=depot, cameras=[("front", front.url), ("rear", rear.url)])
        settings = Settings.model_validate(silent.model_dump() | {"alerting": {"sound": True}})
        car, heard = stack.enter_context(driving(settings, cameras=True))
        assert car.patrol.start_sync().result()
        for name in ("front", "rear"):
            heard.wait_lamp(f"camera:{name}", LampState.GOOD)
        sign_on(car)
        yield Proving(car, heard, player, front, rear)


def test_everything_works(proving: Proving) -> None:
    proving.run()
    proving.crew()
    for one in proving.car.patrol.proof.run.results:
        print(one.key, one.state, one.seconds, one.sentence, one.advice)
    print(proving.player.played)
    assert proving.car.patrol.proof.run.everything_works
    assert [said for said in proving.player.played if said in ("priority", "Test.")] == ["priority", "Test."]
