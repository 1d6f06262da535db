"""What stands above every page: who and the lamps, and below them what must not be missed."""

from collections.abc import Iterable

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import SAFE_MODE, Lamp, LampState
from ui import scale
from ui.models.warnings import warnings
from ui.text import Say, clock_time, say
from ui.widgets.status_bar import Banner, StatusBar

PROBLEM_SECONDS = 8.0


class TopBars(QWidget):
    """The status bar; a banner, when nothing is saved; a problem for some seconds; warnings before a patrol."""

    def __init__(self, clock: Clock, *, demo: bool) -> None:
        super().__init__()
        self._clock, self._demo = clock, demo
        self._lamps: dict[str, Lamp] = {}
        self._muted, self._before_patrol = False, True
        self._problem, self._problem_until, self._locked = "", 0.0, False
        self.status, self.banner, self.notice, self.warnings = StatusBar(), Banner(), Banner(), Banner(18)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.status, self.banner, self.notice, self.warnings):
            column.addWidget(widget)
        self.show_officer("", "")

    @property
    def lamps(self) -> Iterable[Lamp]:
        """Every lamp that has reported."""
        return self._lamps.values()

    def show_officer(self, unit: str, name: str) -> None:
        """Say who is signed on in which unit; empty when nobody is."""
        self.status.unit.set_words(unit or say(Say.PRODUCT))
        self.status.officer.set_words(name)

    def lamp_changed(self, lamp: Lamp) -> None:
        """Take the state of a part."""
        self._lamps[lamp.key] = lamp
        self.refresh()

    def show_muted(self, *, muted: bool) -> None:
        """Keep in sight that sounds are muted."""
        self._muted = muted
        self.refresh()

    def show_page(self, *, before_patrol: bool, locked: bool = False) -> None:
        """Take word of which kind of page is shown below; a locked one tells nothing of who is signed on."""
        self._before_patrol = before_patrol
        for widget in (self.status.unit, self.status.officer):
            widget.setVisible(bool(widget.words) and not locked)
        if locked is not self._locked:
            self._locked = locked
            self.say_problem(self._problem)
        self.refresh()

    def say_problem(self, sentence: str) -> None:
        """Say what went wrong, for some seconds; on a locked screen once it is opened."""
        self._problem, self._problem_until = sentence, self._clock.monotonic() + PROBLEM_SECONDS
        self.notice.show_words("" if self._locked else sentence)

    def tick(self) -> None:
        """Once a second: the time, and a problem that has been told long enough."""
        self.status.clock.set_words(clock_time(self._clock.utc()))
        if self._problem and not self._locked and self._clock.monotonic() > self._problem_until:
            self._problem = ""
            self.notice.show_words("")

    def refresh(self) -> None:
        """Show lamps and banners anew.

        Before a patrol all that is wrong is told, with what to do; during it only what makes it worth nothing.
        """
        shown = [lamp for lamp in self._lamps.values() if not lamp.is_news]
        if self._demo:
            shown.append(Lamp("demo", LampState.UNKNOWN, say(Say.DEMO)))
        if self._muted:
            shown.append(Lamp("voice:muted", LampState.WARN, say(Say.MUTED), say(Say.MUTED_NOTE)))
        self.status.lamps.show_lamps(shown)
        records, before = self._lamps.get("records"), self._before_patrol
        stopped = records is not None and records.state is LampState.BAD
        safe = say(Say.SAFE_MODE) if SAFE_MODE in self._lamps else ""
        self.banner.show_words(*([say(Say.NOT_RECORDING) if stopped else "", safe] if not before else []))
        told = warnings(self._lamps.values(), scale.fit(), scale.pitch_of(self.screen())) if before else ()
        self.warnings.show_words(*told)
