"""This shift in figures, hour by hour; its hits without an outcome; and sign off."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.route import Route
from patrol_anpr.domain.shift import ListCounts, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import ShiftChart
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, clock_time, say
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.figure_table import CameraTable, ListTable
from ui.widgets.hour_chart import HourChart
from ui.widgets.route_view import RouteView
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled

_FIGURES = (
    ("reads", Say.COUNT_READS),
    ("hits", Say.COUNT_HITS),
    ("confirmed", Say.COUNT_CONFIRMED),
    ("dismissed", Say.COUNT_DISMISSED),
    ("unresolved", Say.COUNT_OPEN),
    ("waiting", Say.COUNT_WAITING),
)
_ABREAST = 3


class ShiftScreen(QWidget):
    """Left six figures, the way to the open hits, and SIGN OFF: held, no elbow ends a shift. Right chart and tables.

    With open hits a sign-off asks first (`ask_about`): `close_wanted` deals with them, `sign_off` goes on all the same.
    """

    off_wanted = Signal()
    sign_off = Signal()
    close_wanted = Signal()

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._dead_time = dead_time
        self.figures: dict[str, QLabel] = {}
        self.who = labelled("caption")
        self.who.setWordWrap(True)
        self.parked = labelled("problem")
        self.parked.setWordWrap(True)
        self.parked.hide()
        self.ended = labelled("problem")
        self.ended.setWordWrap(True)
        self.ended.hide()
        self.chart, self.cameras, self.lists = HourChart(), CameraTable(), ListTable()
        self.route, self.about_route = RouteView(), labelled("caption", say(Say.ROUTE))
        self.nothing = labelled("caption", say(Say.NO_READS))
        self.close_open = BigButton("", dead_time=dead_time, text_size=theme.BODY, wrap=True)
        self.close_open.setObjectName("close-open")
        self.close_open.clicked.connect(self._close_open)
        self.off = HoldButton(say(Say.SIGN_OFF), patrol.clock, caption=say(Say.HOLD), dead_time=dead_time)
        self.off.setObjectName("sign-off")
        scale.sized(self.off, least_height=96)
        self.off.held.connect(self.off_wanted)
        self.question = labelled("title")
        self.question.setWordWrap(True)
        self.deal = BigButton(say(Say.CLOSE_NOW), kind=Kind.CONFIRM, dead_time=dead_time)
        self.deal.clicked.connect(self._close_open)
        self.off_anyway = HoldButton(say(Say.OFF_ANYWAY), patrol.clock, caption=say(Say.HOLD), dead_time=dead_time)
        self.off_anyway.held.connect(self._sign_off)
        self.back = BigButton(say(Say.BACK), dead_time=dead_time)
        self.back.clicked.connect(self.show_figures)
        self._lay_out()
        self.show_chart(ShiftChart())
        self.show_route(Route())

    def _lay_out(self) -> None:
        figures = QWidget()
        row = QHBoxLayout(figures)
        scale.spaced(row, 40, (32, theme.GAP, 32, theme.GAP))
        scale.turning(row)
        row.addLayout(self._left(), 5)
        row.addLayout(self._right(), 6)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(figures)
        self._pages.addWidget(self._asking())
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        scale.spaced(left, 8)
        left.addWidget(labelled("title", say(Say.SUMMARY)))
        left.addWidget(self.who)
        grid = QGridLayout()
        scale.spaced(grid, 18)
        for place, (name, words) in enumerate(_FIGURES):
            cell = QVBoxLayout()
            scale.spaced(cell, 0)
            self.figures[name] = labelled("figure", "-")
            cell.addWidget(self.figures[name])
            caption = labelled("caption", say(words))
            caption.setWordWrap(True)
            cell.addWidget(caption)
            cell.addStretch(1)
            grid.addLayout(cell, place // _ABREAST, place % _ABREAST)
            grid.setColumnStretch(place % _ABREAST, 1)
        left.addLayout(grid)
        left.addWidget(self.parked)
        left.addWidget(self.ended)
        left.addStretch(1)
        left.addWidget(self.close_open)
        scale.gap(left, 8)
        left.addWidget(self.off)
        return left

    def _right(self) -> QVBoxLayout:
        content = QWidget()
        inner = QVBoxLayout(content)
        scale.spaced(inner, 14, (0, 0, 8, 0))
        for widget in (self.nothing, self.chart, self.cameras, self.lists, self.about_route, self.route):
            inner.addWidget(widget)
        inner.addStretch(1)
        right = QVBoxLayout()
        scale.spaced(right, 8)
        right.addWidget(labelled("title", say(Say.BY_HOUR)))
        right.addWidget(TouchArea(content), 1)
        return right

    def _asking(self) -> QWidget:
        """What a sign-off with open hits asks; the two answers lie far apart."""
        asking = QWidget()
        column = QVBoxLayout(asking)
        scale.spaced(column, 24, (48, 32, 48, 32))
        column.addWidget(self.question)
        column.addWidget(self.deal)
        column.addStretch(1)
        row = QHBoxLayout()
        scale.spaced(row, 120)
        row.addWidget(self.back, 1)
        row.addWidget(self.off_anyway, 1)
        column.addLayout(row)
        return asking

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_summary(self, summary: ShiftSummary | None, shift: Shift | None, officer: str) -> None:
        """Show the counts of a shift."""
        if summary is not None:
            for name, label in self.figures.items():
                label.setText(f"{getattr(summary, name):,}")
            self.parked.setVisible(summary.parked > 0)
            self.parked.setText(f"{say(Say.PARKED, count=summary.parked)}. {say(Say.PARKED_NOTE)}")
            self.ended.setText("\n".join(_ended(summary)))
            self.ended.setVisible(bool(self.ended.text()))
            self.close_open.setVisible(summary.unresolved > 0)
            self.close_open.setText(say(Say.CLOSE_OPEN, count=summary.unresolved))
        if shift is not None:
            self.who.setText(say(Say.SIGNED_ON, officer=officer, unit=shift.unit, time=clock_time(shift.started_at)))

    def show_lists(self, lists: Sequence[ListCounts]) -> None:
        """Show what each list brought."""
        self.lists.show_counts(lists)

    def show_chart(self, chart: ShiftChart) -> None:
        """Show what each hour and each camera brought."""
        hours = chart.hours()
        self.nothing.setVisible(not hours)
        self.chart.setVisible(bool(hours))
        self.chart.show_hours(hours)
        self.cameras.show_counts(chart.cameras())

    def show_route(self, route: Route) -> None:
        """Show where the car has been; nothing without a position."""
        for widget in (self.about_route, self.route):
            widget.setVisible(bool(route.legs))
        self.route.show_route(route)

    def ask_about(self, open_hits: int) -> None:
        """Ask what is to become of the hits without an outcome, before the shift ends."""
        self._dead_time.restart()
        self.question.setText(say(Say.OFF_WITH_OPEN, count=open_hits))
        self._pages.setCurrentIndex(1)

    @Slot()
    def show_figures(self) -> None:
        """Show the figures again."""
        if self._pages.currentIndex() != 0:
            self._dead_time.restart()
            self._pages.setCurrentIndex(0)

    # -- what the officer does -----------------------------------------------------------------------------------

    @Slot()
    def _close_open(self) -> None:
        self.show_figures()
        self.close_wanted.emit()

    @Slot()
    def _sign_off(self) -> None:
        self.show_figures()
        self.sign_off.emit()


def _ended(summary: ShiftSummary) -> Iterator[str]:
    """What is said of training and policy that have ended."""
    for words, day in ((Say.TRAINING_ENDED, summary.training_ended), (Say.POLICY_ENDED, summary.policy_ended)):
        if day is not None:
            yield say(words, day=f"{day:%d %b %Y}".lstrip("0"))
