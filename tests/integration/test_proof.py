"""The proof run in a whole car, every part real; each of its joints broken for real."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import pytest

from patrol_anpr import build
from patrol_anpr.alerting.outlets import Bell, CommandOutlet
from patrol_anpr.alerting.player import Loudspeaker
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.alerting.voice import Voice
from patrol_anpr.build import build_car
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.events import HitRaised, ReadMade
from patrol_anpr.domain.health import CameraState, LampState
from patrol_anpr.domain.proof import OF_A_CAMERA, TEST_VRM, Joint, JointResult, JointState, Tap
from patrol_anpr.patrol import models as shelves
from patrol_anpr.patrol import reader as readers
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.joints import DEADLINES
from patrol_anpr.patrol.reader import Reader, open_reader
from patrol_anpr.records import audit, tables
from patrol_anpr.records.keys import KEY_FILE, Key
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import ReadingSettings, Settings
from patrol_anpr.vehicle.clock import SystemClock
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.cameras.fake_camera import FakeCamera
from tests.faults.test_records_disk import fill
from tests.integration.cars import (
    KEY,
    LISTED,
    OFFICER,
    PATIENCE_S,
    Depot,
    Heard,
    passing,
    pictures,
    settings_of,
    sign_on,
    until,
)
from tests.made import a_read
from tests.reading.made import ScriptedDetector, ScriptedOcr
from tests.records.mounted import small_disk
from tests.vehicle.made import rmc
from tests.vehicle.test_gps import plugged_in

PASSED, FAILED, SKIPPED = JointState.PASSED, JointState.FAILED, JointState.SKIPPED
ANOTHER = Key(bytes(range(32, 64)))


@cache
def reader() -> Reader:
    """The shipped models, opened once."""
    return open_reader(ReadingSettings())


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of a road on which one vehicle after the other passes."""
    folder = tmp_path_factory.mktemp("road")
    for number, frame in enumerate(passing("XT24ZPA", "TU75KZG")):
        cv2.imwrite(str(folder / f"{number:03}.jpg"), frame)
    return folder


def with_player(patch: pytest.MonkeyPatch) -> TellingPlayer:
    """The announcer as built, with a voice and a player that tell what they are given; the models opened once."""
    player = TellingPlayer(dict(load_tones(TONES)))
    patch.setattr(build, "find_player", lambda: player)
    patch.setattr(build, "find_look", lambda: None)
    patch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    patch.setattr(build, "open_reader", lambda settings, folder: reader())
    return player


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> TellingPlayer:
    """For a test with a car of its own."""
    return with_player(monkeypatch)


@dataclass
class Proving:
    """A car with a front and a rear camera, an officer signed on."""

    car: Car
    heard: Heard
    front: FakeCamera
    rear: FakeCamera
    player: TellingPlayer

    def prove(self, *, taps: bool = True, hears: bool = True, by: Tap = Tap.FINGER) -> None:
        """One proof run, with what a crew does for it, to its end."""
        proof = self.car.patrol.proof
        proof.start()
        until(lambda: self.of(Joint.TOUCH).state is not JointState.WAITING)
        if taps:
            proof.tapped(by)
        if hears:
            self.car.patrol.voice_heard(True)
        until(lambda: proof.run.is_over)

    def of(self, joint: Joint, camera: str = "") -> JointResult:
        return self.car.patrol.proof.run.of(joint, camera)

    @property
    def faults(self) -> list[str]:
        faults = self.car.patrol.proof.run.faults
        assert all(fault.sentence and fault.advice for fault in faults)
        return [fault.key for fault in faults]

    def audited(self, action: str) -> list[Any]:
        assert self.car.records.flush(PATIENCE_S)
        with self.car.records._reading() as connection:
            return [row for row in audit.rows(connection) if row.action == action]


