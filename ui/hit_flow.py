"""What happens to hits on the screen: the queue, the card, the driver's sign, UNDO and the session, tied together."""

from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import EntryMuted, HitCancelled, HitChanged, HitRaised
from patrol_anpr.domain.hit import UNDO_SECONDS, ControlAnswer, Hit, HitState, Override, Verification
from patrol_anpr.domain.look import LookFirst, LookQuestion
from patrol_anpr.domain.read import Evidence
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui.models.hit_queue import HitQueue, ShownHit
from ui.models.look_first import LookBeforeList
from ui.screens.driver import DriverScreen
from ui.screens.hit_card import HitCard
from ui.text import Say, say, told
from ui.widgets.side_panel import SidePanel


class _Pictures(QObject):
    """Pictures from the disk, on their thread; no Qt parent, so that a late answer meets nothing destroyed."""

    came = Signal(str, object)

    def fetch(self, patrol: Patrolling, shown: ShownHit) -> None:
        """Ask for the pictures of a hit; what is missing there stays missing."""

        def fetched(done: "Future[Evidence | None]") -> None:
            if not done.cancelled() and done.exception() is None and (evidence := done.result()) is not None:
                self.came.emit(shown.hit_id, evidence)

        patrol.evidence(shown.hit.read.read_id).add_done_callback(fetched)


READ_BACK_SECONDS = 30.0
"""How long a confirmed hit stays on the card by itself: a mark is read to control in that time (judged)."""


