"""Where the car has been in the shift, without a map: north up, a scale bar, a ring where it is now."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.route import Point, Route, bounds, scale_bar
from ui import scale, theme
from ui.text import Say, distance, say

_HEIGHT = 250
_LEAST_METRES = 200.0
"""A car that has hardly moved fills no picture with its GPS's wandering."""
_EDGE = 14.0
_FOOT = theme.CAPTION + 18


class RouteView(QWidget):
    """The legs as lines; a leg of one point is a dot."""

    def __init__(self) -> None:
        super().__init__()
        self._legs: tuple[tuple[Point, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say(Say.ROUTE))
        scale.sized(self, least_width=240, height=_HEIGHT)

    def show_route(self, route: Route) -> None:
        """Show this route."""
        self._legs = route.on_paper()
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setFont(theme.font(theme.CAPTION))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
            if self._legs:
                room = area.adjusted(_EDGE, _EDGE, -_EDGE, -_FOOT)
                self._paint_route(painter, room, self._fit(room))
                self._paint_bar(painter, area, self._fit(room)[2])
            self._paint_north(painter, area)

    def _fit(self, room: QRectF) -> tuple[float, float, float]:
        """The middle of the route (metres east, north), and dp a metre."""
        west, south, east, north = bounds([point for leg in self._legs for point in leg])
        wide, tall = max(east - west, _LEAST_METRES), max(north - south, _LEAST_METRES)
        return (west + east) / 2, (south + north) / 2, min(room.width() / wide, room.height() / tall)

    def _paint_route(self, painter: QPainter, room: QRectF, fit: tuple[float, float, float]) -> None:
        t, (east, north, zoom) = theme.tokens(), fit
        centre = room.center()

        def placed(point: Point) -> QPointF:
            return QPointF(centre.x() + (point[0] - east) * zoom, centre.y() - (point[1] - north) * zoom)

        round_ends = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(QPen(QColor(t.accent), 3, *round_ends))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for leg in self._legs:
            places = [placed(point) for point in leg]
            if len(places) > 1:
                painter.drawPolyline(QPolygonF(places))
            else:
                painter.drawPoint(places[0])
        painter.setPen(QPen(QColor(t.text), 3))
        painter.setBrush(QColor(t.surface))
        painter.drawEllipse(placed(self._legs[-1][-1]), 7, 7)

    def _paint_bar(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        t, metres = theme.tokens(), scale_bar(area.width() / 3 / zoom)
        left, foot = area.left() + _EDGE, area.bottom() - 10
        painter.setPen(QPen(QColor(t.muted), 2))
        painter.drawPolyline([QPointF(left, foot - 6), QPointF(left, foot), QPointF(left + metres * zoom, foot)])
        painter.drawLine(QPointF(left + metres * zoom, foot), QPointF(left + metres * zoom, foot - 6))
        words = distance(metres)
        width = QFontMetrics(painter.font()).horizontalAdvance(words) + 4
        box = QRectF(left + metres * zoom + 8, foot - theme.CAPTION, width, theme.CAPTION + 6)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_north(self, painter: QPainter, area: QRectF) -> None:
        """An arrow with the letter of north, at the right."""
        t = theme.tokens()
        tip = QPointF(area.right() - 22, area.top() + 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.muted))
        half, length = 7.0, 18.0
        painter.drawPolygon(
            QPolygonF([tip, tip + QPointF(half, length), tip + QPointF(0, length - 5), tip + QPointF(-half, length)])
        )
        painter.setPen(QColor(t.muted))
        box = QRectF(tip.x() - 14, tip.y() + length, 28, theme.CAPTION + 6)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, say(Say.NORTH))
