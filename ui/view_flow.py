"""Which page may be shown now, by the table of ui/models/views.py; and a hit from wherever the officer is."""

from PySide6.QtCore import QObject, Signal, Slot

from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.window_ports import Patrolling
from ui.hit_flow import HitFlow
from ui.models.pages import BEFORE_PATROL, WITHOUT_BAR, is_allowed
from ui.models.views import View, view_for
from ui.screens.driver import DriverScreen
from ui.widgets.page_stack import PageStack

WORD_SECONDS = 120.0
"""How long "The car stands" is believed: at most two minutes, then it is asked again."""
_SHOW_HITS = ("live", "driver")


class ViewFlow(QObject):
    """Owns the view. Every page goes through `admit`; one that the view forbids later is taken away by `tick`.

    `shown` asks for a page; `locked` tells that the screen has just been locked.
    """

    shown = Signal(str)
    locked = Signal()

    def __init__(
        self,
        patrol: Patrolling,
        pages: PageStack,
        hits: HitFlow,
        driver: DriverScreen,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._patrol, self._pages, self._hits, self._driver = patrol, pages, hits, driver
        self._interrupted = ""
        self._behind_lock = "live"
        self._started = False
        self._trusted_until = float("-inf")
        driver.left.connect(self.leave_driver)
        hits.presented.connect(self.present)
        hits.changed.connect(self._give_back)

    # -- the view ------------------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """The view in force."""
        shift = self._patrol.shift
        return view_for(
            signed_on=shift is not None,
            started=self._started or bool(self._interrupted),
            locked=self._patrol.lock.is_locked,
            alone=self.is_alone,
            moving=self._patrol.moving(),
            trusted=self._is_trusted,
        )

    @property
    def _is_trusted(self) -> bool:
        """Whether the car is taken to stand where nobody knows: on the officer's word.

        Before the patrol has begun it is, unless a picture moves.
        """
        before = not self._started and not self._patrol.picture_moves()
        return before or self._patrol.clock.monotonic() < self._trusted_until

    def admit(self, name: str) -> str:
        """Take word that a page is wanted; returns the one to show, another where the view forbids it."""
        if name == "lock" and self._patrol.shift is not None:
            self._patrol.lock.lock()
        if self._patrol.lock.is_locked:
            self._shut()
            return "lock"
        if self._patrol.shift is None:
            self._started, self._interrupted = False, ""
        elif not self._interrupted:
            self._started = name not in BEFORE_PATROL
        view = self.view
        if is_allowed(name, view):
            return name
        if view is View.DRIVER:
            self._interrupted = name if name in BEFORE_PATROL else self._interrupted
            return "driver"
        return "sign_on" if self._patrol.shift is None else "live"

    def _shut(self) -> None:
        """The lock comes over the page that is shown; whoever locked it: a tap, time, or a computer that slept."""
        if self._pages.page != "lock":
            self._behind_lock = self._pages.page
            self.locked.emit()

    def unlocked(self) -> None:
        """The lock was opened: the officer goes on where the screen was locked, or with the hit that came meanwhile."""
        self.shown.emit(self._behind_lock)
        if self._hits.queue.shown is not None:
            self.present()

    @property
    def is_alone(self) -> bool:
        """Whether a single crew is signed on."""
        shift = self._patrol.shift
        return shift is not None and shift.crew is Crew.SINGLE

    @property
    def bar_wanted(self) -> bool:
        """Whether the bottom bar may lead away from the page that is shown."""
        return self._pages.page not in WITHOUT_BAR and not self._interrupted

    def tick(self) -> None:
        """Once a second: look whether the view has changed, and take away what it forbids."""
        moving = self._patrol.moving()
        self._driver.show_way_out(moving=moving, alone=self.is_alone)
        if moving or self._patrol.picture_moves():
            self._trusted_until = float("-inf")
        if not is_allowed(self._pages.page, self.view):
            self.shown.emit(self._pages.page)

    # -- the driver's view ---------------------------------------------------------------------------------------

    @Slot()
    def leave_driver(self) -> None:
        """The full view is wanted: not for a lone driver who moves. Where nobody knows, the officer's word is taken."""
        if self._patrol.moving() is None:
            self._trusted_until = self._patrol.clock.monotonic() + WORD_SECONDS
        if self.view is View.DRIVER:
            return
        self._hits.stand()
        if self._pages.page == "driver":  # else what was interrupted has been given back
            self.shown.emit("live")

    # -- a hit from wherever the officer is ----------------------------------------------------------------------

    @Slot()
    def present(self) -> None:
        """A hit wants to be seen, whatever is on the screen. A sync or a start check goes on when it is dealt with."""
        if self._patrol.lock.is_locked:
            return
        if self._pages.page in ("sync", "start_check"):
            self._interrupted = self._pages.page
        if self._interrupted or self._pages.page not in {*BEFORE_PATROL, *_SHOW_HITS}:
            self.shown.emit("live")

    def hit_raised(self) -> None:
        """A hit that took no card wants to be seen all the same, before the patrol has begun."""
        if self._pages.page in ("sync", "start_check") and not self._dealt_with():
            self.present()

    def _dealt_with(self) -> bool:
        """Whether no hit asks for anything where it is shown."""
        queue = self._hits.queue
        return (queue.sign if self._pages.page == "driver" else queue.shown) is None

    @Slot()
    def _give_back(self) -> None:
        if self._interrupted and self._pages.page in _SHOW_HITS and self._dealt_with() and self.view is not View.DRIVER:
            page, self._interrupted = self._interrupted, ""
            self.shown.emit(page)
