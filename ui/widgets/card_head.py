"""The head of the hit card: how urgent, why, EXACT or CHECK, and how many hits wait."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from patrol_anpr.domain.hit import Hit, MatchKind
from ui import scale, theme
from ui.text import Say, match_word, say, tier_word
from ui.widgets.shapes import paint_tier

_HEAD_LEFT = 72


def _badge_width(words: str) -> int:
    return QFontMetrics(theme.font(22, bold=True)).horizontalAdvance(words) + 30


def _pill_width(waiting: int) -> int:
    return max(44, QFontMetrics(theme.font(22, bold=True)).horizontalAdvance(f"+{waiting}") + 20)


class CardHead(QWidget):
    """Tier, reason, EXACT or CHECK, and how many hits wait. EXACT is filled with the tier's colour; CHECK is not."""

    HEIGHT = 66

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self._waiting, self._words = 0, ""
        scale.sized(self, height=self.HEIGHT)

    def show_hit(self, hit: Hit, waiting: int, words: str) -> None:
        """Show the head of a hit; `words` say why the vehicle is listed, "" while its picture is looked at first."""
        self._hit, self._waiting, self._words = hit, waiting, words
        told = (
            tier_word(hit.tier),
            words,
            match_word(hit.match.kind),
            say(Say.WAITING, count=waiting) if waiting else "",
        )
        self.setAccessibleName(", ".join(filter(None, told)))
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._hit is None:
            return
        t, hit = theme.tokens(), self._hit
        check = hit.match.kind is MatchKind.CHECK
        look = t.tier(hit.tier)
        ground, ink = (t.check_fill, t.check) if check else (look.fill, look.on_fill)
        middle = Qt.AlignmentFlag.AlignVCenter
        with scale.painting(self) as (painter, area):
            painter.fillRect(area, QColor(ground))
            shape = QRectF(20, 14, 38, 38)
            paint_tier(
                painter, shape, hit.tier, look.ink if check else ink, number=look.ink if check else ground, hollow=check
            )
            right = self._paint_badge(painter, area.width() - 18.0, ink, ground, check=check)
            if self._waiting:
                right = self._paint_waiting(painter, right - 14, ink)
            painter.setPen(QColor(ink))
            painter.setFont(theme.font(theme.TITLE, bold=True))
            painter.setPen(QColor(ink))
            head = self._tier_words()
            painter.drawText(QRectF(_HEAD_LEFT, 0, right - _HEAD_LEFT, area.height()), middle, head)
            left = self._reason_left()
            painter.setFont(theme.font(theme.TITLE))
            words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(right - 14 - left))
            painter.drawText(QRectF(left, 0, right - left, area.height()), middle, words)

    def _tier_words(self) -> str:
        assert self._hit is not None
        check = self._hit.match.kind is MatchKind.CHECK
        return say(Say.POSSIBLE).upper() if check else tier_word(self._hit.tier)

    def _reason_left(self) -> float:
        bold = QFontMetrics(theme.font(theme.TITLE, bold=True))
        return _HEAD_LEFT + bold.horizontalAdvance(self._tier_words()) + 22

    @property
    def words(self) -> str:
        """Why the vehicle is listed, and of a hit of the past when it was seen."""
        return self._words

    def holds_reason(self) -> bool:
        """Whether the reason has room here as a whole."""
        if self._hit is None:
            return True
        words = QFontMetrics(theme.font(theme.TITLE)).horizontalAdvance(self._words)
        right = self.width() / scale.fit().factor - 18 - _badge_width(match_word(self._hit.match.kind))
        if self._waiting:
            right -= 14 + _pill_width(self._waiting)
        return self._reason_left() + words <= right - 14

    def _paint_badge(self, painter: QPainter, right: float, ink: str, ground: str, *, check: bool) -> float:
        """EXACT ✓ in a filled, solid badge; CHECK ≈ in a dashed outline."""
        assert self._hit is not None
        words = match_word(self._hit.match.kind)
        painter.setFont(theme.font(22, bold=True))
        width = _badge_width(words)
        badge = QRectF(right - width, 13, width, 40)
        if check:
            painter.setPen(QPen(QColor(ink), 3, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink))
        painter.drawRoundedRect(badge, 7, 7)
        painter.setPen(QColor(ink if check else ground))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
        return badge.left()

    def _paint_waiting(self, painter: QPainter, right: float, ink: str) -> float:
        words = f"+{self._waiting}"
        painter.setFont(theme.font(22, bold=True))
        width = _pill_width(self._waiting)
        pill = QRectF(right - width, 13, width, 40)
        painter.setPen(QPen(QColor(ink), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(pill, 20, 20)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        return pill.left()
