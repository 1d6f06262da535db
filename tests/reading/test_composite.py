"""One picture out of several frames: what falls together is averaged, what does not is left out."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import cv2
import numpy as np
import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, CharGuess, Pixels, PlateColour
from patrol_anpr.lab.approach import Approach, Subject, corners_of, film
from patrol_anpr.lettering.plate import draw_plate
from patrol_anpr.reading.composite import Crop, compose, crop_of, lay_out
from patrol_anpr.reading.ocr import PADDING, Effort, PlateOcr, cut_out
from patrol_anpr.reading.passes import Pass
from patrol_anpr.reading.pictures import Photographer
from patrol_anpr.reading.prior import decode
from patrol_anpr.reading.recogniser import Recogniser
from tests.conftest import FakeClock
from tests.reading.made import ScriptedDetector, ScriptedOcr, candidate, frame_at, plate_box

TODAY = date(2026, 11, 22)
STAND = plate_box(320, 200, 90)


def picture(mark: str = "AB12CDE", *, turn: float = 0.0, shift: tuple[float, float] = (0, 0)) -> Pixels:
    """A drawn plate on dark paint, in the form of a crop: a little turned and shifted."""
    plate = cv2.resize(draw_plate(mark, colour=PlateColour.WHITE), (168, 76), interpolation=cv2.INTER_AREA)
    pixels = np.full((96, 192, 3), 60, np.uint8)
    pixels[10:86, 12:180] = plate
    matrix = cv2.getRotationMatrix2D((96, 48), turn, 1.0)
    matrix[:, 2] += shift
    return np.asarray(cv2.warpAffine(pixels, matrix, (192, 96), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def grainy(pixels: Pixels, seed: int) -> Pixels:
    grain = np.random.default_rng(seed).normal(0, 45, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def crops(pictures: Sequence[Pixels]) -> list[Crop]:
    return [Crop(one, "AB12CDE", 1.0) for one in pictures]


def error(one: Pixels, other: Pixels) -> float:
    return float(np.sqrt(np.mean((one.astype(float) - other) ** 2)))


def test_shifted_and_turned_frames_fall_together_and_their_grain_fades() -> None:
    frames = [picture(turn=turn, shift=shift) for turn, shift in [(0, (0, 0)), (1.5, (4, -2)), (-2, (-5, 3))]]
    made = compose(crops([grainy(one, seed) for seed, one in enumerate(frames)]))
    assert made is not None
    assert error(made, frames[0]) < 0.75 * error(grainy(frames[0], 0), frames[0])


def test_a_frame_that_shows_something_else_is_left_out() -> None:
    other = np.random.default_rng(3).integers(0, 255, (96, 192, 3), np.uint8)
    assert compose(crops([picture(), other])) is None
    with_it, without = (compose(crops(chosen)) for chosen in ([picture(), picture(), other], [picture()] * 2))
    assert with_it is not None
    assert np.array_equal(with_it, without)


def test_brightness_and_contrast_are_those_of_the_first() -> None:
    dark = np.asarray(picture() * 0.4 + 10, np.uint8)
    made = compose(crops([picture(), dark]))
    assert made is not None
    assert error(made, picture()) < 6


@pytest.mark.parametrize("count", [0, 1])
def test_one_picture_is_no_composite(count: int) -> None:
    assert compose(crops([picture()] * count)) is None


@pytest.mark.parametrize("level", [0, 255])
def test_pictures_without_anything_in_them_make_none(level: int) -> None:
    flat = np.full((96, 192, 3), level, np.uint8)
    assert compose(crops([flat, flat])) is None
    assert compose(crops([picture(), flat])) is None
    assert compose(crops([flat, picture()])) is None


def test_each_plate_of_a_sheet_with_its_padding_is_one_composite() -> None:
    """Three references, each composite plain and sharpened, and nearer; nothing of a neighbour stands in a crop."""
    sheet = lay_out(crops([picture(), picture(shift=(3, 1)), picture(turn=1)]))
    assert sheet is not None
    assert len(sheet.plates) == len(sheet.references) == 12
    parts = [cut_out(sheet.pixels, plate, PADDING) for plate in sheet.plates[::2]]
    nearer = [cut_out(sheet.pixels, plate, PADDING) for plate in sheet.plates[1::2]]
    assert [part.shape for part in parts] == [picture().shape] * 6
    assert all(inner.shape < part.shape for inner, part in zip(nearer, parts, strict=True))
    assert all(np.shares_memory(inner, part) for inner, part in zip(nearer, parts, strict=True))
    assert np.array_equal(np.vstack(parts), sheet.pixels)
    assert parts[1].std() > parts[0].std()


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_composite_there_is_no_sheet(count: int) -> None:
    assert lay_out(crops([picture()] * count)) is None


def test_a_crop_keeps_nothing_of_its_frame() -> None:
    frame = frame_at(0.0)
    assert not np.shares_memory(crop_of(frame, STAND, "AB12CDE", 1.0).pixels, frame.pixels)


class ReadsTheComposite(ScriptedOcr):
    """Says of the composite what it is told, or fails; of everything else what `says` says."""

    composite = candidate("AB12CDE", 0.99)
    failure: Exception | None = None

    seen_at: float | None = None
    effort: Effort | None = None

    def look(
        self, pixels: Pixels, boxes: Sequence[Box], *, effort: Effort = Effort.PICTURE, seen_at: float | None = None
    ) -> list[Candidate]:
        if pixels.shape[1] != picture().shape[1]:
            return super().look(pixels, boxes)
        self.seen_at, self.effort = seen_at, effort
        if self.failure:
            raise self.failure
        return [self.composite] * len(boxes)


def doubtful(text: str) -> Candidate:
    """What an OCR says that can hardly tell: each character stands out a little from seven others."""
    guesses = tuple(CharGuess(((char, 0.18), *((other, 0.11) for other in "0289HKM"))) for char in text)
    return Candidate(text, (0.18,) * len(text), guesses)


def passed(*texts: tuple[str, float]) -> Pass:
    """A pass with one look a text, at frames that show the same plate."""
    return watched(candidate(*text) for text in texts)


def watched(candidates: Iterable[Candidate]) -> Pass:
    """A pass with one look a Candidate, at frames that show the same plate."""
    pixels = np.full((400, 640, 3), 90, np.uint8)
    box = Box(230, 150, 410, 240)
    pixels[141:249, 221:419] = cv2.resize(picture(), (198, 108))
    begun = Pass("front", datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC), 1000.0)
    for number, seen in enumerate(candidates):
        frame = frame_at(number / 10, pixels, number=number)
        begun.look(frame, box, decode(seen.guesses, TODAY), TODAY, Photographer())
    return begun


def test_a_text_that_only_the_composite_says_has_the_picture_it_was_aligned_to() -> None:
    one = passed(("AB12CDF", 0.6), ("AB12CDP", 0.6), ("AB12CDB", 0.6))
    ocr = ReadsTheComposite()
    one.look_at_composites(ocr, TODAY)
    assert ocr.seen_at == 180  # px, as in the frames; a composite is larger
    assert ocr.effort is Effort.COMPOSITE
    made = one.read(0, TODAY, "")
    assert made is not None
    assert made[0].vrm == "AB12CDE"
    assert made[0].frames == 3  # the composite is no frame
    assert made[0].captured_monotonic == 1000.0
    assert one.consensus.agreeing == 1  # composites of the same frames are one look


def test_a_near_plate_of_which_no_frame_is_sure_has_a_picture_for_what_the_composite_says() -> None:
    one = watched([doubtful("AB12CDF"), doubtful("AB12CDP")])
    one.look_at_composites(ReadsTheComposite(), TODAY)
    made = one.read(0, TODAY, "")
    assert made is not None
    assert made[0].vrm == "AB12CDE"


def test_a_composite_that_reads_as_quite_another_mark_counts_nothing() -> None:
    one, ocr = passed(("XY34ZFG", 0.6), ("XY34ZFC", 0.5)), ReadsTheComposite()
    before = one.consensus
    one.look_at_composites(ocr, TODAY)
    assert one.consensus == before


def test_sure_frames_are_not_outvoted_by_the_composite() -> None:
    one, ocr = passed(*[("AB12CDF", 0.97)] * 3), ReadsTheComposite()
    one.look_at_composites(ocr, TODAY)
    assert one.consensus.text == "AB12CDF"


def test_a_model_that_fails_at_the_end_of_a_track_costs_no_read(clock: FakeClock) -> None:
    plates, ocr = ScriptedDetector(), ReadsTheComposite(lambda _: candidate("AB12CDE", 0.85))
    recogniser = Recogniser(plates, ocr, clock)
    pixels = np.random.default_rng(5).integers(0, 255, (400, 640, 3), np.uint8)
    plates.show(STAND)
    for number in range(4):
        recogniser.process(frame_at(number / 10, pixels, number=number))
    ocr.failure = ModelRefused("no numbers")
    assert [read.vrm for read, _ in recogniser.finish("front")] == ["AB12CDE"]


def test_frames_of_which_none_is_read_right_are_read_together(ocr: PlateOcr) -> None:
    """The real OCR, plates of 36 px through a poor camera: what no frame shows, six show together."""
    won = lost = 0
    for seed in range(40):
        mark = f"{'ABCDEFGH'[seed % 8]}{'KLMNPRST'[seed // 8]}{12 + seed}{'VWX'[seed % 3]}{'JHG'[seed // 3 % 3]}Y"
        drawn = draw_plate(mark, colour=PlateColour.YELLOW, scale=0.5)
        subject = Subject(mark, drawn, corners_of(Box(0, 0, drawn.shape[1], drawn.shape[0])))
        one = None
        for frame, box in film(subject, Approach((34.0,) * 4 + (36.0,) * 4, by_night=True, strain=0.6, seed=seed)):
            one = one or Pass("front", frame.at_utc, frame.at_utc, frame.at_monotonic)
            (seen,) = ocr.look(frame.pixels, [box])
            one.look(frame, box, decode(seen.guesses, TODAY), TODAY, Photographer())
        assert one is not None
        before = one.consensus.text
        one.look_at_composites(ocr, TODAY)
        won += before != mark == one.consensus.text
        lost += before == mark != one.consensus.text
    assert won > lost
