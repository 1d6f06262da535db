"""Who may see what, in one table. What a page shows stands in pages.py; which pages a view allows follows from both.

A screen that the driver can see may show nothing but symbols while the car moves (regulation 109). Nobody who comes by
a locked car may learn from its screen what the officers know.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class View(Enum):
    """What the window may show at the moment."""

    BEFORE_PATROL = "before patrol"
    OBSERVER = "observer"
    DRIVER = "driver"
    LOCKED = "locked"


class Shown(Enum):
    """What a screen can show or ask for."""

    LAMPS = "lamps"
    SIGN = "sign"
    """The shape and colour of a tier."""
    VRM = "vrm"
    VEHICLE = "vehicle"
    """Make and colour."""
    REASON = "reason"
    OFFICER = "officer"
    PLACE = "place"
    PICTURES = "pictures"
    """Stills: patch, overview."""
    VIDEO = "video"
    FIGURES = "figures"
    """Counts and charts."""
    LISTS = "lists"
    SCROLLING = "scrolling"
    TYPING = "typing"
    PIN = "pin"
    CHOICES = "choices"
    """What an officer sets."""


EVERYTHING = frozenset(Shown)

MAY_SHOW: Mapping[View, frozenset[Shown]] = MappingProxyType(
    {
        View.BEFORE_PATROL: EVERYTHING - {Shown.LISTS, Shown.TYPING},
        View.OBSERVER: EVERYTHING - {Shown.PIN},
        View.DRIVER: frozenset({Shown.LAMPS, Shown.SIGN, Shown.VRM, Shown.VEHICLE, Shown.REASON, Shown.OFFICER}),
        View.LOCKED: frozenset({Shown.LAMPS, Shown.SIGN, Shown.PIN}),
    }
)


def view_for(*, signed_on: bool, started: bool, locked: bool, alone: bool, moving: bool | None, trusted: bool) -> View:
    """The view in force.

    `started`: the start check is over, or a hit has interrupted it. `alone`: a single crew. `moving`: whether the car
    moves, None where nobody knows; `trusted`: the officer has said that it stands, and nothing has shown otherwise.
    """
    if not signed_on:
        return View.BEFORE_PATROL
    if locked:
        return View.LOCKED
    if alone and moving:
        return View.DRIVER
    if not started:
        return View.BEFORE_PATROL
    if alone and moving is None and not trusted:
        return View.DRIVER
    return View.OBSERVER
