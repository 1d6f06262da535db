"""Lists down, records up: bars with counts, bytes and time left, and an end that cannot be misread."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.stick import PutOnStick, Stick
from patrol_anpr.domain.wording import sentence_case
from ui import scale, theme
from ui.text import Say, breakable, say, size, time_left
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.scrolling import TouchArea
from ui.widgets.shapes import paint_lamp
from ui.widgets.side_panel import labelled
from ui.widgets.stick_choice import StickChoice, Trip


class ProgressRow(QWidget):
    """How far one part of a sync has come."""

    HEIGHT = 92

    def __init__(self, progress: SyncProgress) -> None:
        super().__init__()
        self.progress = progress
        scale.sized(self, height=self.HEIGHT)

    def show_progress(self, progress: SyncProgress) -> None:
        """Take the newest word."""
        self.progress = progress
        self.setAccessibleName(f"{progress.what}: {progress.done}/{progress.total} {progress.problem}")
        self.update()

    @property
    def share(self) -> float:
        """How much is done, 0 to 1: by bytes where they are known."""
        p = self.progress
        if p.total_bytes:
            return min(1.0, p.sent_bytes / p.total_bytes)
        return min(1.0, p.done / p.total) if p.total else float(p.finished and not p.problem)

    @property
    def state(self) -> LampState:
        """Green done, amber under way, red a problem."""
        if self.progress.problem:
            return LampState.BAD
        return LampState.GOOD if self.progress.finished or self.share >= 1.0 else LampState.WARN

    @property
    def figures(self) -> str:
        """Counts, bytes, time left."""
        p = self.progress
        parts = [say(Say.COUNT_OF, done=f"{p.done:,}", total=f"{p.total:,}")] if p.total else []
        if p.total_bytes:
            parts.append(say(Say.BYTES_OF, sent=size(p.sent_bytes), total=size(p.total_bytes)))
        if not p.finished and (left := time_left(p.seconds_left)):
            parts.append(left)
        return "   ·   ".join(parts)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t, p = theme.tokens(), self.progress
        with scale.painting(self) as (painter, area):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
            paint_lamp(painter, QRectF(18, 18, 20, 20), self.state)
            name = sentence_case(p.what[:1].upper() + p.what[1:])
            painter.setFont(theme.font(theme.BODY, bold=True))
            taken = 54 + painter.fontMetrics().horizontalAdvance(name) + 24
            painter.setFont(theme.font(18, bold=bool(p.problem)))
            beside = taken + painter.fontMetrics().horizontalAdvance(self.figures) + 20 <= area.width()
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(t.bad if p.problem else t.muted))
            place = QRectF(54, 8, area.width() - 74, 40) if beside else QRectF(54, 32, area.width() - 74, 24)
            side = Qt.AlignmentFlag.AlignRight if beside else Qt.AlignmentFlag.AlignLeft
            painter.drawText(place, middle | side, self.figures)
            painter.setFont(theme.font(theme.BODY, bold=True))
            painter.setPen(QColor(t.text))
            painter.drawText(QRectF(54, 8, area.width(), 40 if beside else 24), middle, name)
            bar = QRectF(54, 60, area.width() - 74, 12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.raised))
            painter.drawRoundedRect(bar, 6, 6)
            bar.setWidth(max(bar.height(), bar.width() * self.share))
            painter.setBrush(QColor(t.lamp(self.state) if self.state is not LampState.WARN else t.accent))
            painter.drawRoundedRect(bar, 6, 6)


class EndPanel(QWidget):
    """How it ended: a lamp as large as the words, so that it is read from the car's door."""

    def __init__(self) -> None:
        super().__init__()
        self.state = LampState.UNKNOWN
        self.title, self.note = labelled("end"), labelled("body")
        words = QVBoxLayout(self)
        scale.spaced(words, 6, (104, 18, 24, 18))
        for label in (self.title, self.note):
            label.setWordWrap(True)
            words.addWidget(label)
        self.hide()

    def show_end(self, state: LampState, title: str, note: str) -> None:
        """Show how it ended."""
        self.state = state
        self.title.setText(title)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.show()
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setPen(QPen(QColor(t.lamp(self.state)), 3))
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), theme.RADIUS, theme.RADIUS)
            paint_lamp(painter, QRectF(28, area.height() / 2 - 24, 48, 48), self.state)


