"""What stands on a plate: fast-plate-ocr's loader with local files, raw probabilities kept for the consensus.

Where the first OCR is not certain a second one of the same family is asked, and their answers are averaged
(docs/adr/0009-two-ocrs.md). What is still not sure is looked at again (docs/adr/0010 and 0011).
"""

import math
from collections.abc import Callable, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, CharGuess, Pixels
from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.reading.consensus import ALONE
from patrol_anpr.reading.sessions import providers, session_options

# A crop is wider than its box by this share of its width and height on each side: with none, outer letters are cut.
# Averaging two to four paddings brought nothing more.
PADDING = (0.05, 0.10)
# What the least sure slot must say for nobody else to be asked: of the far OCR alone, then of both.
_CERTAIN, _SURE = 0.99, 0.8
_LEAST_CHANCE = 1e-6
_FARTHER, _NEARER = 1.15, 0.9  # share of the crop seen
_WIDE = 120.0  # px: from here on a box leaves the margin it should, a nearer look brings hardly anything
_HOPELESS = 1e-3  # chance that a text is right: what neither says anything as it is nor as a negative is no plate
_PROMISING = 1e-2  # chance the far OCR must give a further look for the near one to be asked about it
_DARKEST, _LIGHTEST = 1, 99  # percentiles that become black and white
_LEAST_RANGE = 25.0  # grey levels; a crop with less in it is noise and is not stretched further
_WIDE_RANGE = 160.0  # a crop that spans as many has contrast: stretching it brings nothing

# How much the near OCR counts: nothing up to the first width (px), and from there evenly more up to the second. On far
# plates it errs the same way in every frame, which misleads a pass (`patrol-anpr bench passes`). Under ALONE px, where
# one look is never accepted, only the far OCR is asked, and once.
_SMALL, _LARGE, _MOST_NEAR = 40.0, 100.0, 0.5

_LEAST_OPTION = 0.002
_MOST_OPTIONS = 8
_EDGE = 2.0  # px: a box that comes so near to the frame's edge is cut
_CUT = 0.5  # a cut plate comes back as short text at confidence 1.0, so its confidence is halved


Views = NDArray[np.uint8]  # N x height x width x channels
Slots = NDArray[np.float32]  # N x slots x alphabet, probabilities
Widths = NDArray[np.float64]  # of plates in the frame, px
Chosen = NDArray[np.intp]
Read = Callable[[Views, Widths], Slots]
Worth = Callable[[Slots], NDArray[np.bool_]]  # of each plate, from what the far OCR said, whether to ask the near one
Look = Callable[[Views, Widths], tuple[Chosen, Views]]  # which of them are worth it, and how they look that way


class Effort(Enum):
    """How often what is not read surely is looked at (docs/adr/0008, 0010, 0011)."""

    ONCE = auto()
    FRAME = auto()  # one of many: once, and once more where the plate is faint. The next frame is a better second look
    COMPOSITE = auto()  # the last of a pass: as a negative, and from farther
    PICTURE = auto()  # the only one: in up to three more ways


class PlateOcr(Protocol):
    """What reads plates."""

    def look(
        self,
        pixels: Pixels,
        boxes: Sequence[Box],
        *,
        effort: Effort = Effort.PICTURE,
        seen_at: float | None = None,
    ) -> list[Candidate]:
        """Return one Candidate a box, in their order; text "" where nothing was made out.

        `effort` says how often what is not read surely is looked at, by what kind of picture it is.
        `seen_at` is how wide the plates were in the frame, in px, where `pixels` shows them enlarged.

        Raises:
            ModelRefused: the model gave NaN or Inf.
        """
        ...


