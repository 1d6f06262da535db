"""Enter VRM: a mark the officer sees or hears, looked up while it is typed, and checked like a Read."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.by_hand import OwnVoi, VoiWish
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.hints import hint
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.search import LookUp
from patrol_anpr.domain.vrm import spaced
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui import scale, theme
from ui.answers import Answers
from ui.models.dead_time import DeadTime
from ui.read_words import answer_words, hint_words, in_force
from ui.text import Say, say, told
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.look_up_view import LookUpView
from ui.widgets.mark_pad import Entry, MarkPad
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled
from ui.widgets.voi_form import VoiForm

PAUSE_MS = 250
"""So long nothing more was typed before it is looked up: slower than a finger that goes on."""
SHORTEST = 3
"""Characters that are looked up while typing: fewer would find half of the shift. CHECK takes a mark of any length."""


class EnterVrmScreen(QWidget):
    """The lists never say that a mark is clear: only that these lists, of this age, do not hold it."""

    problem = Signal(str)

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol, self._dead_time = patrol, dead_time
        self._session: Deciding | None = None
        self._answers, self._look_ups = Answers(self), Answers(self)
        self._checked = ""
        self.plate, self.hint, self.answer = PlateLabel(88), labelled("body"), labelled("strong")
        self.note, self.found = labelled("caption"), LookUpView()
        for label in (self.hint, self.answer, self.note):
            label.setWordWrap(True)
        self.pad = MarkPad(Entry.MARK)
        self.check = BigButton(say(Say.CHECK_MARK), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.check.setObjectName("check-mark")
        self.make_voi = BigButton(say(Say.MAKE_VOI), text_size=theme.BODY)
        self.voi = VoiForm(patrol.clock, dead_time)
        self.entry, self.parts = QWidget(), QStackedWidget()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._lay_out()
        self._connect()
        self._typed("")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        scale.spaced(top, theme.GAP)
        top.addWidget(self.plate, 1)
        top.addWidget(self.make_voi)
        scale.gap(top, 24)
        top.addWidget(self.check)
        scale.sized(self.check, least_width=150)
        inside = QWidget()
        said = QVBoxLayout(inside)
        scale.spaced(said, 6, (0, 0, 8, 0))
        for widget in (self.hint, self.answer, self.note, self.found):
            said.addWidget(widget)
        said.addStretch(1)
        above = QVBoxLayout()
        scale.spaced(above, 8, (24, theme.GAP, 24, 0))
        above.addLayout(top)
        above.addWidget(TouchArea(inside), 1)
        column = QVBoxLayout(self.entry)
        scale.spaced(column, 8, (0, 0, 0, 4))
        column.addLayout(above, 1)
        column.addWidget(self.pad)
        for part in (self.entry, self.voi):
            self.parts.addWidget(part)
        whole = QVBoxLayout(self)
        scale.spaced(whole, 0, (0, 0, 0, 0))
        whole.addWidget(self.parts)

    def _connect(self) -> None:
        self.pad.changed.connect(self._typed)
        self.pad.submitted.connect(self._check)
        self.check.clicked.connect(self._check)
        self._pause.timeout.connect(self._look_up)
        self.make_voi.clicked.connect(self._open_voi)
        self.voi.made.connect(self._make_voi)
        self.voi.left.connect(self._open_entry)

    def begin(self, session: Deciding | None) -> None:
        """A shift has begun, or with None is over: nothing of the one before stays."""
        self._answers.forget()
        self._look_ups.forget()
        self._session = session
        self.pad.set_text("")
        self._typed("")
        self.parts.setCurrentWidget(self.entry)

    # -- typing --------------------------------------------------------------------------------------------------

    @Slot(str)
    def _typed(self, vrm: str) -> None:
        self._look_ups.forget()
        self._checked = ""
        said = hint(vrm, self._patrol.clock.utc().date())
        marked = () if said.impossible is None else (said.impossible,)
        self.plate.show_vrm(vrm, PlateColour.UNKNOWN, marked)
        self.hint.setText(hint_words(vrm, said))
        self.check.setEnabled(bool(vrm))
        self.make_voi.setEnabled(bool(vrm))
        self._say("", "")
        self.found.show_found(None)
        if len(vrm) >= SHORTEST:
            self._pause.start()
        else:
            self._pause.stop()

    @Slot()
    def _look_up(self) -> None:
        if self._session is None or not self.pad.text:
            return
        try:
            self._look_ups.wait_for(self._patrol.search.look_up(self.pad.text), self._show_found, self._refused)
        except KnownError as error:
            self._refused(told(error))

    def _show_found(self, found: LookUp) -> None:
        self.found.show_found(found)
        checked = self._checked == found.entered
        note = say(Say.MARK_TAKEN, vrm=spaced(found.entered)) if checked else ""
        answer = "" if found.matches else answer_words(found, self._patrol.clock.utc(), checked=checked)
        self._say(answer, note)

    def _say(self, answer: str, note: str) -> None:
        for label, words in ((self.answer, answer), (self.note, note)):
            label.setText(words)
            label.setVisible(bool(words))

    def _refused(self, sentence: str) -> None:
        """No answer is no answer: nothing may look as if the lists had been asked."""
        self.found.show_found(None)
        self._say("", "")
        self.problem.emit(sentence)

    # -- CHECK ---------------------------------------------------------------------------------------------------

    @Slot()
    def _check(self) -> None:
        vrm, session = self.pad.text, self._session
        if session is None or not self.check.isEnabled():
            return
        self._pause.stop()
        self.check.setEnabled(False)  # one tap, one entry on record
        try:
            self._answers.wait_for(session.enter(vrm), lambda hits: self._entered(vrm, hits), self._not_entered)
        except KnownError as error:
            self._not_entered(told(error))

    def _entered(self, vrm: str, _hits: Sequence[Hit]) -> None:
        """It is on record. A hit of it has the card by now; what the lists do not hold is said here."""
        self._checked = vrm
        if self.pad.text == vrm:
            self._look_up()

    def _not_entered(self, sentence: str) -> None:
        self.check.setEnabled(bool(self.pad.text))
        self._refused(sentence)

    # -- a vehicle of interest -----------------------------------------------------------------------------------

    @Slot()
    def _open_voi(self) -> None:
        self.voi.begin(self.pad.text, PlateColour.UNKNOWN, None)
        self._open(self.voi)

    @Slot()
    def _open_entry(self) -> None:
        self._open(self.entry)

    @Slot(VoiWish)
    def _make_voi(self, wish: VoiWish) -> None:
        if self._session is None:
            return
        try:
            self._answers.wait_for(self._session.make_voi(wish), self._voi_made, self.voi.say_problem)
        except KnownError as error:
            self.voi.say_problem(told(error))

    def _voi_made(self, entry: OwnVoi) -> None:
        self._open(self.entry)
        self._look_up()
        self.problem.emit(in_force(entry))

    def _open(self, part: QWidget) -> None:
        self._dead_time.restart()
        self.parts.setCurrentWidget(part)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)
