"""From sign-on over the download and the start check to the patrol, and from sign-off to the upload."""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.patrol.window_ports import Deciding, Patrolling
from ui.bridge import Bridge
from ui.depot_flow import DepotFlow
from ui.screens.sign_on import SignOnRequest, SignOnScreen
from ui.screens.start_check import StartCheckScreen
from ui.text import told


class SignFlow(QObject):
    """Who is signed on, and which page comes next before the patrol and after it.

    `shown` asks for a page; `begun` and `ended` tell of the session; `signed_on` comes once the officer who has just
    signed on is shown the download; `problem` is a sentence for the officer.
    """

    shown = Signal(str)
    begun = Signal(object)
    signed_on = Signal()
    ended = Signal()
    problem = Signal(str)

    def __init__(
        self,
        patrol: Patrolling,
        sign_on: SignOnScreen,
        start_check: StartCheckScreen,
        depot: DepotFlow,
        bridge: Bridge,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._patrol, self._sign_on, self._start_check = patrol, sign_on, start_check
        self._depot, self._bridge = depot, bridge
        self.session: Deciding | None = None
        queued = Qt.ConnectionType.QueuedConnection
        bridge.signed_on.connect(self._signed_on, queued)
        bridge.refused.connect(sign_on.show_problem, queued)
        sign_on.requested.connect(self._requested)
        sign_on.fetch_requested.connect(self._fetch)
        start_check.started.connect(self._start)
        depot.shown.connect(self.shown)
        depot.fetched.connect(self._fetched)
        depot.went_on.connect(self._after_download)
        depot.closed.connect(self.enter)
        depot.brought.connect(self._brought)

    @property
    def officer_name(self) -> str:
        """The name of whoever is signed on."""
        if self.session is None:
            return ""
        officer_id = self.session.shift.officer_id
        names = {officer.officer_id: officer.name for officer in self._patrol.roster()}
        return names.get(officer_id, officer_id)

    @Slot()
    def enter(self) -> None:
        """Ask who signs on."""
        self._sign_on.refresh()
        self.shown.emit("sign_on")

    @Slot(SignOnRequest)
    def _requested(self, request: SignOnRequest) -> None:
        signed_on = self._patrol.sign_on(request.officer_id, request.pin, request.unit, request.crew)
        signed_on.add_done_callback(self._bridge.sign_on_done)

    @Slot(object)
    def _signed_on(self, session: Deciding) -> None:
        self.begin(session)
        self._fetch()
        self.signed_on.emit()

    def begin(self, session: Deciding) -> None:
        """Show the shift of an officer who has signed on."""
        self.session = session
        self.begun.emit(session)

    @Slot()
    def _fetch(self) -> None:
        self._depot.download(signed_on=self.session is not None)

    @Slot()
    def _fetched(self) -> None:
        if self._depot.is_watched:
            self._after_download()

    @Slot(bool)
    def _brought(self, up_to_date: bool) -> None:
        """Use what a download brought that nobody waits for any more."""
        if up_to_date:
            self._start_check.lists_came()
        self.look_for_officers()

    def look_for_officers(self) -> None:
        """A sign-on without a name waits for one: the roster may come with a sync, or with records that open late."""
        if not self._sign_on.isHidden() and self._sign_on.is_empty and self._patrol.roster():
            self._sign_on.refresh()

    @Slot()
    def _after_download(self) -> None:
        if self.session is None:
            self.enter()
            return
        self.shown.emit("start_check")
        self._start_check.begin(lists_updated=self._depot.up_to_date)

    @Slot()
    def _start(self) -> None:
        if self._start_check.begins_with_old_lists:
            self._patrol.go_on_without_update()
        self.shown.emit("live")

    @Slot()
    def sign_off(self) -> None:
        """End the shift and send it to the depot."""
        try:
            upload = self._patrol.sign_off()
        except KnownError as error:
            self.problem.emit(told(error))
            return
        self.session = None
        self.ended.emit()
        self._depot.upload(upload)
