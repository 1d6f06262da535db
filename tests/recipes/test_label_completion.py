"""Plates that nobody labelled are entered where all detectors agree, and nowhere else."""

from pathlib import Path

import cv2
import numpy as np
from label_completion import completed, found_by_all

from patrol_anpr.domain.plate import Box, Pixels, Plate
from patrol_anpr.reading.dataset import Sample, samples

LABELLED, MISSED, DOUBTFUL = Box(100, 100, 180, 120), Box(300, 200, 360, 216), Box(500, 50, 560, 66)


class Finds:
    """A detector that always finds the same."""

    def __init__(self, *boxes: Box) -> None:
        self._plates = [Plate(box, 0.9) for box in boxes]

    def find(self, pixels: Pixels) -> list[Plate]:
        return list(self._plates)


def shifted(box: Box, by: float) -> Box:
    return Box(box.x1 + by, box.y1, box.x2 + by, box.y2)


def test_only_what_all_find_and_no_label_covers_is_new() -> None:
    picture = np.zeros((400, 640, 3), np.uint8)
    one = Finds(shifted(LABELLED, 3), MISSED, DOUBTFUL, Box(10, 10, 22, 14))
    other = Finds(LABELLED, shifted(MISSED, 5), Box(10, 10, 22, 14))
    assert found_by_all(picture, [one, other], [LABELLED]) == [MISSED]
    inside = Box(110, 102, 140, 118)  # a second box within a labelled plate is no second plate
    assert found_by_all(picture, [Finds(inside), Finds(inside)], [LABELLED]) == []


def test_a_completed_picture_is_a_copy_with_its_labels_and_the_set_stays(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    for part in ("images/train", "labels/train"):
        (folder / part).mkdir(parents=True)
    for name, rows in (("road", "0 0.21875 0.275 0.125 0.05\n"), ("empty", "")):
        cv2.imwrite(str(folder / f"images/train/{name}.png"), np.zeros((400, 640, 3), np.uint8))
        (folder / f"labels/train/{name}.txt").write_text(rows)
    scenes = samples(folder, "train")
    empty, road = completed(scenes, [Finds(MISSED), Finds(MISSED)], tmp_path / "out")
    assert empty == scenes[0]  # a picture without a label shows what is no plate
    assert road.path == tmp_path / "out/images/drive_road.png"
    assert road.path.read_bytes() == scenes[1].path.read_bytes()
    assert len(scenes[1].boxes or ()) == 1
    rows = (tmp_path / "out/labels/drive_road.txt").read_text().splitlines()
    assert len(rows) == 2
    x, y, width, height = (float(part) for part in rows[1].split()[1:])
    assert np.allclose([x * 640, y * 400, width * 640, height * 400], [330, 208, 60, 16], atol=0.01)
    again = Sample(road.path, road.boxes)
    assert np.allclose(
        [
            side
            for box in again.boxes_in(np.zeros((400, 640, 3), np.uint8))[1:]
            for side in (box.x1, box.y1, box.x2, box.y2)
        ],
        [300, 200, 360, 216],
    )
