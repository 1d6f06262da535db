"""Labelled pictures to measure on: a YOLO detection folder, a folder of plate crops, or a folder of stills."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.domain.vrm import normalise

_PICTURES = {".jpg", ".jpeg", ".png", ".bmp"}
_LABELS = "labels.csv"
TRUSTED_LABELS = {"source", "agreed"}
"""Values of label_from: labels of people, or on which several OCRs agree. One machine's alone prove nothing."""

Place = tuple[float, float, float, float]
"""x1, y1, x2 and y2 as shares of a picture's width and height."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture with what is known of it: `boxes` or None, `text` or None.

    `is_crop` marks a picture of one plate, with a margin around it where `boxes` says so.
    """

    path: Path
    boxes: tuple[Place, ...] | None = None
    text: str | None = None
    is_crop: bool = False

    def pixels(self) -> Pixels:
        """Read the picture.

        Raises:
            BadInput: it cannot be read.
        """
        raw = np.fromfile(self.path, np.uint8)
        decoded = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
        if decoded is None:
            raise BadInput(f"{self.path.name} is not a picture that can be read.")
        return np.asarray(decoded, dtype=np.uint8)

    def boxes_in(self, pixels: Pixels) -> list[Box]:
        """Return the labelled boxes in pixels."""
        height, width = pixels.shape[:2]
        return [Box(x1 * width, y1 * height, x2 * width, y2 * height) for x1, y1, x2, y2 in self.boxes or ()]

    def plate_in_crop(self, pixels: Pixels) -> Box | None:
        """Return where the plate of a crop is, in pixels; None in any other picture, where it has to be found."""
        if not self.is_crop:
            return None
        labelled = self.boxes_in(pixels)
        return labelled[0] if labelled else Box(0, 0, pixels.shape[1], pixels.shape[0])


def samples(folder: Path, split: str | None = None) -> list[Sample]:
    """Return the samples of `folder`: `images/SPLIT` with `labels/SPLIT` (YOLO text), or a `labels.csv`.

    labels.csv has a column plate_text and either image (stills) or image_path (crops); x1, y1, x2 and y2, where there
    are such columns, say where in a crop the plate is, as shares of its size. Rows that one machine alone read are left
    out. Without `split`, "val" is taken where there is one, else all.

    Raises:
        BadInput: there are no labelled pictures in `folder`.
    """
    if (folder / _LABELS).is_file():
        found = list(_texts(folder))
    elif (folder / "images").is_dir():
        found = list(_detections(folder, split))
    else:
        raise BadInput(f"{folder} has neither {_LABELS} nor a folder images with labels beside it.")
    if not found:
        raise BadInput(f"{folder} has no labelled pictures" + (f' in its part "{split}".' if split else "."))
    return found


def _texts(folder: Path) -> Iterator[Sample]:
    with (folder / _LABELS).open(newline="", encoding="utf-8") as opened:
        for number, row in enumerate(csv.DictReader(opened), start=2):
            if row.get("label_from", "source") not in TRUSTED_LABELS:
                continue
            name, text = row.get("image_path") or row.get("image"), row.get("plate_text")
            if not name or not text:
                raise BadInput(f"Line {number} of {_LABELS} has no picture or no text.")
            try:
                boxes = _plate(row)
            except (TypeError, ValueError) as error:
                raise BadInput(f"Line {number} of {_LABELS} does not say where the plate is.") from error
            yield Sample(folder / name, boxes=boxes, text=normalise(text), is_crop=_is_crop(row))


def _plate(row: Mapping[str, str]) -> tuple[Place, ...] | None:
    """Return where the plate is, where the labels say so: a crop may have been cut with a margin."""
    if not row.get("x1"):
        return None
    return ((float(row["x1"]), float(row["y1"]), float(row["x2"]), float(row["y2"])),)


def _is_crop(row: Mapping[str, str]) -> bool:
    return "image_path" in row


def _detections(folder: Path, split: str | None) -> Iterator[Sample]:
    if split is None and (folder / "images" / "val").is_dir():
        split = "val"
    for path in sorted((folder / "images" / (split or "")).rglob("*")):
        if path.suffix.lower() in _PICTURES:
            labels = folder / "labels" / path.relative_to(folder / "images").with_suffix(".txt")
            yield Sample(path, boxes=tuple(_rows(labels)) if labels.is_file() else ())


def _rows(labels: Path) -> Iterator[Place]:
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            _, x, y, width, height = (float(part) for part in line.split()[:5])
        except ValueError as error:
            raise BadInput(f"Line {number} of {labels.name} is no YOLO label.") from error
        yield x - width / 2, y - height / 2, x + width / 2, y + height / 2