@contextmanager
def signed_on(
    folder: Path,
    road: Path,
    player: TellingPlayer,
    *,
    clock: Clock | None = None,
    key: Key | None = KEY,
    lists: bool = True,
    **sections: Mapping[str, Any],
) -> Iterator[Proving]:
    with ExitStack() as stack:
        depot = stack.enter_context(Depot(folder / "depot"))
        front, rear = (stack.enter_context(FakeCamera(pictures=road, fps=10)) for _ in range(2))
        cameras = [("front", front.url), ("rear", rear.url)]
        tree = settings_of(folder, cameras=cameras).model_dump()
        tree["alerting"]["sound"] = True
        for section, values in sections.items():
            tree[section] |= values
        if lists:
            tree["depot"]["url"] = depot.url
        settings = Settings.model_validate(tree)
        if lists:
            depot.enrol(settings, key)
        car = build_car(settings, clock=clock, key=key)
        stack.callback(car.close)
        heard = Heard()
        car.patrol.subscribe(heard)
        car.open()
        if lists:
            assert car.patrol.start_sync().result()
        for name in ("front", "rear"):
            heard.wait_lamp(f"camera:{name}", LampState.GOOD)
        sign_on(car) if lists else sign_on(car, "LOCAL", "")
        yield Proving(car, heard, front, rear, player)


@pytest.fixture(scope="module")
def one_car(tmp_path_factory: pytest.TempPathFactory, road: Path) -> Iterator[Proving]:
    with (
        pytest.MonkeyPatch.context() as patch,
        signed_on(tmp_path_factory.mktemp("car"), road, with_player(patch)) as car,
    ):
        yield car


@pytest.fixture
def proving(one_car: Proving) -> Iterator[Proving]:
    """The car that tests share, its cameras whole again after each."""
    one_car.car.patrol.proof.end()
    one_car.player.played.clear()
    yield one_car
    for camera in (one_car.front, one_car.rear):
        if camera._process is None:
            camera.restart()
        camera.mode("moving")
    until(lambda: {status.state for status in one_car.car.engine.statuses} == {CameraState.SEEN})


# -- all is well -------------------------------------------------------------------------------------------------------


def test_everything_works_and_takes_a_few_seconds(proving: Proving) -> None:
    proving.prove()
    run = proving.car.patrol.proof.run
    assert run.everything_works
    assert {one.state for one in run.results} == {PASSED, SKIPPED}
    assert proving.of(Joint.GPS_TIME).state is SKIPPED  # no receiver is set up
    assert max(one.seconds for one in run.results) < 10
    assert [said for said in proving.player.played if said in ("priority", "Test.")] == ["priority", "Test."]
    row = proving.audited("proof.run")[-1]
    assert (row.actor, row.object_id) == (OFFICER, proving.car.patrol.shift.shift_id)
    assert "detector:front passed" in row.reason
    gone_on = proving.audited("proof.went_on")
    proving.car.patrol.proof.go_on()
    assert proving.audited("proof.went_on") == gone_on


def test_no_test_row_reaches_a_count_the_depot_or_a_search(proving: Proving) -> None:
    proving.prove()
    proving.prove()
    car, patrol = proving.car, proving.car.patrol
    shift = patrol.shift.shift_id
    assert car.records.flush(PATIENCE_S)
    summary = patrol.summary()
    assert (summary.hits, patrol.open_hits(), patrol.list_counts()) == (0, [], [])
    assert TEST_VRM not in {read.vrm for read in patrol.recent_reads()}
    assert TEST_VRM not in {event.read.vrm for event in proving.heard.of(ReadMade)}
    assert proving.heard.of(HitRaised) == []
    assert TEST_VRM not in {one.read.vrm for one in car.records.reads_page(None, 10_000)}
    assert (car.records.hits(shift), car.records.summary(shift).hits) == ([], 0)
    assert [head.list_id for head in car.matcher.hotlists if head.list_id == "test"] == []
    with car.records._reading() as connection:
        [test] = connection.exec_driver_sql("SELECT read_id, vrm FROM test_reads").all()  # the last run's alone
        assert test.vrm == TEST_VRM
        for table in set(tables.metadata.tables) - {"test_reads"}:
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert TEST_VRM not in rows, table
            assert test.read_id not in rows, table
    assert not car.records._store.pictures.file_of(test.read_id).exists()  # type: ignore[union-attr]
    assert patrol.search.reads(TEST_VRM).result(PATIENCE_S).reads == ()  # last: what is searched for is audited


