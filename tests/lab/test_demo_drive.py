"""The demo drive as committed: its truth, its lists and its videos agree, and its plates can be read."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import cv2
import pytest

from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.vrm import CONFUSABLES, VrmFormat, fold, format_of
from patrol_anpr.hotlists.importer import Entry, WeededLine, read_entries

DEMO = Path(__file__).parents[2] / "assets" / "demo"
MODELS = DEMO.parents[1] / "models"
TODAY = date(2026, 11, 21)
CHECKED, LISTED_NEAR = "JT17ZCE", "JT17ZGE"
WEEDED = "TJ70ZVS"


@pytest.fixture(scope="module")
def truth():
    return json.loads((DEMO / "drive.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def vehicles(truth):
    return {vehicle["vrm"]: vehicle for vehicle in truth["vehicles"]}


@pytest.fixture(scope="module")
def lines():
    priority = list(read_entries(DEMO / "hotlist.csv", Tier.PRIORITY, TODAY))
    routine = list(read_entries(DEMO / "hotlist_routine.csv", Tier.ROUTINE, TODAY))
    return priority + routine


def test_between_14_and_20_vehicles_all_lawful_and_all_readable_for_some_frames(vehicles, truth):
    assert 14 <= len(vehicles) == len(truth["vehicles"]) <= 20
    for vrm, vehicle in vehicles.items():
        assert format_of(vrm) is not VrmFormat.OTHER
        assert vrm[0] in "JTUX"  # no region of the current scheme
        assert vehicle["readable_frames"] >= 10
        assert vehicle["first_frame"] <= vehicle["widest_frame"] <= vehicle["last_frame"]
        assert 64 < vehicle["max_plate_width"] < 170
    assert Counter(v["two_line"] for v in vehicles.values())[True] == 1
    assert {v["plate"] for v in vehicles.values()} == {"white", "yellow"}


def test_the_lists_load_without_a_bad_line_and_weed_one_entry(lines):
    assert {type(line) for line in lines} == {Entry, WeededLine}
    assert sum(isinstance(line, WeededLine) for line in lines) == 1
    texts = [(DEMO / f"{name}.csv").read_text(encoding="utf-8") for name in ("hotlist", "hotlist_routine")]
    rows = [row for text in texts for row in csv.reader(text.splitlines())]
    assert {len(row) for row in rows} == {16}
    assert next(row[0] for row in rows if row[10] == "31/01/2025") == WEEDED


def test_every_tier_drives_by(lines, vehicles):
    listed = {line.voi.vrm: line.voi.tier for line in lines if isinstance(line, Entry)}
    assert {listed[vrm] for vrm in vehicles if vrm in listed} == set(Tier)
    assert WEEDED in vehicles
    assert WEEDED not in listed


def test_one_listed_mark_is_one_confusable_away_from_one_on_the_road(lines, vehicles):
    listed = {line.voi.vrm for line in lines if isinstance(line, Entry)}
    assert CHECKED in vehicles
    assert CHECKED not in listed
    assert LISTED_NEAR in listed
    [(one, other)] = [(a, b) for a, b in zip(CHECKED, LISTED_NEAR, strict=True) if a != b]
    assert other in CONFUSABLES[one]


def test_all_other_entries_are_far_from_every_vehicle(lines, vehicles):
    for line in lines:
        if isinstance(line, Entry) and line.voi.vrm not in {*vehicles, LISTED_NEAR}:
            for vrm in vehicles:
                pairs = zip(fold(line.voi.vrm), fold(vrm), strict=False)
                assert sum(a != b for a, b in pairs) >= 3


def test_the_videos_have_the_frames_the_truth_says_and_are_small(truth):
    assert sum((DEMO / name).stat().st_size for name in truth["frames"]) < 12_000_000
    for name, frames in truth["frames"].items():
        video = cv2.VideoCapture(str(DEMO / name))
        try:
            assert video.isOpened()
            assert (video.get(3), video.get(4)) == (truth["width"], truth["height"])
            assert round(video.get(cv2.CAP_PROP_FPS)) == truth["fps"]
            grabbed = 0
            while video.grab():
                grabbed += 1
            assert grabbed == frames
        finally:
            video.release()


@pytest.mark.skipif(not (MODELS / "manifest.json").exists(), reason="needs the models")
def test_early_midway_and_late_every_plate_reads_right_by_day_and_most_by_night(truth, vehicles):
    from patrol_anpr.reading.detector import make_detector
    from patrol_anpr.reading.ocr import make_ocr
    from patrol_anpr.reading.still import read_still

    detector = make_detector(MODELS / "plate_detector.onnx", provider="cpu", threads=1, input_size=512, threshold=0.25)
    ocr = make_ocr(MODELS / "plate_ocr_uk.onnx", MODELS / "plate_ocr_uk_config.yaml", provider="cpu", threads=1)
    missed = {name: set() for name in truth["frames"]}
    for name in truth["frames"]:
        wanted = defaultdict(set)
        for vrm, vehicle in vehicles.items():
            first, last = vehicle["first_frame"], vehicle["last_frame"]
            for share in (1 / 4, 1 / 2, 3 / 4):
                if vehicle["file"] == name:
                    wanted[round(first + share * (last - first))].add(vrm)
        video = cv2.VideoCapture(str(DEMO / name))
        for number in range(max(wanted) + 1):
            assert video.grab()
            if number in wanted:
                read = {fold(each.vrm) for each in read_still(video.retrieve()[1], detector, ocr, TODAY)}
                missed[name] |= {vrm for vrm in wanted[number] if fold(vrm) not in read}
        video.release()
    assert missed["drive_day.mp4"] == set()
    assert len(missed["drive_night.mp4"]) <= 1
