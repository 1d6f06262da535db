"""The readers that are measured side by side: ours, and fast-alpr's models where a folder with them is given."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, Pixels, Plate
from patrol_anpr.lab.accuracy import StillReader, mean_of
from patrol_anpr.reading.consensus import alone, probability
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.letterbox import Letterbox, floats
from patrol_anpr.reading.ocr import PlateOcr, make_ocr
from patrol_anpr.reading.prior import decode
from patrol_anpr.reading.sessions import open_session

_PEER_THRESHOLD = 0.4  # fast-alpr's default
_PEER_PADDING = (0.05, 0.05)


def our_reader(detector: PlateDetector, ocr: PlateOcr, today: date) -> StillReader:
    """Return Patrol ANPR's own reading of stills."""

    def finish(candidate: Candidate, width: float) -> tuple[str, float]:
        decoded = decode(candidate.guesses, today)
        return decoded.text, probability(alone(decoded, width))

    return StillReader("patrol-anpr", detector, ocr, finish)


def peer_reader(folder: Path, *, threads: int = 1) -> StillReader:
    """Return fast-alpr's detector and OCR from `folder`, its crops padded by 5 % a side.

    The folder holds detector*.onnx (YOLOv9, end to end), another .onnx (fast-plate-ocr) and its *config.yaml.

    Raises:
        BadInput: one of the three is not there.
    """
    networks = sorted(folder.glob("*.onnx"))
    detectors = [path for path in networks if path.name.startswith("detector")]
    ocrs = [path for path in networks if path not in detectors]
    configs = sorted(folder.glob("*config.yaml"))
    if not (detectors and ocrs and configs):
        raise BadInput(f"{folder} must hold detector*.onnx, an OCR .onnx and its *config.yaml.")
    ocr = make_ocr(ocrs[0], configs[0], provider="cpu", threads=threads, padding=_PEER_PADDING, again=False)
    return StillReader(
        "fast-alpr, padded",
        EndToEndDetector(detectors[0], threads=threads, threshold=_PEER_THRESHOLD),
        ocr,
        lambda candidate, _: (candidate.text, mean_of(candidate.chars)),
    )


class EndToEndDetector:
    """A YOLOv9 that suppresses doubles itself: rows of (batch, x1, y1, x2, y2, class, score) in input pixels."""

    def __init__(self, path: Path, *, threads: int, threshold: float) -> None:
        self._session = open_session(path, "cpu", threads)
        self._threshold = threshold
        inputs = self._session.get_inputs()[0]
        if len(inputs.shape) != 4 or not all(isinstance(side, int) for side in inputs.shape[2:]):
            raise ModelRefused(f"The model {path.name} is not an end-to-end YOLOv9: its input has another shape.")
        self._input: str = inputs.name
        self._size: tuple[int, int] = (inputs.shape[3], inputs.shape[2])

    def find(self, pixels: Pixels) -> list[Plate]:
        """See PlateDetector."""
        fitted = Letterbox.into(pixels.shape[1], pixels.shape[0], self._size)
        rows = self._session.run(None, {self._input: floats(fitted.apply(pixels))})[0]
        if not np.isfinite(rows).all():
            raise ModelRefused("The detector compared with gave values that are no numbers.")
        rows = rows[rows[:, 6] >= self._threshold]
        corners: Sequence[Sequence[float]] = fitted.to_frame(rows[:, 1:5]).tolist()
        return [Plate(Box(*sides), float(row[6])) for sides, row in zip(corners, rows, strict=True)]
