"""The start check: is everything there, and can the officer hear it?"""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.health import CameraStatus, Lamp, LampState
from patrol_anpr.patrol.ports import Patrolling
from ui import theme
from ui.text import Say, camera_figures, camera_word, plate_width, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.shapes import paint_lamp
from ui.widgets.side_panel import labelled

READABLE_PIXELS = 64
"""Below this width of the plate, reading fails more often than not."""

_PARTS = (
    ("gps", Say.GPS),
    ("clock", Say.CLOCK),
    ("disk", Say.DISK),
    ("records", Say.RECORDS),
    ("list", Say.LIST),
    ("voice", Say.VOICE),
)


class CheckRow(QWidget):
    """A part of the car: lamp, name, state, and what to do about it."""

    LOW, HIGH = 54, 66

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.lamp = Lamp("", LampState.UNKNOWN, say(Say.NO_REPORT))
        self.detail = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(self.LOW)
        self.setMaximumHeight(self.HIGH)

    def show_lamp(self, lamp: Lamp | None) -> None:
        """Show the part's lamp; None: it has not reported."""
        self.lamp = lamp or Lamp("", LampState.UNKNOWN, say(Say.NO_REPORT))
        self.setAccessibleName(f"{self.name}: {self.lamp.word}")
        self.setToolTip(self.lamp.advice)
        self.update()

    @property
    def words(self) -> str:
        """The lamp's word; where that only repeats the name, what is known beyond it."""
        if self.lamp.state is LampState.GOOD and self.lamp.word == self.name:
            return self.detail or say(Say.WORKING)
        return self.lamp.word

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
            paint_lamp(painter, QRectF(16, (self.height() - 22) / 2, 22, 22), self.lamp.state)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(theme.font(theme.BODY))
            painter.setPen(QColor(t.muted))
            painter.drawText(QRectF(56, 0, 110, self.height()), middle, self.name)
            left, room = 172.0, self.width() - 186.0
            painter.setPen(QColor(t.bad if self.lamp.state is LampState.BAD else t.text))
            painter.setFont(theme.font(theme.BODY, bold=self.lamp.state is LampState.BAD))
            lift = 13 if self.lamp.advice else 0
            painter.drawText(QRectF(left, -lift, room, self.height()), middle, self.words)
            if self.lamp.advice:
                painter.setFont(theme.font(theme.CAPTION))
                painter.setPen(QColor(t.muted))
                words = painter.fontMetrics().elidedText(self.lamp.advice, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(QRectF(left, 13, room, self.height()), middle, words)


class LampRows(QWidget):
    """The cameras and the other parts, a row each."""

    def __init__(self, patrol: Patrolling) -> None:
        super().__init__()
        self._patrol = patrol
        names = [(f"camera:{camera}", camera_word(camera)) for camera in patrol.cameras()]
        names += [(key, say(words)) for key, words in _PARTS]
        self.rows = {key: CheckRow(name) for key, name in names}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for row in self.rows.values():
            column.addWidget(row)

    def camera_changed(self, status: CameraStatus) -> None:
        """Note what a camera delivers."""
        row = self.rows.get(f"camera:{status.camera_id}")
        if row is not None and status.width:
            row.detail = camera_figures(status.width, status.height, status.fps)
            row.update()

    def measure_plates(self) -> None:
        """Show how wide the widest plate in each camera's newest frame is: whether this camera can do the job."""
        for camera_id in self._patrol.cameras():
            frame = self._patrol.live(camera_id).take()
            row = self.rows[f"camera:{camera_id}"]
            widest = max((plate.box.width for plate in frame.plates), default=0.0) if frame is not None else 0.0
            if widest:
                row.detail = plate_width(round(widest), enough=widest >= READABLE_PIXELS)
                row.update()

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show these lamps."""
        by_key = {lamp.key: lamp for lamp in lamps}
        for key, row in self.rows.items():
            row.show_lamp(by_key.get(key))


class StartCheckScreen(QWidget):
    """Rows of lamps, "Did you hear this voice?", and START PATROL."""

    started = Signal()
    voice_wanted = Signal()
    voice_answered = Signal(bool)

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.lamps = LampRows(patrol)
        self.note, self.heard = labelled("problem"), labelled("body")
        self.yes, self.no = BigButton(say(Say.YES), kind=Kind.CHOICE), BigButton(say(Say.NO), kind=Kind.CHOICE)
        self.again = BigButton(say(Say.AGAIN), text_size=theme.BODY)
        self.go = BigButton(say(Say.START), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.yes.setObjectName("voice-yes")
        self.no.setObjectName("voice-no")
        self.go.setObjectName("start")
        self.yes.clicked.connect(self._yes)
        self.no.clicked.connect(self._no)
        self.again.clicked.connect(self.voice_wanted)
        self.go.clicked.connect(self.started)
        self.note.setWordWrap(True)
        self.heard.setWordWrap(True)
        self._lay_out()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(labelled("title", say(Say.START_CHECK)))
        left.addWidget(self.lamps, 10)
        left.addWidget(self.note)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(12)
        question = labelled("title", say(Say.HEARD))
        question.setWordWrap(True)
        right.addWidget(question)
        answers = QHBoxLayout()
        answers.setSpacing(16)
        answers.addWidget(self.yes)
        answers.addWidget(self.no)
        for button in (self.yes, self.no):
            button.setMinimumHeight(110)
        right.addLayout(answers)
        right.addWidget(self.again)
        right.addWidget(self.heard)
        right.addStretch(1)
        self.go.setMinimumHeight(110)
        right.addWidget(self.go)
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 20, 32, 20)
        row.setSpacing(40)
        row.addLayout(left, 6)
        row.addLayout(right, 4)

    def begin(self, *, lists_updated: bool) -> None:
        """Start anew: nothing answered yet. The patrol can start once the voice question is answered, either way."""
        self.note.setText("" if lists_updated else say(Say.LIST_NOT_UPDATED))
        self.note.setVisible(not lists_updated)
        self.heard.setText("")
        for button in (self.yes, self.no):
            button.setChecked(False)
        self.go.setEnabled(False)
        self.voice_wanted.emit()

    @Slot()
    def _yes(self) -> None:
        self._answer(heard=True)

    @Slot()
    def _no(self) -> None:
        self._answer(heard=False)

    def _answer(self, *, heard: bool) -> None:
        self.yes.setChecked(heard)
        self.no.setChecked(not heard)
        self.heard.setText(say(Say.VOICE_YES if heard else Say.VOICE_NO))
        self.go.setEnabled(True)
        self.voice_answered.emit(heard)
