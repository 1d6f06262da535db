"""What reading a whole pass brings against its best single frame: `patrol-anpr bench passes`."""

import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.plate import Box, Frame, Pixels, Plate
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.vrm import fold
from patrol_anpr.lab.accuracy import kept_at
from patrol_anpr.reading.consensus import NOTHING, Consensus, Look, chance, count_agreeing
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import Effort, PlateOcr, is_cut
from patrol_anpr.reading.passes import Pass
from patrol_anpr.reading.pictures import Photographer
from patrol_anpr.reading.prior import decode
from patrol_anpr.reading.recogniser import LEAST_HEIGHT, LEAST_WIDTH, Recogniser

WIDTHS = (0, 48, 64, 90, math.inf)  # px, of the plate at its largest
_SAID = (0, 10, 30, 50, 70, 90, 101)
_ON_THE_PLATE = 0.3  # IoU
_LOOSE = (0.02, 0.04)  # how far, of width and height, each side of a detector's box lies from the plate's

Filmed = Iterable[tuple[Frame, Box]]  # frames in their order, and where the plate truly is


@dataclass(frozen=True, slots=True)
class MeasuredPass:
    """One pass: what stands on the plate, what was read, and the look at each frame by itself.

    `said` rests on `counted` frames, `confidence` is what the product says of it in percent; `widest` is the plate's
    largest width in pixels. `looks` are those at every frame in which the plate was found and large enough, also after
    the pass had `settled`.
    """

    truth: str
    by_night: bool
    widest: float
    looks: tuple[Look, ...]
    said: Consensus
    confidence: int
    counted: int
    settled: bool

    @property
    def is_right(self) -> bool:
        """Whether the pass was read exactly (O=0, I=1)."""
        return fold(self.said.text) == fold(self.truth)

    @property
    def best_look(self) -> tuple[float, bool]:
        """The confidence (0 to 1) of the surest single frame, and whether it is right; (0, False) without one."""
        best = max(self.looks, key=lambda look: look.candidate.confidence, default=None)
        return (best.candidate.confidence, self._says(best)) if best else (0.0, False)

    @property
    def any_right(self) -> bool:
        """Whether any frame by itself was read exactly."""
        return any(map(self._says, self.looks))

    def _says(self, look: Look) -> bool:
        return fold(look.candidate.text) == fold(self.truth)


def read_pass(truth: str, filmed: Filmed, ocr: PlateOcr, clock: Clock, *, by_night: bool, seed: int) -> MeasuredPass:
    """Read one pass with the box known, as loosely as a detector draws it (`seed` decides how)."""
    rng, today = np.random.default_rng(seed), clock.utc().date()
    photographer = Photographer()
    passed: Pass | None = None
    looks: list[Look] = []
    widest = 0.0
    for frame, true_box in filmed:
        widest = max(widest, true_box.width)
        box = _drawn_loosely(true_box, rng)
        passed = passed or Pass(frame.camera_id, frame.at_utc, frame.at_utc, frame.at_monotonic)
        if box.width < LEAST_WIDTH or box.height < LEAST_HEIGHT:
            continue
        looks.append(_look(frame, box, ocr, clock))
        if passed.wants_look(box):
            passed.look(frame, box, looks[-1].candidate, today, photographer)
            passed.settled = passed.is_certain()
    if passed is None:
        raise ValueError("a pass has at least one frame")
    if not passed.settled:
        passed.look_at_composites(ocr, clock.utc().date())
    said = passed.consensus
    return MeasuredPass(truth, by_night, widest, tuple(looks), said, chance(said), passed.frames, passed.settled)


