"""Opening the window. The engine knows no screen, so the window registers itself as an entry point."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from patrol_anpr.build import car_of, set_up_log
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.settings import ScreenSettings, Settings

GROUP = "patrol_anpr.window"


def has_screen() -> bool:
    """Tell whether a window can be shown here: Windows always, elsewhere where a display is named."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return named or sys.platform in ("win32", "darwin")


def find_window() -> Callable[..., int]:
    """Return the window's `run_window(session, *, night, full_screen, demo)`.

    Raises:
        BadInput: no window is installed, or there is no screen to show it on.
    """
    found = tuple(entry_points(group=GROUP))
    if not found:
        raise BadInput("The window is not installed. Use --headless, or install Patrol ANPR anew.")
    if not has_screen():
        raise BadInput("There is no screen here. Use --headless, or start from the desktop.")
    window: Callable[..., int] = found[0].load()
    return window


def run_with_window(settings: Settings, lists: Sequence[tuple[Path, Tier]]) -> int:
    """Run a patrol with the window; returns the exit code."""
    window = find_window()
    set_up_log(settings.log)
    with car_of(settings, lists) as car:
        car.open()
        return window(car.patrol, **window_options(settings.screen))


def window_options(screen: ScreenSettings) -> dict[str, Any]:
    """The window's options as the settings have them."""
    return {"night": screen.night, "full_screen": screen.full_screen}
