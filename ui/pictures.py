"""From the bytes of the evidence to what is shown."""

from functools import lru_cache

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPixmap

from patrol_anpr.domain.plate import Box, Pixels, vehicle_box


def image_of(pixels: Pixels) -> QImage:
    """Wrap BGR pixels without copying; the caller keeps `pixels` alive as long as the image."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888)


def _decode(jpeg: bytes) -> Pixels | None:
    if not jpeg:
        return None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else np.ascontiguousarray(pixels, np.uint8)


@lru_cache(maxsize=64)
def patch_picture(jpeg: bytes) -> QPixmap:
    """The plate patch at twice its size, sharpened; a null pixmap when the bytes are no picture."""
    pixels = _decode(jpeg)
    if pixels is None:
        return QPixmap()
    large = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), 1.6)
    sharp = np.ascontiguousarray(cv2.addWeighted(large, 1.6, soft, -0.6, 0), np.uint8)
    return QPixmap.fromImage(image_of(sharp).copy())


@lru_cache(maxsize=64)
def enlarged_patch(jpeg: bytes, width: int) -> QPixmap:
    """The plate patch `width` pixels wide, by Lanczos and gently sharpened; null when the bytes are no picture."""
    pixels = _decode(jpeg)
    if pixels is None:
        return QPixmap()
    scale = width / pixels.shape[1]
    size = (width, max(1, round(pixels.shape[0] * scale)))
    made = cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_AREA)
    if scale > 1:
        soft = cv2.GaussianBlur(made, (0, 0), 0.8 * scale)  # what is softened is about a pixel of the camera
        made = cv2.addWeighted(made, 1.6, soft, -0.6, 0)
    return QPixmap.fromImage(image_of(np.ascontiguousarray(made, np.uint8)).copy())


@lru_cache(maxsize=8)
def overview_picture(jpeg: bytes) -> QPixmap:
    """The whole scene; a null pixmap when the bytes are no picture."""
    pixels = _decode(jpeg)
    return QPixmap() if pixels is None else QPixmap.fromImage(image_of(pixels).copy())


def vehicle_frame(plate: Box, width: int, height: int, *, rear: bool) -> QRectF:
    """Where the vehicle of a plate is, within a scene of `width` x `height` pixels."""
    box = vehicle_box(plate, width, height, rear=rear)
    return QRectF(box.x1, box.y1, box.width, box.height)


def view_around(frame: QRectF, scene: tuple[int, int], aspect: float) -> QRectF:
    """The part of a scene to show: somewhat more than the vehicle, of the `aspect` wanted, within the scene."""
    height = min(float(scene[1]), max(frame.height() * 1.35, frame.width() * 1.25 / aspect))
    width = min(float(scene[0]), height * aspect)
    height = min(height, width / aspect)
    left = min(max(0.0, frame.center().x() - width / 2), scene[0] - width)
    top = min(max(0.0, frame.center().y() - height / 2), scene[1] - height)
    return QRectF(left, top, width, height)