def test_a_vehicle_that_bears_the_text_is_a_read_like_any_other(proving: Proving) -> None:
    proving.car.patrol.proof.start()
    proving.car.patrol.read_made(a_read(TEST_VRM, read_id="borne"), pictures(1))
    assert proving.car.records.flush(PATIENCE_S)
    assert [read.vrm for read in proving.car.patrol.recent_reads() if read.read_id == "borne"] == [TEST_VRM]
    assert proving.heard.of(HitRaised) == []


def test_a_hit_goes_before_the_test_and_the_run_goes_on(tmp_path: Path, road: Path, player: TellingPlayer) -> None:
    with signed_on(tmp_path, road, player) as proving:
        patrol, proof = proving.car.patrol, proving.car.patrol.proof
        player.played.clear()
        player.hold = True
        proof.start()
        until(lambda: player.played == ["priority"])  # the tone of the test
        patrol.read_made(a_read(LISTED[0], read_id="real"), pictures(1))
        until(lambda: len(player.played) == 2)
        player.release()
        until(lambda: player.played[-1] == "Test.")
        heard = [sound.partition(".")[0] for sound in player.played]
        assert heard == ["priority", "priority", "Priority", "priority", "Test"]  # the test begins anew after the hit
        proof.tapped(Tap.FINGER)
        patrol.voice_heard(True)
        until(lambda: proof.run.is_over)
        assert proving.faults == []
        [raised] = proving.heard.of(HitRaised)
        assert raised.hit.read.read_id == "real"
        assert patrol.summary().hits == 1


# -- each joint broken -------------------------------------------------------------------------------------------------


def test_a_covered_lens_is_named_and_the_other_camera_is_proven(proving: Proving) -> None:
    proving.front.mode("black")
    proving.heard.wait_lamp("camera:front", LampState.BAD, after=len(proving.heard.events))
    proving.prove()
    assert proving.faults == ["camera:front"]
    assert "lens covered" in proving.of(Joint.CAMERA, "front").advice
    assert {proving.of(joint, "front").state for joint in OF_A_CAMERA[1:]} == {SKIPPED}
    assert {proving.of(joint, "rear").state for joint in OF_A_CAMERA} == {PASSED}


def test_a_lens_that_is_covered_while_the_run_begins_is_named(proving: Proving) -> None:
    proving.front.mode("black")
    proving.prove()
    assert proving.faults == ["camera:front"]


def test_a_picture_that_froze_a_moment_ago_is_named(proving: Proving) -> None:
    proving.front.mode("frozen")
    seen = proving.car.engine.statuses[0].offered
    until(lambda: proving.car.engine.statuses[0].offered > seen + 3)
    proving.prove()
    assert proving.faults == ["camera:front"]
    assert "same picture" in proving.of(Joint.CAMERA, "front").advice


def test_a_lost_camera_is_named_and_with_no_camera_left_the_rest_is_proven_all_the_same(proving: Proving) -> None:
    proving.rear.kill()
    proving.front.kill()
    proving.prove()
    assert proving.faults == ["camera:front", "camera:rear"]
    assert {proving.of(joint).state for joint in (Joint.SOUND, Joint.TOUCH, Joint.DISK)} == {PASSED}