def make_ocr(
    model: Path,
    config: Path,
    *,
    near: Path | None = None,
    provider: str,
    threads: int,
    padding: tuple[float, float] = PADDING,
    again: bool = True,
) -> PlateOcr:
    """Open the OCR `model` with its plate `config`, or, where no such file exists, fast-plate-ocr's model of that name.

    `near` is a second OCR of the same configuration that knows near plates better, asked where the first is not
    certain. `padding` is the share of a box's width and height added on each side of its crop; `again` has what is
    not sure looked at again in other ways.

    Raises:
        BadInput: the provider is not there.
        ModelRefused: a file is missing, is no plate OCR, or a named model could not be fetched.
    """

    def opened(path: Path) -> OcrNetwork:
        return OcrNetwork(_recognizer(path, config, provider, threads))

    return FastPlateOcr(opened(model), opened(near) if near else None, padding, again=again)


def _recognizer(model: Path, config: Path, provider: str, threads: int) -> Any:
    from fast_plate_ocr import LicensePlateRecognizer
    from fast_plate_ocr.inference.hub import AVAILABLE_ONNX_MODELS

    chosen: dict[str, Any] = {"providers": providers(provider, threads), "sess_options": session_options(threads)}
    if model.is_file():
        if not config.is_file():
            raise ModelRefused(f"The OCR's plate configuration {config.name} is missing. Install Patrol ANPR again.")
        source: dict[str, Any] = {"onnx_model_path": model, "plate_config_path": config}
    elif model.name in AVAILABLE_ONNX_MODELS:
        source = {"hub_ocr_model": model.name}
    else:
        raise ModelRefused(
            f"The OCR model {model.name} is missing. Install Patrol ANPR again, or correct the settings."
        )
    try:
        return LicensePlateRecognizer(**source, **chosen)
    except OSError as error:
        raise ModelRefused(
            f"The OCR model {model.name} could not be fetched or read. Check the network, or use the model delivered."
        ) from error
    except Exception as error:  # what onnxruntime and the configuration's parser raise has no class in common
        raise ModelRefused(f"The OCR model {model.name} or its configuration is damaged or is no plate OCR.") from error


class OcrNetwork:
    """One fast-plate-ocr model and its configuration."""

    def __init__(self, recognizer: Any) -> None:
        self.config: Any = recognizer.config
        self.alphabet = [char if char in ALPHABET else "" for char in self.config.alphabet.upper()]
        self._network: Any = recognizer.model
        self._output: str = recognizer.plate_output_name
        self._input: str = self._network.get_inputs()[0].name
        expected = (self.config.max_plate_slots, len(self.alphabet))
        blank = np.zeros((1, self.config.img_height, self.config.img_width, self.config.num_channels), np.uint8)
        try:
            shape = self.read(blank).shape[1:]
        except Exception as error:  # as above: onnxruntime's own classes
            raise ModelRefused("The OCR model does not take the plates its configuration describes.") from error
        if shape != expected:
            raise ModelRefused(f"The OCR model gives {shape} values a plate, its configuration says {expected}.")

    def read(self, views: Views) -> Slots:
        """Return what stands on the views; ModelRefused where the model gave NaN or Inf."""
        raw = self._network.run([self._output], {self._input: views})[0]
        if not np.isfinite(raw).all():
            raise ModelRefused(
                "The OCR gave values that are no numbers, so this frame was not read. "
                "If this goes on, install Patrol ANPR again or choose another provider."
            )
        slots: Slots = raw.reshape(len(views), -1, len(self.alphabet))
        return slots

    def view(self, crop: Pixels) -> Views:
        """Bring a crop (BGR) into the model's form, height x width x channels."""
        from fast_plate_ocr.core.process import resize_image

        code = cv2.COLOR_BGR2RGB if self.config.num_channels == 3 else cv2.COLOR_BGR2GRAY
        view: Views = resize_image(
            cv2.cvtColor(crop, code),
            self.config.img_height,
            self.config.img_width,
            image_color_mode=self.config.image_color_mode,
            keep_aspect_ratio=self.config.keep_aspect_ratio,
            interpolation_method=self.config.interpolation,
            padding_color=self.config.padding_color,
        )
        return view


