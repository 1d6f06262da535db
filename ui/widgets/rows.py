"""One line for a hit, one line for a Read; the same in the side panel and in the full lists."""

from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.vrm import spaced
from ui import scale, theme
from ui.models.hit_lines import HitLine
from ui.pictures import patch_picture
from ui.text import (
    Say,
    cancelled_words,
    clock_time,
    headline,
    line_words,
    match_word,
    origin,
    reason,
    say,
    since,
    state_word,
)
from ui.widgets.plate_label import paint_plate, plate_width
from ui.widgets.shapes import paint_tier

HIT_ROW = theme.TOUCH
READ_ROW = 60
_PLATE = 36
_LEAST_PLATE = 20
"""Lower than this it is no longer read at a glance."""
_TOLD = 5
"""Reads that are told to a screen reader at once."""


def paint_hit_row(painter: QPainter, rect: QRectF, line: HitLine, now: datetime, *, pressed: bool = False) -> None:
    """Paint tier shape, plate, reason and age. CHECK: a hollow shape, a dashed edge, the word.

    The same car again: how many times, and how long ago the last one was. A muted entry: the word.
    """
    t, hit = theme.tokens(), line.hit
    check = hit.match.kind is MatchKind.CHECK
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = rect.adjusted(1, 1, -1, -1)
    painter.setPen(QPen(QColor(t.check), 2, Qt.PenStyle.DashLine) if check else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(t.raised if pressed else t.surface))
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    paint_tier(
        painter, QRectF(box.x() + 12, box.center().y() - 15, 30, 30), hit.tier, t.tier(hit.tier).ink, hollow=check
    )
    right = state_word(hit.state) or since(now - line.last)
    if hit.past and hit.is_open:  # its age alone would look like that of a vehicle that was here just then
        right = say(Say.SEEN_ROW, time=clock_time(hit.read.captured_at))
    painter.setFont(theme.font(18))
    painter.setPen(QColor(t.muted))
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box.adjusted(0, 0, -14, 0), side, right)
    wide = max(QFontMetrics(painter.font()).horizontalAdvance(part) for part in right.splitlines())
    x, end = box.x() + 54, box.right() - 14 - wide - 12
    word = match_word(hit.match.kind) if check else ""
    # The plate gives way: that it is a possible match only is never cut off; that it is no longer listed, as far as the
    # plate can still be read.
    cancelled = cancelled_words(hit) if hit.is_open else ""
    whole = _plate_beside("  ·  ".join(filter(None, (word, cancelled))), end - x, hit.match.voi.vrm)
    height = min(float(_PLATE), _plate_beside(word, end - x, hit.match.voi.vrm), max(whole, float(_LEAST_PLATE)))
    x += paint_plate(painter, x, box.center().y() - height / 2, height, hit.match.voi.vrm, hit.read.colour) + 12
    room = end - x
    second = "  ·  ".join([*([word] if word else []), *line_words(line)])
    ink = t.check if check else t.muted
    _two_lines(painter, QRectF(x, box.y(), room, box.height()), reason(hit.match), second, ink)


def _plate_beside(words: str, room: float, vrm: str) -> float:
    """How high a plate can be with these words beside it."""
    least = QFontMetrics(theme.font(theme.CAPTION, bold=True)).horizontalAdvance(words) + 2
    return (room - 12 - least) / plate_width(vrm, 1.0)


def _two_lines(painter: QPainter, box: QRectF, first: str, second: str, ink: str) -> None:
    t = theme.tokens()
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.setPen(QColor(t.text))
    painter.setFont(theme.font(theme.BODY))
    shown = QFontMetrics(painter.font()).elidedText(first, Qt.TextElideMode.ElideRight, int(box.width()))
    if not second:
        painter.drawText(box, left, shown)
        return
    painter.drawText(box.translated(0, -12), left, shown)
    painter.setPen(QColor(ink))
    painter.setFont(theme.font(theme.CAPTION, bold=True))
    shown = QFontMetrics(painter.font()).elidedText(second, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box.translated(0, 13), left, shown)


