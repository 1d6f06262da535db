"""Plates nobody labelled: where several detectors agree on one, it is entered before training.

Public sets label the plates that can be read and leave out the far and the dark ones. Left out, each of them teaches
the detector not to see a plate. Only the training pictures are completed, never those that measure, and never those
without a single label: they are there to show what is no plate.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from detection_scenes import yolo_rows

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.lab.readers import EndToEndDetector
from patrol_anpr.reading.dataset import Sample
from patrol_anpr.reading.detector import PlateDetector, make_detector

SURE = 0.4  # of both detectors; of 83 boxes that two found so in the sets of the model card, two were no plates
SAME_PLATE = 0.5  # IoU: two detectors mean the same plate
NEAR_A_LABEL = 0.1  # IoU: a second box so near to a labelled one is that plate drawn otherwise
LEAST_WIDTH = 16.0  # px: below it even two detectors guess


def found_by_all(pixels: Pixels, detectors: Sequence[PlateDetector], labelled: Sequence[Box]) -> list[Box]:
    """Return the boxes, in pixels, that every detector finds and no label covers; the first detector draws them."""
    first, *others = [[plate.box for plate in detector.find(pixels)] for detector in detectors]
    return [
        box
        for box in first
        if box.width >= LEAST_WIDTH
        and not any(_covers(label, box) for label in labelled)
        and all(any(box.iou(other) >= SAME_PLATE for other in boxes) for boxes in others)
    ]


def _covers(label: Box, box: Box) -> bool:
    x, y = box.centre
    return label.iou(box) >= NEAR_A_LABEL or (label.x1 <= x <= label.x2 and label.y1 <= y <= label.y2)


def completed(scenes: Sequence[Sample], detectors: Sequence[PlateDetector], target: Path) -> Iterator[Sample]:
    """Yield each scene, those with plates added as a copy in `target` with its labels beside it.

    A copy, because ultralytics looks for labels beside the picture, and the set itself is never changed. It is named
    after its set and file.
    """
    for scene in scenes:
        yield _completed(scene, detectors, target) if scene.boxes else scene


def _completed(scene: Sample, detectors: Sequence[PlateDetector], target: Path) -> Sample:
    pixels = scene.pixels()
    boxes = scene.boxes_in(pixels)
    added = found_by_all(pixels, detectors, boxes)
    if not added:
        return scene
    copy = target / "images" / f"{scene.path.parents[2].name}_{scene.path.name}"
    labels = target / "labels" / f"{copy.stem}.txt"
    for folder in (copy.parent, labels.parent):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(scene.path, copy)
    labels.write_text(yolo_rows([*boxes, *added], pixels), encoding="utf-8")
    height, width = pixels.shape[:2]
    shares = tuple((box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height) for box in added)
    return replace(scene, path=copy, boxes=(*(scene.boxes or ()), *shares))


def open_agreeing(path: Path) -> PlateDetector:
    """Open a detector whose word counts: an ONNX of ours, or a YOLOv9 that suppresses doubles itself.

    Raises:
        ModelRefused: it is neither.
    """
    try:
        return make_detector(path, provider="cpu", threads=1, input_size=640, threshold=SURE)
    except ModelRefused:
        return EndToEndDetector(path, threads=1, threshold=SURE)