class FastPlateOcr:
    """One or two OCRs, with the crops and the second look. Not thread-safe."""

    def __init__(self, far: OcrNetwork, near: OcrNetwork | None, padding: tuple[float, float], *, again: bool) -> None:
        self._form = far
        second = near.read if near else None
        self._read = {effort: in_turn(far.read, second, effort if again else Effort.ONCE) for effort in Effort}
        self._padding = padding

    def look(
        self,
        pixels: Pixels,
        boxes: Sequence[Box],
        *,
        effort: Effort = Effort.PICTURE,
        seen_at: float | None = None,
    ) -> list[Candidate]:
        """See PlateOcr."""
        if not boxes:
            return []
        views = np.stack([self._form.view(cut_out(pixels, box, self._padding)) for box in boxes])
        widths = np.array([seen_at or box.width for box in boxes])
        slots = self._read[effort](views, widths)
        return [
            candidate_of(seen, self._form.alphabet, _CUT if is_cut(box, pixels.shape[1]) else 1.0)
            for box, seen in zip(boxes, slots, strict=True)
        ]


def in_turn(
    far: Callable[[Views], Slots], near: Callable[[Views], Slots] | None, effort: Effort = Effort.PICTURE
) -> Read:
    """Return how two OCRs, or `far` alone, read together: each is asked only about what is not sure yet.

    `far` reads every view. Where it is not certain, `near` is averaged in, with the more weight the wider the plate:
    where the two differ neither is sure any more. What is still not sure, both look at in one other way after the other
    (`other_looks`), each weighted by the chance that all of its slots are right, until it is sure or there is no hope.
    A look in which `far` makes out nothing hardly weighs, whatever `near` would say: it is not asked.
    """

    def both(views: Views, widths: Widths, worth: Worth) -> Slots:
        slots = far(views)
        if near is not None and (asked := np.flatnonzero(worth(slots) & (widths >= ALONE))).size:
            share = np.interp(widths[asked], (_SMALL, _LARGE), (0, _MOST_NEAR)).astype(np.float32)[:, None, None]
            slots[asked] += share * (near(views[asked]) - slots[asked])
        return slots

    def read(views: Views, widths: Widths) -> Slots:
        slots = both(views, widths, _is_uncertain)
        weights, is_open = _chances(slots), widths >= ALONE
        for look in other_looks(effort):
            unsure = np.flatnonzero(_is_unsure(slots) & is_open)
            if not unsure.size:
                break
            which, seen = look(views[unsure], widths[unsure])
            if not which.size:
                continue
            asked = unsure[which]
            said = both(seen, widths[asked], _is_promising)
            weight = _chances(said)
            weights[asked] += weight
            slots[asked] += (weight / weights[asked])[:, None, None] * (said - slots[asked])
            is_open &= weights >= _HOPELESS
        return slots

    return read


def _chances(slots: Slots) -> NDArray[np.float32]:
    """Return of each plate the chance that all of its slots are right."""
    chances: NDArray[np.float32] = slots.max(axis=-1).prod(axis=-1) + np.float32(_LEAST_CHANCE)
    return chances


def _least_sure(slots: Slots) -> NDArray[np.float32]:
    """Return of each plate what its least sure slot says."""
    least: NDArray[np.float32] = slots.max(axis=-1).min(axis=-1)
    return least


def _is_uncertain(slots: Slots) -> NDArray[np.bool_]:
    return _least_sure(slots) < _CERTAIN


def _is_unsure(slots: Slots) -> NDArray[np.bool_]:
    return _least_sure(slots) < _SURE


def _is_promising(slots: Slots) -> NDArray[np.bool_]:
    return _chances(slots) >= _PROMISING


