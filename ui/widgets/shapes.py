"""Shapes that carry meaning without colour: tiers, lamps, and the few icons of the bottom bar."""

import math
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from ui import theme


class Icon(Enum):
    """Drawn here, because the font has no pictures."""

    SOUND = "sound"
    MUTED = "muted"
    MOON = "moon"
    SUN = "sun"
    ERASE = "erase"


def tier_path(tier: Tier, rect: QRectF) -> QPainterPath:
    """The outline of a tier: octagon, triangle, circle, square."""
    path = QPainterPath()
    centre, radius = rect.center(), min(rect.width(), rect.height()) / 2
    if tier is Tier.IMMEDIATE:
        reach = radius / math.cos(math.pi / 8)
        corners = [math.pi / 8 + k * math.pi / 4 for k in range(8)]
        path.addPolygon(QPolygonF([centre + QPointF(math.cos(a), math.sin(a)) * reach for a in corners]))
    elif tier is Tier.PRIORITY:
        top, foot = centre.y() - radius, centre.y() + radius * 0.86
        half = radius * 1.08
        corners_of = [(centre.x(), top), (centre.x() + half, foot), (centre.x() - half, foot)]
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners_of]))
    elif tier is Tier.ROUTINE:
        path.addEllipse(centre, radius, radius)
    else:
        side = radius * 0.9
        path.addRect(QRectF(centre.x() - side, centre.y() - side, side * 2, side * 2))
    path.closeSubpath()
    return path


def paint_tier(
    painter: QPainter, rect: QRectF, tier: Tier, ink: str, *, number: str = "", hollow: bool = False
) -> None:
    """Paint a tier's shape; `hollow` (an outline) is for CHECK; `number` is the colour of its numeral, if any."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height())
    if hollow:
        width = max(2.5, side * 0.09)
        painter.setPen(
            QPen(QColor(ink), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.MiterJoin)
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink))
    painter.drawPath(tier_path(tier, rect))
    if number:
        painter.setPen(QColor(number))
        painter.setFont(
            theme.font(max(theme.CAPTION, round(side * (0.44 if tier is Tier.PRIORITY else 0.58))), bold=True)
        )
        drop = side * 0.14 if tier is Tier.PRIORITY else 0
        painter.drawText(rect.translated(0, drop), Qt.AlignmentFlag.AlignCenter, str(int(tier)))
    painter.restore()


def paint_lamp(painter: QPainter, rect: QRectF, state: LampState) -> None:
    """Paint a lamp: full disc good, half disc amber, cross red, ring unknown."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(theme.tokens().lamp(state))
    line = max(2.0, rect.width() * 0.15)
    inner = rect.adjusted(line / 2, line / 2, -line / 2, -line / 2)
    painter.setPen(QPen(ink, line, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state is LampState.GOOD:
        painter.setBrush(ink)
        painter.drawEllipse(inner)
    elif state is LampState.WARN:
        painter.drawEllipse(inner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPie(inner, 90 * 16, 180 * 16)
    elif state is LampState.BAD:
        painter.setPen(QPen(ink, line * 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    else:
        painter.drawEllipse(inner)
    painter.restore()


def paint_icon(painter: QPainter, rect: QRectF, icon: Icon, ink: QColor) -> None:
    """Paint one icon into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    painter.setPen(QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    {
        Icon.SOUND: _speaker,
        Icon.MUTED: _muted,
        Icon.MOON: _moon,
        Icon.SUN: _sun,
        Icon.ERASE: _erase,
    }[icon](painter, ink)
    painter.restore()


def _horn(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(*p) for p in ((3, 9), (7, 9), (12, 4), (12, 20), (7, 15), (3, 15))]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _speaker(painter: QPainter, ink: QColor) -> None:
    _horn(painter, ink)
    for reach in (4.0, 8.0):
        painter.drawArc(QRectF(12 - reach, 12 - reach, 2 * reach, 2 * reach).translated(3, 0), -45 * 16, 90 * 16)


def _muted(painter: QPainter, ink: QColor) -> None:
    _horn(painter, ink)
    painter.drawLine(QPointF(16, 9), QPointF(22, 15))
    painter.drawLine(QPointF(22, 9), QPointF(16, 15))


def _moon(painter: QPainter, ink: QColor) -> None:
    full, bite = QPainterPath(), QPainterPath()
    full.addEllipse(QPointF(11, 12), 9, 9)
    bite.addEllipse(QPointF(15.5, 9), 8, 8)
    painter.fillPath(full.subtracted(bite), ink)


def _sun(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(12, 12), 4.4, 4.4)
    for step in range(8):
        way = QPointF(math.cos(step * math.pi / 4), math.sin(step * math.pi / 4))
        painter.drawLine(QPointF(12, 12) + way * 8, QPointF(12, 12) + way * 10.5)


def _erase(painter: QPainter, ink: QColor) -> None:
    """An arrow to the left with a cross in it: the last character goes."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(*p) for p in ((1, 12), (8, 5), (23, 5), (23, 19), (8, 19))]))
    painter.drawLine(QPointF(11.5, 9), QPointF(17.5, 15))
    painter.drawLine(QPointF(17.5, 9), QPointF(11.5, 15))
