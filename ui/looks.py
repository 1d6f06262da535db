"""How the window looks: the palette in force, and everything as large as the window allows."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ui import scale, theme


class Looks(QObject):
    """Puts palettes and fits in force; `palette_changed` and `fit_changed` tell that all is painted anew."""

    palette_changed = Signal()
    fit_changed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._fit_shown = scale.fit()

    def use_palette(self, palette: theme.Tokens) -> None:
        """Change between night and day."""
        self._use(palette)
        self.palette_changed.emit()

    def fit(self) -> None:
        """Have everything as large as the window allows."""
        pitch = scale.pitch_of(self._window.screen())
        fit = scale.fitting(self._window.width(), self._window.height(), pitch)
        if fit != self._fit_shown:
            self._fit_shown = fit
            scale.use(fit)
            self._use(theme.tokens())
            scale.rescale(self._window)
            self.fit_changed.emit()

    def _use(self, palette: theme.Tokens) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.use(app, palette)
