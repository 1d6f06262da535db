"""What stands on a plate: fast-plate-ocr's loader with local files, raw probabilities kept for the consensus.

Where the first OCR is not certain a second one of the same family is asked, and their answers are averaged
(docs/adr/0009-two-ocrs.md). What is still not sure is looked at again (docs/adr/0010 and 0011).
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, CharGuess, Pixels
from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.reading.ocr_pair import OcrPair, Slots
from patrol_anpr.reading.sessions import providers, session_options
from patrol_anpr.reading.views import Views, Way, as_negatives, as_stretched, from_farther, from_nearer

PADDING = (0.05, 0.10)
"""Share of a box's width and height added to its crop on each side: with none, outer letters are cut.

Averaging two to four paddings brought nothing more.
"""
_LEAST_OPTION = 0.002
"""Chance from which on a character of a slot is told; judged: less has no say in a consensus of several looks."""
_MOST_OPTIONS = 8
"""Characters told of one slot at most; judged, to bound what the prior and the consensus go through."""
_EDGE = 2.0
"""px of the frame: a box that comes so near to its edge is cut (judged)."""
_CUT = 0.5
"""A cut plate comes back as short text at confidence 1.0, so its confidence is multiplied by this."""


class Effort(Enum):
    """How often what is not read surely is looked at (docs/adr/0008, 0010, 0011)."""

    ONCE = auto()
    FRAME = auto()  # one of many: once, and once more where the plate is faint. The next frame is a better second look
    COMPOSITE = auto()  # the last of a pass: as a negative, and from farther
    PICTURE = auto()  # the only one: in up to three more ways


OTHER_WAYS: Mapping[Effort, tuple[Way, ...]] = {
    Effort.ONCE: (),
    Effort.FRAME: (as_stretched,),
    Effort.COMPOSITE: (as_negatives, from_farther),
    Effort.PICTURE: (as_negatives, from_farther, from_nearer),
}
"""In which other ways, and in which order, what is not read surely is looked at."""


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
        except ModelRefused:
            raise
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
        self._pair = OcrPair(far.read, near.read if near else None)
        self._padding = padding
        self._again = again

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
        slots = self._pair.read(views, widths, OTHER_WAYS[effort if self._again else Effort.ONCE])
        return [
            candidate_of(seen, self._form.alphabet, _CUT if is_cut(box, pixels.shape[1]) else 1.0)
            for box, seen in zip(boxes, slots, strict=True)
        ]


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
