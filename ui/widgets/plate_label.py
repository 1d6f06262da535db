"""A VRM drawn as the plate it stands on, in our own letters (lettering/glyphs.py)."""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.vrm import normalise, spaced
from patrol_anpr.lettering.glyphs import CAR, layout
from ui import scale, theme

PLATE_HEIGHT = 111.0  # mm, by law
LONGEST_PLATE = 520.0  # mm, the usual plate of a car
_SIDE = 20.0  # mm beside the letters


@lru_cache(maxsize=512)
def _lettering(vrm: str) -> tuple[QPainterPath, tuple[QRectF, ...], float]:
    """The letters of a mark in mm as one path, the cell of each character, and their width."""
    placed = layout(spaced(normalise(vrm)).split())
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    cells = []
    for item in placed.glyphs:
        letter = QPainterPath()
        letter.setFillRule(Qt.FillRule.WindingFill)
        for outline in item.glyph.outlines:
            part = QPainterPath()
            part.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline]))
            part.closeSubpath()
            letter = letter.united(part)
        path.addPath(letter.translated(item.x, item.y))
        cells.append(QRectF(item.x, item.y, item.glyph.width, item.glyph.height))
    return path, tuple(cells), placed.width


def middle_of(vrm: str, place: int, aspect: float) -> float:
    """Where a character (`place` from 0) stands on a real plate, as a share of the plate's width.

    Plates are wider than their letters, and not all alike: `aspect` is the seen plate's width to its height.
    """
    _, cells, letters = _lettering(vrm)
    plate = min(LONGEST_PLATE, max(letters + 2 * CAR.margin, aspect * PLATE_HEIGHT))
    return ((plate - letters) / 2 + cells[place].center().x()) / plate


def plate_width(vrm: str, height: float) -> float:
    """The width in dp of a plate drawn `height` dp tall."""
    return (_lettering(vrm)[2] + 2 * _SIDE) * height / PLATE_HEIGHT


def paint_plate(
    painter: QPainter, left: float, top: float, height: float, vrm: str, ground: PlateColour, marked: Sequence[int] = ()
) -> float:
    """Paint a plate `height` dp tall with its top left corner at (left, top); return its width.

    `marked` are character places (from 0) to be boxed: where the read and the list differ.
    """
    t = theme.tokens()
    path, cells, letters = _lettering(vrm)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(left, top)
    painter.scale(height / PLATE_HEIGHT, height / PLATE_HEIGHT)
    plate = QRectF(0, 0, letters + 2 * _SIDE, PLATE_HEIGHT)
    painter.setPen(QPen(QColor(t.plate_ink), 1.6))
    painter.setBrush(QColor(t.plate(ground)))
    painter.drawRoundedRect(plate.adjusted(1, 1, -1, -1), 11, 11)
    painter.translate(_SIDE, (PLATE_HEIGHT - CAR.height) / 2)
    painter.fillPath(path, QColor(t.plate_ink))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place in marked:
        if 0 <= place < len(cells):
            _box(painter, cells[place])
    painter.restore()
    return plate.width() * height / PLATE_HEIGHT


def _box(painter: QPainter, cell: QRectF) -> None:
    """Frame one character with a heavy dark line."""
    box = cell.adjusted(-6.5, -10, 6.5, 10)
    painter.setPen(
        QPen(QColor(theme.DIFFERING), 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
    )
    painter.drawRect(box)


class PlateLabel(QWidget):
    """A VRM as a plate, as large as the widget allows up to `height` dp; its left edge is the widget's."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self.on_top = False
        self._vrm, self._ground, self._marked = "", PlateColour.WHITE, tuple[int, ...]()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        scale.sized(self, least_height=height * 0.6, most_height=height)

    def show_vrm(self, vrm: str, ground: PlateColour, marked: Sequence[int] = ()) -> None:
        """Show a mark; `marked` places are boxed."""
        self._vrm, self._ground, self._marked = normalise(vrm), ground, tuple(marked)
        self.setAccessibleName(spaced(self._vrm))
        self.updateGeometry()
        self.update()

    @property
    def marked(self) -> tuple[int, ...]:
        """The boxed places."""
        return self._marked

    @override
    def sizeHint(self) -> QSize:
        width = plate_width(self._vrm, self._height) if self._vrm else 0
        return QSize(scale.dp(width), scale.dp(self._height))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._vrm:
            return
        with scale.painting(self) as (painter, area):
            height = min(area.height(), area.width() / plate_width(self._vrm, 1.0))
            top = 0 if self.on_top else (area.height() - height) / 2
            paint_plate(painter, 0, top, height, self._vrm, self._ground, self._marked)
