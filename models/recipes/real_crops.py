"""Real plate crops with their text, from a folder that is named on the command line and never copied.

The folder holds `labels.csv` with the columns image_path, plate_text, label_from and min_char_conf. Rows of `source`
came with the set; rows of `auto` were read by a machine, and only the confident ones are used; on rows of `agreed`
several machines agree (label_crops.py).
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.vrm import fold, normalise
from patrol_anpr.reading.dataset import TRUSTED_LABELS

HELD_OUT = 15  # per cent of the plates; the split the first OCR was trained with, so that it can be compared honestly
LEAST_AUTO_CONFIDENCE = 0.9
_LENGTHS = range(3, 11)  # what the OCR's ten slots can hold
_MOST_WIDTH = 260  # px: wider crops are shrunk once, as the OCR sees 128 of them anyway


@dataclass(frozen=True, slots=True)
class RealCrop:
    """One crop: where it is, its text (A-Z 0-9), and whether a person or a machine said so."""

    path: Path
    text: str
    by_machine: bool

    def pixels(self) -> Pixels:
        """Read the picture (BGR, at most 260 px wide).

        Raises:
            OSError: it is missing or no picture.
        """
        raw = np.fromfile(self.path, np.uint8)
        read = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
        if read is None:
            raise OSError(f"{self.path.name} is not a picture that can be read.")
        height, width = read.shape[:2]
        if width > _MOST_WIDTH:
            size = (_MOST_WIDTH, max(8, round(height * _MOST_WIDTH / width)))
            read = cv2.resize(read, size, interpolation=cv2.INTER_AREA)
        return np.asarray(read, dtype=np.uint8)


def is_held_out(text: str) -> bool:
    """Tell whether every crop of this plate is kept for validation: by the plate, so that none stands on both sides."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % 100 < HELD_OUT


def load_crops(folder: Path) -> tuple[list[RealCrop], list[RealCrop]]:
    """Return the crops to train on and those held out, in the order of `folder`/labels.csv.

    Plates that are alike when O is 0 and I is 1 fall on the held-out side as soon as one of them does.

    Raises:
        OSError: there is no labels.csv.
        KeyError: it lacks a column.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as opened:
        rows = [(row, normalise(row["plate_text"])) for row in csv.DictReader(opened)]
    usable = [(row, text) for row, text in rows if len(text) in _LENGTHS and _is_trusted(row)]
    held_out = {fold(text) for _, text in usable if is_held_out(text)}
    train: list[RealCrop] = []
    validation: list[RealCrop] = []
    for row, text in usable:
        crop = RealCrop(folder / row["image_path"], text, by_machine=row["label_from"] != "source")
        (validation if fold(text) in held_out else train).append(crop)
    return train, validation


def load_others(folder: Path | None) -> list[RealCrop]:
    """Return every crop of a folder that nothing is trained on; none without a folder.

    Raises:
        OSError: there is no labels.csv.
        KeyError: it lacks a column.
    """
    if folder is None:
        return []
    train, held_out = load_crops(folder)
    return [*train, *held_out]


def _is_trusted(row: dict[str, str]) -> bool:
    return row["label_from"] in TRUSTED_LABELS or float(row["min_char_conf"] or 0) > LEAST_AUTO_CONFIDENCE
