"""The style sheet, the fonts and the icon: the few files that browsers may keep."""

from collections.abc import Mapping
from pathlib import Path

from patrol_anpr.resources import ASSETS

_STATIC = Path(__file__).parent / "static"
FILES: Mapping[str, tuple[Path, str]] = {
    "console.css": (_STATIC / "console.css", "text/css; charset=utf-8"),
    "B612-Regular.otf": (ASSETS / "fonts" / "B612-Regular.otf", "font/otf"),
    "B612-Bold.otf": (ASSETS / "fonts" / "B612-Bold.otf", "font/otf"),
    "patrol-anpr.svg": (ASSETS / "icons" / "patrol-anpr.svg", "image/svg+xml"),
}
"""By name, as it stands in /look/..."""
KEPT_LONG = frozenset(f"/look/{name}" for name in FILES)
