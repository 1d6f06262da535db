import csv
import json
from datetime import date
from pathlib import Path

import cv2
import pytest

from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.still import read_still
from tests.reading.made import plate_box, scene

TODAY = date(2026, 11, 21)


def test_the_largest_plate_comes_first(detector: PlateDetector, ocr: PlateOcr) -> None:
    pixels = scene(("AB12CDE", plate_box(950, 560, 100)), ("X123HBC", plate_box(350, 480, 150)))
    reads = read_still(pixels, detector, ocr, TODAY)
    assert [read.vrm for read in reads] == ["X123HBC", "AB12CDE"]
    for read in reads:
        assert read.confidence >= 90
        assert len(read.chars) == len(read.vrm)


def test_a_picture_without_a_plate_gives_nothing(detector: PlateDetector, ocr: PlateOcr) -> None:
    assert read_still(scene(), detector, ocr, TODAY) == []


@pytest.mark.shared
def test_real_uk_stills_are_read(shared: Path, detector: PlateDetector, ocr: PlateOcr) -> None:
    folder = shared / "data" / "uk_stills"
    rows = list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))
    right = 0
    for row in rows:
        pixels = cv2.imread(str(folder / row["image"]))
        right += row["plate_text"] in {read.vrm for read in read_still(pixels, detector, ocr, TODAY)}
    assert right >= 9, json.dumps({"right": right, "of": len(rows)})
