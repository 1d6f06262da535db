"""The whole picture of one camera, with what of it is not read, and a frame while a hand is before its lens."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Mask
from patrol_anpr.plumbing.mailbox import Latest
from ui import scale, theme
from ui.pictures import image_of
from ui.text import Say, camera_word, say
from ui.widgets.live_tile import LiveTile

_WIDE, _TALL = 300, 169


def whole_place(pixels: Pixels, room: QRectF) -> QRectF:
    """Where a picture lies that is shown whole in the middle of `room`."""
    height, width = pixels.shape[:2]
    times = min(room.width() / width, room.height() / height)
    place = QRectF(0, 0, width * times, height * times)
    place.moveCenter(room.center())
    return place


def paint_mask(painter: QPainter, place: QRectF, mask: Mask) -> None:
    """Hatch what is not read of a picture that lies in `place`."""
    painter.setPen(QPen(QColor(theme.PLATE_SEEN), 2))
    for area in mask:
        box = QRectF(
            place.x() + area.x1 * place.width(),
            place.y() + area.y1 * place.height(),
            (area.x2 - area.x1) * place.width(),
            (area.y2 - area.y1) * place.height(),
        )
        painter.fillRect(box, theme.colour(theme.tokens().scrim, 150))
        painter.setBrush(QColor(theme.PLATE_SEEN))
        painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)


class CameraTile(LiveTile):
    """A LiveTile that cuts nothing off and reads nothing aloud: what the camera sees, and its mask."""

    def __init__(self, camera_id: str, mailbox: Latest[LiveFrame]) -> None:
        super().__init__(camera_id, mailbox)
        self.set_small(small=True)
        self.areas: Mask = ()
        self.marked = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        scale.sized(self, width=_WIDE, height=_TALL)

    @property
    def frame(self) -> LiveFrame | None:
        """The newest frame, which is not changed any more; None while there is no picture."""
        return self._frame

    def mark(self, words: str) -> None:
        """Frame the picture, with words; "" for no frame."""
        if words != self.marked:
            self.marked = words
            self.setAccessibleDescription(words)
            self.update()

    def show_mask(self, mask: Mask) -> None:
        """Hatch what is not read."""
        if mask != self.areas:
            self.areas = mask
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(_WIDE), scale.dp(_TALL))

    @override
    def _paint_frame(self, frame: LiveFrame) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().scrim))
            painter.drawImage(whole_place(frame.pixels, QRectF(self.rect())), image_of(frame.pixels))
        with scale.painting(self) as (painter, area):
            paint_mask(painter, whole_place(frame.pixels, area), self.areas)
            self._paint_tag(painter, area, self.marked or camera_word(self.camera_id))
            if self.marked:
                painter.setPen(QPen(QColor(theme.tokens().accent), 8))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(area.adjusted(4, 4, -4, -4))


def covered_words() -> str:
    """What stands on the picture of a camera that a hand is held before."""
    return say(Say.THIS_ONE)