class SyncScreen(QWidget):
    """One row a part, and the end: safe to switch off, or what is left. A list that may be a mistake is asked about."""

    went_on = Signal()
    again = Signal()
    closed = Signal()
    accepted = Signal(object)
    stick_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.heading, self.end = labelled("title"), EndPanel()
        self.rows: dict[str, ProgressRow] = {}
        self.waiting = labelled("caption", say(Say.WAITING_FOR_DEPOT))
        self.problem = labelled("problem")
        self.retry, self.go_on = BigButton(say(Say.TRY_AGAIN)), BigButton(say(Say.GO_ON))
        self.close_button = BigButton(say(Say.CLOSE))
        self.news, self.accept = labelled("body"), BigButton(say(Say.ACCEPT_LIST))
        self.put_on_stick = BigButton(say(Say.PUT_ON_STICK), caption=say(Say.TO_THE_DEPOT))
        self.take_off_stick = BigButton(say(Say.TAKE_OFF_STICK), caption=say(Say.FROM_THE_DEPOT))
        self.sticks = StickChoice()
        self._doubts: Sequence[ListDoubt] = ()
        self._signed_on = self._uploads = self._sticks_allowed = False
        self._leave = self.close_button
        self.retry.clicked.connect(self.again)
        self.go_on.clicked.connect(self.went_on)
        self.close_button.clicked.connect(self.closed)
        self.accept.clicked.connect(self._accept)
        self.put_on_stick.clicked.connect(lambda: self.stick_wanted.emit(Trip.PUT))
        self.take_off_stick.clicked.connect(lambda: self.stick_wanted.emit(Trip.TAKE))
        self._lay_out()

    def _lay_out(self) -> None:
        self._parts = QWidget()
        self._column = QVBoxLayout(self._parts)
        scale.spaced(self._column, 10, (0, 0, 8, 0))
        self._column.addStretch(1)
        self._stick_buttons = (self.put_on_stick, self.take_off_stick)
        self._foot = QBoxLayout(QBoxLayout.Direction.BottomToTop)  # `_fold` has them side by side
        self._foot_rows = (QHBoxLayout(), QHBoxLayout())
        found = ((96, (self.retry, self.go_on, self.close_button)), (theme.TOUCH, (self.accept, *self._stick_buttons)))
        for row, (height, buttons) in zip(self._foot_rows, found, strict=True):
            scale.spaced(row, 16)
            for button in buttons:
                scale.sized(button, least_width=220, least_height=height)
                row.addWidget(button)
            row.addStretch(1)
            self._foot.addLayout(row)
        self._foot.setStretchFactor(self._foot_rows[1], 1)
        scale.spaced(self._foot, 14)
        self._outer = outer = QVBoxLayout(self)
        scale.spaced(outer, 14, (48, 28, 48, 28))
        outer.addWidget(self.heading)
        outer.addWidget(self.waiting)
        outer.addWidget(TouchArea(self._parts), 1)
        for label in (self.problem, self.news):
            label.setWordWrap(True)
            outer.addWidget(label)
        outer.addWidget(self.end)
        outer.addWidget(self.sticks)
        outer.addLayout(self._foot)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fold()
        return super().event(event)

    def _fold(self) -> None:
        """All buttons in one row where the glass is wide enough: a low one has no room for two rows and the end."""
        room = self._outer.contentsRect().width()
        needed = sum(row.sizeHint().width() for row in self._foot_rows) + scale.dp(16)
        beside = needed <= room
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.BottomToTop
        if self._foot.direction() is not way:
            self._foot.setDirection(way)
            scale.spaced(self._foot, 16 if beside else 14)

    def allow_sticks(self, allowed: bool) -> None:
        """Offer a stick where the depot's network does not do; not in a car that has no depot."""
        self._sticks_allowed = allowed

    @property
    def may_go_by_stick(self) -> bool:
        """Whether a stick is offered now."""
        return not self.take_off_stick.isHidden()

    def ask_which(self, trip: Trip, sticks: Sequence[Stick]) -> None:
        """Several sticks are plugged in: the officer says which."""
        self.end.hide()
        self.sticks.offer(trip, sticks)

    def stick_failed(self, sentence: str) -> None:
        """There is no stick, or it cannot be looked for."""
        self._set(self.problem, sentence)

    def begin(self, *, upload: bool, signed_on: bool = False, heading: str = "") -> None:
        """Start anew. Whoever waits may leave at once: to the patrol once signed on, else to the sign-on."""
        for row in self.rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows.clear()
        self.heading.setText(heading or say(Say.SYNC_UP if upload else Say.SYNC_DOWN))
        self._doubts, self._signed_on, self._uploads = (), signed_on, upload
        self.sticks.clear()
        for button in self._stick_buttons:
            button.hide()
        self._set(self.problem, "")
        self._set(self.news, "")
        self.accept.hide()
        self.end.hide()
        self.waiting.show()
        self._leave = self.go_on if signed_on and not upload else self.close_button
        self.retry.hide()
        self.go_on.setText(say(Say.GO_ON_WITHOUT))
        self.go_on.set_caption(say(Say.OLD_LISTS))
        self.close_button.set_caption(say(Say.SENDING_GOES_ON) if upload else "")
        for button in (self.go_on, self.close_button):
            button.kind = Kind.PLAIN  # it can be left, but that is not yet what one should do
            button.setVisible(button is self._leave)

    def progress(self, progress: SyncProgress) -> None:
        """Take word of progress."""
        self.waiting.hide()
        if progress.what not in self.rows:
            row = ProgressRow(progress)
            self.rows[progress.what] = row
            self._column.insertWidget(self._column.count() - 1, row)
        self.rows[progress.what].show_progress(progress)
        if progress.problem:
            self._set(self.problem, progress.problem)
        if progress.news:
            self._set(self.news, progress.news)
        self._doubts = progress.doubts or self._doubts

    def ended_upload(self, waiting: int, parked: int = 0) -> None:
        """The upload is over; `waiting` records still lie in the car, and `parked` that the depot refused."""
        safe = waiting == 0
        if safe and parked:
            self._set(self.problem, "")
            self.end.show_end(LampState.WARN, say(Say.PARKED, count=parked), say(Say.PARKED_END_NOTE))
        elif safe:
            self._set(self.problem, "")
            self.end.show_end(LampState.GOOD, say(Say.SAFE), say(Say.SAFE_NOTE))
        else:
            self.end.show_end(LampState.WARN, say(Say.STILL_WAITING, count=waiting), say(Say.STILL_WAITING_NOTE))
        self._ended(again=not safe)

    def ended_put(self, put: PutOnStick) -> None:
        """What could be put on the stick is on it. Green stays for what the depot holds."""
        if put.left:
            self.end.show_end(LampState.WARN, say(Say.NOT_ALL_ON_STICK, count=put.left), say(Say.NOT_ALL_ON_STICK_NOTE))
        else:
            on_it = put.records + put.shifts
            self.end.show_end(LampState.WARN, say(Say.ON_STICK, count=on_it), say(Say.ON_STICK_NOTE))
        self._ended(again=bool(put.left))

    def ended_download(self, *, up_to_date: bool) -> None:
        """The download is over."""
        if up_to_date:
            self.end.show_end(LampState.GOOD, say(Say.UP_TO_DATE), "")
        else:
            self.end.show_end(LampState.WARN, say(Say.LIST_NOT_UPDATED), say(Say.LIST_NOT_UPDATED_NOTE))
        if self._doubts and self._signed_on:
            doubt = self._doubts[0]
            self.accept.set_caption(
                say(Say.LIST_SIZES, list=doubt.name, before=f"{doubt.before:,}", now=f"{doubt.now:,}")
            )
            self.accept.show()
        self._ended(again=not up_to_date)

    def failed(self, sentence: str) -> None:
        """The work behind it failed."""
        self._set(self.problem, sentence)
        self._ended(again=True)

    def _ended(self, *, again: bool) -> None:
        """Nothing is under way any more."""
        self.waiting.hide()
        self.retry.setVisible(again)
        self.put_on_stick.setVisible(again and self._sticks_allowed and self._uploads)
        self.take_off_stick.setVisible(again and self._sticks_allowed)
        self.go_on.setText(say(Say.GO_ON))
        for button in (self.go_on, self.close_button):
            button.kind = Kind.CONFIRM
            button.set_caption("")
        self._leave.show()

    def _accept(self) -> None:
        self.accepted.emit(self._doubts[0])

    def _set(self, label: QLabel, words: str) -> None:
        label.setText(breakable(words))
        label.setVisible(bool(words))
