"""A road drawn with QPainter, by night and by day, with one car and its plate."""

import math

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF, QRadialGradient

from patrol_anpr.domain.plate import PATCH_MARGIN, Box, Pixels, PlateColour
from ui.widgets.plate_label import paint_plate, plate_width

WIDTH, HEIGHT = 1280, 720
_HORIZON = 300.0
_PLATE = 29.0


def road(vrm: str, ground: PlateColour, *, paint: str = "#8b949e", night: bool = True) -> tuple[QImage, Box]:
    """Draw a road with a car ahead; return the scene and where its plate is."""
    scene = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB888)
    wide = plate_width(vrm, _PLATE)
    box = QRectF(640 - wide / 2, 455, wide, _PLATE)
    with QPainter(scene) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _sky(painter, night=night)
        _ground(painter, night=night)
        for step in range(5):
            _lamp_post(painter, 0.82**step, night=night)
        _car(painter, QColor(paint), night=night)
        paint_plate(painter, box.x(), box.y(), _PLATE, vrm, ground)
        if night:
            _headlights(painter)
    return scene, Box(box.left(), box.top(), box.right(), box.bottom())


def _sky(painter: QPainter, *, night: bool) -> None:
    sky = QLinearGradient(0, 0, 0, _HORIZON)
    sky.setColorAt(0, QColor("#05080f" if night else "#8fa9c2"))
    sky.setColorAt(1, QColor("#1a2433" if night else "#d5dfe8"))
    painter.fillRect(QRectF(0, 0, WIDTH, _HORIZON + 1), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#0a0f16" if night else "#6d7d74"))
    hills = [
        QPointF(x, _HORIZON - 26 - 18 * math.sin(x / 130) - 9 * math.sin(x / 47)) for x in range(0, WIDTH + 20, 20)
    ]
    painter.drawPolygon(QPolygonF([QPointF(0, _HORIZON + 2), *hills, QPointF(WIDTH, _HORIZON + 2)]))


def _ground(painter: QPainter, *, night: bool) -> None:
    painter.fillRect(QRectF(0, _HORIZON, WIDTH, HEIGHT - _HORIZON), QColor("#0b1110" if night else "#66785c"))
    tarmac = QLinearGradient(0, _HORIZON, 0, HEIGHT)
    tarmac.setColorAt(0, QColor("#14171b" if night else "#8b8f94"))
    tarmac.setColorAt(1, QColor("#26292e" if night else "#6c7075"))
    painter.setBrush(tarmac)
    painter.drawPolygon(_lane(-1.0, 1.0))
    white = QColor("#8d9298" if night else "#e8eaec")
    painter.setBrush(white)
    for edge in (-0.93, 0.93):
        painter.drawPolygon(_lane(edge - 0.008, edge + 0.008))
    for lane in (-0.3, 0.3):
        for step in range(14):
            near, far = 1.0 / (1 + step * 0.55), 1.0 / (1 + step * 0.55 + 0.24)
            painter.drawPolygon(_strip(lane, 0.009, near, far))


def _x(offset: float, depth: float) -> float:
    return WIDTH / 2 + offset * 860 * depth


def _y(depth: float) -> float:
    return _HORIZON + (HEIGHT + 10 - _HORIZON) * depth


def _lane(left: float, right: float) -> QPolygonF:
    corners = ((left, 0.0), (right, 0.0), (right, 1.0), (left, 1.0))
    return QPolygonF([QPointF(_x(offset, depth), _y(depth)) for offset, depth in corners])


def _strip(offset: float, half: float, near: float, far: float) -> QPolygonF:
    corners = ((offset - half, far), (offset + half, far), (offset + half, near), (offset - half, near))
    return QPolygonF([QPointF(_x(o, depth), _y(depth)) for o, depth in corners])


def _lamp_post(painter: QPainter, depth: float, *, night: bool) -> None:
    depth = depth**3 * 0.62
    for side in (-1.12, 1.12):
        foot, tall = QPointF(_x(side, depth), _y(depth)), 560 * depth
        head = foot - QPointF(math.copysign(70 * depth, side), tall)
        painter.setPen(QPen(QColor("#20272f" if night else "#59626b"), max(1.5, 9 * depth)))
        painter.drawLine(foot, QPointF(foot.x(), head.y()))
        painter.drawLine(QPointF(foot.x(), head.y()), head)
        painter.setPen(Qt.PenStyle.NoPen)
        if night:
            glow = QRadialGradient(head, 110 * depth + 8)
            glow.setColorAt(0, QColor(255, 214, 140, 200))
            glow.setColorAt(1, QColor(255, 190, 90, 0))
            painter.setBrush(glow)
            painter.drawEllipse(head, 110 * depth + 8, 110 * depth + 8)


def _car(painter: QPainter, paint: QColor, *, night: bool) -> None:
    paint = paint.darker(190) if night else paint
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 120))
    painter.drawEllipse(QRectF(425, 545, 430, 46))
    painter.setBrush(QColor("#08090a"))
    for x in (448, 768):
        painter.drawRoundedRect(QRectF(x, 500, 64, 74), 14, 14)
    body = QPainterPath(QPointF(444, 548))
    for a, b, c in (
        ((432, 480), (436, 420), (456, 392)),
        ((478, 330), (500, 306), (522, 300)),
        ((600, 292), (680, 292), (758, 300)),
        ((780, 306), (802, 330), (824, 392)),
        ((844, 420), (848, 480), (836, 548)),
    ):
        body.cubicTo(QPointF(*a), QPointF(*b), QPointF(*c))
    body.closeSubpath()
    shade = QLinearGradient(0, 292, 0, 548)
    shade.setColorAt(0, paint.lighter(125))
    shade.setColorAt(0.45, paint)
    shade.setColorAt(1, paint.darker(170))
    painter.setBrush(shade)
    painter.drawPath(body)
    glass = QPolygonF([QPointF(*p) for p in ((530, 318), (750, 318), (790, 388), (490, 388))])
    painter.setBrush(QColor("#0a0e13" if night else "#26323d"))
    painter.drawPolygon(glass)
    painter.setBrush(paint.darker(135))
    painter.drawRoundedRect(QRectF(456, 506, 368, 40), 12, 12)
    painter.setBrush(QColor(10, 12, 14, 110))
    painter.drawRoundedRect(QRectF(540, 442, 200, 54), 8, 8)
    for x in (450, 768):
        painter.setBrush(QColor("#d0202a" if night else "#8e1820"))
        painter.drawRoundedRect(QRectF(x, 408, 62, 38), 12, 12)
        if night:
            glow = QRadialGradient(QPointF(x + 31, 427), 92)
            glow.setColorAt(0, QColor(255, 60, 50, 150))
            glow.setColorAt(1, QColor(255, 30, 30, 0))
            painter.setBrush(glow)
            painter.drawEllipse(QPointF(x + 31, 427), 92, 92)


