from collections.abc import Sequence
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, Frame, Pixels, PlateColour
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import Effort, PlateOcr
from patrol_anpr.reading.recogniser import Recogniser
from tests.conftest import FakeClock
from tests.reading.made import ScriptedDetector, ScriptedOcr, candidate, frame_at, plate_box, scene

STAND = plate_box(640, 400, 90)


@pytest.fixture
def plates() -> ScriptedDetector:
    return ScriptedDetector()


@pytest.fixture
def texts() -> ScriptedOcr:
    return ScriptedOcr()


@pytest.fixture
def recogniser(plates: ScriptedDetector, texts: ScriptedOcr, clock: FakeClock) -> Recogniser:
    return Recogniser(plates, texts, clock, models="detector 1, ocr 1")


def drive(
    recogniser: Recogniser, plates: ScriptedDetector, boxes: Sequence[Box | None], start: float = 0.0, step: float = 0.1
) -> list[tuple[Read, Evidence]]:
    """Process one frame a box (None: no plate) and return the Reads."""
    reads = []
    for number, box in enumerate(boxes):
        plates.show(*([box] if box else []))
        reads += recogniser.process(frame_at(start + number * step, number=number)).reads
    return reads


def test_a_pass_makes_one_read_early_and_no_second(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    reads = drive(recogniser, plates, [STAND] * 30)
    assert [read.vrm for read, _ in reads] == ["AB12CDE"]
    assert reads[0][0].captured_monotonic <= 1000.3
    assert drive(recogniser, plates, [None] * 30, start=3) == []
    assert recogniser.finish("front") == []
    assert recogniser.counts.reads == 1


def test_a_doubtful_pass_makes_its_read_when_the_track_ends(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    texts.says = lambda _: candidate("AB12CDE", 0.88)
    assert drive(recogniser, plates, [STAND] * 10) == []
    reads = drive(recogniser, plates, [None] * 20, start=1)
    assert [read.vrm for read, _ in reads] == ["AB12CDE"]
    assert reads[0][0].frames == 10


def test_a_frame_is_looked_at_as_one_of_many(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    plates.show(STAND)
    recogniser.process(frame_at(0.0))
    assert texts.efforts == [Effort.FRAME]


def test_the_next_best_looks_of_a_pass_are_kept_beside_the_one_its_text_is_from(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    texts.says = lambda _: candidate("AB12CDE", 0.88)
    for number, width in enumerate((40, 60, 80, 100, 120)):
        box = plate_box(640, 400, width)
        plates.show(box)
        recogniser.process(frame_at(number * 0.2, scene(("AB12CDE", box)), number=number))
    ((read, evidence),) = recogniser.finish("front")
    assert read.box.width == pytest.approx(120)
    widths = [picture.shape[1] for picture in map(decoded, (evidence.patch, *evidence.patches))]
    assert widths == pytest.approx([144, 120, 96], abs=2)


def test_neighbouring_frames_count_as_one_look(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    texts.says = lambda _: candidate("AB12CDE", 0.88)
    drive(recogniser, plates, [plate_box(640, 400, 60 + 10 * number) for number in range(6)], step=0.02)
    ((_, evidence),) = recogniser.finish("front")
    assert evidence.patches == ()


def decoded(jpeg: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_finish_ends_the_tracks_of_one_camera(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    drive(recogniser, plates, [STAND] * 2)
    assert recogniser.finish("rear") == []
    assert [read.camera_id for read, _ in recogniser.finish("front")] == ["front"]
    assert recogniser.finish("front") == []


def test_the_read_tells_all_of_its_pass(recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr) -> None:
    small = plate_box(640, 400, 50)
    texts.says = lambda box: candidate("AB12CDE", 0.9 if box.width > 60 else 0.6)
    pixels = scene(("AB12CDE", STAND))
    for number, box in enumerate([small, small, STAND]):
        plates.show(box)
        recogniser.process(frame_at(number / 10, pixels, number=number))
    ((read, evidence),) = recogniser.finish("front")
    assert read.box == STAND
    assert (read.captured_at - read.first_seen).total_seconds() == pytest.approx(0.2)
    assert read.last_seen == read.captured_at
    assert read.captured_monotonic == 1000.2
    assert read.models == "detector 1, ocr 1"
    assert read.format_flag == "current"
    assert read.candidates == ("AB12CDE",)
    assert len(read.chars) == 7
    assert read.colour is PlateColour.YELLOW
    overview = cv2.imdecode(np.frombuffer(evidence.overview, np.uint8), cv2.IMREAD_COLOR)
    assert overview.shape == (720, 1280, 3)
    patch = cv2.imdecode(np.frombuffer(evidence.patch, np.uint8), cv2.IMREAD_COLOR)
    assert STAND.width <= patch.shape[1] <= 1.4 * STAND.width


def test_the_evidence_is_a_frame_that_itself_says_the_text(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    """The surest and largest frame says something else: the picture must not be that one."""
    wide = plate_box(640, 400, 120)
    texts.says = lambda box: candidate("AB12CDF", 0.9) if box is wide else candidate("AB12CDE", 0.85)
    drive(recogniser, plates, [STAND, STAND, STAND, STAND, wide])
    ((read, _),) = recogniser.finish("front")
    assert read.vrm == "AB12CDE"
    assert read.box == STAND
    assert read.candidates == ("AB12CDE", "AB12CDF")


MISREAD = ["AB12CDX", "AB12CXE", "AB12XDE"]
"""Each with one letter wrong: letter by letter they agree on AB12CDE, which none of them says."""


@pytest.mark.parametrize(("also_said", "read"), [([], []), (["AB12CDE"], ["AB12CDE"])])
def test_a_text_that_stands_in_no_frame_is_not_read(
    plates: ScriptedDetector, texts: ScriptedOcr, clock: FakeClock, also_said: list[str], read: list[str]
) -> None:
    """However unsure a Read may be: there is no picture to show for such a text."""
    recogniser = Recogniser(plates, texts, clock, models="detector 1, ocr 1", least_confidence=0)
    said = MISREAD * 2 + also_said
    frames = iter(said)
    texts.says = lambda _: candidate(next(frames))
    drive(recogniser, plates, [STAND] * len(said))
    assert [one.vrm for one, _ in recogniser.finish("front")] == read
    assert recogniser.counts.junk == 1 - len(read)


@pytest.mark.parametrize(
    "junk", [candidate("AB12CDE", 0.4), candidate("", 1.0), Candidate("", (), ())], ids=["unsure", "blank", "nothing"]
)
def test_junk_makes_no_read_but_is_counted(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr, junk: Candidate
) -> None:
    texts.says = lambda _: junk
    assert drive(recogniser, plates, [STAND] * 5 + [None] * 20) == []
    assert recogniser.counts.junk == 1
    assert recogniser.counts.reads == 0


def test_a_plate_found_again_soon_is_the_same_pass(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    assert len(drive(recogniser, plates, [STAND] * 5)) == 1
    elsewhere = plate_box(200, 300, 90)
    assert drive(recogniser, plates, [None] * 30 + [elsewhere] * 10 + [None] * 20, start=0.5) == []
    assert recogniser.counts.merged == 1


def test_a_plate_that_comes_back_later_is_another_pass(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    assert len(drive(recogniser, plates, [STAND] * 5)) == 1
    drive(recogniser, plates, [None] * 12, start=0.5, step=1)
    assert len(drive(recogniser, plates, [STAND] * 5, start=12.5)) == 1


def test_a_vehicle_followed_for_minutes_is_one_pass_even_when_hidden(
    recogniser: Recogniser, plates: ScriptedDetector
) -> None:
    boxes = ([STAND] * 100 + [None] * 40) * 4
    assert len(drive(recogniser, plates, boxes)) == 1


def test_the_same_vehicle_on_two_cameras_is_two_reads(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    plates.show(STAND)
    reads = []
    for number in range(5):
        for camera_id in ("front", "rear"):
            reads += recogniser.process(frame_at(number / 10, camera_id=camera_id, number=number)).reads
    assert sorted(read.camera_id for read, _ in reads) == ["front", "rear"]


def test_the_ocr_is_spared_once_a_track_is_settled_and_below_readable_size(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    drive(recogniser, plates, [STAND] * 150, step=1 / 30)
    spared = texts.looks
    assert 3 < spared <= 3 + 5 * 5  # five times a second, to see that it is still the same vehicle
    drive(recogniser, plates, [plate_box(200, 600, 20)] * 50, start=20)
    assert texts.looks == spared


def test_the_live_tile_is_told_text_and_certainty(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    plates.show(STAND)
    seen = [recogniser.process(frame_at(number / 10, number=number)).plates[0] for number in range(4)]
    assert [plate.certain for plate in seen] == [False, False, True, True]
    assert {plate.text for plate in seen} == {"AB12CDE"}
    assert seen[0].box == STAND


def test_no_frame_is_kept(recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr) -> None:
    import gc
    import weakref

    texts.says = lambda _: candidate("AB12CDE", 0.85)
    plates.show(STAND)
    pixels = [np.full((720, 1280, 3), 90, np.uint8) for _ in range(5)]
    alive = [weakref.ref(one) for one in pixels]
    for number in range(5):
        recogniser.process(frame_at(number / 10, pixels[number], number=number))
    pixels.clear()
    gc.collect()
    assert [one() for one in alive] == [None] * 5


def test_a_failing_model_is_raised_and_the_next_frame_goes_on(recogniser: Recogniser, plates: ScriptedDetector) -> None:
    plates.show(STAND)
    recogniser.process(frame_at(0.0))
    plates.failure = ModelRefused("no numbers")
    with pytest.raises(ModelRefused):
        recogniser.process(frame_at(0.1))
    plates.failure = None
    assert len(drive(recogniser, plates, [STAND] * 3, start=0.2)) == 1


def test_tracks_of_a_camera_that_stopped_end_by_the_clock(
    recogniser: Recogniser, plates: ScriptedDetector, clock: FakeClock
) -> None:
    plates.show(STAND)
    recogniser.process(frame_at(0.0))
    assert recogniser.end_idle() == []
    clock.advance(1.5)
    assert [read.vrm for read, _ in recogniser.end_idle()] == ["AB12CDE"]


def test_the_day_of_the_clock_rules_the_flag(plates: ScriptedDetector, texts: ScriptedOcr) -> None:
    texts.says = lambda _: candidate("AB27CDE")
    for now, flag in (
        (datetime(2026, 11, 21, tzinfo=UTC), "current/not_issued"),
        (datetime(2027, 3, 1, tzinfo=UTC), "current"),
    ):
        recogniser = Recogniser(plates, texts, FakeClock(now))
        ((read, _),) = drive(recogniser, plates, [STAND] * 3)
        assert read.format_flag == flag


def test_real_models_read_drawn_vehicles_that_pass(detector: PlateDetector, ocr: PlateOcr, clock: FakeClock) -> None:
    recogniser = Recogniser(detector, ocr, clock)
    reads: list[tuple[Read, Evidence]] = []
    for number in range(10):
        near = plate_box(300 + 10 * number, 420 + 6 * number, 70 * 1.06**number)
        far = plate_box(900, 380, 75)
        pixels = scene(("AB12CDE", near), ("X123HBC", far))
        reads += recogniser.process(Frame("front", number, pixels, clock.utc(), clock.monotonic())).reads
        clock.advance(0.1)
    reads += recogniser.finish("front")
    assert sorted(read.vrm for read, _ in reads) == ["AB12CDE", "X123HBC"]
    assert all(read.confidence >= 90 for read, _ in reads)


def test_a_vehicle_that_takes_over_the_track_of_one_already_read_is_read_too(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr
) -> None:
    """In the demo drive an oncoming car was swallowed: its plate had gone on in the track of the car before it."""
    reads = drive(recogniser, plates, [STAND] * 10)
    texts.says = lambda _: candidate("XY34ZFG", 0.99)
    reads += drive(recogniser, plates, [STAND] * 20, start=1)
    assert [read.vrm for read, _ in reads] == ["AB12CDE", "XY34ZFG"]
    assert reads[1][0].first_seen > reads[0][0].last_seen


@pytest.mark.parametrize(("text", "confidence"), [("AB12CDF", 0.99), ("XY34ZFG", 0.8)])
def test_a_misreading_of_a_plate_already_read_is_no_second_vehicle(
    recogniser: Recogniser, plates: ScriptedDetector, texts: ScriptedOcr, text: str, confidence: float
) -> None:
    reads = drive(recogniser, plates, [STAND] * 10)
    texts.says = lambda _: candidate(text, confidence)
    reads += drive(recogniser, plates, [STAND] * 20, start=1)
    reads += recogniser.finish("front")
    assert [read.vrm for read, _ in reads] == ["AB12CDE"]
