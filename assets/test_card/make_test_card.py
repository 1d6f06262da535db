"""Make the test card: drawn vehicles whose plates the models must read whenever the program starts.

    python assets/test_card/make_test_card.py

Three pictures of four vehicles each, two by day and one at night, and card.json with what stands on their plates. The
marks are invented (the first letters J, T, U and X are no region of the DVLA's scheme).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from patrol_anpr.domain.vrm import normalise
from patrol_anpr.lab.road import Placed, RoadCamera, plated
from patrol_anpr.lab.street import DAY, NIGHT, Light, View
from patrol_anpr.lab.vehicles import ESTATE, HATCHBACK, SALOON, VAN, Body, Pose
from patrol_anpr.lettering.plate import PLAIN, Band, PlateLook

FOLDER = Path(__file__).parent
PART = (320, 192)  # px: what is kept of each frame, four of which make a picture of the detector's own size
SEED = 20261122
QUALITY = 88


@dataclass(frozen=True)
class Shown:
    """One vehicle: `body` None for a motorcycle, `away` when its rear is seen, `x` and `z` in metres."""

    mark: str
    body: Body | None
    paint: tuple[int, int, int]
    x: float
    z: float
    away: bool = True
    look: PlateLook = PLAIN


UK, EURO, FLASH = (PlateLook(band=band) for band in (Band.UK, Band.GB_EURO, Band.GREEN))
SILVER, WHITE, BLACK, BLUE, RED = (150, 148, 144), (222, 224, 224), (30, 28, 28), (132, 62, 30), (34, 30, 158)
CARDS: dict[str, tuple[Light, tuple[Shown, ...]]] = {
    "day_away.jpg": (
        DAY,
        (
            Shown("TJ18 ZKD", SALOON, SILVER, 0.1, 6.5, look=UK),
            Shown("XU63 ZNE", HATCHBACK, BLUE, -1.2, 7.5),
            Shown("X384 ZUT", ESTATE, BLACK, 0.4, 8.5, look=EURO),
            Shown("UX22 ZRB", None, RED, 0.3, 3.4),
        ),
    ),
    "day_towards.jpg": (
        DAY,
        (
            Shown("JT07 ZHM", HATCHBACK, RED, 2.0, 7.0, away=False, look=UK),
            Shown("XIZ 7316", SALOON, BLUE, 1.5, 6.5, away=False),
            Shown("TU71 ZPF", VAN, WHITE, 0.6, 8.0, away=False, look=FLASH),
            Shown("UJ59 ZCA", ESTATE, SILVER, 2.4, 6.5, away=False),
        ),
    ),
    "night.jpg": (
        NIGHT,
        (
            Shown("JX15 ZGY", VAN, WHITE, 0.1, 6.8, look=UK),
            Shown("TX74 ZLV", HATCHBACK, SILVER, -0.8, 7.5, look=FLASH),
            Shown("XJ08 ZSW", SALOON, BLACK, 0.3, 6.5),
            Shown("UT69 ZDB", ESTATE, BLUE, 1.8, 6.5, away=False),
        ),
    ),
}


def part(shown: Shown, light: Light) -> np.ndarray:
    """Draw one vehicle on the road and keep what is around its plate."""
    vehicle = plated(normalise(shown.mark), shown.body, shown.paint, shown.look)
    placed = [Placed(vehicle, Pose(shown.x, shown.z, shown.away))]
    frame, truths = RoadCamera(View(), light, SEED).picture(placed, 9.0)
    x, y = truths[0].corners.mean(axis=0)
    left = int(np.clip(x - PART[0] / 2, 0, frame.shape[1] - PART[0]))
    top = int(np.clip(y - PART[1] / 2, 0, frame.shape[0] - PART[1]))
    return frame[top : top + PART[1], left : left + PART[0]]


def main() -> None:
    """Draw the pictures and write down what they show."""
    cv2.setNumThreads(1)
    told = []
    for name, (light, vehicles) in CARDS.items():
        parts = [part(shown, light) for shown in vehicles]
        picture = np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])
        cv2.imwrite(str(FOLDER / name), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        told.append({"file": name, "vrms": [normalise(shown.mark) for shown in vehicles]})
    (FOLDER / "card.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