def _headlights(painter: QPainter) -> None:
    pool = QRadialGradient(QPointF(640, 600), 520)
    pool.setColorAt(0, QColor(255, 246, 220, 46))
    pool.setColorAt(1, QColor(255, 246, 220, 0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pool)
    painter.drawEllipse(QPointF(640, 600), 640, 300)


def patch_of(scene: QImage, box: Box) -> QImage:
    """Cut the plate from the scene, with the margin of every patch and blurred as a camera would."""
    cut = box.padded(*PATCH_MARGIN, within=(scene.width(), scene.height()))
    part = scene.copy(round(cut.x1), round(cut.y1), round(cut.width), round(cut.height))
    small = part.scaled(part.width() * 3 // 4, part.height() * 3 // 4, mode=Qt.TransformationMode.SmoothTransformation)
    return small.scaled(part.width() * 2, part.height() * 2, mode=Qt.TransformationMode.SmoothTransformation)


def jpeg_of(image: QImage) -> bytes:
    """Encode as JPEG."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 88)  # type: ignore[call-overload]
    return bytes(held.data())


def pixels_of(image: QImage) -> Pixels:
    """Copy into an array: height x width x 3, BGR."""
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return np.ascontiguousarray(flat[:, : image.width() * 3].reshape(image.height(), image.width(), 3)[:, :, ::-1])
