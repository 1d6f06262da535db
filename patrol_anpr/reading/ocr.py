"""What stands on a plate: fast-plate-ocr's loader with local files, raw probabilities kept for the consensus."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, CharGuess, Pixels
from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.reading.sessions import providers, session_options

# A crop is wider than its box by this share of its width and height on each side: with none, outer letters are cut.
# Averaging two to four paddings brought nothing more.
PADDING = (0.05, 0.10)
# A crop that is not read surely is read again with its contrast stretched, and the two are averaged: that
# helps with dark and faded plates, and a little with clean ones (models/MODEL_CARD.md).
_SURE = 0.9  # of the least sure slot
_DARKEST, _LIGHTEST = 1, 99  # percentiles that become black and white
_LEAST_RANGE = 25.0  # grey levels; a crop with less in it is noise and is not stretched further

_LEAST_OPTION = 0.002
_MOST_OPTIONS = 8
_EDGE = 2.0  # px: a box that comes so near to the frame's edge is cut
_CUT = 0.5  # a cut plate comes back as short text at confidence 1.0, so its confidence is halved


class PlateOcr(Protocol):
    """What reads plates."""

    def look(self, pixels: Pixels, boxes: Sequence[Box]) -> list[Candidate]:
        """Return one Candidate a box, in their order; text "" where nothing was made out.

        Raises:
            ModelRefused: the model gave NaN or Inf.
        """
        ...


def make_ocr(
    model: Path,
    config: Path,
    *,
    provider: str,
    threads: int,
    padding: tuple[float, float] = PADDING,
    stretched: bool = True,
) -> PlateOcr:
    """Open the OCR `model` with its plate `config`, or, where no such file exists, fast-plate-ocr's model of that name.

    `padding` is the share of a box's width and height added on each side of its crop; `stretched` has each crop read a
    second time with its contrast stretched where the first was not sure.

    Raises:
        BadInput: the provider is not there.
        ModelRefused: a file is missing, is no plate OCR, or a named model could not be fetched.
    """
    return FastPlateOcr(_recognizer(model, config, provider, threads), padding, stretched=stretched)


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


class FastPlateOcr:
    """A fast-plate-ocr model: N x h x w x channels uint8 -> probabilities N x slots x alphabet. Not thread-safe."""

    def __init__(self, recognizer: Any, padding: tuple[float, float], *, stretched: bool) -> None:
        self._padding = padding
        self._stretched = stretched
        self._network: Any = recognizer.model
        self._config: Any = recognizer.config
        self._output: str = recognizer.plate_output_name
        self._input: str = self._network.get_inputs()[0].name
        self._alphabet = [char if char in ALPHABET else "" for char in self._config.alphabet.upper()]
        expected = (self._config.max_plate_slots, len(self._alphabet))
        blank = np.zeros((1, self._config.img_height, self._config.img_width, self._config.num_channels), np.uint8)
        try:
            shape = self._run(blank).shape[1:]
        except Exception as error:  # as above: onnxruntime's own classes
            raise ModelRefused("The OCR model does not take the plates its configuration describes.") from error
        if shape != expected:
            raise ModelRefused(f"The OCR model gives {shape} values a plate, its configuration says {expected}.")

    def look(self, pixels: Pixels, boxes: Sequence[Box]) -> list[Candidate]:
        """See PlateOcr."""
        if not boxes:
            return []
        views = np.stack([self._view(pixels, box) for box in boxes])
        slots = read_again(self._run, views) if self._stretched else self._run(views)
        return [
            candidate_of(seen, self._alphabet, _CUT if is_cut(box, pixels.shape[1]) else 1.0)
            for box, seen in zip(boxes, slots, strict=True)
        ]

    def _run(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        raw = self._network.run([self._output], {self._input: batch})[0]
        if not np.isfinite(raw).all():
            raise ModelRefused(
                "The OCR gave values that are no numbers, so this frame was not read. "
                "If this goes on, install Patrol ANPR again or choose another provider."
            )
        slots: NDArray[np.float32] = raw.reshape(len(batch), -1, len(self._alphabet))
        return slots

    def _view(self, pixels: Pixels, box: Box) -> NDArray[np.uint8]:
        """Cut a padded crop out and bring it into the model's form."""
        from fast_plate_ocr.core.process import resize_image

        crop = cut_out(pixels, box, self._padding)
        code = cv2.COLOR_BGR2RGB if self._config.num_channels == 3 else cv2.COLOR_BGR2GRAY
        view: NDArray[np.uint8] = resize_image(
            cv2.cvtColor(crop, code),
            self._config.img_height,
            self._config.img_width,
            image_color_mode=self._config.image_color_mode,
            keep_aspect_ratio=self._config.keep_aspect_ratio,
            interpolation_method=self._config.interpolation,
            padding_color=self._config.padding_color,
        )
        return view


def read_again(
    read: Callable[[NDArray[np.uint8]], NDArray[np.float32]], views: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Read views (N x height x width x channels), the unsure ones twice; return N x slots x alphabet probabilities."""
    slots = read(views)
    unsure = np.flatnonzero(slots.max(axis=-1).min(axis=-1) < _SURE)
    if unsure.size:
        slots[unsure] = (slots[unsure] + read(stretched(views[unsure]))) / 2
    return slots


def stretched(views: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the views (N x height x width x channels) with the contrast of each stretched to the whole range."""
    flat = views.reshape(len(views), -1)
    least, most = (
        np.percentile(flat, share, axis=1).astype(np.float32)[:, None, None, None] for share in (_DARKEST, _LIGHTEST)
    )
    spread = (views.astype(np.float32) - least) * (255 / np.maximum(most - least, _LEAST_RANGE))
    wide: NDArray[np.uint8] = np.clip(spread, 0, 255).astype(np.uint8)
    return wide


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