def read_scene(
    truth: str, filmed: Filmed, detector: PlateDetector, ocr: PlateOcr, clock: Clock, *, by_night: bool
) -> MeasuredPass:
    """Read one pass as a camera's frames are: found, tracked, looked at. What is read of other plates is left out."""
    found = _Found()
    recogniser = Recogniser(found, ocr, clock, least_confidence=0)
    looks: list[Look] = []
    boxes: dict[float, Box] = {}
    reads: list[Read] = []
    settled: set[str] = set()
    for frame, true_box in filmed:
        boxes[frame.at_monotonic] = true_box
        found.plates = detector.find(frame.pixels)
        brought = recogniser.process(frame)
        reads += [read for read, _ in brought.reads]
        settled |= {plate.text for plate in brought.plates if plate.certain}
        box = max((plate.box for plate in found.plates), key=true_box.iou, default=None)
        if box and true_box.iou(box) >= _ON_THE_PLATE and box.width >= LEAST_WIDTH and box.height >= LEAST_HEIGHT:
            looks.append(_look(frame, box, ocr, clock))
    reads += [read for read, _ in recogniser.finish("bench")]
    own = [read for read in reads if boxes[read.captured_monotonic].iou(read.box) >= _ON_THE_PLATE]
    made = max(own, key=lambda read: read.confidence, default=None)
    widest = max(box.width for box in boxes.values())
    if made is None:
        return MeasuredPass(truth, by_night, widest, tuple(looks), NOTHING, 0, 0, settled=False)
    said = Consensus(made.vrm, made.chars, made.candidates, made.box.width, count_agreeing(looks, made.vrm))
    return MeasuredPass(
        truth, by_night, widest, tuple(looks), said, made.confidence, made.frames, settled=made.vrm in settled
    )


class _Found:
    """A detector that was asked already: each frame is searched once, for the pass and for the single look."""

    plates: Sequence[Plate] = ()

    def find(self, pixels: Pixels) -> list[Plate]:
        del pixels
        return list(self.plates)


def _drawn_loosely(box: Box, rng: np.random.Generator) -> Box:
    across, down = _LOOSE[0] * box.width, _LOOSE[1] * box.height
    left, top, right, bottom = rng.normal(0, 1, 4)
    return Box(box.x1 + left * across, box.y1 + top * down, box.x2 + right * across, box.y2 + bottom * down)


def _look(frame: Frame, box: Box, ocr: PlateOcr, clock: Clock) -> Look:
    (seen,) = ocr.look(frame.pixels, [box], effort=Effort.FRAME)
    candidate = decode(seen.guesses, clock.utc().date())
    return Look(candidate, box.width, frame.at_monotonic, is_cut(box, frame.size[0]))


def pass_table(name: str, measured: Sequence[MeasuredPass]) -> str:
    """Return, as plain text, what passes and single frames brought, and what the pass's confidence is worth."""
    rows = [("all", list(measured))]
    for by_night, (least, most) in itertools.product((False, True), itertools.pairwise(WIDTHS)):
        label = f"{'night' if by_night else 'day'}, {_span(least, most)} px"
        rows.append((label, [one for one in measured if one.by_night == by_night and least <= one.widest < most]))
    day_64 = [one for one in measured if not one.by_night and one.widest > 64]
    rows.append(("day, over 64 px", day_64))
    lines = [f"{name:<24} passes  consensus %  best frame %  any frame %"]
    for label, part in rows:
        if part:
            shares = [_share(one.is_right for one in part), _share(one.best_look[1] for one in part)]
            shares.append(_share(one.any_right for one in part))
            lines.append("{:<24} {:>6}  {:>11}  {:>12}  {:>11}".format(label, len(part), *shares))
    kept = kept_at([(one.confidence, one.is_right) for one in measured], 0.99)
    kept_single = kept_at([one.best_look for one in measured], 0.99)
    lines.append(f"kept at 99 % right: passes {100 * kept:.1f} %, best frames {100 * kept_single:.1f} %")
    return "\n".join([*lines, _settling(measured), *_confidences(measured)])


def _settling(measured: Sequence[MeasuredPass]) -> str:
    settled = [one for one in measured if one.settled]
    if not settled:
        return "settled early: none"
    frames = [one.counted for one in settled]
    return (
        f"settled early: {len(settled)} ({_share(one.settled for one in measured)} %),"
        f" {_share(one.is_right for one in settled)} % right,"
        f" {sum(not one.is_right for one in settled)} wrong;"
        f" after {statistics.median(frames):.0f} looks (median), {max(frames)} at most"
    )


def _confidences(measured: Sequence[MeasuredPass]) -> list[str]:
    lines = [f"{'confidence said':<24} passes      right %"]
    for least, end in itertools.pairwise(_SAID):
        part = [one for one in measured if least <= one.confidence < end]
        if part:
            lines.append(f"{f'{least}-{end - 1}':<24} {len(part):>6}  {_share(one.is_right for one in part):>11}")
    return lines


def _span(least: float, most: float) -> str:
    return f"{least:.0f} or more" if math.isinf(most) else f"{least:.0f}-{most:.0f}"


def _share(right: Iterable[bool]) -> str:
    every = list(right)
    return f"{100 * sum(every) / len(every):.1f}"
