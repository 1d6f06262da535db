"""How evidence gets from the screen to a folder: the record is chosen, the reason given, the session asked."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.dossier import Exported, ExportPlace
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.read import Read
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui.bridge import settle
from ui.screens.export import ExportScreen
from ui.text import Say, say, told


class _Answers(QObject):
    """What other threads answer; no Qt parent, so that a late answer meets nothing destroyed."""

    places = Signal(object)
    exported = Signal(int, object)
    refused = Signal(int, str)


class ExportFlow(QObject):
    """Ties the export screen to the session. `shown` asks for the page.

    An export goes on when its page is left. Its end is shown where the page still shows the same choice; one that
    failed is told in any case, by `problem`.
    """

    shown = Signal(str)
    problem = Signal(str)

    def __init__(self, patrol: Patrolling, screen: ExportScreen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patrol, self._screen = patrol, screen
        self._session: Deciding | None = None
        self._number = 0
        self._answers = _Answers()
        queued = Qt.ConnectionType.QueuedConnection
        self._answers.places.connect(self._show_places, queued)
        self._answers.exported.connect(self._exported, queued)
        self._answers.refused.connect(self._refused, queued)
        screen.wanted.connect(self._export)
        screen.chosen.connect(self._other_chosen)

    def begin(self, session: Deciding) -> None:
        """An officer has signed on."""
        self._session = session
        self._anew(None)

    def end(self) -> None:
        """The shift is over: nothing of it stays on the screen."""
        self._session = None
        self._screen.show_hits(())
        self._anew(None)

    @Slot(object)
    def ask(self, read: Read) -> None:
        """The officer wants the evidence of this Read."""
        self._anew(read)
        self.shown.emit("export")

    def entered(self, hits: Sequence[Hit]) -> None:
        """The page is shown: offer the hits of the shift, and look for drives anew."""
        self._screen.show_hits(hits)
        number = self._number
        self._patrol.export.places().add_done_callback(
            lambda done: settle(
                done,
                self._answers.places.emit,
                lambda sentence: self._answers.refused.emit(number, sentence),
            )
        )

    def _anew(self, read: Read | None) -> None:
        self._number += 1
        self._screen.show_read(read)

    @Slot()
    def _other_chosen(self) -> None:
        """What becomes of an export under way is not said beside another record."""
        self._number += 1

    @Slot(str, str, object)
    def _export(self, read_id: str, reason: str, folder: Path) -> None:
        if self._session is None:
            return
        try:
            export: Future[Exported] = self._session.export(read_id, reason, folder)
        except KnownError as error:
            self._screen.show_words(told(error), problem=True)
            return
        self._screen.show_running()
        number = self._number
        export.add_done_callback(
            lambda done: settle(
                done,
                lambda exported: self._answers.exported.emit(number, exported),
                lambda sentence: self._answers.refused.emit(number, sentence),
            )
        )

    @Slot(object)
    def _show_places(self, places: Sequence[ExportPlace]) -> None:
        self._screen.show_places(places)

    @Slot(int, object)
    def _exported(self, number: int, exported: Exported) -> None:
        if number == self._number:
            self._anew(None)
            self._screen.show_words(say(Say.EXPORTED, folder=exported.folder))

    @Slot(int, str)
    def _refused(self, number: int, sentence: str) -> None:
        if number == self._number:
            self._screen.show_words(sentence, problem=True)
        else:
            self.problem.emit(sentence)
