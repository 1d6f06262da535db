"""How large everything is. Sizes are written in dp; one factor fits them to the window, and buttons to a gloved thumb.

A window smaller than the design needs shows all of it smaller: a screen that its desktop enlarges to 150 % has few
logical pixels, but large ones. A window taller than wide puts side by side what else stands beside each other.
Painting and layouts use the same dp: `painting` gives a painter in dp, `sized` and `spaced` note a widget's and a
layout's sizes in dp, and `rescale` applies them anew.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QScreen
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

WIDE, UPRIGHT = (1024, 768), (760, 1120)
"""The dp that the densest screen needs, banner and notice included: side by side, and one above the other."""

TOUCH = 76
"""The side of a button in dp."""
TOUCH_MM = 12.0
"""What a gloved thumb hits while the car shakes."""
_SMALL_MM = TOUCH_MM - 0.5  # screens tell their size in whole millimetres

_STEP = 1 / 64  # a window being dragged does not change every size at every pixel
_USUAL_PITCH = 25.4 / 96  # mm: what desktops mean a logical pixel to be
_BELIEVED = (0.03, 0.8)  # mm; beyond them a screen does not know its size

_DP = "dp"
_SETTERS: dict[str, Callable[[QWidget, int], None]] = {
    "width": QWidget.setFixedWidth,
    "height": QWidget.setFixedHeight,
    "least_width": QWidget.setMinimumWidth,
    "least_height": QWidget.setMinimumHeight,
    "most_height": QWidget.setMaximumHeight,
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How the design lies in a window: logical pixels a dp, and whether its parts stand one above the other."""

    factor: float = 1.0
    upright: bool = False


def fitting(width: int, height: int, pitch: float) -> Fit:
    """How the design fits into `width` x `height` logical pixels of `pitch` mm each.

    Larger than 1 only where the pixels are so small that a thumb would miss, and only as far as there is room.
    """
    upright = height > width
    least = UPRIGHT if upright else WIDE
    room = min(width / least[0], height / least[1])
    wanted = max(1.0, TOUCH_MM / (TOUCH * pitch))
    return Fit(max(_STEP, math.floor(min(room, wanted) / _STEP) * _STEP), upright)


def is_too_small(fit: Fit, pitch: float) -> bool:
    """Whether buttons come out smaller than a gloved thumb."""
    return TOUCH * fit.factor * pitch < _SMALL_MM


def pitch_of(screen: QScreen) -> float:
    """The side of a logical pixel in mm, as the screen tells it; the usual one where that cannot be."""
    width = screen.geometry().width()
    pitch = screen.physicalSize().width() / width if width else 0.0
    return pitch if _BELIEVED[0] <= pitch <= _BELIEVED[1] else _USUAL_PITCH


_chosen = [Fit()]


def fit() -> Fit:
    """The fit in force."""
    return _chosen[0]


def use(chosen: Fit) -> None:
    """Put a fit in force; `rescale` then applies it."""
    _chosen[0] = chosen


def dp(size: float) -> int:
    """`size` dp in logical pixels."""
    return round(size * fit().factor)


@contextmanager
def painting(widget: QWidget) -> Iterator[tuple[QPainter, QRectF]]:
    """A painter for a widget, in dp and with smooth edges, and the widget's area in dp."""
    factor = fit().factor
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(factor, factor)
        yield painter, QRectF(0, 0, widget.width() / factor, widget.height() / factor)


def sized(widget: QWidget, **sizes: float) -> None:
    """Fix sizes of a widget in dp: width, height, least_width, least_height, most_height."""
    widget.setProperty(_DP, {**(widget.property(_DP) or {}), **sizes})
    _size(widget)


def spaced(layout: QBoxLayout | Any, gap: float, margins: tuple[float, float, float, float] | None = None) -> None:
    """Fix a layout's gap and its margins (left, top, right, bottom) in dp."""
    layout.setProperty(_DP, {"gap": gap} | ({"margins": list(margins)} if margins is not None else {}))
    _space(layout)


def turning(layout: QBoxLayout) -> None:
    """Have a row become a column in an upright window."""
    layout.setProperty("turning", True)
    _turn(layout)


def gap(layout: QBoxLayout, size: float) -> None:
    """Put a gap of `size` dp between what stands in a layout before and after."""
    empty = QWidget()
    sized(empty, width=size, height=size)
    layout.addWidget(empty)


def rescale(root: QWidget) -> None:
    """Apply the fit in force to everything in a window."""
    for widget in root.findChildren(QWidget):
        _size(widget)
        widget.updateGeometry()
        widget.update()
    for layout in root.findChildren(QLayout):
        _space(layout)
        if isinstance(layout, QBoxLayout):
            _turn(layout)


def _size(widget: QWidget) -> None:
    for name, size in (widget.property(_DP) or {}).items():
        _SETTERS[name](widget, dp(size))


def _space(layout: Any) -> None:
    noted = layout.property(_DP)
    if not noted:
        return
    layout.setSpacing(dp(noted["gap"]))
    if "margins" in noted:
        layout.setContentsMargins(*(dp(edge) for edge in noted["margins"]))


def _turn(layout: QBoxLayout) -> None:
    if layout.property("turning"):
        down = QBoxLayout.Direction.TopToBottom
        layout.setDirection(down if fit().upright else QBoxLayout.Direction.LeftToRight)
