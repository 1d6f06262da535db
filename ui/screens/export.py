"""Evidence of one read or hit: which one, why, where to; and what became of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.dossier import MOST_REASON, ExportPlace
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.read import Read
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.models.hit_lines import line_of_one
from ui.models.rows import ITEM, HitPainter, HitRows
from ui.text import Say, breakable, camera_word, clock_time, say, size
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.letter_pad import LetterPad
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import TouchArea, WordsArea, touch_list
from ui.widgets.side_panel import labelled

REASONS = (Say.WHY_COURT, Say.WHY_TRAFFIC, Say.WHY_INTELLIGENCE, Say.WHY_COMPLAINT, Say.WHY_MISREAD)
_OWN_WORDS = len(REASONS)
_ABREAST = 3


class ExportScreen(QWidget):
    """Left the hits of the shift, or the Read that was chosen elsewhere; right the reason, the folder and EXPORT.

    `chosen` says that another record was chosen here.
    """

    wanted = Signal(str, str, object)
    chosen = Signal()

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._dead_time = dead_time
        self._running = False
        self.read: Read | None = None
        self.model, self._painter = HitRows(), HitPainter(patrol.clock.utc, mutes=False)
        self.view = touch_list()
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._painter)
        self.view.clicked.connect(self._clicked)
        self.plate, self.about = PlateLabel(56), labelled("caption")
        self.about.setWordWrap(True)
        self.reasons, self._why = self._choices(_OWN_WORDS + 1), QButtonGroup(self)
        for number, button in enumerate(self.reasons):
            self._why.addButton(button, number)
            button.setText(say(REASONS[number] if number < _OWN_WORDS else Say.OWN_WORDS))
            button.clicked.connect(self._reason_chosen)
        self.places: list[BigButton] = []
        self._where = QButtonGroup(self)
        self.said, self.pad = labelled("body"), LetterPad(MOST_REASON)
        self.said.setWordWrap(True)
        self.go = BigButton(say(Say.EXPORT), kind=Kind.CONFIRM, dead_time=dead_time)
        self.go.setObjectName("export")
        self.go.clicked.connect(self._ask)
        self.finish = BigButton(say(Say.DONE), dead_time=dead_time)
        self.finish.clicked.connect(self._words_given)
        self.pad.changed.connect(self._look)
        self._lay_out()
        self.show_read(None)

    def _choices(self, count: int) -> list[BigButton]:
        return [BigButton("", kind=Kind.CHOICE, text_size=theme.BODY, wrap=True) for _ in range(count)]

    def _lay_out(self) -> None:
        form, words = QWidget(), QWidget()
        row = QHBoxLayout(form)
        scale.spaced(row, 28, (24, theme.GAP, 24, theme.GAP))
        scale.turning(row)
        row.addLayout(self._record_side(), 4)
        row.addLayout(self._form_side(), 7)
        column = QVBoxLayout(words)
        scale.spaced(column, theme.GAP, (24, theme.GAP, 24, theme.GAP))
        column.addWidget(labelled("title", say(Say.WHY_EXPORT)))
        column.addWidget(self.pad, 1)
        column.addWidget(self.finish)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        for page in (form, words):
            self._pages.addWidget(page)

    def _record_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        scale.spaced(side, 10)
        side.addWidget(labelled("title", say(Say.EVIDENCE)))
        side.addWidget(self.plate)
        side.addWidget(self.about)
        side.addWidget(self.view, 1)
        return side

    def _form_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        scale.spaced(side, 10)
        side.addWidget(labelled("caption", say(Say.WHY_EXPORT)))
        why = QGridLayout()
        scale.spaced(why, 8)
        for place, button in enumerate(self.reasons):
            why.addWidget(button, place // _ABREAST, place % _ABREAST)
        side.addLayout(why)
        side.addWidget(labelled("caption", say(Say.WHERE_TO)))
        holder = QWidget()
        self._grid = QGridLayout(holder)
        scale.spaced(self._grid, 8, (0, 0, 8, 0))
        self._grid.setRowStretch(99, 1)
        side.addWidget(TouchArea(holder), 1)
        side.addWidget(WordsArea(self.said, most=84))
        side.addWidget(self.go)
        return side

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Offer these hits to choose from."""
        self.model.show_lines([line_of_one(hit) for hit in hits])

    def show_read(self, read: Read | None) -> None:
        """Begin anew with this Read, or with none chosen yet."""
        self.read = read
        self._show_record()
        self._why.setExclusive(False)
        for button in self.reasons:
            button.setChecked(False)
        self._why.setExclusive(True)
        self.pad.set_text("")
        self._pages.setCurrentIndex(0)
        self.show_words("")

    def show_places(self, places: Sequence[ExportPlace]) -> None:
        """Offer these folders; what was chosen stays chosen while it is there, else it is the first one."""
        before = self._where.checkedButton()
        folder = before.property("folder") if before is not None else None
        for button in self.places:
            self._where.removeButton(button)
            button.hide()
            button.deleteLater()
        self.places = self._choices(len(places))
        for number, (button, place) in enumerate(zip(self.places, places, strict=True)):
            drive = place.folder.parent
            button.setText((drive.name or str(drive)) if place.removable else say(Say.THIS_CAR))  # "E:\\" has no name
            button.set_caption(say(Say.FREE, size=size(place.free)))
            button.setProperty("folder", str(place.folder))
            self._where.addButton(button)
            self._grid.addWidget(button, number // _ABREAST, number % _ABREAST)
            button.clicked.connect(self._look)
        if self.places:
            same = [button for button in self.places if button.property("folder") == folder]
            (same or self.places)[0].setChecked(True)
        self._look()

    def show_words(self, words: str, *, problem: bool = False) -> None:
        """Say how it stands, or what is wrong."""
        self._running = False
        self._say(words, problem=problem)

    def _say(self, words: str, *, problem: bool = False) -> None:
        theme.give_role(self.said, "problem" if problem else "body")
        self.said.setText(breakable(words))
        self._look()

    def show_running(self) -> None:
        """It is being written: nothing more can be asked for until that has ended."""
        self._say(say(Say.EXPORTING))
        self._running = True
        self._look()

    def _show_record(self) -> None:
        self.plate.setVisible(self.read is not None)
        if self.read is None:
            self.about.setText(say(Say.CHOOSE_HIT))
            return
        self.plate.show_vrm(self.read.vrm, self.read.colour)
        at = clock_time(self.read.captured_at, seconds=True)
        if self.read.is_entered:
            self.about.setText(f"{say(Say.ENTERED_BY_HAND)}  ·  {at}")
        else:
            self.about.setText(f"{say(Say.CAMERA_READ)}  ·  {at}  ·  {camera_word(self.read.camera_id)}")

    # -- what the officer does -----------------------------------------------------------------------------------

    @property
    def reason(self) -> str:
        """The reason as chosen or written; "" for none."""
        number = self._why.checkedId()
        if number < 0:
            return ""
        return self.pad.text.strip() if number == _OWN_WORDS else self.reasons[number].text()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        read = index.data(ITEM).hit.read
        self.view.clearSelection()
        if read == self.read:
            return
        self.read = read
        self._show_record()
        self.show_words("")
        self.chosen.emit()

    @Slot()
    def _reason_chosen(self) -> None:
        if self._why.checkedId() == _OWN_WORDS:
            self._dead_time.restart()
            self._pages.setCurrentIndex(1)
            self.pad.setFocus()
        if self._running:
            self._look()
        else:
            self.show_words("")

    @Slot()
    def _words_given(self) -> None:
        self._dead_time.restart()
        self._pages.setCurrentIndex(0)
        self._look()

    @Slot()
    def _look(self) -> None:
        own = self.reasons[_OWN_WORDS]
        text = self.pad.text.strip()
        own.set_caption(text if len(text) <= 16 else f"{text[:15]}…")
        ready = self.read is not None and bool(self.reason) and self._where.checkedButton() is not None
        self.go.setEnabled(ready and not self._running)

    @Slot()
    def _ask(self) -> None:
        place = self._where.checkedButton()
        if self.read is None or place is None:
            return
        self.wanted.emit(self.read.read_id, self.reason, Path(str(place.property("folder"))))
