"""The keyboard: a key is a finger on what has the focus.

Tab and the arrows move the focus. Space and Enter touch what has it, and let go of it when they are let go of: to hold
a button is to hold a key. Escape takes the way back, F1 to F12 the buttons of the bottom bar, a letter or a digit that
key of a pad. All of it ends as a touch: dead time, holds and what a view forbids are the touch's own, and no key gets
past them.
"""

from collections.abc import Iterator

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)
from typing_extensions import override

from ui import scale
from ui.models.dead_time import DeadTime
from ui.text import Say, say
from ui.widgets.bottom_bar import BottomBar
from ui.widgets.focus_ring import FocusRing

KEY = "key"
"""The property of a pad's button that holds the character it types."""
_WAYS_BACK = (Say.LATER, Say.BACK, Say.DONE, Say.CLOSE)
"""What Escape touches, the first that is there: nothing that decides."""
_TOUCHES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)
_ARROWS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_ROW = 40  # dp: what begins so near to each other stands in one row
_HANDLERS = ("mousePressEvent", "mouseReleaseEvent")


class Keys(QObject):
    """Turns the keys that `window` gets into touches. Whatever changes under the finger takes the focus away."""

    def __init__(self, window: QWidget, dead_time: DeadTime, bar: BottomBar) -> None:
        super().__init__(window)
        self._window, self._dead_time, self._bar = window, dead_time, bar
        self._ring = FocusRing(window)
        self._touched: tuple[QWidget, QPoint] | None = None
        dead_time.on_restart = self.forget
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.installEventFilter(self)

    @property
    def focus(self) -> QWidget | None:
        """What the next touch of a key goes to."""
        return self._ring.target

    def forget(self) -> None:
        """Nothing has the focus any more."""
        self._ring.show_around(None)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if event.modifiers() & _CHORDS:
            return event.type() == QEvent.Type.KeyPress and _key_of(event) in _TOUCHES  # Qt's own buttons take them too
        if event.type() == QEvent.Type.KeyRelease:
            return self._released(event)
        return self._dead_time.active or self._pressed(watched, event)

    # -- keys ----------------------------------------------------------------------------------------------------

    def _pressed(self, watched: QWidget, event: QKeyEvent) -> bool:  # noqa: PLR0911 - a return for each kind of key
        key = _key_of(event)
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            back = key is Qt.Key.Key_Backtab or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            return self._go_on(-1 if back else 1)
        if self._is_typed_into() and key is not Qt.Key.Key_Escape:
            return False
        if key in _ARROWS:
            return self._go_towards(_ARROWS[key])
        if key in _TOUCHES and self.focus is None and not _has_keys_of_its_own(watched):
            return True  # what Qt still gives its keys to has no ring: nobody sees that it would hear them
        if key in _TOUCHES and self.focus is not None and not _has_keys_of_its_own(self.focus):
            return event.isAutoRepeat() or self._touch(self.focus)
        if event.isAutoRepeat():
            return False
        if key is Qt.Key.Key_Escape:
            return self._tap(self._way_back())
        if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F12:
            return self._tap(self._of_the_bar(key - Qt.Key.Key_F1))
        return self._tap(self._pad_key(event))

    def _released(self, event: QKeyEvent) -> bool:
        if self._touched is None or event.isAutoRepeat():
            return self._touched is not None
        (widget, at), self._touched = self._touched, None
        if shiboken6.isValid(widget):
            _send(widget, at, QEvent.Type.MouseButtonRelease)
        return True

    def _is_typed_into(self) -> bool:
        field = self._window.focusWidget()
        return isinstance(field, QLineEdit) and field.isVisible()

    # -- touches -------------------------------------------------------------------------------------------------

    def _touch(self, target: QWidget) -> bool:
        widget, at = _finger_on(target)
        self._touched = (widget, at)
        _send(widget, at, QEvent.Type.MouseButtonPress)
        return True

    def _tap(self, target: QWidget | None) -> bool:
        """Touch it until the key is let go; without one the key is left to others."""
        return target is not None and self._touch(target)

    def _way_back(self) -> QWidget | None:
        shown = [one for one in self.stops() if isinstance(one, QAbstractButton)]
        for words in _WAYS_BACK:
            for button in shown:
                if button.text() == say(words):
                    return button
        live = self._bar.pages.get("live")
        return live if live in shown else None

    def _of_the_bar(self, number: int) -> QWidget | None:
        buttons = [one for one in self.stops() if self._bar.isAncestorOf(one)]
        return buttons[number] if number < len(buttons) else None

    def _pad_key(self, event: QKeyEvent) -> QWidget | None:
        named = {Qt.Key.Key_Backspace: "<", Qt.Key.Key_Delete: "C"}
        wanted = named.get(_key_of(event)) or event.text().upper()
        return next((one for one in self.stops() if wanted and one.property(KEY) == wanted), None)

    # -- the focus -----------------------------------------------------------------------------------------------

    def stops(self) -> list[QWidget]:
        """What a finger can touch now, as one reads: from the top down, from left to right."""
        row = max(1, scale.dp(_ROW))

        def place(widget: QWidget) -> tuple[int, int]:
            corner = _unscrolled(widget, self._window)
            return corner.y() // row, corner.x()

        return sorted(touchable(self._window), key=place)

    def _go_on(self, step: int) -> bool:
        stops = self.stops()
        if not stops:
            return True
        if self.focus in stops:
            self._give(stops[(stops.index(self.focus) + step) % len(stops)])
        else:
            self._give(stops[0 if step > 0 else -1])
        return True

    def _go_towards(self, way: QPoint) -> bool:
        here = self.focus
        if here is None:
            return self._go_on(1 if way.x() + way.y() > 0 else -1)
        if isinstance(here, QAbstractItemView) and way.y() and _move_row(here, way.y()):
            self._ring.show_around(here)
            return True
        if isinstance(here, QAbstractSlider) and way.x():
            here.setValue(here.value() + way.x() * here.singleStep())
            return True
        nearest = min(self._beyond(here, way), default=None, key=lambda found: found[0])
        if nearest is not None:
            self._give(nearest[1])
        return True

    def _beyond(self, here: QWidget, way: QPoint) -> Iterator[tuple[int, QWidget]]:
        """What lies in a direction, and how far: what is straight ahead counts as nearer."""
        start = self._place(here).center()
        for there in self.stops():
            apart = self._place(there).center() - start
            ahead, aside = QPoint.dotProduct(apart, way), abs(apart.x() * way.y()) + abs(apart.y() * way.x())
            if there is not here and ahead > 0 and ahead >= aside // 2:
                yield ahead + 2 * aside, there

    def _place(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())

    def _give(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while parent is not None and parent is not self._window:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(widget)
            parent = parent.parentWidget()
        if isinstance(widget, QAbstractItemView) and not widget.currentIndex().isValid():
            _move_row(widget, 1)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        self._ring.show_around(widget)


def _unscrolled(widget: QWidget, window: QWidget) -> QPoint:
    """Where a widget is in the window, or would be if nothing were scrolled: the order must not change on the way."""
    corner, parent = widget.pos(), widget.parentWidget()
    while parent is not None and parent is not window:
        grand = parent.parentWidget()
        holder = grand.parentWidget() if grand is not None else None
        is_content = isinstance(holder, QScrollArea) and holder.widget() is parent
        corner, parent = corner + (QPoint(0, 0) if is_content else parent.pos()), grand
    return corner


def touchable(window: QWidget) -> Iterator[QWidget]:
    """The widgets of a window that do something when they are touched."""
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.isEnabled() and _is_touchable(widget):
            yield widget


def _has_keys_of_its_own(widget: QWidget) -> bool:
    """Whether it tells keys and fingers apart, as the touch screen's proof does."""
    return _handles(widget, "keyPressEvent")


def _handles(widget: QWidget, *handlers: str) -> bool:
    ours = [kind for kind in type(widget).__mro__ if kind.__module__.startswith("ui.")]
    return any(handler in vars(kind) for kind in ours for handler in handlers)


def _is_touchable(widget: QWidget) -> bool:
    if isinstance(widget, QScrollBar):
        return False
    if isinstance(widget, QAbstractItemView):
        return widget.model() is not None and widget.model().rowCount() > 0
    if isinstance(widget, QAbstractButton | QAbstractSlider | QLineEdit):
        return True
    return _handles(widget, *_HANDLERS)


def _move_row(view: QAbstractItemView, step: int) -> bool:
    """Go to the next row; False at the end of the list."""
    current, rows = view.currentIndex(), view.model().rowCount()
    row = current.row() + step if current.isValid() else 0
    if not 0 <= row < rows:
        return False
    view.setCurrentIndex(view.model().index(row, 0))
    view.scrollTo(view.currentIndex())
    return True


def _key_of(event: QKeyEvent) -> Qt.Key:
    try:
        return Qt.Key(event.key())
    except ValueError:  # a key that Qt has no name for
        return Qt.Key.Key_unknown


def _finger_on(target: QWidget) -> tuple[QWidget, QPoint]:
    """Where a finger would touch it: a list in its current row, everything else in the middle."""
    if isinstance(target, QAbstractItemView) and target.currentIndex().isValid():
        return target.viewport(), target.visualRect(target.currentIndex()).center()
    return target, target.rect().center()


def _send(widget: QWidget, at: QPoint, kind: QEvent.Type) -> None:
    left = Qt.MouseButton.LeftButton
    held = left if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
    here, there = QPointF(at), QPointF(widget.mapToGlobal(at))
    QApplication.sendEvent(widget, QMouseEvent(kind, here, there, left, held, Qt.KeyboardModifier.NoModifier))
