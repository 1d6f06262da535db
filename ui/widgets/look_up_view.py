"""What is known of a mark while it is entered: matches of the lists, EXACT and CHECK clearly apart, and Reads."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.hit import Match, MatchKind
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import LookUp
from patrol_anpr.domain.vrm import spaced
from ui import scale, theme
from ui.text import Say, clock_time, match_word, origin, reason, say
from ui.widgets.plate_label import paint_plate
from ui.widgets.shapes import paint_tier

ROW = 64
_PLATE = 36
MOST_MATCHES, MOST_READS = 4, 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LookUpView(QWidget):
    """Rows to be looked at; nothing here can be tapped, so that nothing moves under a finger that types."""

    def __init__(self) -> None:
        super().__init__()
        self.matches: tuple[Match, ...] = ()
        self.reads: tuple[Read, ...] = ()
        self.setAccessibleName(say(Say.NOT_ON_LISTS_YET))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_found(self, found: LookUp | None) -> None:
        """Show what was found, the most urgent matches and the newest Reads; None for nothing."""
        self.matches = found.matches[:MOST_MATCHES] if found is not None else ()
        self.reads = found.reads.reads[::-1][:MOST_READS] if found is not None else ()
        words = [f"{match_word(match.kind)} {spaced(match.voi.vrm)} {reason(match)}" for match in self.matches]
        words += [spaced(read.vrm) for read in self.reads]
        self.setAccessibleName(", ".join(words) or say(Say.NOT_ON_LISTS_YET))
        scale.sized(self, height=ROW * (len(self.matches) + len(self.reads)))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(320), self.height())

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with scale.painting(self) as (painter, area):
            box = QRectF(1, 1, area.width() - 2, ROW - 6)
            for match in self.matches:
                _paint_match(painter, box, match)
                box.translate(0, ROW)
            for read in self.reads:
                _paint_read(painter, box, read)
                box.translate(0, ROW)


def _paint_match(painter: QPainter, box: QRectF, match: Match) -> None:
    t, check = theme.tokens(), match.kind is MatchKind.CHECK
    look = t.tier(match.tier)
    painter.setPen(QPen(QColor(t.check), 2, Qt.PenStyle.DashLine) if check else QPen(QColor(look.ink), 2))
    painter.setBrush(QColor(t.check_fill if check else t.surface))
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    middle = box.center().y()
    paint_tier(painter, QRectF(box.x() + 12, middle - 15, 30, 30), match.tier, look.ink, hollow=check)
    x = box.x() + 54
    marked = match.differing if check else ()
    x += paint_plate(painter, x, middle - _PLATE / 2, _PLATE, match.voi.vrm, PlateColour.UNKNOWN, marked) + 14
    badge = match_word(match.kind)
    painter.setFont(theme.font(theme.BODY, bold=True))
    painter.setPen(QColor(t.check if check else look.ink))
    painter.drawText(box.adjusted(0, 0, -14, 0), _RIGHT, badge)
    room = box.right() - 28 - QFontMetrics(painter.font()).horizontalAdvance(badge) - x
    painter.setPen(QColor(t.text))
    painter.setFont(theme.font(theme.BODY))
    words = f"{reason(match)} · {match.hotlist.name}"
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(QRectF(x, box.y(), room, box.height()), _LEFT, shown)


def _paint_read(painter: QPainter, box: QRectF, read: Read) -> None:
    t = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(t.surface))
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    x = box.x() + 54
    x += paint_plate(painter, x, box.center().y() - _PLATE / 2, _PLATE, read.vrm, read.colour) + 14
    painter.setPen(QColor(t.muted))
    painter.setFont(theme.font(18))
    painter.drawText(QRectF(x, box.y(), box.right() - x, box.height()), _LEFT, origin(read))
    painter.drawText(box.adjusted(0, 0, -14, 0), _RIGHT, clock_time(read.captured_at, seconds=True))
