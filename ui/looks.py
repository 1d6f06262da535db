"""How the window looks: the palette in force, its light, and everything as large as the window allows."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from patrol_anpr.domain.choices import Choices, Language, PaletteChoice
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.widgets.dimmer import Dimmer
from ui.widgets.page_stack import PageStack

_CHOSEN = {
    PaletteChoice.DAY: theme.DAY,
    PaletteChoice.NIGHT: theme.NIGHT,
    PaletteChoice.HIGH_CONTRAST: theme.HIGH_CONTRAST,
}


class Looks(QObject):
    """Puts palettes and fits in force; `palette_changed` and `fit_changed` tell that all is painted anew.

    The palette is what the officer has chosen, by default night and day by the sun. One tap by hand puts another in
    its place until the sun rises or sets. `language_chosen` tells of another language.
    """

    palette_changed = Signal()
    fit_changed = Signal()
    language_chosen = Signal(Language)

    def __init__(self, window: QWidget, pages: PageStack, patrol: Patrolling) -> None:
        super().__init__(window)
        self._window, self._pages, self._patrol = window, pages, patrol
        self._choices = Choices()
        self._dark = patrol.is_dark()
        self._by_hand: theme.Tokens | None = None
        self._fit_shown = scale.fit()
        if theme.tokens() is not theme.palette_of_the_app():  # another window has changed it before this one
            pages.recolour(theme.stylesheet(theme.tokens()))
        self.dimmer = Dimmer(window)

    def choose(self, choices: Choices) -> None:
        """Look as an officer has chosen."""
        before, self._choices = self._choices, choices
        if choices.palette is not before.palette:
            self._by_hand = None
        self.dimmer.set_brightness(choices.brightness)
        self._settle()
        if choices.language is not before.language:
            self.language_chosen.emit(choices.language)

    def tick(self) -> None:
        """Once a second: has the sun risen or set?"""
        if (dark := self._patrol.is_dark()) is not self._dark:
            self._dark, self._by_hand = dark, None
            self._settle()

    @Slot()
    def toggle(self) -> None:
        """One tap: from night to day, from any other to night."""
        self.use_palette(theme.DAY if theme.tokens() is theme.NIGHT else theme.NIGHT)

    def use_palette(self, palette: theme.Tokens) -> None:
        """Put a palette in force by hand."""
        self._by_hand = palette
        self._settle()

    def _settle(self) -> None:
        by_the_sun = theme.NIGHT if self._dark else theme.DAY
        palette = self._by_hand or _CHOSEN.get(self._choices.palette, by_the_sun)
        if palette is not theme.tokens():
            theme.choose(palette, self._window)
            self._pages.recolour(theme.stylesheet(palette))
            self.palette_changed.emit()

    def fit(self) -> None:
        """Have everything as large as the window allows."""
        pitch = scale.pitch_of(self._window.screen())
        fit = scale.fitting(self._window.width(), self._window.height(), pitch)
        if fit != self._fit_shown:
            self._fit_shown = fit
            scale.use(fit)
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.use(app, theme.tokens())
            scale.rescale(self._window)
            self.fit_changed.emit()
