"""The pictures a detector is trained on: which there are, which drives are held out, and copies with UK plates.

Each set is a folder with `images/train` (and `images/val`) and YOLO labels beside them; it is read where it lies. Only
the copies with pasted plates are written, into the training's own output folder, never into the project.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pasting import fits, paste_plates

from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.reading.dataset import Sample, samples

# Sets of which only one plate a picture is labelled would teach that the others are none.
PARTLY_LABELLED = ("openalpr_us", "openalpr_br")


@dataclass(frozen=True, slots=True)
class Scenes:
    """Pictures to train on and to validate on, each once."""

    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]


def find_scenes(folder: Path, hold_out: Sequence[str] = ()) -> Scenes:
    """Return the fully labelled pictures of all sets in `folder`, in order.

    Pictures of `images/val` validate; so do those of `images/train` whose name begins with one of `hold_out`: a whole
    drive, since neighbouring frames of one drive are the same picture twice.

    Raises:
        BadInput: a set has no labelled pictures.
        FileNotFoundError: there is no set.
    """
    sets = sorted(one for one in folder.iterdir() if (one / "images" / "train").is_dir())
    sets = [one for one in sets if one.name not in PARTLY_LABELLED]
    if not sets:
        raise FileNotFoundError(f"{folder} has no folder with images/train in it.")
    train = [one for each in sets for one in samples(each, "train")]
    validation = [one for each in sets if (each / "images" / "val").is_dir() for one in samples(each, "val")]
    kept, held = split_by_drive(train, hold_out)
    return Scenes(tuple(kept), (*validation, *held))


def split_by_drive(scenes: Iterable[Sample], hold_out: Sequence[str]) -> tuple[list[Sample], list[Sample]]:
    """Part the pictures whose name begins with one of `hold_out` from the others: (kept, held)."""
    kept: list[Sample] = []
    held: list[Sample] = []
    for scene in scenes:
        (held if scene.path.name.startswith(tuple(hold_out)) else kept).append(scene)
    return kept, held


def write_pasted(scenes: Sequence[Sample], target: Path, *, share: float, seed: int = 1) -> list[Path]:
    """Write copies of about `share` of the scenes, with UK plates in place of theirs; return the copies.

    Scenes without a plate that can be replaced are passed over. What a scene becomes depends on the seed and its place
    in the list alone, and a copy already there is kept: an interrupted run goes on.
    """
    written: list[Path] = []
    for at, scene in enumerate(scenes):
        rng = np.random.default_rng((seed, at))
        if rng.random() >= share:
            continue
        copy = target / "images" / f"{scene.path.parents[2].name}_{scene.path.stem}.jpg"
        labels = target / "labels" / f"{copy.stem}.txt"
        if labels.is_file() or _write_copy(scene, copy, labels, rng):
            written.append(copy)
    return written


def _write_copy(scene: Sample, copy: Path, labels: Path, rng: np.random.Generator) -> bool:
    pixels = scene.pixels()
    boxes = scene.boxes_in(pixels)
    if not any(fits(box, pixels) for box in boxes):
        return False
    made = paste_plates(pixels, boxes, rng)
    for folder in (copy.parent, labels.parent):
        folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(copy), made.pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
    labels.write_text(yolo_rows(made.boxes, made.pixels), encoding="utf-8")  # last: it says that the copy is whole
    return True


def yolo_rows(boxes: Iterable[Box], pixels: Pixels) -> str:
    """Return a YOLO label file: `0 x y width height` a plate, as shares of the picture."""
    height, width = pixels.shape[:2]
    rows = []
    for box in boxes:
        x, y = box.centre
        rows.append(f"0 {x / width:.6f} {y / height:.6f} {box.width / width:.6f} {box.height / height:.6f}\n")
    return "".join(rows)
