"""Opening the window. The engine knows no screen, so the window registers itself as an entry point."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from patrol_anpr.build import car_of
from patrol_anpr.commands.headless import ended_by_signal
from patrol_anpr.commands.loading import LoadedSettings
from patrol_anpr.commands.log import set_up_log
from patrol_anpr.commands.starting import counted_start
from patrol_anpr.commands.terminal import say
from patrol_anpr.domain.errors import BadInput, KnownError
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.plumbing.language import translate, use_language
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import LogSettings, ScreenSettings

GROUP = "patrol_anpr.window"


def has_screen() -> bool:
    """Tell whether a window can be shown here: Windows always, elsewhere where a display is named."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return named or sys.platform in ("win32", "darwin")


def find_window() -> Callable[..., int]:
    """Return the window's `run_window(patrol, *, ended, full_screen, lock_after_minutes, demo, tell)`.

    Raises:
        BadInput: no window is installed, or there is no screen to show it on.
    """
    found = tuple(entry_points(group=GROUP))
    if not found:
        raise BadInput("The window is not installed. Use --headless, or install Patrol ANPR again.")
    if not has_screen():
        raise BadInput("There is no screen here. Use --headless, or start from the desktop.")
    window: Callable[..., int] = found[0].load()
    return window


def run_with_window(load: Callable[[], LoadedSettings], lists: Sequence[tuple[Path, Tier]]) -> int:
    """Run a patrol with the window, with whatever of it works; returns the exit code.

    What keeps it from starting at all, or could not be saved at its end, is shown as a window too: an officer sees no
    terminal.
    """
    window = find_window()
    try:
        with ended_by_signal() as ended:
            loaded = load()
            use_language(loaded.settings.screen.language, ASSETS / "locale")
            with counted_start(loaded) as start:
                settings = start.settings
                faults = [*start.lamps, *setting_faults(loaded), *log_faults(settings.log)]
                with car_of(settings, lists, faults=faults) as car:
                    car.open()
                    start.put_on_record(car)
                    return window(car.patrol, ended=ended, tell=say, **window_options(settings.screen))
    except KnownError as error:
        if not ended.is_set():  # else nobody is there to read it
            show_problem(translate(error.sentence))
        raise
    except Exception as error:
        if not ended.is_set():
            show_problem(f"The program failed ({type(error).__name__}). Start it again; if it fails again, tell IT.")
        raise


def setting_faults(loaded: LoadedSettings) -> Sequence[Lamp]:
    """A lamp for each setting that gave way to its default."""
    return [
        Lamp(f"setting:{number}", LampState.BAD, "Setting not used", sentence)
        for number, sentence in enumerate(loaded.faults, 1)
    ]


def log_faults(settings: LogSettings) -> Sequence[Lamp]:
    """Set up the log; a patrol goes on without one, with a lamp."""
    try:
        set_up_log(settings)
    except KnownError as error:
        return [Lamp("log", LampState.WARN, "No log", str(error))]
    return []


def show_problem(sentence: str) -> None:
    """Show a sentence in a window of its own until it is closed; where that cannot be shown, nothing happens."""
    command = [sys.executable, "-P", "-m", "ui.problem"]  # -P: no ui of the folder one happens to be in
    with contextlib.suppress(OSError):
        subprocess.run(command, input=sentence.encode(), check=False, stderr=subprocess.DEVNULL)


def window_options(screen: ScreenSettings) -> dict[str, Any]:
    """The window's options as the settings have them."""
    return {
        "full_screen": screen.full_screen,
        "lock_after_minutes": screen.lock_after_minutes,
        "look_before_list": screen.look_before_list,
        "copy_vrm": screen.copy_vrm,
    }