def paint_read_row(
    painter: QPainter,
    rect: QRectF,
    read: Read | None,
    patch: QPixmap | None,
    *,
    wide: bool = False,
    corrected: str = "",
    differs: bool = False,
    pressed: bool = False,
) -> None:
    """Paint patch, plate and time; `wide` adds where it comes from in words, and a mark it was corrected to.

    `differs`: the camera at the other end of the car read another mark on this vehicle.

    A row without a Read is one that is being fetched.
    """
    t = theme.tokens()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    box = rect.adjusted(1, 1, -1, -1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(t.raised if pressed else t.surface))
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    if read is None:
        return
    x = box.x() + 10
    if patch is not None and not patch.isNull():
        room = QRectF(x, box.y() + 9, 118, box.height() - 18)
        size = patch.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        top = room.center().y() - size.height() / 2
        painter.drawPixmap(QRectF(x, top, size.width(), size.height()), patch, QRectF(patch.rect()))
    x += 118 + 14
    time = clock_time(read.captured_at, seconds=True)
    painter.setFont(theme.font(18))
    time_width = QFontMetrics(painter.font()).horizontalAdvance(time)
    height = (
        min(float(_PLATE), (box.right() - 14 - time_width - 10 - x) / plate_width(read.vrm, 1.0)) if read.vrm else 0
    )
    width = paint_plate(painter, x, box.center().y() - height / 2, height, read.vrm, read.colour) if height > 0 else 0
    painter.setPen(QColor(t.muted))
    painter.drawText(box.adjusted(0, 0, -14, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, time)
    if wide:
        x = max(x + width + 24, box.center().x() - 60)
        if corrected:
            x = _paint_correction(painter, box, x, corrected, read)
        place = QRectF(x, box.y(), box.right() - 14 - time_width - 12 - x, box.height())
        said = "  ·  ".join([*([say(Say.PLATES_DIFFER)] if differs else []), origin(read)])
        words = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _paint_correction(painter: QPainter, box: QRectF, x: float, corrected: str, read: Read) -> float:
    """Paint "corrected to" and the mark as a plate; return where the next may stand."""
    words = say(Say.CORRECTED_TO)
    width = painter.fontMetrics().horizontalAdvance(words)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(x, box.y(), width + 4, box.height()), left, words)
    x += width + 12
    x += paint_plate(painter, x, box.center().y() - _PLATE / 2, _PLATE, corrected, read.colour)
    painter.setPen(QColor(theme.tokens().muted))
    return x + 16


class HitRow(QAbstractButton):
    """A hit as a button of the side panel; `chosen` carries its id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line: HitLine | None = None
        self._now = datetime.now(UTC)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scale.sized(self, height=HIT_ROW)
        self.clicked.connect(self._choose)

    def show_line(self, line: HitLine, now: datetime) -> None:
        """Show a line and its age at `now`."""
        self._line, self._now = line, now
        words = (spaced(line.hit.match.voi.vrm), headline(line.hit, now), *line_words(line))
        self.setAccessibleName(" ".join(words))
        self.update()

    @Slot()
    def _choose(self) -> None:
        if self._line is not None:
            self.chosen.emit(self._line.hit_id)

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(320), scale.dp(HIT_ROW))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._line is not None:
            with scale.painting(self) as (painter, area):
                paint_hit_row(painter, area, self._line, self._now, pressed=self.isDown())


class ReadStrip(QWidget):
    """The newest Reads, as many as fit; no widget a row, so that a busy road costs one repaint."""

    KEPT = 40

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reads: list[tuple[Read, bytes]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        scale.sized(self, least_height=READ_ROW)
        self._changed()

    def add(self, read: Read, evidence: Evidence | None) -> None:
        """Put a Read on top."""
        self._reads.insert(0, (read, evidence.patch if evidence else b""))
        del self._reads[self.KEPT :]
        self._changed()

    def clear(self) -> None:
        """Forget them: the shift is over."""
        self._reads.clear()
        self._changed()

    def _changed(self) -> None:
        self.setAccessibleName(", ".join(spaced(read.vrm) for read, _ in self._reads[:_TOLD]) or say(Say.NO_READS))
        self.update()

    @property
    def reads(self) -> list[Read]:
        """What the strip holds, the newest first."""
        return [read for read, _ in self._reads]

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        step = READ_ROW + 8
        with scale.painting(self) as (painter, area):
            if not self._reads:
                painter.setPen(QColor(theme.tokens().muted))
                painter.setFont(theme.font(theme.BODY))
                painter.drawText(QRectF(4, 8, area.width(), 40), Qt.AlignmentFlag.AlignLeft, say(Say.NO_READS))
            for row, (read, patch) in enumerate(self._reads[: int(area.height() + 8) // step]):
                painter.save()
                paint_read_row(painter, QRectF(0, row * step, area.width(), READ_ROW), read, patch_picture(patch))
                painter.restore()
