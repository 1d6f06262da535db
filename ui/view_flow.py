"""Which page may be shown now: the driver's view while a lone driver moves, and a hit from wherever the officer is."""

from PySide6.QtCore import QObject, Signal, Slot

from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.window_ports import Patrolling
from ui.hit_flow import HitFlow
from ui.models.pages import BEFORE_PATROL, WITHOUT_BAR
from ui.screens.driver import DriverScreen
from ui.widgets.page_stack import PageStack

_SHOW_HITS = ("live", "driver")


class ViewFlow(QObject):
    """Takes a page away that may not be shown, and gives back what a hit interrupted. `shown` asks for a page."""

    shown = Signal(str)

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
        driver.left.connect(self.leave_driver)
        hits.presented.connect(self.present)
        hits.changed.connect(self._give_back)

    @property
    def bar_wanted(self) -> bool:
        """Whether the bottom bar may lead away from the page that is shown."""
        return self._pages.page not in WITHOUT_BAR and not self._interrupted

    @Slot()
    def enter_driver(self) -> None:
        """The driver's view is wanted."""
        self.shown.emit("driver")

    @Slot()
    def leave_driver(self) -> None:
        """The full view is wanted: not for a lone driver who moves."""
        if self._must_drive():
            return
        self._hits.stand()
        self.shown.emit("live")

    @Slot()
    def present(self) -> None:
        """A hit wants to be seen, whatever is on the screen. A sync or a start check goes on when it is dealt with."""
        if self._pages.page in ("sync", "start_check"):
            self._interrupted = self._pages.page
        if self._interrupted or self._pages.page not in {*BEFORE_PATROL, *_SHOW_HITS}:
            self.shown.emit("driver" if self._must_drive() else "live")

    def hit_raised(self) -> None:
        """A hit that took no card wants to be seen all the same, before the patrol has begun."""
        if self._pages.page in ("sync", "start_check") and not self._dealt_with():
            self.present()

    def tick(self) -> None:
        """Once a second: who drives alone and moves gets the driver's view."""
        self._driver.show_way_out(moving=self._patrol.moving(), alone=self._is_alone())
        if self._pages.page not in WITHOUT_BAR and self._must_drive():
            self.enter_driver()

    def _must_drive(self) -> bool:
        """A single crew in a moving car gets the driver view and nothing else."""
        return self._is_alone() and self._patrol.moving() is True

    def _is_alone(self) -> bool:
        shift = self._patrol.shift
        return shift is not None and shift.crew is Crew.SINGLE

    def _dealt_with(self) -> bool:
        """Whether no hit asks for anything where it is shown."""
        queue = self._hits.queue
        return (queue.sign if self._pages.page == "driver" else queue.shown) is None

    @Slot()
    def _give_back(self) -> None:
        if self._interrupted and self._pages.page in _SHOW_HITS and self._dealt_with():
            page, self._interrupted = self._interrupted, ""
            self.shown.emit(page)
