"""The window: bars above, one page, the bar below; and where the engine's events go."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.events import Event
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.look import LookFirst
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui import theme
from ui.bridge import Bridge
from ui.car_flow import CarFlow
from ui.choice_flow import ChoiceFlow
from ui.deliver import deliver
from ui.depot_flow import DepotFlow
from ui.export_flow import ExportFlow
from ui.hit_flow import HitFlow
from ui.keys import Keys
from ui.lock_flow import LockFlow
from ui.looks import Looks
from ui.models.dead_time import DeadTime
from ui.models.pages import BEFORE_PATROL, BY_NAME, PAGES
from ui.proof_flow import ProofFlow
from ui.screens.car import CarScreen
from ui.screens.driver import DriverScreen
from ui.screens.enter_vrm import EnterVrmScreen
from ui.screens.export import ExportScreen
from ui.screens.lists import HitsScreen
from ui.screens.live import LiveScreen
from ui.screens.lock import LockScreen
from ui.screens.reads import ReadsScreen
from ui.screens.settings import SettingsScreen
from ui.screens.shift import ShiftScreen
from ui.screens.sign_on import SignOnScreen
from ui.screens.start_check import StartCheckScreen
from ui.screens.sync import SyncScreen
from ui.shift_flow import ShiftFlow
from ui.sign_flow import SignFlow
from ui.stick_flow import StickFlow
from ui.text import Say, say
from ui.view_flow import ViewFlow
from ui.widgets.bottom_bar import BottomBar
from ui.widgets.deaf import DeafWindow
from ui.widgets.page_stack import PageStack
from ui.widgets.top_bars import TopBars
from ui.widgets.ways import Ways

SECOND_MS = 1000
SMALLEST = (320, 240)
"""What the window may be made, in logical pixels: smaller than any screen it could have to fit."""


class Window(QWidget):
    """Owns the screens and ties the flows together. Everything an officer decides goes to the session."""

    def __init__(
        self,
        patrol: Patrolling,
        *,
        demo: bool = False,
        lock_after_minutes: int = 0,
        look_first: LookFirst = LookFirst.CHECK,
        copy_vrm: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(say(Say.PRODUCT))
        self.patrol = patrol
        self.dead_time = DeadTime(patrol.clock)
        self._deaf = DeafWindow(self, self.dead_time)
        self.top = TopBars(patrol.clock, demo=demo)
        self.status, self.banner = self.top.status, self.top.banner
        self.notice, self.warnings = self.top.notice, self.top.warnings
        self.bottom, self.ways = BottomBar(), Ways()
        self._make_screens()
        self._lay_out()
        self.keys = Keys(self, self.dead_time, self.bottom)
        self._make_flows(look_first, copy_vrm=copy_vrm, lock_after=60 * lock_after_minutes)
        self._connect()
        self._second = QTimer(self)
        self._second.setInterval(SECOND_MS)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self.setMinimumSize(*SMALLEST)
        self.bottom.show_palette(night=theme.tokens() is theme.NIGHT)
        if demo:
            self.sign_on.show_hint(say(Say.DEMO_PIN))
        self.signing.enter()
        self._tick()

    # -- building ------------------------------------------------------------------------------------------------

    def _make_screens(self) -> None:
        """A screen for each page of ui/models/pages.py, by the page's name."""
        patrol = self.patrol
        self.sign_on, self.start_check = SignOnScreen(patrol), StartCheckScreen(patrol, self.dead_time)
        self.sync, self.live = SyncScreen(), LiveScreen(patrol, self.dead_time)
        self.hits, self.reads = HitsScreen(patrol, self.dead_time), ReadsScreen(patrol, self.dead_time)
        self.shift, self.driver = ShiftScreen(patrol, self.dead_time), DriverScreen(patrol.clock, self.dead_time)
        self.enter_vrm = EnterVrmScreen(patrol, self.dead_time)
        self.export = ExportScreen(patrol, self.dead_time)
        self.car = CarScreen(patrol, self.dead_time)
        self.settings, self.lock = SettingsScreen(patrol), LockScreen(patrol)
        self.pages = PageStack({page.name: getattr(self, page.name) for page in PAGES})

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the design fits the window
        column.addWidget(self.top)
        column.addWidget(self.pages, 1)
        column.addWidget(self.ways)
        column.addWidget(self.bottom)
        self._column = column

    def _make_flows(self, look_first: LookFirst, *, copy_vrm: bool, lock_after: float) -> None:
        patrol, self._bridge = self.patrol, Bridge()
        self.looks = Looks(self, self.pages, patrol)
        self.choosing = ChoiceFlow(patrol, self.settings, self.looks, self._bridge, self)
        card, side = self.live.card, self.live.side
        self.flow = HitFlow(patrol, card, self.driver, side, self, look_first=look_first, copy_vrm=copy_vrm)
        self.depot = DepotFlow(patrol, self.sync, self._bridge, self)
        self.by_stick = StickFlow(patrol, self.sync, self.depot, self._bridge, self)
        self.rigging = CarFlow(patrol, self.car, self._bridge, self)
        self.proving = ProofFlow(patrol, self.start_check, self)
        self.signing = SignFlow(patrol, self.sign_on, self.start_check, self.depot, self._bridge, self)
        self.shift_end = ShiftFlow(self.shift, self.flow, self)
        self.exporting = ExportFlow(patrol, self.export, self)
        self.views = ViewFlow(patrol, self.pages, self.flow, self.driver, self)
        self.locking = LockFlow(patrol, self.lock, self.views, self.flow, self._bridge, lock_after, self)

    def _connect(self) -> None:
        self._bridge.happened.connect(self._event, Qt.ConnectionType.QueuedConnection)
        self.patrol.subscribe(self._bridge.listen)
        self.signing.begun.connect(self._begun)
        self.signing.signed_on.connect(self._signed_on)
        self.signing.ended.connect(self._ended)
        for flow in (self.signing, self.views, self.locking, self.exporting, self.shift_end):
            flow.shown.connect(self.show_page)
        for bar in (self.bottom, self.ways):
            bar.page_chosen.connect(self.show_page)
        screens = (self.reads, self.enter_vrm, self.car)
        for teller in (self.signing, self.flow, *screens, self.rigging, self.choosing, self.exporting):
            teller.problem.connect(self._say_problem)
        self.shift_end.sign_off.connect(self.signing.sign_off)
        self.shift_end.said.connect(self.live.side.show_round)
        self.reads.evidence_wanted.connect(self.exporting.ask)
        self.live.hit_chosen.connect(self.flow.open)
        self.hits.hit_chosen.connect(self.flow.open)
        self.hits.mute_wanted.connect(self.flow.mute)
        self.flow.changed.connect(self._hits_changed)
        self.bottom.mute_toggled.connect(self._mute)
        self.bottom.palette_toggled.connect(self.looks.toggle)
        self.looks.palette_changed.connect(self._palette_changed)
        self.looks.fit_changed.connect(self._fit_changed)

    # -- pages ---------------------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self.pages.page

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Show a page, or what the view has in its place."""
        name = self.views.admit(name)
        self.dead_time.restart()
        self.pages.show_page(name)
        bar = self.views.bar_wanted
        self.bottom.setVisible(bar)
        self.ways.show_from(name if bar else "")
        self.bottom.show_page(BY_NAME[name].under or name)
        if name in BEFORE_PATROL:  # a hit that was dealt with there can be taken back there
            self._column.insertWidget(self._column.indexOf(self.ways), self.live.side.undo)
        else:
            self.live.side.take_undo_back()
        if name == "sign_on":
            self.top.show_officer("", "")
        self.top.show_page(before_patrol=name in BEFORE_PATROL, locked=name == "lock")
        if name == "car":
            self.car.refresh()
        self.shift_end.page_shown(name)
        if name == "shift":
            self._show_summary()
        if name == "hits":
            self.hits.show_queue(self.flow.queue)
        if name == "export":
            queue = self.flow.queue
            self.exporting.entered([entry.hit for entry in (*queue.open_hits, *queue.closed_hits)])

    # -- who is signed on ----------------------------------------------------------------------------------------

    @property
    def session(self) -> Deciding | None:
        """The session of whoever is signed on."""
        return self.signing.session

    def begin(self, session: Deciding) -> None:
        """Show the shift of an officer who has signed on."""
        self.signing.begin(session)

    @Slot(object)
    def _begun(self, session: Deciding) -> None:
        self.top.show_officer(session.shift.unit, self.signing.officer_name)
        self.flow.begin(session)
        self.exporting.begin(session)
        self.reads.begin(session)
        self.enter_vrm.begin(session)
        self.count_reads()

    @Slot()
    def _signed_on(self) -> None:
        if any(entry.hit.state is HitState.RAISED for entry in self.flow.queue.open_hits):
            self.views.present()  # raised before the window knew of the shift, or sounding again after a restart

    @Slot()
    def _ended(self) -> None:
        self.flow.end()
        self.exporting.end()
        self.live.side.strip.clear()
        self.live.side.show_reads_count(0)
        self.reads.clear()
        self.enter_vrm.begin(None)

    # -- what the engine tells -----------------------------------------------------------------------------------

    @Slot(object)
    def _event(self, event: Event) -> None:
        deliver(event, self)

    @Slot()
    def _hits_changed(self) -> None:
        self._show_open()
        if self.page == "hits":
            self.hits.show_queue(self.flow.queue)

    def _show_open(self) -> None:
        lines = self.flow.queue.open_lines(self.patrol.muted.is_muted)
        self.live.side.show_hits(lines, self.patrol.clock.utc(), self.flow.looked_at)
        self.bottom.show_open(len(lines))

    @Slot(str)
    def _say_problem(self, sentence: str) -> None:
        self.top.say_problem(sentence)

    @Slot()
    def _tick(self) -> None:
        """Once a second: the time, the ages, the view."""
        self.top.tick()
        self.views.tick()
        self.looks.tick()
        self.locking.tick()
        self._show_open()
        if self.page == "shift":
            self._show_summary()
        if self.page == "car":
            self.car.refresh()
        if self.page == "start_check":
            self.start_check.lamps.measure_plates()

    # -- the rest ------------------------------------------------------------------------------------------------

    def _show_summary(self) -> None:
        self.shift.show_summary(self.patrol.summary(), self.patrol.shift, self.signing.officer_name)
        self.shift.show_lists(self.patrol.list_counts())
        self.shift.show_chart(self.patrol.shift_chart())
        self.shift.show_route(self.patrol.route())
        self.count_reads()

    def count_reads(self) -> None:
        """One count, wherever it is shown."""
        if (summary := self.patrol.summary()) is not None:
            self.live.side.show_reads_count(summary.reads)
            self.reads.show_count(summary.reads)

    @Slot(bool)
    def _mute(self, muted: bool) -> None:
        self.patrol.set_muted(muted)
        self.top.show_muted(muted=muted)

    def use_palette(self, palette: theme.Tokens) -> None:
        """Change to another palette."""
        self.looks.use_palette(palette)

    @Slot()
    def _palette_changed(self) -> None:
        self.bottom.show_palette(night=theme.tokens() is theme.NIGHT)
        self.flow.refresh()

    @Slot()
    def _fit_changed(self) -> None:
        self.live.arrange()
        self.top.refresh()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.looks.fit()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().background))

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._second.stop()
        super().closeEvent(event)
