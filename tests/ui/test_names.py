"""What a screen reader is told: all that can be touched, and all that is painted, has a name; lists name their rows."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget

from patrol_anpr.lab.sample_patrol import SamplePatrol
from patrol_anpr.lab.screenshots import SHOTS, open_window, settle
from ui.app import discard
from ui.keys import touchable
from ui.widgets.focus_ring import FocusRing
from ui.window import Window


@pytest.fixture
def opened(app: QApplication) -> Iterator[tuple[Window, SamplePatrol]]:
    window, session = open_window(app, night=True)
    yield window, session
    discard(app, window)


def named_things(window: Window) -> Iterator[QWidget]:
    """What is told one by one: what can be touched, words, and what is painted by a widget without parts of its own."""
    seen = set()
    for widget in (*touchable(window), *window.findChildren(QWidget)):
        if widget in seen or not widget.isVisible() or isinstance(widget, FocusRing):
            continue
        parts = [part for part in widget.findChildren(QWidget) if part.isVisible()]
        painted = any("paintEvent" in vars(kind) and kind.__module__.startswith("ui.") for kind in type(widget).__mro__)
        words = isinstance(widget, QLabel) and widget.text()
        if widget in set(touchable(window)) or words or (painted and not parts):
            seen.add(widget)
            yield widget


def name_of(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    assert told is not None
    return told.text(QAccessible.Text.Name).strip()


@pytest.mark.parametrize("name", SHOTS)
def test_everything_has_a_name(app: QApplication, opened: tuple[Window, SamplePatrol], name: str) -> None:
    window, session = opened
    SHOTS[name](window, session, app)
    settle(app, window)
    nameless = {type(widget).__name__ for widget in named_things(window) if not name_of(widget)}
    assert nameless == set()


@pytest.mark.parametrize("name", SHOTS)
def test_every_row_of_a_list_has_a_name(app: QApplication, opened: tuple[Window, SamplePatrol], name: str) -> None:
    window, session = opened
    SHOTS[name](window, session, app)
    settle(app, window)
    for view in window.findChildren(QAbstractItemView):
        if view.isVisible() and view.model() is not None:
            for row in range(view.model().rowCount()):
                assert view.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole), f"row {row} of {view}"
