"""How everything looks: the palettes, the type scale, the font. The only place with colour values.

Night is the design default. Contrast is checked by tests/ui/test_theme.py: at least 7:1 for what must be read at a
glance, 4.5:1 for the rest. Colour never stands alone: tiers and lamps have shapes, words stand beside both.
"""

import logging
from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.resources import ASSETS
from ui import scale

log = logging.getLogger(__name__)

FAMILY = "B612"

# Type scale and sizes in dp (ui/scale.py).
VRM, TITLE, BODY, CAPTION = 48, 28, 20, 16
TOUCH = scale.TOUCH
GAP = 16
RADIUS = 10


@dataclass(frozen=True, slots=True)
class TierLook:
    """A tier's colours: `fill` with `on_fill` upon it, `ink` for shapes and words on the surfaces."""

    fill: str
    on_fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one palette, as #rrggbb."""

    name: str
    background: str
    bar: str
    surface: str
    raised: str
    chosen: str
    outline: str
    text: str
    muted: str
    accent: str
    good: str
    warn: str
    bad: str
    unknown: str
    confirm: str
    on_confirm: str
    alarm: str
    on_alarm: str
    check: str
    check_fill: str
    plate_yellow: str
    plate_white: str
    plate_unknown: str
    plate_ink: str
    scrim: str
    on_scrim: str
    tiers: tuple[TierLook, TierLook, TierLook, TierLook]

    def tier(self, tier: Tier) -> TierLook:
        """The colours of a tier."""
        return self.tiers[tier - 1]

    def lamp(self, state: LampState) -> str:
        """The colour of a lamp."""
        return {
            LampState.GOOD: self.good,
            LampState.WARN: self.warn,
            LampState.BAD: self.bad,
            LampState.UNKNOWN: self.unknown,
        }[state]

    def plate(self, colour: PlateColour) -> str:
        """The ground of a plate."""
        return {
            PlateColour.YELLOW: self.plate_yellow,
            PlateColour.WHITE: self.plate_white,
            PlateColour.UNKNOWN: self.plate_unknown,
        }[colour]


NIGHT = Tokens(
    name="night",
    background="#07090d",
    bar="#0e131b",
    surface="#141b25",
    raised="#202b39",
    chosen="#16304d",
    outline="#2f3c4c",
    text="#d6d9d9",
    muted="#98a4b2",
    accent="#6cb0ff",
    good="#4fce8b",
    warn="#ffb347",
    bad="#ff7a70",
    unknown="#98a4b2",
    confirm="#4fce8b",
    on_confirm="#04130b",
    alarm="#a3161c",
    on_alarm="#ffffff",
    check="#ffbe5c",
    check_fill="#2b2010",
    plate_yellow="#f2c413",
    plate_white="#d9d9d5",
    plate_unknown="#b4babf",
    plate_ink="#0b0b0b",
    scrim="#05070a",
    on_scrim="#d6d9d9",
    tiers=(
        TierLook("#ff6f66", "#150304", "#ff7a70"),
        TierLook("#ffb02e", "#160d00", "#ffb347"),
        TierLook("#6cb0ff", "#020c18", "#6cb0ff"),
        TierLook("#98a4b2", "#05080b", "#98a4b2"),
    ),
)

DAY = Tokens(
    name="day",
    background="#dfe4ea",
    bar="#eef1f4",
    surface="#f3f5f7",
    raised="#d3dae2",
    chosen="#bcd6f0",
    outline="#9aa6b3",
    text="#0a0f15",
    muted="#3c4856",
    accent="#004f9e",
    good="#00592c",
    warn="#7a3f00",
    bad="#a10d16",
    unknown="#47525f",
    confirm="#005a2d",
    on_confirm="#ffffff",
    alarm="#9c0c14",
    on_alarm="#ffffff",
    check="#6b3500",
    check_fill="#fbe5c2",
    plate_yellow="#f5c518",
    plate_white="#fbfbf8",
    plate_unknown="#c9ced3",
    plate_ink="#0b0b0b",
    scrim="#05070a",
    on_scrim="#f3f5f7",
    tiers=(
        TierLook("#a10d16", "#ffffff", "#a10d16"),
        TierLook("#ffb82e", "#1a1000", "#7a3f00"),
        TierLook("#00468c", "#ffffff", "#00468c"),
        TierLook("#47525f", "#ffffff", "#47525f"),
    ),
)

