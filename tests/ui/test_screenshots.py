"""The reference screenshots."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from patrol_anpr.lab.sample_road import pixels_of
from patrol_anpr.lab.screenshots import SHOTS, take

REFERENCE = Path(__file__).parents[2] / "docs" / "screenshots"


def difference(one: QImage, other: QImage) -> float:
    """Share of pixels that differ by more than 40 levels in any channel, after halving the size twice."""
    small = [image.convertToFormat(QImage.Format.Format_RGB888).scaled(320, 200) for image in (one, other)]
    first, second = (pixels_of(image).astype(np.int16) for image in small)
    return float((np.abs(first - second).max(axis=2) > 40).mean())


@pytest.mark.parametrize("palette", ["night", "day"])
@pytest.mark.parametrize("name", sorted(SHOTS))
def test_reference_screenshot(app: QApplication, name: str, palette: str) -> None:
    reference = QImage(str(REFERENCE / f"{name}_{palette}.png"))
    assert not reference.isNull(), "make it with: python -m patrol_anpr.lab.screenshots"
    shot = take(app, name, night=palette == "night")
    share = difference(shot, reference)
    assert share < 0.02, f"{share:.1%} of the picture changed: look at it, then make the references anew"


def test_reference_screenshots_are_small() -> None:
    files = [file for file in REFERENCE.glob("*.png") if file.name != "hit_moving.png"]
    assert len(files) == 2 * len(SHOTS)
    assert max(file.stat().st_size for file in files) < 150_000
