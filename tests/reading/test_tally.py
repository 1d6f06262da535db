"""What became of a camera's frames: vehicles read, vehicles followed and not read, plates too small or burnt out."""

from collections.abc import Sequence

import numpy as np
import pytest

from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.rig import Area, Rig, Turn
from patrol_anpr.lab.camera_effects import glare
from patrol_anpr.reading.recogniser import Recogniser
from tests.conftest import FakeClock
from tests.reading.made import ScriptedDetector, ScriptedOcr, candidate, frame_at, plate_box, scene

NEAR, FAR = plate_box(640, 400, 90), plate_box(640, 400, 24)


@pytest.fixture
def plates() -> ScriptedDetector:
    return ScriptedDetector()


@pytest.fixture
def texts() -> ScriptedOcr:
    return ScriptedOcr()


@pytest.fixture
def recogniser(plates: ScriptedDetector, texts: ScriptedOcr, clock: FakeClock) -> Recogniser:
    return Recogniser(plates, texts, clock)


def drive(
    recogniser: Recogniser, plates: ScriptedDetector, boxes: Sequence[Box | None], start: float = 0.0
) -> list[str]:
    """Process one frame a box, ten a second; return the marks read."""
    read = []
    for number, box in enumerate(boxes):
        plates.show(*([box] if box else []))
        read += [one.vrm for one, _ in recogniser.process(frame_at(start + number / 10, number=number)).reads]
    return read


def test_a_vehicle_that_was_read_is_counted_with_its_widest_plate(
    recogniser: Recogniser, plates: ScriptedDetector
) -> None:
    drive(recogniser, plates, [plate_box(640, 400, width) for width in (80, 90, 85)] * 4 + [None] * 12)
    tally = recogniser.tally("front")
    assert (tally.frames, tally.reads, tally.unread) == (24, 1, 0)
    assert (tally.widths.widest_of_each, tally.widths.read) == ((90.0,), 1)
    assert recogniser.tally("rear").frames == 0


def test_a_vehicle_too_far_away_was_followed_and_not_read(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    assert drive(recogniser, plates, [FAR] * 5 + [None] * 12) == []
    tally = recogniser.tally("front")
    assert (tally.reads, tally.unread, tally.widths.widest_of_each, tally.widths.read) == (0, 1, (24.0,), 0)


def test_what_is_read_of_no_one_is_not_read(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    texts.says = lambda _: candidate("X", 0.1)
    assert drive(recogniser, plates, [NEAR] * 5 + [None] * 12) == []
    assert recogniser.tally("front").unread == 1


def test_what_was_seen_once_or_twice_is_no_vehicle(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    drive(recogniser, plates, [FAR] * 2 + [None] * 12)
    assert (recogniser.tally("front").unread, recogniser.tally("front").widths.widest_of_each) == (0, ())


def test_the_same_vehicle_again_is_no_second_read_and_not_unread(
    recogniser: Recogniser, plates: ScriptedDetector
) -> None:
    drive(recogniser, plates, [NEAR] * 10 + [None] * 12)
    drive(recogniser, plates, [NEAR] * 10 + [None] * 12, start=2.5)
    tally = recogniser.tally("front")
    assert (tally.reads, tally.unread, tally.widths.read) == (1, 0, 2)


def test_a_tally_outlives_a_camera_that_was_away(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    drive(recogniser, plates, [FAR] * 5)
    recogniser.finish("front")
    drive(recogniser, plates, [FAR] * 5, start=9)
    recogniser.finish("front")
    assert (recogniser.tally("front").frames, recogniser.tally("front").unread) == (10, 2)


def test_a_plate_whose_centre_is_masked_is_not_read_and_the_evidence_is_not_blackened(
    recogniser: Recogniser, plates: ScriptedDetector
) -> None:
    caption = plate_box(300, 690, 90)
    recogniser.use_rigs({"front": Rig(mask=(Area(0.0, 0.9, 1.0, 1.0),))})
    pixels = scene(("AB12CDE", NEAR), ("AB12CDE", caption))
    plates.show(NEAR, caption)
    made = [
        one for number in range(5) for one in recogniser.process(frame_at(number / 10, pixels, number=number)).reads
    ]
    ((read, evidence),) = made
    assert read.box == NEAR
    plates.show(caption)
    assert recogniser.process(frame_at(0.6, pixels)).plates == []
    cv2 = pytest.importorskip("cv2")
    overview = cv2.imdecode(np.frombuffer(evidence.overview, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(overview[650:].astype(int) - pixels[650:].astype(int)).mean() < 4
    recogniser.use_rigs({"front": Rig(), "rear": Rig(mask=(Area(0.0, 0.9, 1.0, 1.0),))})
    assert len(recogniser.process(frame_at(0.7, pixels)).plates) == 1


def test_a_plate_is_not_followed_into_a_picture_that_is_turned(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    texts.says = lambda _: candidate("AB12CDE", 0.88)  # no Read before its track ends
    assert drive(recogniser, plates, [NEAR] * 10) == []
    recogniser.use_rigs({"front": Rig(Turn(mirror=True))})
    texts.says = lambda _: candidate("XY34ZZZ", 0.88)
    assert drive(recogniser, plates, [NEAR] * 10, start=1) == ["AB12CDE"]
    assert [read.vrm for read, _ in recogniser.finish("front")] == ["XY34ZZZ"]


@pytest.mark.parametrize(("strength", "burnt"), [(0.0, False), (4.0, True)])
def test_plates_that_burn_out_are_told(
    recogniser: Recogniser, plates: ScriptedDetector, strength: float, burnt: bool
) -> None:
    pixels = glare(scene(("AB12CDE", NEAR)), NEAR.centre, 120, strength)
    plates.show(NEAR)
    for number in range(30):
        recogniser.process(frame_at(number / 10, pixels, number=number))
    assert (recogniser.tally("front").burnt > 0.5) is burnt


def test_the_lens_is_not_judged_by_what_another_camera_showed_under_its_name(
    recogniser: Recogniser, plates: ScriptedDetector
) -> None:
    """After a swap of names; what became of the vehicles stays counted."""
    recogniser.use_rigs({"front": Rig()})
    drive(recogniser, plates, ([FAR] * 5 + [None] * 12) * 6)
    assert recogniser.tally("front").widths.are_too_small
    recogniser.use_rigs({"front": Rig()})
    drive(recogniser, plates, [None], start=20.0)
    tally = recogniser.tally("front")
    assert (tally.widths.widest_of_each, tally.unread, tally.vehicles) == ((), 6, 6)
