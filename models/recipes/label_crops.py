"""Cut the plates out of detection pictures and write down what several OCRs agree to read on them.

    python models/recipes/label_crops.py PICTURES TARGET --agreeing A.onnx [--agreeing B.onnx ...]

TARGET gets the crops, each with the OCR's margin around its plate, and labels.csv, in the form that train_ocr.py takes
with --also and, with --split val, that `patrol-anpr bench passes` takes: approaches of real plates from everywhere, on
which nothing was trained. Crops with text come from few sources, and an OCR trained on those alone forgets the others.
A plate is kept where every OCR reads the same (O as 0, I as 1) and is sure of it; one OCR alone must read the same of
looser and tighter crops. To measure, name several. To train, name the one that was trained on the most countries: on
what the others have forgotten several never agree, and just that would be left out. --without CROPS leaves out the
plates that CROPS has: nothing may be measured on what was trained on, and sets share vehicles. TARGET is made of real
pictures, so personal data. Beside each OCR its configuration is looked for (`X_plate_config.yaml`, else the product's).
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
from detection_scenes import find_scenes
from real_crops import load_others
from rich.progress import track
from write_manifest import MODELS

from patrol_anpr.domain.plate import Box, Candidate, Pixels
from patrol_anpr.domain.vrm import fold
from patrol_anpr.reading.dataset import Place, Sample
from patrol_anpr.reading.ocr import PADDING, PlateOcr, cut_out, make_ocr

LEAST_WIDTH = 60.0  # px: what is smaller is read by too few
PADDINGS = (PADDING, (0.0, 0.03), (0.10, 0.20))
SURE = 0.8  # of the weakest character, said by every OCR
COLUMNS = ("image_path", "plate_text", "label_from", "min_char_conf", "x1", "y1", "x2", "y2")


def agreed(looks: Sequence[Candidate]) -> tuple[str, float] | None:
    """Return the text all looks agree on, as the first says it, and the least of their confidences; None otherwise."""
    first = looks[0].text
    sure = min(look.confidence for look in looks)
    if not first or sure < SURE or any(fold(look.text) != fold(first) for look in looks):
        return None
    return first, sure


def place_in_crop(box: Box, frame: tuple[int, int]) -> Place:
    """Return where in its crop the plate at `box` of a frame of `frame` = (width, height) px is: amid a margin."""
    crop = box.padded(*PADDING, within=frame)
    x1, x2 = ((at - crop.x1) / crop.width for at in (box.x1, box.x2))
    y1, y2 = ((at - crop.y1) / crop.height for at in (box.y1, box.y2))
    return x1, y1, x2, y2


def labelled(scene: Sample, ocrs: Sequence[PlateOcr]) -> Iterator[tuple[Pixels, Place, str, float]]:
    """Yield the crop, the place in it, the text and the confidence of each plate in a scene that all OCRs agree on."""
    pixels = scene.pixels()
    boxes = [box for box in scene.boxes_in(pixels) if box.width >= LEAST_WIDTH]
    for box, *looks in zip(boxes, *(ocr.look(pixels, boxes) for ocr in ocrs), strict=True):
        found = agreed(looks)
        if found:
            yield cut_out(pixels, box, PADDING), place_in_crop(box, pixels.shape[1::-1]), *found


def marks_of(folders: Sequence[Path]) -> set[str]:
    """Return the marks, folded, that the crops of these folders are used with."""
    return {fold(crop.text) for folder in folders for crop in load_others(folder)}


def open_ocrs(paths: Sequence[Path]) -> list[PlateOcr]:
    """Open the OCRs, each with the configuration beside it or the product's; one alone at each of PADDINGS."""
    return [_open(path, padding) for path in paths for padding in (PADDINGS if len(paths) == 1 else (PADDING,))]


def _open(path: Path, padding: tuple[float, float]) -> PlateOcr:
    own = path.with_name(f"{path.stem}_plate_config.yaml")
    config = own if own.is_file() else MODELS / "plate_ocr_uk_config.yaml"
    return make_ocr(path, config, provider="cpu", threads=1, padding=padding)


def main() -> None:
    """Write the crops and their labels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder of sets, each with images/train and labels/train")
    parser.add_argument("target", type=Path)
    parser.add_argument("--agreeing", type=Path, action="append", required=True, metavar="OCR", help="one or more")
    parser.add_argument("--split", choices=("train", "val"), default="train", help="which pictures of the sets")
    parser.add_argument("--without", type=Path, action="append", default=[], metavar="CROPS", help="no plate of these")
    parser.add_argument("--hold-out", action="append", default=[], metavar="DRIVE", help="beginning of a drive's names")
    given = parser.parse_args()
    ocrs = open_ocrs(given.agreeing)
    given.target.mkdir(parents=True, exist_ok=True)
    scenes = find_scenes(given.pictures, given.hold_out)
    known, rows = marks_of(given.without), []
    for scene in track(scenes.train if given.split == "train" else scenes.validation, "labelling crops"):
        if not scene.boxes:
            continue
        for crop, place, text, sure in labelled(scene, ocrs):
            if fold(text) in known:
                continue
            name = f"{len(rows):05d}.png"
            cv2.imwrite(str(given.target / name), crop)
            rows.append((name, text, "agreed", *(f"{share:.4f}" for share in (sure, *place))))
    with (given.target / "labels.csv").open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([COLUMNS, *rows])
    print(f"{len(rows)} crops in {given.target}")


if __name__ == "__main__":
    main()
