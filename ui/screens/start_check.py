"""The start check: a proof run through the whole car, and what the crew has to do for it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.proof import Joint, JointResult, JointState, ProofRun
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, fault_word, go_on_caption, say, tr
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.joint_table import JointTable, lamp_state
from ui.widgets.lamp_rows import CheckRow, LampRows
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled
from ui.widgets.tap_target import TapTarget


class StartCheckScreen(QWidget):
    """The joints, the first fault, the TEST plate to touch, "Did you hear this?", and the way on.

    The way on is START PATROL once everything works; else it wants to be held, and the crew knows what is not proven.
    """

    run_wanted = Signal()
    say_again = Signal()
    voice_answered = Signal(bool)
    tapped = Signal(object)
    started = Signal()

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol, self._dead_time = patrol, dead_time
        self._run = ProofRun()
        self.lamps, self.table = LampRows(patrol), JointTable()
        self.verdict, self.detail = labelled("title"), labelled("body")
        self.note, self.heard = labelled("problem"), labelled("body")
        self.target = TapTarget(dead_time)
        self.yes, self.no = BigButton(say(Say.YES), kind=Kind.CHOICE), BigButton(say(Say.NO), kind=Kind.CHOICE)
        self.again = BigButton(say(Say.AGAIN), text_size=theme.BODY, wrap=True)
        self.anew = BigButton(say(Say.RUN_AGAIN), text_size=theme.BODY, wrap=True)
        self.go = BigButton(say(Say.START), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.go_on = HoldButton(say(Say.GO_ON_ANYWAY), patrol.clock, dead_time=dead_time)
        for widget, name in (
            (self.yes, "voice-yes"),
            (self.no, "voice-no"),
            (self.go, "start"),
            (self.go_on, "go-on"),
            (self.verdict, "verdict"),
        ):
            widget.setObjectName(name)
        for label in (self.verdict, self.detail, self.note, self.heard):
            label.setWordWrap(True)
        self._show_old_lists("")
        self._connect()
        self._lay_out()
        self.show_run(self._run)

    def _connect(self) -> None:
        self.yes.clicked.connect(self._yes)
        self.no.clicked.connect(self._no)
        self.again.clicked.connect(self._say_again)
        self.anew.clicked.connect(self._begin_anew)
        self.target.tapped.connect(self.tapped)
        self.go.clicked.connect(self.started)
        self.go_on.held.connect(self.started)

    def _lay_out(self) -> None:
        scrolled = QWidget()
        self._column = QVBoxLayout(scrolled)
        scale.spaced(self._column, 8, (0, 0, 8, 0))
        self._column.addWidget(self.table)
        self._faults: list[CheckRow] = []
        self._column.addWidget(self.lamps)
        left = QVBoxLayout()
        scale.spaced(left, 8)
        for widget in (self.verdict, self.detail, self.note):
            left.addWidget(widget)
        left.addWidget(TouchArea(scrolled), 1)
        row = QHBoxLayout(self)
        scale.spaced(row, 32, (32, 16, 32, 16))
        scale.turning(row)
        row.addLayout(left, 6)
        row.addLayout(self._right(), 4)

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        scale.spaced(right, 12)
        right.addWidget(self.target)
        question = labelled("title", say(Say.HEARD))
        question.setWordWrap(True)
        right.addWidget(question)
        for pair, height in (((self.yes, self.no), 90), ((self.again, self.anew), theme.TOUCH)):
            line = QHBoxLayout()
            scale.spaced(line, 16)
            for button in pair:
                scale.sized(button, least_height=height)
                line.addWidget(button, 1)
            right.addLayout(line)
            if self.yes in pair:
                right.addWidget(self.heard)
        right.addStretch(1)
        for button in (self.go, self.go_on):
            scale.sized(button, least_height=90)
            right.addWidget(button)
        return right

    def lists_came(self) -> None:
        """The lists are up to date after all: a download that was left behind has ended well."""
        self._show_old_lists("")

    @property
    def begins_with_old_lists(self) -> bool:
        """Whether the crew is told that the lists were not updated: who goes on knows it."""
        return not self.note.isHidden()

    def begin(self, *, lists_updated: bool) -> None:
        """Prove everything, from the beginning."""
        self._show_old_lists("" if lists_updated else tr(self._patrol.not_updated()))
        self._begin_anew()

    def _show_old_lists(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.go.set_caption(say(Say.OLD_LISTS) if words else "")

    @Slot()
    def _begin_anew(self) -> None:
        self._unanswered()
        self.run_wanted.emit()

    @Slot()
    def _say_again(self) -> None:
        self._unanswered()
        self.say_again.emit()

    def _unanswered(self) -> None:
        self.heard.setText("")
        for button in (self.yes, self.no):
            button.setChecked(False)

    def show_run(self, run: ProofRun) -> None:
        """Show how far the proof run has come."""
        self._run = run
        self.table.show_run(run)
        self.target.show_joint(run.of(Joint.TOUCH) if run.results else None)
        self._say_verdict(run)
        self._show_faults(run.faults[1:])
        sounds = bool(run.results) and run.of(Joint.SOUND).state is not JointState.WAITING
        for button in (self.yes, self.no, self.again):
            button.setEnabled(sounds)
        self.go_on.set_caption(go_on_caption(run))
        if self.go.isVisibleTo(self) != run.everything_works:
            self._dead_time.restart()  # a finger on its way to the one must not hit the other
        self.go.setVisible(run.everything_works)
        self.go_on.setVisible(not run.everything_works)

    def _say_verdict(self, run: ProofRun) -> None:
        """At a glance: everything works, or the first fault and what to do about it."""
        known = [one for one in run.results if one.state is JointState.PASSED and one.sentence]
        fault = run.faults[0] if run.faults else None
        if fault is not None:
            words, detail = say(Say.FAULT_IN, fault=fault_word(fault)), f"{fault.sentence} {fault.advice}".strip()
        elif run.everything_works:
            words, detail = say(Say.ALL_WORKS), " ".join(f"{one.sentence} {one.advice}".strip() for one in known)
        else:
            words, detail = say(Say.START_CHECK), say(Say.CHECK_RUNS)
        theme.give_role(self.verdict, "fault" if fault is not None else "title")
        self.verdict.setText(words)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))

    def _show_faults(self, faults: Sequence[JointResult]) -> None:
        for row in self._faults:
            self._column.removeWidget(row)
            row.deleteLater()
        self._faults = [CheckRow(fault_word(fault)) for fault in faults]
        for place, (row, fault) in enumerate(zip(self._faults, faults, strict=True), 1):
            row.show_lamp(Lamp(fault.key, lamp_state(fault), fault.sentence, fault.advice))
            self._column.insertWidget(place, row)

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
        self.voice_answered.emit(heard)
