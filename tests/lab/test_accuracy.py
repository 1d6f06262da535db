import csv
import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.commands.bench import real_pass
from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, Plate, PlateColour
from patrol_anpr.domain.vrm import edit_distance
from patrol_anpr.lab.accuracy import StillReader, kept_at, measure, table
from patrol_anpr.lab.readers import EndToEndDetector, our_reader, peer_reader
from patrol_anpr.lettering.plate import draw_plate
from patrol_anpr.reading.dataset import samples
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.vehicle.clock import SystemClock
from tests.conftest import Shipped
from tests.reading.made import ScriptedDetector, ScriptedOcr, candidate, plate_box

TODAY = date(2026, 11, 21)


def detection_folder(folder: Path, boxes: list[Box], *, split: str = "val") -> Path:
    for part in ("images", "labels"):
        (folder / part / split).mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / split / "one.png"), np.full((720, 1280, 3), 99, np.uint8))
    lines = [f"0 {box.centre[0] / 1280} {box.centre[1] / 720} {box.width / 1280} {box.height / 720}\n" for box in boxes]
    (folder / "labels" / split / "one.txt").write_text("".join(lines))
    return folder


def text_folder(folder: Path, rows: list[dict[str, str]]) -> Path:
    for row in rows:
        plate = draw_plate(row["plate_text"], colour=PlateColour.WHITE, scale=0.4)
        cv2.imwrite(str(folder / (row.get("image_path") or row["image"])), plate)
    with (folder / "labels.csv").open("w", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def scripted(*boxes: Box, text: str = "AB12CDE", confidence: float = 0.9) -> StillReader:
    detector = ScriptedDetector([Plate(box, 0.9) for box in boxes])
    ocr = ScriptedOcr(lambda _: candidate(text, confidence))
    return StillReader("scripted", detector, ocr, lambda seen, _: (seen.text, seen.confidence))


def test_recall_is_counted_by_width_and_the_rest_are_false_plates(tmp_path: Path) -> None:
    small, large, missed = plate_box(200, 300, 40), plate_box(600, 300, 100), plate_box(1000, 300, 100)
    folder = detection_folder(tmp_path, [small, large, missed])
    wrong = plate_box(300, 600, 90)
    seen = measure(samples(folder), scripted(small, plate_box(605, 301, 100), wrong))
    assert [(part.least, part.boxes, part.found) for part in seen.recall] == [
        (0, 1, 1), (50, 0, 0), (64, 0, 0), (80, 2, 1), (120, 0, 0),
    ]  # fmt: skip
    assert (seen.boxes, seen.found, seen.false_plates) == (3, 2, 1.0)


def test_two_plates_on_one_box_count_once(tmp_path: Path) -> None:
    box = plate_box(600, 300, 100)
    seen = measure(samples(detection_folder(tmp_path, [box])), scripted(box, plate_box(603, 300, 100)))
    assert (seen.found, seen.false_plates) == (1, 1.0)


def test_a_split_can_be_chosen_and_val_is_the_default(tmp_path: Path) -> None:
    detection_folder(tmp_path, [plate_box(600, 300, 100)])
    detection_folder(tmp_path, [], split="train")
    assert len(samples(tmp_path)[0].boxes or ()) == 1
    assert samples(tmp_path, "train")[0].boxes == ()
    with pytest.raises(BadInput, match="no labelled pictures"):
        samples(tmp_path, "test")


def test_o_and_0_are_one_and_errors_are_counted_in_characters(tmp_path: Path) -> None:
    rows = [{"image": "1.png", "plate_text": "A8O1CDE"}, {"image": "2.png", "plate_text": "AB02 CDF"}]
    seen = measure(samples(text_folder(tmp_path, rows)), scripted(plate_box(600, 300, 100), text="AB02CDE"))
    assert (seen.texts, seen.exact) == (2, 0)
    assert seen.character_error == pytest.approx(3 / 14)
    seen = measure(samples(tmp_path), scripted(plate_box(600, 300, 100), text="A801CDE"))
    assert seen.exact == 1


def test_a_still_where_nothing_is_found_is_an_error_not_left_out(tmp_path: Path) -> None:
    folder = text_folder(tmp_path, [{"image": "1.png", "plate_text": "AB12CDE"}])
    seen = measure(samples(folder), scripted())
    assert (seen.texts, seen.exact, seen.character_error) == (1, 0, 1.0)


def test_crops_go_to_the_ocr_whole_and_machine_labels_are_left_out(
    tmp_path: Path, detector: PlateDetector, ocr: PlateOcr
) -> None:
    rows = [
        {"image_path": "1.png", "plate_text": "AB12CDE", "label_from": "source"},
        {"image_path": "2.png", "plate_text": "X123HBC", "label_from": "source"},
        {"image_path": "3.png", "plate_text": "FGH456J", "label_from": "auto"},
    ]
    seen = measure(samples(text_folder(tmp_path, rows)), our_reader(detector, ocr, TODAY))
    assert (seen.texts, seen.exact, seen.kept_99) == (2, 2, 1.0)
    assert seen.cpu_ms > 0


def margined(folder: Path, x1: str) -> Path:
    """A folder of one crop with a tenth of its width and height around the plate, or so its labels say."""
    row = {"image_path": "1.png", "plate_text": "AB12CDE", "label_from": "agreed"}
    return text_folder(folder, [row | {"x1": x1, "y1": "0.1", "x2": "0.9", "y2": "0.9"}])


def test_a_pass_shows_a_plate_no_wider_than_it_is_without_its_margin(
    tmp_path: Path, detector: PlateDetector, ocr: PlateOcr
) -> None:
    reader = our_reader(detector, ocr, TODAY)
    (sample,) = samples(margined(tmp_path, "0.1"))
    cv2.imwrite(str(sample.path), cv2.resize(sample.pixels(), (100, 24)))
    passes = [one for number in range(20) for one in real_pass(sample, number, reader, SystemClock())]
    assert len(passes) == 20
    assert 70 < max(one.widest for one in passes) < 85


def test_a_crop_with_a_margin_tells_nothing_of_finding_and_is_as_wide_as_its_plate(tmp_path: Path) -> None:
    looked: list[Box] = []

    def says(box: Box) -> Candidate:
        looked.append(box)
        return candidate("AB12CDE")

    reader = replace(scripted(), ocr=ScriptedOcr(says))
    (sample,) = samples(margined(tmp_path, "0.1"))
    seen = measure([sample], reader)
    assert (seen.recall, seen.exact) == ((), 1)
    assert looked[-1].width == pytest.approx(0.8 * sample.pixels().shape[1])


def test_what_a_network_needs_for_its_first_run_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent, looks = [0.0], itertools.count()

    def says(_: Box) -> Candidate:
        spent[0] += 0.003 if next(looks) else 5.0
        return candidate("AB12CDE")

    monkeypatch.setattr("time.process_time", lambda: spent[0])
    box = plate_box(600, 300, 100)
    seen = measure(samples(detection_folder(tmp_path, [box])), replace(scripted(box), ocr=ScriptedOcr(says)))
    assert seen.cpu_ms == pytest.approx(3)


@pytest.mark.parametrize("x1", ["left", "-"])
def test_a_place_in_a_crop_that_is_no_number_is_named(tmp_path: Path, x1: str) -> None:
    with pytest.raises(BadInput, match=r"Line 2 of labels\.csv"):
        samples(margined(tmp_path, x1))


@pytest.mark.parametrize("content", ["0 0.5 0.5", "0 a b c d", "words"])
def test_a_bad_label_is_named(tmp_path: Path, content: str) -> None:
    folder = detection_folder(tmp_path, [])
    (folder / "labels" / "val" / "one.txt").write_text(content)
    with pytest.raises(BadInput, match=r"Line 1 of one\.txt"):
        samples(folder)


def test_a_folder_without_labels_and_a_broken_picture_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"labels\.csv"):
        samples(tmp_path)
    folder = text_folder(tmp_path, [{"image": "1.png", "plate_text": "AB12CDE"}])
    (folder / "1.png").write_bytes(b"")
    with pytest.raises(BadInput, match=r"1\.png"):
        measure(samples(folder), scripted())