HIGH_CONTRAST = Tokens(
    name="high contrast",
    background="#000000",
    bar="#000000",
    surface="#000000",
    raised="#2b2b2b",
    chosen="#00294d",
    outline="#ffffff",
    text="#ffffff",
    muted="#e6e6e6",
    accent="#8cd3ff",
    good="#5dff9d",
    warn="#ffd21f",
    bad="#ff9c94",
    unknown="#e6e6e6",
    confirm="#5dff9d",
    on_confirm="#000000",
    alarm="#8a0008",
    on_alarm="#ffffff",
    check="#ffd21f",
    check_fill="#000000",
    plate_yellow="#ffd500",
    plate_white="#ffffff",
    plate_unknown="#d0d0d0",
    plate_ink="#000000",
    scrim="#000000",
    on_scrim="#ffffff",
    tiers=(
        TierLook("#ff746b", "#000000", "#ff8f86"),
        TierLook("#ffd21f", "#000000", "#ffd21f"),
        TierLook("#8cd3ff", "#000000", "#8cd3ff"),
        TierLook("#e6e6e6", "#000000", "#e6e6e6"),
    ),
)
"""For weak or tired eyes and for low sun: black, white and few strong colours."""

# On and in place of camera pictures the colours are the same by night and by day.
PLATE_SEEN = "#6cb0ff"
LOST, LOST_WORDS, LOST_GROUND, LOST_STRIPES = "#ff7a70", "#ff9a92", "#1d0608", "#4a1014"
POINTER = "#ff5a3c"
"""Points at a character that differs, from the edge of a picture."""
DIFFERING = "#8a1c00"
"""The box around a character that differs, seen on yellow and on white."""

_chosen = [NIGHT]
_of_the_app = [NIGHT]


def tokens() -> Tokens:
    """The palette in force."""
    return _chosen[0]


def palette_of_the_app() -> Tokens:
    """The palette of labels on pages that were given no other."""
    return _of_the_app[0]


def colour(value: str, alpha: int = 255) -> QColor:
    """A token's value as a QColor, `alpha` 0 to 255."""
    made = QColor(value)
    made.setAlpha(alpha)
    return made


def font(size: int, *, bold: bool = False) -> QFont:
    """The font at `size` dp, for painters and for measuring in dp. B612's figures have one width: times do not jump."""
    made = QFont(FAMILY)
    made.setPixelSize(size)
    made.setBold(bold)
    return made


def load_fonts() -> None:
    """Register the shipped font; without it Qt's own is used and the log says so."""
    for name in ("B612-Regular.otf", "B612-Bold.otf"):
        if QFontDatabase.addApplicationFont(str(ASSETS / "fonts" / name)) < 0:
            log.error("The font %s is missing or cannot be read. Install the program again.", name)


def use(app: QApplication, palette: Tokens) -> None:
    """Put a palette and the sizes of this fit in force for all widgets: some tenths of a second on a slow computer."""
    _chosen[0] = _of_the_app[0] = palette
    app.setFont(font(scale.dp(BODY)))
    app.setStyleSheet(_sizes() + stylesheet(palette))
    for widget in app.allWidgets():
        widget.update()


def choose(palette: Tokens, window: QWidget) -> None:
    """Put a palette in force for all that is painted by its tokens; whoever has labels gives them `stylesheet`."""
    _chosen[0] = palette
    for widget in (window, *window.findChildren(QWidget)):
        widget.update()


def give_role(widget: QWidget, role: str) -> None:
    """Give a widget another role of the stylesheet."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def stylesheet(t: Tokens) -> str:
    """The colours of a palette, for the app and, over that, for a page that is given another palette."""
    return f"""
    QWidget#window, QWidget[role="page"] {{ background: {t.background}; }}
    QLabel {{ color: {t.text}; }}
    QLabel[role="fault"], QLabel[role="problem"] {{ color: {t.bad}; }}
    QLabel[role="caption"] {{ color: {t.muted}; }}
    QLabel[role="control"] {{ color: {t.check}; }}
    QScrollBar::handle:vertical {{ background: {t.outline}; }}
    """


def _sizes() -> str:
    dp = scale.dp
    return f"""
    QLabel {{ background: transparent; font-size: {dp(BODY)}px; }}
    QLabel[role="title"], QLabel[role="fault"] {{ font-size: {dp(TITLE)}px; font-weight: bold; }}
    QLabel[role="strong"] {{ font-size: {dp(24)}px; font-weight: bold; }}
    QLabel[role="caption"] {{ font-size: {dp(CAPTION)}px; }}
    QLabel[role="control"], QLabel[role="problem"] {{ font-size: {dp(BODY)}px; font-weight: bold; }}
    QLabel[role="end"] {{ font-size: {dp(40)}px; font-weight: bold; }}
    QLabel[role="sign-reason"] {{ font-size: {dp(30)}px; }}
    QLabel[role="sign-vehicle"] {{ font-size: {dp(44)}px; }}
    QLabel[role="read-back"] {{ font-size: {dp(36)}px; font-weight: bold; }}
    QLabel[role="figure"] {{ font-size: {dp(VRM)}px; font-weight: bold; }}
    QListView, QTableView {{ background: transparent; border: none; outline: none; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: {dp(10)}px; }}
    QScrollBar::handle:vertical {{ border-radius: {dp(5)}px; min-height: {dp(60)}px; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; border: none; height: 0; }}
    """
