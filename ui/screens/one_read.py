"""One Read of the list, large; correcting it, and making it a vehicle of interest."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection, VoiWish
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.read import NO_PICTURES, Evidence, Read
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui.answers import Answers
from ui.models.corrections import Corrections
from ui.models.dead_time import DeadTime
from ui.read_words import in_force
from ui.text import Say, say, told
from ui.widgets.entry_part import EntryPart
from ui.widgets.mark_pad import Entry
from ui.widgets.patch_view import PatchView
from ui.widgets.read_view import ReadView
from ui.widgets.voi_form import VoiForm

_Kept = TypeVar("_Kept")


class OneRead(QStackedWidget):
    """Everything is said through the session of whoever is signed on. `left` leads back to the list.

    `evidence_wanted` carries the Read whose evidence is to be exported.
    """

    left = Signal()
    evidence_wanted = Signal(object)

    def __init__(self, patrol: Patrolling, corrections: Corrections, dead_time: DeadTime) -> None:
        super().__init__()
        self._patrol, self._corrections, self._dead_time = patrol, corrections, dead_time
        self._session: Deciding | None = None
        self._answers = Answers(self)
        self.view = ReadView()
        self.patch = PatchView()
        self.correcting = EntryPart(
            Entry.MARK, say(Say.CORRECT), say(Say.CORRECT_HINT), say(Say.KEEP_CORRECTION), beside=self.patch
        )
        self.voi = VoiForm(patrol.clock, dead_time)
        for part in (self.view, self.correcting, self.voi):
            self.addWidget(part)
        self.view.left.connect(self.left)
        self.view.correct_wanted.connect(self._open_correction)
        self.view.voi_wanted.connect(self._open_voi)
        self.view.evidence_wanted.connect(self._want_evidence)
        self.correcting.entered.connect(self._correct)
        self.correcting.left.connect(self._open_view)
        self.voi.made.connect(self._make_voi)
        self.voi.left.connect(self._open_view)

    def begin(self, session: Deciding | None) -> None:
        """A shift has begun, or with None is over."""
        self._answers.forget()
        self._session = session
        self.view.read = None

    def open(self, read: Read) -> None:
        """Show a Read; its pictures come from the disk."""
        self.view.read = None
        self._show(read)
        self.patch.show_patches(NO_PICTURES, read)
        self._open(self.view)

        def take(evidence: Evidence | None) -> None:
            if evidence is not None and self.view.read is read:
                self.view.show_pictures(read, evidence)
                self.patch.show_patches(evidence, read)

        if not read.is_entered:
            self._answers.wait_for(self._patrol.evidence(read.read_id), take, self.view.say)

    def refresh(self) -> None:
        """A correction was made."""
        if self.view.read is not None:
            self._show(self.view.read)

    def _show(self, read: Read) -> None:
        self.view.show_read(read, self._corrections.of(read.read_id), self._patrol.clock.utc().date())

    @Slot()
    def _open_view(self) -> None:
        self._open(self.view)

    @Slot()
    def _want_evidence(self) -> None:
        if self.view.read is not None:
            self.evidence_wanted.emit(self.view.read)

    @Slot()
    def _open_correction(self) -> None:
        if (read := self.view.read) is not None:
            self._open(self.correcting)
            self.correcting.begin(self._corrections.mark(read))

    @Slot(str)
    def _correct(self, entered: str) -> None:
        read, session = self.view.read, self._session
        if read is not None and session is not None:
            self._do(lambda: session.correct_read(read, entered), self._corrected, self.correcting.say_problem)

    def _corrected(self, _: ReadCorrection) -> None:
        self.view.say(say(Say.CORRECTION_KEPT))
        self._open(self.view)

    @Slot()
    def _open_voi(self) -> None:
        if (read := self.view.read) is not None:
            self.voi.begin(self._corrections.mark(read), read.colour, read.read_id)
            self._open(self.voi)

    @Slot(VoiWish)
    def _make_voi(self, wish: VoiWish) -> None:
        if (session := self._session) is not None:
            self._do(lambda: session.make_voi(wish), self._made, self.voi.say_problem)

    def _made(self, entry: OwnVoi) -> None:
        self.view.say(in_force(entry))
        self._open(self.view)

    def _do(
        self, do: "Callable[[], Future[_Kept]]", tell: Callable[[_Kept], None], refuse: Callable[[str], None]
    ) -> None:
        try:
            self._answers.wait_for(do(), tell, refuse)
        except KnownError as error:
            refuse(told(error))

    def _open(self, part: QWidget) -> None:
        self._dead_time.restart()
        self.setCurrentWidget(part)
