"""Finding plates in a frame with a YOLO model of one class."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Box, Pixels, Plate
from patrol_anpr.reading.letterbox import STRIDE, Letterbox, floats, octets, plates_from
from patrol_anpr.reading.sessions import open_session

MOST_OVERLAP = 0.5
"""IoU (0 to 1): two plates of real vehicles never overlap; a half leaves room for two lines boxed apart (judged)."""


class PlateDetector(Protocol):
    """What finds plates."""

    def find(self, pixels: Pixels) -> list[Plate]:
        """Return the plates of one frame, the surest first; boxes lie within the frame.

        Raises:
            ModelRefused: the model gave NaN or Inf. That is never the same as "no plates".
        """
        ...


def make_detector(path: Path, *, provider: str, threads: int, input_size: int, threshold: float) -> PlateDetector:
    """Open the detector at `path`: ONNX as exported by ultralytics, or `.pt` where ultralytics is installed.

    Args:
        path: the model.
        provider: "cpu", "openvino", "directml" or "cuda".
        threads: of the inference session.
        input_size: the longer side of the network's input in pixels, a multiple of 32.
        threshold: the least confidence (0 to 1) of a plate.

    Raises:
        BadInput: a setting that cannot be used here.
        ModelRefused: no such model, or not a plate detector.
    """
    if input_size < STRIDE or input_size % STRIDE:
        raise BadInput(f"The detector's input size must be a multiple of {STRIDE}, not {input_size}.")
    if path.suffix == ".pt":
        return UltralyticsDetector(path, threads=threads, input_size=input_size, threshold=threshold)
    return OnnxDetector(path, provider=provider, threads=threads, input_size=input_size, threshold=threshold)


class OnnxDetector:
    """A one-class YOLO in ONNX: images 1 x 3 x H x W, or bytes 1 x H x W x 3 -> 1 x 5 x anchors. Not thread-safe."""

    def __init__(self, path: Path, *, provider: str, threads: int, input_size: int, threshold: float) -> None:
        self._session = open_session(path, provider, threads)
        self._input_size = input_size
        self._threshold = threshold
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or len(outputs[0].shape) != 3 or outputs[0].shape[1] != 5:
            raise ModelRefused(
                f"The model {path.name} is not a plate detector: its inputs or outputs have another shape."
            )
        self._input_name = inputs[0].name
        takes_octets = inputs[0].type == "tensor(uint8)"
        self._as_input: Callable[[Pixels], NDArray[Any]] = octets if takes_octets else floats
        # A user's export may have one fixed size; ours leaves height and width free.
        sides = inputs[0].shape[1:3] if takes_octets else inputs[0].shape[2:]
        self._fixed: tuple[int, int] | None = (sides[1], sides[0]) if all(isinstance(n, int) for n in sides) else None

    def find(self, pixels: Pixels) -> list[Plate]:
        """See PlateDetector."""
        height, width = pixels.shape[:2]
        if self._fixed is None:
            fitted = Letterbox.fit(width, height, self._input_size)
        else:
            fitted = Letterbox.into(width, height, self._fixed)
        rows = self._session.run(None, {self._input_name: self._as_input(fitted.apply(pixels))})[0][0].T
        if not np.isfinite(rows).all():
            raise ModelRefused(
                "The plate detector gave values that are no numbers, so this frame was not read. "
                "If this goes on, install Patrol ANPR again or choose another provider."
            )
        return plates_from(rows, fitted, self._threshold, MOST_OVERLAP)


class UltralyticsDetector:
    """A `.pt` of the user's own, run by ultralytics. All its classes count as plates. Slower to start, needs torch."""

    def __init__(self, path: Path, *, threads: int, input_size: int, threshold: float) -> None:
        if not path.is_file():
            raise ModelRefused(f"The model {path.name} is missing. Correct the settings, or use the model delivered.")
        try:
            import torch
            import ultralytics
        except ImportError as error:
            raise BadInput(
                f"{path.name} needs the package ultralytics, which is not installed. "
                'Install the extra "train", or export the model to ONNX.'
            ) from error
        torch.set_num_threads(threads)
        self._model: Any = ultralytics.YOLO(str(path))
        self._input_size = input_size
        self._threshold = threshold

    def find(self, pixels: Pixels) -> list[Plate]:
        """See PlateDetector."""
        found = self._model.predict(
            pixels, imgsz=self._input_size, conf=self._threshold, iou=MOST_OVERLAP, device="cpu", verbose=False
        )[0].boxes
        corners: Sequence[Sequence[float]] = found.xyxy.tolist()
        scores: Sequence[float] = found.conf.tolist()
        if not np.isfinite(corners).all() or not np.isfinite(scores).all():
            raise ModelRefused("The plate detector gave values that are no numbers, so this frame was not read.")
        return [Plate(Box(*sides), score) for sides, score in zip(corners, scores, strict=True)]
