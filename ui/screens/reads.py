"""The Reads of this shift: all of them or those that a search finds, one of them large, and the car's own entries."""

from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import OwnListChanged, ReadCorrected
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.search import MarkPattern, ReadsFound
from patrol_anpr.domain.vrm import spaced
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui import scale, theme
from ui.answers import Answers
from ui.models.corrections import Corrections
from ui.models.dead_time import DeadTime
from ui.models.read_rows import ReadPainter, ReadRows
from ui.models.rows import ITEM
from ui.screens.one_read import OneRead
from ui.text import Say, say, told
from ui.widgets.buttons import BigButton
from ui.widgets.entry_part import EntryPart
from ui.widgets.long_list import LongList
from ui.widgets.mark_pad import Entry
from ui.widgets.own_entries import OwnEntries
from ui.widgets.side_panel import labelled

ROW = theme.TOUCH + 8


class ReadsScreen(QWidget):
    """The list and the parts it leads to. Every part that is shown restarts the dead time."""

    problem = Signal(str)
    evidence_wanted = Signal(object)

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol, self._dead_time = patrol, dead_time
        self._session: Deciding | None = None
        self._pictures, self._found = Answers(self), Answers(self)
        self._pattern: MarkPattern | None = None
        self._answered = False
        self._came_meanwhile: list[Read] = []
        self._refused_once = False
        self.corrections, self.model = Corrections(), ReadRows()
        self._painter = ReadPainter(self._ask_patch, self.corrections)
        self.view = LongList(self.model, self._painter, ROW)
        self.title, self.count = labelled("title", say(Say.READS)), labelled("caption")
        self.nothing = labelled("body", say(Say.NO_READS))
        self.search, self.all = BigButton(say(Say.SEARCH)), BigButton(say(Say.SHOW_ALL))
        self.own_button = BigButton(say(Say.OWN_ENTRIES))
        self.searching = EntryPart(Entry.PATTERN, say(Say.SEARCH_READS), say(Say.SEARCH_HINT), say(Say.SEARCH))
        self.one = OneRead(patrol, self.corrections, dead_time)
        self.own = OwnEntries(patrol.clock)
        self.list, self.parts = QWidget(), QStackedWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        scale.turning(head)
        scale.spaced(head, theme.GAP)
        head.addWidget(self.title)
        head.addWidget(self.count)
        head.addStretch(1)
        for button in (self.own_button, self.all, self.search):
            head.addWidget(button)
        column = QVBoxLayout(self.list)
        scale.spaced(column, 12, (24, 8, 24, theme.GAP))
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)
        self.all.hide()
        for part in (self.list, self.searching, self.one, self.own):
            self.parts.addWidget(part)
        whole = QVBoxLayout(self)
        scale.spaced(whole, 0, (0, 0, 0, 0))
        whole.addWidget(self.parts)

    def _connect(self) -> None:
        self.model.page_wanted.connect(self._ask_page)
        self.view.chosen.connect(self._choose)
        self.search.clicked.connect(self._open_search)
        self.all.clicked.connect(self.show_all)
        self.own_button.clicked.connect(self._open_own)
        self.searching.entered.connect(self.search_for)
        self.own.withdrawn.connect(self._withdraw)
        self.searching.left.connect(self._open_list)
        self.one.left.connect(self._open_list)
        self.one.evidence_wanted.connect(self.evidence_wanted)
        self.own.left.connect(self._open_list)

    # -- the shift -----------------------------------------------------------------------------------------------

    def begin(self, session: Deciding) -> None:
        """Start a shift with what it holds already."""
        self.clear()
        self._session = session
        self.one.begin(session)
        self.model.start(self._patrol.search.recent())
        self._pictures.wait_for(self._patrol.search.corrections(), self._take_corrections, self._refused)

    def clear(self) -> None:
        """Forget everything: the shift is over."""
        for answers in (self._pictures, self._found):
            answers.forget()
        self._painter.forget_asked()
        self._session, self._pattern, self._answered = None, None, False
        self.one.begin(None)
        self.corrections.clear()
        self.model.start(ReadsFound(0, (), 0))
        self.all.hide()
        self.show_count(0)
        self.parts.setCurrentWidget(self.list)

    def add(self, read: Read, evidence: Evidence) -> None:
        """Put a new Read on top, where it is one of those shown."""
        self._painter.remember(read.read_id, evidence.patch)
        if self._pattern is None or self._pattern.fits(read.vrm):
            self.model.add(read)
            if self._pattern is not None and not self._answered:
                self._came_meanwhile.append(read)  # the answer may have been made before it
        if self._answered:
            self._show_found()

    def show_count(self, count: int) -> None:
        """Show how many Reads the shift has made."""
        if self._pattern is None:
            self.count.setText(say(Say.READ_COUNT, count=f"{count:,}"))
            self.nothing.setText(say(Say.NO_READS))
            self.nothing.setVisible(self.model.rowCount() == 0)

    def changed_by_hand(self, event: ReadCorrected | OwnListChanged) -> None:
        """Take word of a correction, or of the car's own list, whoever changed them."""
        if isinstance(event, ReadCorrected):
            self._take_corrections([event.correction])
        else:
            self.own.show_entries(event.entries)

    def _take_corrections(self, corrections: list[ReadCorrection]) -> None:
        self.corrections.add(corrections)
        self.view.viewport().update()
        self.one.refresh()

    # -- the list and the search ---------------------------------------------------------------------------------

    @Slot(int)
    def _ask_page(self, first: int) -> None:
        """Have the page of the rows that came into sight fetched."""
        search, pattern = self._patrol.search, self._pattern

        def refuse(sentence: str) -> None:
            self.model.refuse(first)
            self._refused(sentence)

        if pattern is None:
            self._ask(lambda: search.page(first), self.model.fill, refuse)
        else:
            self._ask(lambda: search.reads(pattern.text, first), self.model.fill, refuse)

    def _ask(
        self,
        ask: "Callable[[], Future[ReadsFound]]",
        tell: Callable[[ReadsFound], None],
        refuse: Callable[[str], None],
    ) -> None:
        try:
            self._found.wait_for(ask(), tell, refuse)
        except KnownError as error:
            refuse(told(error))

    @Slot(str)
    def search_for(self, entered: str) -> None:
        """Show the Reads of this shift that fit a pattern."""
        try:
            pattern = MarkPattern.of(entered)
        except KnownError as error:
            self.searching.say_problem(told(error))
            return
        self._found.forget()
        self._came_meanwhile.clear()
        self._pattern, self._answered = pattern, False
        self.model.start(ReadsFound(0, (), 0))
        self.count.setText(say(Say.SEARCHING, pattern=pattern.text))
        self.nothing.hide()
        self.all.show()
        self._open_list()
        self._ask(lambda: self._patrol.search.reads(pattern.text), self._show_answer, self._refused)

    @property
    def is_answered(self) -> bool:
        """Whether what was searched for last has been found, or found not to be there."""
        return self._answered

    def _show_answer(self, found: ReadsFound) -> None:
        self._answered = True
        self.model.start(found)
        for read in self._came_meanwhile:
            self.model.add(read)
        self._came_meanwhile.clear()
        self.view.scrollToTop()
        self._show_found()

    def _show_found(self) -> None:
        total, pattern = self.model.rowCount(), self._pattern.text if self._pattern is not None else ""
        words = Say.FOUND_ONE if total == 1 else Say.FOUND
        self.count.setText(say(words, count=f"{total:,}", pattern=pattern) if total else "")
        self.nothing.setText(say(Say.NO_MATCH, pattern=pattern))
        self.nothing.setVisible(total == 0)

    @Slot()
    def show_all(self) -> None:
        """Show all Reads of this shift again."""
        self._dead_time.restart()
        self._found.forget()
        self._pattern, self._answered = None, False
        self.all.hide()
        found = self._patrol.search.recent()
        self.model.start(found)
        self.view.scrollToTop()
        self.show_count(found.total)

    def _refused(self, sentence: str) -> None:
        """Say why an answer did not come. A search without an answer finds nothing and does not say so either."""
        self._refused_once = True
        if self._pattern is not None:
            self.count.setText("")
        self.problem.emit(sentence)

    def _ask_patch(self, read_id: str) -> None:
        """Have a patch fetched. One that is missing stays missing; the records' own lamp says why."""

        def take(evidence: Evidence | None) -> None:
            self._painter.came(read_id, evidence.patch if evidence is not None else b"")
            self.view.viewport().update()

        self._pictures.wait_for(self._patrol.evidence(read_id), take, lambda _: take(None))

    # -- what the list leads to ----------------------------------------------------------------------------------

    def _open(self, part: QWidget) -> None:
        self._dead_time.restart()
        self.parts.setCurrentWidget(part)

    @Slot()
    def _open_list(self) -> None:
        self._open(self.list)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        read: Read | None = index.data(ITEM)
        if read is not None:
            self.one.open(read)
            self._open(self.one)

    @Slot()
    def _open_search(self) -> None:
        self._open(self.searching)
        self.searching.begin(self._pattern.text if self._pattern is not None else "")

    @Slot()
    def _open_own(self) -> None:
        self.own.show_entries(self._patrol.search.own_entries)
        self._open(self.own)

    @Slot(str)
    def _withdraw(self, voi_id: str) -> None:
        if self._session is None:
            return
        try:
            self._pictures.wait_for(self._session.withdraw_voi(voi_id), self._withdrawn, self.problem.emit)
        except KnownError as error:
            self.problem.emit(told(error))

    def _withdrawn(self, entry: OwnVoi) -> None:
        self._dead_time.restart()
        self.problem.emit(say(Say.WITHDRAWN, vrm=spaced(entry.vrm)))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._refused_once:
            self._refused_once = False
            self.model.look_again()