def test_a_detector_that_finds_nothing_is_named(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Reader(ScriptedDetector(), reader().ocr, "blind")
    monkeypatch.setattr(build, "open_reader", lambda settings, folder: blind)
    monkeypatch.setitem(DEADLINES, Joint.DETECTOR, 3.0)  # type: ignore[attr-defined]
    with signed_on(tmp_path, road, player) as proving:
        proving.prove()
        assert proving.faults == ["detector:front", "detector:rear"]
        assert proving.of(Joint.SOUND).state is PASSED


def test_an_ocr_that_reads_something_else_is_named(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    misreading = Reader(reader().detector, ScriptedOcr(), "misreading")
    monkeypatch.setattr(build, "open_reader", lambda settings, folder: misreading)
    with signed_on(tmp_path, road, player) as proving:
        proving.prove()
        assert proving.faults == ["ocr:front", "ocr:rear"]


@pytest.mark.parametrize(
    ("damaged", "joint"),
    [
        (("plate_detector.onnx", "plate_detector_int8.onnx"), Joint.DETECTOR),
        (("plate_ocr_uk.onnx", "plate_ocr_near.onnx"), Joint.OCR),
    ],
)
def test_a_damaged_model_file_is_named(
    tmp_path: Path,
    road: Path,
    player: TellingPlayer,
    monkeypatch: pytest.MonkeyPatch,
    damaged: tuple[str, ...],
    joint: Joint,
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for file in MODELS.iterdir():
        if file.is_file():
            shutil.copy(file, models)
    for name in damaged:
        with (models / name).open("r+b") as file:
            file.seek(5000)
            file.write(b"damaged")
    for module in (readers, shelves):
        monkeypatch.setattr(module, "MODELS", models)
    monkeypatch.setattr(build, "open_reader", open_reader)
    monkeypatch.setitem(DEADLINES, joint, 4.0)  # type: ignore[attr-defined]
    with signed_on(tmp_path, road, player) as proving:
        proving.prove()
        assert proving.faults == [f"{joint}:front", f"{joint}:rear"]
        fault = proving.of(joint, "front")
        assert fault.sentence == "Plates are not read."
        assert "checksum is wrong" in fault.advice


def test_a_car_without_lists_is_named(tmp_path: Path, road: Path, player: TellingPlayer) -> None:
    with signed_on(tmp_path, road, player, lists=False) as proving:
        proving.prove()
        assert proving.faults == ["list:front", "list:rear"]
        assert proving.of(Joint.LIST, "front").sentence == "No list."


def test_a_matcher_that_has_lost_the_list_is_named(proving: Proving) -> None:
    matcher: Any = proving.car.patrol._parts.test_list
    indexes = matcher._indexes
    matcher.close()
    proving.prove()
    matcher.swap(indexes)
    assert proving.faults == ["list:front", "list:rear"]


def test_a_voice_whose_process_dies_is_named_though_somebody_says_yes(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = (sys.executable, "-c", "raise SystemExit(3)")
    monkeypatch.setattr(build, "Voice", partial(Voice, command=dying))
    with signed_on(tmp_path, road, player) as proving:
        proving.heard.wait_lamp("voice", LampState.BAD)
        proving.prove()
        assert proving.faults == ["sound"]
        assert proving.of(Joint.SOUND).sentence == "Voice lost."


def test_no_sound_device_is_named_though_somebody_says_yes(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_bell() -> None:
        raise OSError("no terminal")

    deviceless = CommandOutlet((sys.executable, "-c", "raise SystemExit(1)"))
    monkeypatch.setattr(build, "find_player", lambda: Loudspeaker([deviceless], Bell(no_bell)))
    with signed_on(tmp_path, road, player) as proving:
        proving.prove()
        assert proving.faults == ["sound"]
        assert "loudspeaker" in proving.of(Joint.SOUND).advice


def test_a_test_that_nobody_heard_is_named_and_a_later_yes_counts(proving: Proving) -> None:
    proving.car.patrol.proof.start()
    until(lambda: proving.of(Joint.TOUCH).state is JointState.RUNNING)
    proving.car.patrol.proof.tapped(Tap.FINGER)
    proving.car.patrol.voice_heard(False)
    until(lambda: proving.car.patrol.proof.run.is_over)
    assert proving.faults == ["sound"]
    proving.car.patrol.voice_heard(True)
    assert proving.faults == []
    assert [row.reason for row in proving.audited("proof.answered_late")] == ["sound passed"]


def test_a_touch_that_does_not_come_is_named_and_the_crew_goes_on(
    proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEADLINES, Joint.TOUCH, 1.0)  # type: ignore[attr-defined]
    proving.prove(taps=False)
    assert proving.faults == ["touch"]
    proving.car.patrol.proof.go_on()
    row = proving.audited("proof.went_on")[-1]
    assert (row.actor, row.reason) == (OFFICER, "touch")
    proving.car.patrol.proof.tapped(Tap.FINGER)  # the patrol is on
    assert proving.faults == ["touch"]


def test_a_mouse_taps_too_but_says_so(proving: Proving) -> None:
    proving.prove(by=Tap.MOUSE)
    assert proving.faults == []
    assert "not proven" in proving.of(Joint.TOUCH).sentence


def test_a_disk_that_takes_no_pictures_is_named(proving: Proving) -> None:
    folder = proving.car.records._store.pictures.folder  # type: ignore[union-attr]
    assert proving.car.records.flush(PATIENCE_S)
    folder.rename(folder.with_name("elsewhere"))
    try:
        proving.prove()
        assert proving.faults == ["disk"]
        assert "disk" in proving.of(Joint.DISK).advice.lower()
    finally:
        folder.with_name("elsewhere").rename(folder)


def test_a_full_disk_is_named(tmp_path: Path, road: Path, player: TellingPlayer) -> None:
    with (
        small_disk(tmp_path / "disk", 24) as disk,
        signed_on(tmp_path, road, player, records={"folder": disk / "records"}) as proving,
    ):
        filler = fill(disk)
        proving.prove()
        assert proving.faults == ["disk"]
        assert "full" in proving.of(Joint.DISK).advice
        filler.unlink()
        until(lambda: proving.car.records.flush(1))
        proving.prove()
        assert proving.faults == []


def test_the_key_of_other_records_is_named_and_what_is_stored_is_not_tried(
    tmp_path: Path, road: Path, player: TellingPlayer
) -> None:
    with signed_on(tmp_path, road, player):
        pass
    for gone in ("depot", "identity", "hotlists"):
        shutil.rmtree(tmp_path / gone)
    told: list[str] = []
    with suppress(RecordsFault), signed_on(tmp_path, road, player, key=ANOTHER) as proving:  # the close tells the loss
        proving.prove()
        told += [*proving.faults, proving.of(Joint.KEY).advice, proving.of(Joint.DISK).state]
    assert told[0] == "key"
    assert "another folder or laptop" in told[1]
    assert told[2] == SKIPPED


def test_a_key_that_is_gone_since_the_start_is_named(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with signed_on(tmp_path, road, player, key=None) as proving:
        (tmp_path / "records" / KEY_FILE).unlink()
        proving.prove()
        assert proving.faults == ["key"]
        assert "Put it back" in proving.of(Joint.KEY).advice
        assert proving.of(Joint.DISK).state is PASSED


class SlowClock(SystemClock):
    """A computer whose clock is an hour behind."""

    def utc(self) -> datetime:
        return super().utc() - timedelta(hours=1)


def test_a_clock_that_the_depot_contradicts_is_named(tmp_path: Path, road: Path, player: TellingPlayer) -> None:
    with signed_on(tmp_path, road, player, clock=SlowClock()) as proving:
        proving.heard.wait_lamp("clock", LampState.BAD)
        proving.prove()
        assert proving.faults == ["clock"]
        assert "depot" in proving.of(Joint.CLOCK).advice


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none")
@pytest.mark.parametrize(("sends", "state"), [("a place", PASSED), ("nothing", FAILED), ("a date of 2007", FAILED)])
def test_a_receiver_without_time_is_named(
    tmp_path: Path, road: Path, player: TellingPlayer, monkeypatch: pytest.MonkeyPatch, sends: str, state: JointState
) -> None:
    monkeypatch.setitem(DEADLINES, Joint.GPS_TIME, 2.5)  # type: ignore[attr-defined]
    at = datetime.now(UTC) - (timedelta(weeks=1024) if sends == "a date of 2007" else timedelta())
    line = b"" if sends == "nothing" else (rmc(at=at) + "\r\n").encode()
    vehicle = {"gps": f"serial:{tmp_path / 'gps'}", "gps_lost_seconds": 1.0}
    with plugged_in(tmp_path / "gps", line), signed_on(tmp_path, road, player, vehicle=vehicle) as proving:
        proving.prove()
        assert proving.of(Joint.GPS_TIME).state is state
        assert set(proving.faults) <= {"gps_time", "clock"}  # it tells one and the same moment again and again


def test_what_is_late_is_over_at_the_sign_off(tmp_path: Path, road: Path, player: TellingPlayer) -> None:
    with signed_on(tmp_path, road, player) as proving:
        over_at_the_sign_off(proving)


def over_at_the_sign_off(proving: Proving) -> None:
    proving.car.patrol.proof.start()
    proving.car.patrol.sign_off().result(PATIENCE_S)
    assert proving.car.patrol.proof.run.results == ()
    proving.car.patrol.proof.tapped(Tap.FINGER)
    proving.car.patrol.proof.heard(True)
    proving.car.patrol.proof.say_again()
    proving.car.patrol.proof.go_on()
    assert proving.car.patrol.proof.run.results == ()
