"""What happens to hits on the screen: the queue, the card, the driver's symbol, UNDO and the session, tied together."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import HitChanged, HitRaised
from patrol_anpr.domain.hit import Disposition, HitState, Verification
from patrol_anpr.domain.hotlist import Tier
from ui.models.hit_queue import OPEN, HitQueue, ShownHit
from ui.screens.driver import DriverScreen
from ui.screens.hit_card import HitCard
from ui.session import PatrolSession
from ui.text import Say, say
from ui.widgets.undo_bar import UNDO_SECONDS, UndoBar


class HitFlow(QObject):
    """Shows the right hit and tells the session what the officer says of it.

    `presented` is emitted when a hit wants the card by itself; `changed` whenever a list of hits must be shown anew.
    """

    presented = Signal()
    changed = Signal()
    problem = Signal(str)

    def __init__(
        self, session: PatrolSession, card: HitCard, driver: DriverScreen, undo: UndoBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._card, self._driver, self._undo = session, card, driver, undo
        self.queue = HitQueue()
        card.confirmed.connect(self._confirm)
        card.put_off.connect(self._later)
        card.dismissed.connect(self._dismiss)
        card.disposition_chosen.connect(self._dispose)
        card.verification_chosen.connect(self._verify)
        card.done.connect(self._advance)
        driver.seen.connect(self._seen)
        driver.put_off.connect(self._later)
        undo.undone.connect(self._take_back)
        # Reasons are optional: the card does not stand before the road for longer than UNDO does.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(round(UNDO_SECONDS * 1000))
        self._patience.timeout.connect(self._advance)

    def begin(self) -> None:
        """Start a shift: hits left open by a restart come back, waiting."""
        self.queue.clear()
        for hit, evidence in self._session.open_hits():
            self.queue.arrive(hit, evidence)
        self._show()

    def end(self) -> None:
        """The shift is over."""
        self.queue.clear()
        self._undo.withdraw()
        self._show()

    def raised(self, event: HitRaised) -> None:
        """Take a new hit."""
        took_card = self.queue.arrive(event.hit, event.evidence)
        if event.hit.tier is not Tier.SILENT:
            self._show()
            if took_card:
                self.presented.emit()

    def outcome(self, event: HitChanged) -> None:
        """Take word of an outcome, whoever made it."""
        self.queue.change(event.hit.hit_id, event.hit.state)
        self._show()

    @Slot(str)
    def open(self, hit_id: str) -> None:
        """The officer wants to see a hit."""
        self.queue.open(hit_id)
        self._show()
        self.presented.emit()

    def refresh(self) -> None:
        """Show everything anew: ages, palette."""
        self._show()

    @Slot()
    def _confirm(self) -> None:
        self._decide(HitState.ACTIONED, self._session.confirm, Say.CONFIRMED)

    @Slot()
    def _dismiss(self) -> None:
        self._decide(HitState.DISMISSED, self._session.dismiss, Say.DISMISSED)

    def _decide(self, state: HitState, tell: Callable[[str], None], word: Say) -> None:
        shown = self.queue.shown
        if shown is None or shown.hit.state not in OPEN or not self._ask(tell, shown.hit.hit_id):
            return
        self.queue.change(shown.hit.hit_id, state)
        self._undo.offer(shown.hit, say(word))
        self._card.reasons.restart()
        self._patience.start()
        self._show()

    @Slot(Disposition)
    def _dispose(self, disposition: Disposition) -> None:
        if (shown := self.queue.shown) is not None and self._ask(self._session.confirm, shown.hit.hit_id, disposition):
            self._advance()

    @Slot(Verification)
    def _verify(self, verification: Verification) -> None:
        if (shown := self.queue.shown) is not None and self._ask(self._session.dismiss, shown.hit.hit_id, verification):
            self._advance()

    @Slot()
    def _later(self) -> None:
        if (shown := self.queue.shown) is not None:
            self._ask(self._session.later, shown.hit.hit_id)
            self.queue.put_off()
            self._show()

    @Slot()
    def _seen(self) -> None:
        """Driver view: the tone stops; the decision is made when the car stands."""
        if (shown := self.queue.shown) is not None:
            self._ask(self._session.acknowledge, shown.hit.hit_id)
            self.queue.put_off()
            self._show()

    @Slot()
    def _advance(self) -> None:
        self._patience.stop()
        self.queue.advance()
        self._show()

    @Slot(str)
    def _take_back(self, hit_id: str) -> None:
        if self._ask(self._session.undo, hit_id):
            self._patience.stop()
            self.queue.change(hit_id, HitState.ACKNOWLEDGED)
            self.queue.open(hit_id)
            self._show()
            self.presented.emit()

    def _ask(self, tell: Callable[..., None], *what: object) -> bool:
        """Tell the session; a KnownError becomes a sentence on the screen and nothing else changes."""
        try:
            tell(*what)
        except KnownError as error:
            self.problem.emit(str(error))
            return False
        return True

    def _show(self) -> None:
        now = self._session.clock.utc()
        shown: ShownHit | None = self.queue.shown
        if shown is None:
            self._patience.stop()
            self._card.withdraw()
            self._driver.show_hit(None, 0)
        else:
            waiting = len(self.queue.waiting)
            self._card.present(shown.hit, shown.evidence, waiting, now)
            self._driver.show_hit(shown.hit if shown.hit.state in OPEN else None, waiting)
        self.changed.emit()
