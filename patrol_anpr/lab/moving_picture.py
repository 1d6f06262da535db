"""A hit from tone to closed card as an animated PNG: `python -m patrol_anpr.lab.moving_picture [file]`.

The window is the real one, tapped by real mouse events; what is heard stands below it, and a ring shows the finger.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from patrol_anpr.alerting.phrases import sentence
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_evidence, sample_hit
from patrol_anpr.lab.sample_road import pixels_of
from patrol_anpr.lab.screenshots import open_window, settle
from ui import theme
from ui.app import discard, make_application
from ui.window import Window

WIDTH = 800
"""Pixels; the window is drawn at 1280 and made smaller, as a reader of the README sees it."""
_HEARD_HEIGHT = 84
_SLIDE_STEPS = 4
_FILE = Path("docs/screenshots/hit_moving.png")


@dataclass(frozen=True)
class Shot:
    """A still of the window, shown for `ms`; `heard` is what sounds, `finger` where the glass is touched."""

    image: QImage
    ms: int
    heard: str = ""
    finger: QPoint | None = None


def shots(app: QApplication) -> Iterator[Shot]:
    """Go through one hit: the road, the tone, the card, one tap, control's answer, the road."""
    window, patrol = open_window(app, night=True)
    hit = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen", seconds_ago=0)
    yield Shot(_still(window), 1200)
    patrol.raise_hit(hit, sample_evidence(hit.read.vrm, hit.read.colour, night=True))
    app.processEvents()
    slide = window.live.card._slide
    slide.pause()
    for step in range(_SLIDE_STEPS):
        slide.setCurrentTime(slide.duration() * step // _SLIDE_STEPS)
        yield Shot(_still(window), 40, "♪")
    settle(app, window)
    words = sentence(hit)
    yield Shot(_still(window), 1000, "♪")
    yield Shot(_still(window), 3200, f"“{words}”")
    yield from _tap(app, window, patrol, window.live.card.confirm)
    yield Shot(_still(window), 2200)
    yield from _tap(app, window, patrol, window.live.card.reasons.finish)
    yield Shot(_still(window), 2000)
    discard(app, window)


def _tap(app: QApplication, window: Window, patrol: SamplePatrol, button: QWidget) -> Iterator[Shot]:
    """Touch a button once the dead time is over, and show where."""
    patrol.clock.advance(1.0)
    middle = button.rect().center()
    yield Shot(_still(window), 500, finger=button.mapTo(window, middle))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=middle)
    settle(app, window)


def _still(window: Window) -> QImage:
    return window.grab().toImage()


def framed(shot: Shot) -> NDArray[np.uint8]:
    """The shot as it is shown: small, with what is heard below. Returns BGR bytes, (height, WIDTH, 3)."""
    image = shot.image.convertToFormat(QImage.Format.Format_RGB32)
    whole = QImage(image.width(), image.height() + _HEARD_HEIGHT, QImage.Format.Format_RGB32)
    t = theme.tokens()
    whole.fill(QColor(t.bar))
    with QPainter(whole) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(0, 0, image)
        painter.setPen(QColor(t.text))
        painter.setFont(theme.font(22))
        below = QRect(0, image.height(), image.width(), _HEARD_HEIGHT)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, shot.heard)
        if shot.finger is not None:
            painter.setPen(QPen(QColor(t.text), 6))
            painter.setBrush(QColor(255, 255, 255, 90))
            painter.drawEllipse(QPointF(shot.finger), 40, 40)
    small = whole.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    return pixels_of(small.convertToFormat(QImage.Format.Format_RGB888)).copy()


def save_moving_picture(file: Path) -> Path:
    """Write the animated PNG."""
    app = make_application()
    animation = cv2.Animation()
    seen = list(shots(app))
    animation.frames = [framed(shot) for shot in seen]
    animation.durations = [shot.ms for shot in seen]
    if not cv2.imwriteanimation(str(file), animation, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise OSError(f"{file} could not be written")
    return file


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    save_moving_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else _FILE)
