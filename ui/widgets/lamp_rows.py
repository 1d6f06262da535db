"""The state of the car, a row each part: lamp, name, state, and what to do about it."""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.health import CameraStatus, Lamp, LampState
from patrol_anpr.domain.optics import READABLE_PIXELS
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import PARTS, Say, breakable, camera_figures, camera_word, part_word, plate_width, say
from ui.widgets.shapes import paint_lamp

_WRAP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class CheckRow(QWidget):
    """A part of the car: lamp, name, state, and what to do about it, in as many lines as that takes."""

    HEIGHT = 58
    _LEFT, _WORDS, _RIGHT, _EDGE = 56, 172, 14, 9

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.lamp = Lamp("", LampState.UNKNOWN, say(Say.NO_REPORT))
        self.detail, self._advice = "", ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_lamp(self, lamp: Lamp | None) -> None:
        """Show the part's lamp; None: it has not reported."""
        self.lamp = lamp or Lamp("", LampState.UNKNOWN, say(Say.NO_REPORT))
        self._advice = breakable(self.lamp.advice)
        self.changed()

    def changed(self) -> None:
        """Show what is known now."""
        self.setAccessibleName(f"{self.name}: {self.words}")
        self.setAccessibleDescription(self.lamp.advice)
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """The lamp's word; of a part that is well also, or where it only repeats the name, what is known beyond it."""
        if self.lamp.state is not LampState.GOOD:
            return self.lamp.word
        if self.lamp.word == self.name:
            return self.detail or say(Say.WORKING)
        return f"{self.lamp.word}, {self.detail}" if self.detail else self.lamp.word

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(400), scale.dp(self.HEIGHT))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(300), scale.dp(self.HEIGHT))

    @override
    def heightForWidth(self, width: int) -> int:
        words, advice = self._places(round(width / scale.fit().factor))
        return scale.dp(max(self.HEIGHT, words.height() + advice.height() + 2 * self._EDGE))

    def _places(self, width: int) -> tuple[QRect, QRect]:
        """Where the words and the advice below them go, in dp from the row's top left corner."""
        body = QFontMetrics(theme.font(theme.BODY, bold=True))
        left = max(self._WORDS, self._LEFT + body.horizontalAdvance(self.name) + 18)
        room = max(80, width - left - self._RIGHT)
        words = body.boundingRect(QRect(left, 0, room, 10_000), _WRAP, self.words)
        caption = QFontMetrics(theme.font(theme.CAPTION))
        below = QRect(left, words.bottom() + 1, room, 10_000)
        advice = caption.boundingRect(below, _WRAP, self._advice) if self._advice else QRect(left, below.top(), 0, 0)
        for place in (words, advice):
            place.setWidth(room)
        return words, advice

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        bad = self.lamp.state is LampState.BAD
        with scale.painting(self) as (painter, area):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
            paint_lamp(painter, QRectF(16, (area.height() - 22) / 2, 22, 22), self.lamp.state)
            words, advice = self._places(round(area.width()))
            down = round((area.height() - words.height() - advice.height()) / 2)
            painter.setFont(theme.font(theme.BODY))
            painter.setPen(QColor(t.muted))
            painter.drawText(QRectF(self._LEFT, words.top() + down, words.left(), words.height()), _WRAP, self.name)
            painter.setPen(QColor(t.bad if bad else t.text))
            painter.setFont(theme.font(theme.BODY, bold=bad))
            painter.drawText(words.translated(0, down), _WRAP, self.words)
            painter.setFont(theme.font(theme.CAPTION))
            painter.setPen(QColor(t.muted))
            painter.drawText(advice.translated(0, down), _WRAP, self._advice)


class LampRows(QWidget):
    """The cameras and the other parts; a part that is not one of these appears when it is not well."""

    def __init__(self, patrol: Patrolling) -> None:
        super().__init__()
        self._patrol = patrol
        names = [(f"camera:{camera}", camera_word(camera)) for camera in patrol.cameras()]
        names += [(key, say(words)) for key, words in PARTS]
        self.rows = {key: CheckRow(name) for key, name in names}
        self._usual = frozenset(self.rows)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 8, 0))
        for row in self.rows.values():
            column.addWidget(row)
        column.addStretch(1)
        self._column = column

    def camera_changed(self, status: CameraStatus) -> None:
        """Note what a camera delivers."""
        row = self.rows.get(f"camera:{status.camera_id}")
        if row is not None and status.width:
            row.detail = camera_figures(status.width, status.height, status.fps)
            row.changed()

    def show_detail(self, key: str, words: str) -> None:
        """Say of a part that is well what is known beyond that; "" for nothing."""
        row = self.rows.get(key)
        if row is not None and row.detail != words:
            row.detail = words
            row.changed()

    def measure_plates(self) -> None:
        """Show how wide the widest plate in each camera's newest frame is: whether this camera can do the job."""
        for camera_id in self._patrol.cameras():
            frame = self._patrol.live(camera_id).take()
            row = self.rows[f"camera:{camera_id}"]
            widest = max((plate.box.width for plate in frame.plates), default=0.0) if frame is not None else 0.0
            if widest:
                row.detail = plate_width(round(widest), enough=widest >= READABLE_PIXELS)
                row.changed()

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show these lamps."""
        by_key = {lamp.key: lamp for lamp in lamps}
        for key, lamp in by_key.items():
            if key not in self.rows and lamp.state is not LampState.GOOD:
                self.rows[key] = CheckRow(part_word(key))
                self._column.insertWidget(self._column.count() - 1, self.rows[key])
        for key, row in self.rows.items():
            shown = by_key.get(key)
            row.show_lamp(shown)
            if key not in self._usual:
                row.setVisible(shown is not None and shown.state is not LampState.GOOD)