TEXTS = st.text("AB01", max_size=6)


@given(TEXTS, TEXTS, TEXTS)
def test_the_edit_distance_is_a_distance(one: str, other: str, third: str) -> None:
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)
    assert edit_distance(one, "") == len(one)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9, 0.99]), st.booleans()), max_size=30), st.floats(0.5, 1))
def test_what_is_kept_has_the_precision_asked_for(texts: list[tuple[float, bool]], precision: float) -> None:
    kept = round(kept_at(texts, precision) * len(texts))
    best = sorted(texts, key=lambda read: -read[0])[:kept]
    assert sum(right for _, right in best) >= precision * kept
    if all(right for _, right in texts) and texts:
        assert kept == len(texts)


def test_the_table_names_the_readers_side_by_side(tmp_path: Path) -> None:
    box = plate_box(600, 300, 100)
    seen = measure(samples(detection_folder(tmp_path, [box])), scripted(box))
    shown = table([seen, seen])
    assert "boxes found %" in shown
    assert shown.splitlines()[0].split() == ["scripted", "scripted"]
    assert "80-120 px (1)" in shown


def test_a_peer_folder_without_its_models_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="must hold"):
        peer_reader(tmp_path)


def test_our_own_detector_is_not_taken_for_an_end_to_end_one(models: Shipped) -> None:
    with pytest.raises(ModelRefused, match="end-to-end"):
        EndToEndDetector(models.detector, threads=1, threshold=0.4)


@pytest.mark.shared
def test_the_peer_runs_beside_ours(shared: Path, detector: PlateDetector, ocr: PlateOcr) -> None:
    stills = samples(shared / "data" / "uk_stills")
    for reader in (our_reader(detector, ocr, TODAY), peer_reader(shared / "peers")):
        assert measure(stills, reader).exact >= 9


@pytest.mark.shared
def test_the_plates_of_a_real_dashcam_drive_are_found(shared: Path, detector: PlateDetector, ocr: PlateOcr) -> None:
    seen = measure(samples(shared / "data" / "detection" / "romania_dashcam"), our_reader(detector, ocr, TODAY))
    assert seen.found >= 0.98 * seen.boxes
