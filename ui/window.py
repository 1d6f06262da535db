"""The window: status bar, one screen, bottom bar; and where the engine's events go."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import (
    CameraChanged,
    Event,
    HitChanged,
    HitRaised,
    LampChanged,
    ReadMade,
    SyncProgress,
)
from patrol_anpr.domain.health import CameraStatus, Lamp, LampState
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui import scale, theme
from ui.bridge import Bridge
from ui.depot_flow import DepotFlow
from ui.hit_flow import HitFlow
from ui.models.dead_time import DeadTime
from ui.models.warnings import warnings
from ui.screens.driver import DriverScreen
from ui.screens.lists import HitsScreen, ReadsScreen
from ui.screens.live import LiveScreen
from ui.screens.shift import ShiftScreen
from ui.screens.sign_on import SignOnRequest, SignOnScreen
from ui.screens.start_check import StartCheckScreen
from ui.screens.sync import SyncScreen
from ui.text import Say, clock_time, say
from ui.widgets.bottom_bar import BottomBar
from ui.widgets.deaf import DeafWindow
from ui.widgets.status_bar import Banner, StatusBar

SECOND_MS = 1000
PROBLEM_SECONDS = 8.0
_BEFORE_PATROL = ("sign_on", "sync", "start_check")
_PATROL = ("live", "hits", "reads", "shift")
SMALLEST = (320, 240)
"""What the window may be made, in logical pixels: smaller than any screen it could have to fit."""


class Window(QWidget):
    """Owns the screens and says which one is shown. Everything an officer decides goes to the session."""

    def __init__(self, patrol: Patrolling, *, demo: bool = False) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(say(Say.PRODUCT))
        self.patrol, self._demo = patrol, demo
        self.dead_time = DeadTime(patrol.clock)
        self._deaf = DeafWindow(self, self.dead_time)
        self.session: Deciding | None = None
        self.lamps: dict[str, Lamp] = {}
        self._problem, self._problem_until = "", 0.0
        self._officer_name = ""
        self._interrupted = ""
        self._fit_shown = scale.fit()
        self._make_screens()
        self._connect()
        self._second = QTimer(self)
        self._second.setInterval(SECOND_MS)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self.setMinimumSize(*SMALLEST)
        self.bottom.show_palette(night=theme.tokens() is theme.NIGHT)
        if demo:
            self.sign_on.show_hint(say(Say.DEMO_PIN))
        self._enter_sign_on()
        self._show_lamps()
        self._tick()

    # -- building ------------------------------------------------------------------------------------------------

    def _make_screens(self) -> None:
        patrol = self.patrol
        self.status, self.banner, self.notice, self.warnings = StatusBar(), Banner(), Banner(), Banner(18)
        self.bottom, self.pages = BottomBar(), QStackedWidget()
        self.sign_on, self.start_check = SignOnScreen(patrol), StartCheckScreen(patrol)
        self.sync, self.live = SyncScreen(), LiveScreen(patrol, self.dead_time)
        self.hits, self.reads = HitsScreen(patrol), ReadsScreen(patrol)
        self.shift, self.driver = ShiftScreen(patrol), DriverScreen(patrol.clock, self.dead_time)
        self._by_name: dict[str, QWidget] = {
            "sign_on": self.sign_on,
            "start_check": self.start_check,
            "sync": self.sync,
            "live": self.live,
            "hits": self.hits,
            "reads": self.reads,
            "shift": self.shift,
            "driver": self.driver,
        }
        for screen in self._by_name.values():
            self.pages.addWidget(screen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the design fits the window
        for widget in (self.status, self.banner, self.notice, self.warnings):
            column.addWidget(widget)
        column.addWidget(self.pages, 1)
        column.addWidget(self.bottom)
        self._column = column
        self._bridge = Bridge()
        self.flow = HitFlow(patrol, self.live.card, self.driver, self.live.side.undo, self)
        self.depot = DepotFlow(patrol, self.sync, self._bridge, self)

    def _connect(self) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        self._bridge.happened.connect(self._event, queued)
        self._bridge.signed_on.connect(self._signed_on, queued)
        self._bridge.refused.connect(self.sign_on.show_problem, queued)
        self.patrol.subscribe(self._bridge.listen)
        self.sign_on.requested.connect(self._sign_on_requested)
        self.sign_on.fetch_requested.connect(self._fetch)
        self.start_check.voice_wanted.connect(self._test_voice)
        self.start_check.voice_answered.connect(self._voice_answered)
        self.start_check.started.connect(self._start_patrol)
        self.depot.shown.connect(self.show_page)
        self.depot.fetched.connect(self._fetched)
        self.depot.went_on.connect(self._after_download)
        self.depot.closed.connect(self._enter_sign_on)
        self.depot.brought.connect(self._brought)
        self.shift.sign_off.connect(self._sign_off)
        self.live.hit_chosen.connect(self.flow.open)
        self.hits.hit_chosen.connect(self.flow.open)
        self.reads.problem.connect(self._say_problem)
        self.driver.left.connect(self._leave_driver)
        self.flow.presented.connect(self._present)
        self.flow.changed.connect(self._hits_changed)
        self.flow.problem.connect(self._say_problem)
        self.bottom.page_chosen.connect(self.show_page)
        self.bottom.mute_toggled.connect(self._mute)
        self.bottom.driver_chosen.connect(self._enter_driver)
        self.bottom.palette_toggled.connect(self._toggle_palette)

    # -- which screen --------------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """The name of the screen that is shown."""
        return next(name for name, screen in self._by_name.items() if screen is self.pages.currentWidget())

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Show a screen."""
        self.dead_time.restart()
        self.pages.setCurrentWidget(self._by_name[name])
        self.bottom.setVisible(name in _PATROL and not self._interrupted)
        self.bottom.show_page(name)
        if name in _BEFORE_PATROL:  # a hit that was dealt with there can be taken back there
            self._column.insertWidget(self._column.indexOf(self.bottom), self.live.side.undo)
        else:
            self.live.side.take_undo_back()
        self._show_banners()
        if name == "shift":
            self._show_summary()
        if name == "hits":
            self.hits.show_queue(self.flow.queue)

    @Slot()
    def _enter_sign_on(self) -> None:
        self._officer_name = ""
        self.status.unit.set_words(say(Say.PRODUCT))
        self.status.officer.set_words("")
        self.sign_on.refresh()
        self.show_page("sign_on")

    @Slot()
    def _enter_driver(self) -> None:
        self.show_page("driver")

    @Slot()
    def _leave_driver(self) -> None:
        if self._must_drive():
            return
        self.flow.stand()
        self.show_page("live")

    def _must_drive(self) -> bool:
        """A single crew in a moving car gets the driver view and nothing else."""
        return self._is_alone() and self.patrol.moving() is True

    def _is_alone(self) -> bool:
        shift = self.patrol.shift
        return shift is not None and shift.crew is Crew.SINGLE

    @Slot()
    def _present(self) -> None:
        """A hit wants to be seen, whatever is on the screen. A sync or a start check goes on when it is dealt with."""
        if self.page in ("sync", "start_check"):
            self._interrupted = self.page
        if self.page in ("hits", "reads", "shift") or self._interrupted:
            self.show_page("driver" if self._must_drive() else "live")

    def _dealt_with(self) -> bool:
        """Whether no hit asks for anything where it is shown."""
        return (self.flow.queue.sign if self.page == "driver" else self.flow.queue.shown) is None

    # -- signing on and off --------------------------------------------------------------------------------------

    @Slot(SignOnRequest)
    def _sign_on_requested(self, request: SignOnRequest) -> None:
        signed_on = self.patrol.sign_on(request.officer_id, request.pin, request.unit, request.crew)
        signed_on.add_done_callback(self._bridge.sign_on_done)

    @Slot(object)
    def _signed_on(self, session: Deciding) -> None:
        self.begin(session)
        self._fetch()
        if any(entry.hit.state is HitState.RAISED for entry in self.flow.queue.open_hits):
            self._present()  # raised before the window knew of the shift, or sounding again after a restart

    def begin(self, session: Deciding) -> None:
        """Show the shift of an officer who has signed on."""
        self.session = session
        names = {officer.officer_id: officer.name for officer in self.patrol.roster()}
        self._officer_name = names.get(session.shift.officer_id, session.shift.officer_id)
        self.status.unit.set_words(session.shift.unit)
        self.status.officer.set_words(self._officer_name)
        self.flow.begin(session)
        self.reads.begin()
        self._count_reads()

    @Slot()
    def _fetch(self) -> None:
        self.depot.download(signed_on=self.session is not None)

    @Slot()
    def _fetched(self) -> None:
        if self.page == "sync":
            self._after_download()

    @Slot(bool)
    def _brought(self, up_to_date: bool) -> None:
        """Use what a download brought that nobody waits for any more."""
        if up_to_date:
            self.start_check.lists_came()
        self._look_for_officers()

    def _look_for_officers(self) -> None:
        """A sign-on without a name waits for one: the roster may come with a sync, or with records that open late."""
        if self.page == "sign_on" and self.sign_on.is_empty and self.patrol.roster():
            self.sign_on.refresh()

    @Slot()
    def _after_download(self) -> None:
        if self.session is None:
            self._enter_sign_on()
            return
        self._show_lamps()
        self.show_page("start_check")
        self.start_check.begin(lists_updated=self.depot.up_to_date)

    @Slot()
    def _start_patrol(self) -> None:
        self.show_page("live")

    @Slot()
    def _sign_off(self) -> None:
        try:
            upload = self.patrol.sign_off()
        except KnownError as error:
            self._say_problem(str(error))
            return
        self.session = None
        self.flow.end()
        self.live.side.strip.clear()
        self.live.side.show_reads_count(0)
        self.reads.clear()
        self.depot.upload(upload)

    # -- what the engine tells -----------------------------------------------------------------------------------

    @Slot(object)
    def _event(self, event: Event) -> None:
        match event:
            case ReadMade():
                if self.session is None or event.shift_id != self.session.shift.shift_id:
                    return  # a vehicle that was still in view when the last officer signed off
                self.live.side.strip.add(event.read, event.evidence)
                self.reads.add(event.read, event.evidence)
                self._count_reads()
            case HitRaised():
                self.flow.raised(event)
                if self.page in ("sync", "start_check") and not self._dealt_with():
                    self._present()
            case HitChanged():
                self.flow.outcome(event)
            case LampChanged():
                self.lamps[event.lamp.key] = event.lamp
                self._show_lamps()
                self._look_for_officers()
            case CameraChanged():
                self.live.camera_changed(event)
                self._show_camera(event.status)
            case SyncProgress():
                self.depot.progress(event)
            case _:
                pass

    def _show_camera(self, status: CameraStatus) -> None:
        self.start_check.lamps.camera_changed(status)
        self.shift.lamps.camera_changed(status)

    def _show_lamps(self) -> None:
        shown = [lamp for lamp in self.lamps.values() if not lamp.is_news]
        if self._demo:
            shown.append(Lamp("demo", LampState.UNKNOWN, say(Say.DEMO)))
        if self.bottom.muted:
            shown.append(Lamp("voice:muted", LampState.WARN, say(Say.MUTED), say(Say.MUTED_NOTE)))
        self.status.lamps.show_lamps(shown)
        self.start_check.lamps.show_lamps(self.lamps.values())
        self.shift.show_lamps(self.lamps.values())
        self._show_banners()

    def _show_banners(self) -> None:
        """Before a patrol everything that is wrong, with what to do; during it only what makes it worth nothing."""
        before = self.page in _BEFORE_PATROL
        records = self.lamps.get("records")
        stopped = records is not None and records.state is LampState.BAD
        self.banner.show_words(say(Say.NOT_RECORDING) if stopped and not before else "")
        told = warnings(self.lamps.values(), scale.fit(), scale.pitch_of(self.screen())) if before else ()
        self.warnings.show_words(*told)

    @Slot()
    def _hits_changed(self) -> None:
        open_hits = self.flow.queue.open_hits
        self.live.side.show_hits(open_hits, self.patrol.clock.utc())
        self.bottom.show_open(len(open_hits))
        if self.page == "hits":
            self.hits.show_queue(self.flow.queue)
        if self._interrupted and self.page in ("live", "driver") and self._dealt_with():
            page, self._interrupted = self._interrupted, ""
            self.show_page(page)

    @Slot(str)
    def _say_problem(self, sentence: str) -> None:
        self._problem, self._problem_until = sentence, self.patrol.clock.monotonic() + PROBLEM_SECONDS
        self.notice.show_words(sentence)

    @Slot()
    def _tick(self) -> None:
        """Once a second: the time, the ages, the driver view, a notice that has been there long enough."""
        self.status.clock.set_words(clock_time(self.patrol.clock.utc()))
        self.live.side.show_hits(self.flow.queue.open_hits, self.patrol.clock.utc())
        if self._problem and self.patrol.clock.monotonic() > self._problem_until:
            self._problem = ""
            self.notice.show_words("")
        self.driver.show_way_out(moving=self.patrol.moving(), alone=self._is_alone())
        if self.page in _PATROL and self._must_drive():
            self._enter_driver()
        if self.page == "shift":
            self._show_summary()
        if self.page == "start_check":
            self.start_check.lamps.measure_plates()

    # -- the rest ------------------------------------------------------------------------------------------------

    def _show_summary(self) -> None:
        self.shift.show_summary(self.patrol.summary(), self.patrol.shift, self._officer_name)
        self.shift.show_lists(self.patrol.list_counts())
        self._count_reads()

    def _count_reads(self) -> None:
        """One count, wherever it is shown."""
        if (summary := self.patrol.summary()) is not None:
            self.live.side.show_reads_count(summary.reads)
            self.reads.show_count(summary.reads)

    @Slot()
    def _test_voice(self) -> None:
        self.patrol.test_voice()

    @Slot(bool)
    def _voice_answered(self, heard: bool) -> None:
        self.patrol.voice_heard(heard)

    @Slot(bool)
    def _mute(self, muted: bool) -> None:
        self.patrol.set_muted(muted)
        self._show_lamps()

    @Slot()
    def _toggle_palette(self) -> None:
        self.use_palette(theme.DAY if theme.tokens() is theme.NIGHT else theme.NIGHT)

    def use_palette(self, palette: theme.Tokens) -> None:
        """Change between night and day."""
        self._use(palette)
        self.bottom.show_palette(night=palette is theme.NIGHT)
        self.flow.refresh()

    def _use(self, palette: theme.Tokens) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.use(app, palette)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Have everything as large as the window allows."""
        pitch = scale.pitch_of(self.screen())
        fit = scale.fitting(self.width(), self.height(), pitch)
        if fit != self._fit_shown:
            self._fit_shown = fit
            scale.use(fit)
            self._use(theme.tokens())
            scale.rescale(self)
            self.live.arrange()
            self._show_banners()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().background))

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._second.stop()
        super().closeEvent(event)