class HitFlow(QObject):
    """Shows the right hit and tells the session what the officer says of it. What a hit is, the events say.

    `presented` is emitted when a hit wants the card by itself; `changed` whenever a list of hits must be shown anew.
    """

    presented = Signal()
    changed = Signal()
    problem = Signal(str)

    def __init__(
        self,
        patrol: Patrolling,
        card: HitCard,
        driver: DriverScreen,
        side: SidePanel,
        parent: QObject | None = None,
        *,
        look_first: LookFirst = LookFirst.CHECK,
        copy_vrm: bool = False,
    ) -> None:
        super().__init__(parent)
        self._patrol, self._card, self._driver = patrol, card, driver
        self._undo, self._sound = side.undo, side.sound
        self._session: Deciding | None = None
        self.queue = HitQueue()
        self._look, self._copy_vrm = LookBeforeList(look_first), copy_vrm
        self._pictures = _Pictures()
        self._pictures.came.connect(self._pictures_came, Qt.ConnectionType.QueuedConnection)
        card.looked.connect(self._looked)
        card.confirmed.connect(self._confirm)
        card.put_off.connect(self._later)
        card.dismissed.connect(self._dismiss)
        card.answered.connect(self._answer)
        card.disposed.connect(self._dispose)
        card.verification_chosen.connect(self._verify)
        card.done.connect(self._done)
        card.replay_wanted.connect(self._replay)
        self._sound.replay.clicked.connect(self._replay)
        self._sound.mute_wanted.connect(self.mute)
        driver.seen.connect(self._seen)
        driver.put_off.connect(self._later_sign)
        self._undo.undone.connect(self._take_back)
        # Reasons are optional: a decided hit does not stand before the road for long. One that the officer opened
        # stays, but no longer keeps other hits from the card.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._reason_awaited)
        self._awaited, self._stays = "", False

    def begin(self, session: Deciding) -> None:
        """Start a shift: hits left open by a restart come back, waiting."""
        self._session = session
        self.queue.clear()
        self._look.clear()
        for hit, evidence in self._patrol.shift_hits():
            self.queue.arrive(hit, evidence, muted=self._is_muted(hit))
        self._show()

    def end(self) -> None:
        """The shift is over."""
        self._session = None
        self.queue.clear()
        self._look.clear()
        self._undo.withdraw()
        self._show()

    def raised(self, event: HitRaised) -> None:
        """Take a new hit of this shift."""
        if self._session is None or event.hit.shift_id != self._session.shift.shift_id:
            return
        took_card = self.queue.arrive(
            event.hit,
            event.evidence,
            muted=self._is_muted(event.hit),
            again=event.again,
            in_sight=self._card.isVisible(),
        )
        self._show()
        if took_card:
            self.presented.emit()

    def _is_muted(self, hit: Hit) -> bool:
        return self._patrol.muted.is_muted(hit)

    def entry_muted(self, event: EntryMuted) -> None:
        """Take word that an entry was muted or sounds again."""
        if event.muted:
            self.queue.mute(event.entry)
        self._show()

    @Slot(str, bool)
    def mute(self, hit_id: str, muted: bool) -> None:
        """The officer wants the entry of a hit muted for the shift, or to sound again."""
        self._ask(lambda session, hit: (session.mute_entry if muted else session.unmute_entry)(hit), hit_id)

    @Slot()
    def _replay(self) -> None:
        if (shown := self.queue.shown) is not None:
            try:
                self._patrol.replay(shown.hit_id)
            except KnownError as error:
                self.problem.emit(told(error))

    def outcome(self, event: HitChanged | HitCancelled) -> None:
        """Take word of an outcome, whoever made it, or that the entry was cancelled."""
        took_card = self.queue.change(event.hit, in_sight=self._card.isVisible())
        self._show()
        if took_card:
            self.presented.emit()

    @Slot(str)
    def open(self, hit_id: str) -> None:
        """The officer wants to see a hit."""
        self.queue.open(hit_id)
        if (shown := self.queue.shown) is not None and shown.evidence == Evidence(b"", b""):
            self._pictures.fetch(self._patrol, shown)
        self._undo.prefer(hit_id)
        self._wait_for_reason(hit_id, UNDO_SECONDS, stays=True)
        self._show()
        self.presented.emit()

    def stand(self) -> None:
        """The driver's view is left: what was only seen there wants a decision on the card."""
        self.queue.stand()
        self._show()

    def refresh(self) -> None:
        """Show everything anew: ages, palette."""
        self._show()

    @Slot(str, object)
    def _pictures_came(self, hit_id: str, evidence: Evidence) -> None:
        self.queue.illustrate(hit_id, evidence)
        self._show()

    @property
    def looked_at(self) -> str:
        """The list's VRM of the hit whose picture is looked at first: it stands nowhere beside it; "": of none."""
        shown = self.queue.shown
        if shown is None or self._look.choice(shown.hit_id) or self._question() is None:
            return ""
        return shown.hit.match.voi.vrm if shown.hit.is_open else ""

    def _question(self) -> LookQuestion | None:
        shown = self.queue.shown
        stands = self._patrol.moving() is False
        return self._look.question(shown, stands=stands) if shown is not None else None

    @Slot(str)
    def _looked(self, choice: str) -> None:
        if (shown := self.queue.shown) is not None:
            self._look.answer(shown.hit_id, choice)
            self._show()

    @Slot()
    def _confirm(self) -> None:
        looked, shown = self._card.shows_picture, self.queue.shown
        confirmed = self._decide(
            lambda session, hit_id: session.confirm(hit_id, looked=looked, look_choice=self._look.choice(hit_id)),
            Say.CONFIRMED,
        )
        if confirmed and shown is not None and self._copy_vrm:
            QGuiApplication.clipboard().setText(shown.hit.match.voi.vrm)

    @Slot()
    def _dismiss(self) -> None:
        looked = self._card.shows_picture
        self._decide(
            lambda session, hit_id: session.dismiss(hit_id, looked=looked, look_choice=self._look.choice(hit_id)),
            Say.DISMISSED,
        )

    def _decide(self, tell: Callable[[Deciding, str], None], word: Say) -> bool:
        """Decide on the hit of the card; False where there is none, or it was refused."""
        shown = self.queue.shown
        if shown is None or not shown.hit.is_open or not self._ask(tell, shown.hit_id):
            return False
        self._undo.offer(shown.hit, say(word))
        self._wait_for_reason(shown.hit_id, READ_BACK_SECONDS if word is Say.CONFIRMED else UNDO_SECONDS)
        return True

    def _wait_for_reason(self, hit_id: str, seconds: float, *, stays: bool = False) -> None:
        self._awaited, self._stays = hit_id, stays
        self._patience.start(round(seconds * 1000))

    @Slot(ControlAnswer)
    def _answer(self, said: ControlAnswer) -> None:
        """What control said: no longer wanted ends the hit, otherwise what was done is asked for."""
        shown = self.queue.shown
        if shown is None or not self._ask(lambda session, hit_id: session.answer(hit_id, said), shown.hit_id):
            return
        if said is ControlAnswer.NO_LONGER_WANTED:
            self._leave(shown.hit_id)
        else:
            self._wait_for_reason(shown.hit_id, READ_BACK_SECONDS)

    @Slot(Disposition, object)
    def _dispose(self, disposition: Disposition, override: Override | None) -> None:
        self._give_reason(lambda session, hit_id: session.dispose(hit_id, disposition, override))

    @Slot(Verification)
    def _verify(self, verification: Verification) -> None:
        self._give_reason(lambda session, hit_id: session.dismiss(hit_id, verification))

    def _give_reason(self, tell: Callable[[Deciding, str], None]) -> None:
        shown = self.queue.shown
        if shown is not None and self._ask(tell, shown.hit_id):
            self._leave(shown.hit_id)

    @Slot()
    def _later(self) -> None:
        if (shown := self.queue.shown) is not None:
            self._put_off(shown.hit_id)

    @Slot()
    def _later_sign(self) -> None:
        if (sign := self.queue.sign) is not None:
            self._put_off(sign.hit_id)

    def _put_off(self, hit_id: str) -> None:
        if self._ask(lambda session, hit: session.later(hit), hit_id):
            self.queue.put_off(hit_id)
            self._show()

    @Slot()
    def _seen(self) -> None:
        """Driver view: the sound stops; the decision is made when the car stands."""
        if (sign := self.queue.sign) is not None and self._ask(
            lambda session, hit: session.acknowledge(hit), sign.hit_id
        ):
            self.queue.see(sign.hit_id)
            self._show()

    @Slot()
    def _done(self) -> None:
        if (shown := self.queue.shown) is not None:
            self._leave(shown.hit_id)

    @Slot()
    def _reason_awaited(self) -> None:
        if self._stays:
            self._shown_after(came=self.queue.release(self._awaited))
        else:
            self._leave(self._awaited)

    def _leave(self, hit_id: str) -> None:
        self._shown_after(came=self.queue.leave(hit_id))

    def _shown_after(self, *, came: bool) -> None:
        """Show the card anew; a hit that came while it was kept is presented as when it came."""
        self._show()
        if came:
            self.presented.emit()

    @Slot(str)
    def _take_back(self, hit_id: str) -> None:
        self._ask(lambda session, hit: session.undo(hit), hit_id)

    def _ask(self, tell: Callable[[Deciding, str], None], hit_id: str) -> bool:
        """Tell the session; a KnownError becomes a sentence on the screen and nothing else changes."""
        if self._session is None:
            return False
        try:
            tell(self._session, hit_id)
        except KnownError as error:
            self.problem.emit(told(error))
            return False
        return True

    def _show(self) -> None:
        now = self._patrol.clock.utc()
        shown, sign = self.queue.shown, self.queue.sign
        if shown is None:
            self._card.withdraw()
        else:
            waiting, choice = len(self.queue.waiting), self._look.choice(shown.hit_id)
            self._card.reasons.offer(self._patrol.dispositions())
            self._card.present(shown.hit, shown.evidence, waiting, now, self._question(), choice)
            self._card.show_shared(self.queue.shared(HitState.ACTIONED))
        if shown is None or shown.hit.is_open:
            self._sound.hide()
        else:
            self._sound.show_hit(shown.hit, muted=self._is_muted(shown.hit))
        self._driver.show_hit(sign.hit if sign else None, self.queue.behind_sign)
        self.changed.emit()
