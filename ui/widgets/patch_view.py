"""The patches of a Read: the plate as the camera saw it, enlarged, and the next best looks at it to page through."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import PATCH_MARGIN
from patrol_anpr.domain.read import Evidence, Read
from ui import scale, theme
from ui.pictures import enlarged_patch, patch_picture
from ui.text import Say, say
from ui.widgets.picture import paint_framed
from ui.widgets.plate_label import middle_of

_STEP = 32  # px: a picture is enlarged anew only when its place has changed by so much
_NUMBER = 28  # dp
_ONE_LINE = 2.5
"""Width to height from which on a plate has one line: only there is known where a character stands."""


class PatchView(QAbstractButton):
    """The plate patch, whole, as large as fits. Where the pass has more of them, a tap shows the next one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patches: tuple[bytes, ...] = ()
        self.page = 0
        self._pixmap = QPixmap()
        self.missing = Say.PICTURE_MISSING
        self.marked: tuple[float, ...] = ()
        self.in_middle = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.clicked.connect(self._turn)

    def show_patches(self, evidence: Evidence, read: Read, marked: Sequence[int] = ()) -> None:
        """Show the patches of a Read, the one its text is from first; point at the places (from 0) in `marked`."""
        patches = tuple(patch for patch in (evidence.patch, *evidence.patches) if patch)
        if patches != self._patches:
            self._patches, self.page = patches, 0
        self.missing = Say.NO_PICTURE_TAKEN if read.is_entered else Say.PICTURE_MISSING
        aspect = read.box.width / max(1.0, read.box.height)
        known = [place for place in marked if aspect >= _ONE_LINE and place < len(read.vrm)]
        self.marked = tuple(middle_of(read.vrm, place, aspect) for place in known)
        self._enlarge()

    @property
    def pages(self) -> int:
        """How many pictures there are."""
        return len(self._patches)

    @property
    def has_picture(self) -> bool:
        """Whether there is one; else words say that it is missing."""
        return not self._pixmap.isNull()

    @property
    def place(self) -> QRectF:
        """Where the picture is painted: at the foot, so that it stands right on what is below, or `in_middle`."""
        size = self._pixmap.size().scaled(self._room, Qt.AspectRatioMode.KeepAspectRatio)
        room = self.height() - size.height()
        return QRectF(0, max(self._above, room / 2) if self.in_middle else room, size.width(), size.height())

    @property
    def _above(self) -> int:
        """Room for the number of the picture, above it, so that no letter is covered."""
        return scale.dp(_NUMBER) if self.pages > 1 else 0

    @property
    def _room(self) -> QSize:
        return QSize(self.width(), max(1, self.height() - self._above))

    @Slot()
    def _turn(self) -> None:
        self.page = (self.page + 1) % max(1, self.pages)
        self._enlarge()

    def _enlarge(self) -> None:
        """Have the picture made as large as it is painted, before it is painted."""
        jpeg = self._patches[self.page] if self._patches else b""
        small = patch_picture(jpeg).size()
        wide = small.scaled(self._room, Qt.AspectRatioMode.KeepAspectRatio).width() * self.devicePixelRatio()
        self._pixmap = QPixmap() if small.isEmpty() else enlarged_patch(jpeg, _STEP * max(1, round(wide / _STEP)))
        self.setEnabled(self.pages > 1)
        several = say(Say.PICTURE_OF, number=self.page + 1, count=self.pages)
        alone = say(Say.PLATE_SEEN if self.has_picture else self.missing)
        self.setAccessibleName(several if self.pages > 1 else alone)
        self.updateGeometry()
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._enlarge()

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(420), scale.dp(112))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(120), scale.dp(theme.TOUCH))

    @override
    def hasHeightForWidth(self) -> bool:
        return not self._pixmap.isNull()

    @override
    def heightForWidth(self, width: int) -> int:
        size = self._pixmap.size()
        return max(scale.dp(theme.TOUCH), min(width // 2, width * size.height() // max(1, size.width())))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_framed(self, self._pixmap, self._paint_picture, self.missing)

    def _paint_picture(self, painter: QPainter) -> None:
        place = self.place
        painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
        if self.pages > 1:
            self._paint_page(painter, place)
        if self.page == 0:  # in the other pictures the letters stand elsewhere
            for middle in self.marked:
                _point_at(painter, place, middle)

    def _paint_page(self, painter: QPainter, place: QRectF) -> None:
        t, words = theme.tokens(), f"{self.page + 1}/{self.pages}  >"
        painter.setFont(theme.font(scale.dp(theme.CAPTION), bold=True))
        width, height = painter.fontMetrics().horizontalAdvance(words) + scale.dp(16), scale.dp(_NUMBER - 4)
        pill = QRectF(place.right() - width, place.top() - scale.dp(_NUMBER), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(t.scrim, 220))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(QColor(t.on_scrim))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)


def _point_at(painter: QPainter, patch: QRectF, middle: float) -> None:
    """Point at a character, `middle` of the plate's width, from above and from below: nothing of it is covered."""
    x = patch.left() + (PATCH_MARGIN[0] + middle) / (1 + 2 * PATCH_MARGIN[0]) * patch.width()
    half = max(5.0, patch.height() * 0.07)
    painter.setPen(QPen(QColor(theme.tokens().scrim), 1.5))
    painter.setBrush(QColor(theme.POINTER))
    for edge, way in ((patch.top(), 1.0), (patch.bottom(), -1.0)):
        corners = [QPointF(x - half, edge), QPointF(x + half, edge), QPointF(x, edge + way * 1.6 * half)]
        painter.drawPolygon(QPolygonF(corners))
