"""Every screen at every size: nothing clipped, nothing too small to hit; and the reference screenshots."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from patrol_anpr.domain.events import LampChanged
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.lab.sample_road import pixels_of
from patrol_anpr.lab.screenshots import SHOTS, open_window, settle, take
from ui import theme
from ui.app import discard
from ui.widgets.buttons import BigButton
from ui.widgets.plate_label import PlateLabel

SIZES = [(1280, 800), (1024, 768), (1366, 768), (1920, 1200)]
REFERENCE = Path(__file__).parents[2] / "docs" / "screenshots"


def seen(window: QWidget, kind: type[QWidget]) -> list[QWidget]:
    return [widget for widget in window.findChildren(kind) if widget.isVisible()]


def faults_of(window: QWidget) -> list[str]:
    """What does not fit: words wider or taller than their label, buttons smaller than their words or than a thumb."""
    faults = []
    for label in seen(window, QLabel):
        assert isinstance(label, QLabel)
        if not label.text():
            continue
        metrics = QFontMetrics(label.font())
        if label.wordWrap():
            fits = label.height() >= label.heightForWidth(label.width()) - 2
        else:
            fits = label.width() >= metrics.horizontalAdvance(label.text())
        if not fits or label.height() < metrics.height() - 4:
            faults.append(f"label {label.text()!r} {label.width()}x{label.height()}")
    for button in seen(window, QAbstractButton):
        if isinstance(button, BigButton) and button.width() < button.sizeHint().width():
            faults.append(f"button {button.text()!r} {button.width()} < {button.sizeHint().width()}")
        if button.height() < theme.TOUCH or button.width() < theme.TOUCH:
            faults.append(f"target {button.objectName()} {button.width()}x{button.height()}")
    small = [plate for plate in seen(window, PlateLabel) if plate.height() < 30 or plate.width() < 100]
    faults += [f"plate {plate.accessibleName()} {plate.width()}x{plate.height()}" for plate in small]
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        inside = widget.isVisible() and parent is not None and parent.objectName() != "qt_scrollarea_viewport"
        if (
            inside
            and parent.layout() is not None
            and not parent.rect().adjusted(-1, -1, 1, 1).contains(widget.geometry())
        ):
            faults.append(f"outside {type(widget).__name__} {widget.geometry()} of {parent.rect()}")
    return faults


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_fits(app: QApplication, size: tuple[int, int]) -> None:
    faults = []
    for name, prepare in SHOTS.items():
        window, session = open_window(app, night=True, size=size)
        prepare(window, session, app)
        settle(app, window)
        assert (window.width(), window.height()) == size, name
        faults += [f"{name}: {fault}" for fault in faults_of(window)]
        discard(app, window)
    assert faults == []


@pytest.mark.parametrize("name", ["hit_exact", "hit_check", "hit_reasons"])
def test_the_card_still_fits_under_the_not_recording_banner(app: QApplication, name: str) -> None:
    window, session = open_window(app, night=True, size=(1024, 768))
    session.publish(LampChanged(Lamp("records", LampState.BAD, "Not recording")))
    SHOTS[name](window, session, app)
    settle(app, window)
    assert (window.width(), window.height()) == (1024, 768)
    assert faults_of(window) == []
    discard(app, window)


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
    files = list(REFERENCE.glob("*.png"))
    assert len(files) == 2 * len(SHOTS)
    assert max(file.stat().st_size for file in files) < 150_000
