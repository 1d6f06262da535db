"""What is moved with a finger: lists, and areas that hold more than the window shows."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QScrollArea, QScroller, QSizePolicy, QWidget
from typing_extensions import override

from ui import scale


def touch_list() -> QListView:
    """A list to be moved with a finger."""
    view = QListView()
    view.setUniformItemSizes(True)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    QScroller.grabGesture(view.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
    return view


class TouchArea(QScrollArea):
    """An area to be moved up and down with a finger; it takes what room is left, and needs little."""

    _LEAST = 120

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)

    @override
    def minimumSizeHint(self) -> QSize:
        content = self._content.minimumSizeHint()
        return QSize(content.width() + scale.dp(12), min(content.height(), scale.dp(self._LEAST)))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class WordsArea(TouchArea):
    """Wrapped words as high as they need, up to `most` dp where room is short; then they are scrolled."""

    def __init__(self, content: QWidget, most: int) -> None:
        super().__init__(content)
        self._most = most
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def _needed(self) -> int:
        layout, width = self._content.layout(), max(1, self.width())
        return layout.totalHeightForWidth(width) if layout is not None else self._content.heightForWidth(width)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._content.sizeHint().width(), self._needed())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(200), min(self._needed(), scale.dp(self._most)))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
