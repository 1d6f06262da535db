"""Write a sheet of rendered, degraded crops, to be looked at beside real ones.

    python models/recipes/contact_sheet.py sheet.png [--unseen] [--real CROPS [--respelt]]

With --real every second row holds real crops, with --respelt such whose characters were exchanged: such a sheet is
personal data and is never committed.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from degradations import degrade_unseen
from ocr_samples import Rendered, degraded_real, photograph, pick_distance, view_of
from real_crops import load_crops
from rendered_plates import render
from respelling import Respelling

from patrol_anpr.domain.plate import Pixels

COLUMNS = 8


def rendered_crop(rng: np.random.Generator, *, unseen: bool) -> Pixels:
    """Return one rendered crop through a camera of the training kinds, or of those kept for measuring."""
    if not unseen:
        return Rendered(rng, 1).draw()[1]
    return degrade_unseen(photograph(render(rng), pick_distance(rng)[0], rng), rng)


def sheet(crops: list[Pixels]) -> Pixels:
    """Lay crops out in rows of COLUMNS, each as the OCR sees it, enlarged a little."""
    tiles = [cv2.resize(cv2.cvtColor(view_of(crop), cv2.COLOR_RGB2BGR), (192, 96)) for crop in crops]
    tiles = [cv2.copyMakeBorder(tile, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(60, 60, 60)) for tile in tiles]
    rows = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles) - COLUMNS + 1, COLUMNS)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unseen", action="store_true", help="the kinds that training never uses")
    parser.add_argument("--real", type=Path, help="a folder of real crops, for every second row")
    parser.add_argument("--respelt", action="store_true", help="real crops with exchanged characters")
    parser.add_argument("--as-is", action="store_true", help="leave the real crops as they are")
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    train = [(crop.pixels(), crop.text) for crop in load_crops(given.real)[0]] if given.real else []
    respelling = Respelling(train, rng) if given.respelt else None
    crops: list[Pixels] = []
    for row in range(given.rows):
        for _ in range(COLUMNS):
            if train and row % 2:
                crop = respelling.draw()[1] if respelling else train[int(rng.integers(len(train)))][0]
                crops.append(crop if given.as_is else degraded_real(crop, rng))
            else:
                crops.append(rendered_crop(rng, unseen=given.unseen))
    cv2.imwrite(str(given.target), sheet(crops))


if __name__ == "__main__":
    main()