def other_looks(effort: Effort) -> Sequence[Look]:
    """Return the ways in which an OCR may read a view better than as it is.

    Light letters on a dark plate are rare, and no box has the margin that an OCR likes best.
    """
    match effort:
        case Effort.ONCE:
            return ()
        case Effort.FRAME:
            return (lambda views, _: stretched_faint(views),)
        case Effort.COMPOSITE:
            return _as_negatives, _from_farther
        case Effort.PICTURE:
            return _as_negatives, _from_farther, _from_nearer


def _as_negatives(views: Views, _: Widths) -> tuple[Chosen, Views]:
    return np.arange(len(views)), negatives(views)


def _from_farther(views: Views, _: Widths) -> tuple[Chosen, Views]:
    return np.arange(len(views)), zoomed(views, _FARTHER)


def _from_nearer(views: Views, widths: Widths) -> tuple[Chosen, Views]:
    tight = np.flatnonzero(widths < _WIDE)
    return tight, zoomed(views[tight], _NEARER)


def negatives(views: Views) -> Views:
    """Return the views with light and dark exchanged, the contrast of faint ones stretched to the whole range."""
    faint, wide = stretched_faint(views)
    dark = 255 - views
    dark[faint] = 255 - wide
    return dark


def stretched_faint(views: Views) -> tuple[Chosen, Views]:
    """Return which views span few grey levels, as dark and faded plates do, and these over the whole range."""
    flat = views.reshape(len(views), math.prod(views.shape[1:]))
    least, most = np.percentile(flat, (_DARKEST, _LIGHTEST), axis=1).astype(np.float32)
    faint = np.flatnonzero(most - least < _WIDE_RANGE)
    low, room = (level[faint, None, None, None] for level in (least, np.maximum(most - least, _LEAST_RANGE)))
    wide: Views = np.clip((views[faint] - low) * (255 / room), 0, 255).astype(np.uint8)
    return faint, wide


def zoomed(views: Views, share: float) -> Views:
    """Return the views showing `share` of their width and height; what lies outside repeats the edge."""
    height, width = views.shape[1:3]
    matrix = np.array([[share, 0, width / 2 * (1 - share)], [0, share, height / 2 * (1 - share)]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shown = [
        cv2.warpAffine(view, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE) for view in views
    ]
    return np.asarray(np.array(shown).reshape(views.shape), np.uint8)


def cut_out(pixels: Pixels, box: Box, padding: tuple[float, float]) -> Pixels:
    """Return a view of `pixels` at `box` grown by `padding`, at least one pixel each way."""
    height, width = pixels.shape[:2]
    grown = box.padded(*padding, within=(width, height))
    x1, y1 = min(int(grown.x1), width - 1), min(int(grown.y1), height - 1)
    return pixels[y1 : max(y1 + 1, round(grown.y2)), x1 : max(x1 + 1, round(grown.x2))]


def is_cut(box: Box, frame_width: int) -> bool:
    """Tell whether the frame's left or right edge cuts the plate (not so where the picture is the plate alone)."""
    return (box.x1 <= _EDGE or box.x2 >= frame_width - _EDGE) and box.width < 0.8 * frame_width


def candidate_of(slots: NDArray[np.float32], alphabet: Sequence[str], trust: float = 1.0) -> Candidate:
    """Build a Candidate from slots x alphabet probabilities; an empty slot's character is "".

    Every confidence is multiplied by `trust`.
    """
    guesses: list[CharGuess] = []
    for slot in slots * np.float32(trust):
        order = np.argsort(-slot)[:_MOST_OPTIONS]
        options = [(alphabet[at], float(slot[at])) for at in order if slot[at] >= _LEAST_OPTION]
        guesses.append(CharGuess(tuple(options or [(alphabet[order[0]], float(slot[order[0]]))])))
    read = [guess.best for guess in guesses if guess.best[0]]
    return Candidate("".join(char for char, _ in read), tuple(min(1.0, share) for _, share in read), tuple(guesses))
