"""Sign on: who, in which unit, with whom, and the PIN."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import Say, breakable, crew_word, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.scrolling import TouchArea, WordsArea
from ui.widgets.side_panel import labelled

MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class SignOnRequest:
    """What the officer entered."""

    officer_id: str
    pin: str
    unit: str
    crew: Crew


class PinDots(QWidget):
    """One dot a digit; the digits are never shown."""

    def __init__(self) -> None:
        super().__init__()
        scale.sized(self, height=34)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Show this many dots."""
        self.count = count
        self.setAccessibleName(say(Say.DIGITS, count=count))
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setPen(Qt.PenStyle.NoPen)
            places = max(4, self.count)
            step = min(34.0, area.width() / places)
            left = (area.width() - places * step) / 2
            for place in range(places):
                painter.setBrush(QColor(t.text if place < self.count else t.outline))
                reach = 9.0 if place < self.count else 5.0
                centre = left + place * step + step / 2
                painter.drawEllipse(QRectF(centre - reach, area.height() / 2 - reach, 2 * reach, 2 * reach))


class PinPad(QWidget):
    """Digits for gloves."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pin = ""
        self.dots = PinDots()
        grid = QGridLayout()
        scale.spaced(grid, 10)
        self.keys: dict[str, BigButton] = {}
        words = {"C": say(Say.CLEAR), "<": say(Say.DELETE)}
        for place, key in enumerate("123456789C0<"):
            size = theme.TITLE if key.isdigit() else theme.BODY
            button = BigButton(words.get(key, key), text_size=size)
            button.setProperty("key", key)
            button.setObjectName(f"key-{key}")
            button.clicked.connect(self._pressed)
            grid.addWidget(button, place // 3, place % 3)
            self.keys[key] = button
        column = QVBoxLayout(self)
        scale.spaced(column, 6, (0, 0, 0, 0))
        column.addWidget(self.dots)
        column.addLayout(grid, 1)

    @Slot()
    def _pressed(self) -> None:
        key = str(self.sender().property("key"))
        self.set_pin("" if key == "C" else self.pin[:-1] if key == "<" else (self.pin + key)[:MOST_DIGITS])

    def set_pin(self, pin: str) -> None:
        """Replace what was entered."""
        self.pin = pin
        self.dots.show_count(len(pin))
        self.changed.emit()


class SignOnScreen(QWidget):
    """Officers left, unit and crew in the middle, PIN right."""

    requested = Signal(SignOnRequest)
    fetch_requested = Signal()

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol = patrol
        self._officers: dict[str, Officer] = {}
        self._group, self._units, self._crews = QButtonGroup(self), QButtonGroup(self), QButtonGroup(self)
        self.pad = PinPad()
        self.pad.changed.connect(self._look)
        self.problem, self.pin_label, self.hint = labelled("problem"), labelled("caption"), labelled("body")
        self.hint.setWordWrap(True)
        self.hint.hide()
        self.problem.setWordWrap(True)
        self.pin_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pin_label.setWordWrap(True)
        self.go = BigButton(say(Say.SIGN_ON), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.go.setObjectName("sign-on")
        self.go.clicked.connect(self._ask)
        self.fetch = BigButton(say(Say.FETCH))
        self.fetch.clicked.connect(self.fetch_requested)
        self._lay_out()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        scale.spaced(right, 10)
        right.addWidget(self.pin_label)
        right.addWidget(self.pad, 1)
        self._said = WordsArea(self.problem, most=56)
        right.addWidget(self._said)
        right.addWidget(self.go)
        choosing = QHBoxLayout()
        scale.spaced(choosing, 32)
        choosing.addWidget(TouchArea(self._choices()), 3)
        choosing.addLayout(right, 4)
        row = QHBoxLayout(self)
        scale.spaced(row, 32, (32, 12, 32, 12))
        scale.turning(row)
        row.addLayout(self._officer_side(), 4)
        row.addLayout(choosing, 7)

    def _officer_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        scale.spaced(side, 10)
        side.addWidget(labelled("title", say(Say.WHO)))
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        scale.spaced(self._rows, 10, (0, 0, 8, 0))
        self.nobody = labelled("body", say(Say.NO_OFFICERS))
        self.nobody.setWordWrap(True)
        side.addWidget(self.nobody)
        side.addWidget(self.fetch)
        side.addWidget(TouchArea(self._list), 1)
        side.addWidget(self.hint)
        return side

    def _choices(self) -> QWidget:
        choices = QWidget()
        side = QVBoxLayout(choices)
        scale.spaced(side, 10, (0, 0, 8, 0))
        side.addWidget(labelled("caption", say(Say.UNIT)))
        for unit in self._patrol.units():
            button = BigButton(unit, kind=Kind.CHOICE)
            self._units.addButton(button)
            side.addWidget(button)
        self._units.buttons()[0].setChecked(True)
        scale.gap(side, 2)
        side.addWidget(labelled("caption", say(Say.CREW)))
        for crew in Crew:
            button = BigButton(crew_word(crew), kind=Kind.CHOICE, text_size=theme.BODY)
            button.setProperty("crew", crew.value)
            self._crews.addButton(button)
            side.addWidget(button)
        self._crews.buttons()[0].setChecked(True)
        side.addStretch(1)
        return choices

    def show_hint(self, words: str) -> None:
        """Show a sentence that stays."""
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def refresh(self) -> None:
        """Show the roster as it is now, with nobody chosen and no PIN."""
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._group = QButtonGroup(self)
        self._officers = {officer.officer_id: officer for officer in self._patrol.roster()}
        for officer in self._officers.values():
            button = BigButton(
                officer.name, kind=Kind.CHOICE, caption=officer.officer_id, text_size=theme.BODY, wrap=True
            )
            button.setProperty("officer", officer.officer_id)
            button.clicked.connect(self._chosen)
            self._group.addButton(button)
            self._rows.addWidget(button)
        self._rows.addStretch(1)
        self.nobody.setVisible(not self._officers)
        self.fetch.setVisible(not self._officers)
        self.pad.set_pin("")
        self.show_problem("")
        if len(self._officers) == 1:
            self._group.buttons()[0].setChecked(True)
        self._look()

    def choose(self, officer_id: str) -> None:
        """Choose an officer as if tapped."""
        for button in self._group.buttons():
            if button.property("officer") == officer_id:
                button.setChecked(True)
        self._look()

    def show_problem(self, sentence: str) -> None:
        """Say what was wrong; empty when nothing is."""
        self.problem.setText(breakable(sentence))
        self._said.setVisible(bool(sentence))
        self.go.setText(say(Say.SIGN_ON))
        self._look()

    @property
    def is_empty(self) -> bool:
        """Whether no officer is known."""
        return not self._officers

    @property
    def _officer(self) -> Officer | None:
        button = self._group.checkedButton()
        return self._officers.get(str(button.property("officer"))) if button else None

    @Slot()
    def _chosen(self) -> None:
        self.pad.set_pin("")
        self.show_problem("")

    @Slot()
    def _look(self) -> None:
        officer = self._officer
        needs_pin = officer is not None and bool(officer.pin_hash)
        self.pad.setEnabled(needs_pin)
        self.go.setEnabled(officer is not None and (not needs_pin or bool(self.pad.pin)))
        if officer is None:
            self.pin_label.setText(say(Say.CHOOSE_OFFICER) if self._officers else "")
        else:
            self.pin_label.setText(say(Say.PIN_OF, name=officer.name) if needs_pin else say(Say.NO_PIN))

    @Slot()
    def _ask(self) -> None:
        officer, unit, crew = self._officer, self._units.checkedButton(), self._crews.checkedButton()
        if officer is None or unit is None or crew is None:
            return
        self.show_problem("")
        self.go.setText(say(Say.CHECKING))
        self.go.setEnabled(False)
        request = SignOnRequest(officer.officer_id, self.pad.pin, unit.text(), Crew(str(crew.property("crew"))))
        self.pad.pin = ""
        self.pad.dots.show_count(0)
        self.requested.emit(request)
