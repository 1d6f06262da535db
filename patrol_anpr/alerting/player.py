"""Plays a WAV so that it can be stopped at once, over the first way out that works (outlets.py)."""

import shutil
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from patrol_anpr.alerting.outlets import APLAY, Bell, CommandOutlet, Outlet, WinsoundOutlet, count_windows_devices
from patrol_anpr.alerting.tones import silence
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.errors import DeviceLost

_PROBE = silence(0.05)
"""Seconds of silence that show whether a way out works: as short as every device takes (judged)."""


class Route(StrEnum):
    """Which way the last sound went. OFF: the user asked for no sound."""

    UNKNOWN = "unknown"
    FIRST = "first"
    SECOND = "second"
    BELL = "bell"
    NONE = "none"
    OFF = "off"


class Player(Protocol):
    """What the announcer plays with."""

    @property
    def route(self) -> Route:
        """Which way the last sound went."""
        ...

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play to the end (True) or until the turn is cut (False); raises DeviceLost when there is no way out."""
        ...

    def probe(self, turn: Turn) -> None:
        """Try the ways out again with a short silence, the best first; `route` then says which works."""
        ...


class Loudspeaker:
    """The ways out in order: stays with the one that works, goes on to the next when it fails, at last to the bell."""

    def __init__(self, outlets: Sequence[Outlet], bell: Outlet) -> None:
        self._outlets = tuple(outlets)
        self._bell = bell
        self._at = 0
        self._route = Route.UNKNOWN

    @property
    def route(self) -> Route:
        """Which way the last sound went."""
        return self._route

    def play(self, wav: bytes, turn: Turn) -> bool:
        """See Player."""
        whole = self._try(self._at, wav, turn)
        if whole is not None:
            return whole
        try:
            whole = self._bell.play(wav, turn)
        except DeviceLost:
            self._route = Route.NONE
            raise
        self._route = Route.BELL
        return whole

    def probe(self, turn: Turn) -> None:
        """See Player."""
        if self._try(0, _PROBE, turn) is None:
            self._route = Route.NONE

    def _try(self, first: int, wav: bytes, turn: Turn) -> bool | None:
        """Play over the first way out from `first` on that works; None when none does."""
        for at in range(first, len(self._outlets)):
            try:
                whole = self._outlets[at].play(wav, turn)
            except DeviceLost:
                continue
            if whole:
                self._at = at
                self._route = Route.SECOND if at else Route.FIRST
            return whole
        self._at = 0
        return None


class NullPlayer:
    """No sound because the user asked for none. Never a stand-in for a missing sound device: that is a bad lamp."""

    route = Route.OFF

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play nothing, at once."""
        turn.begun(lambda: None)
        return not turn.is_cut()

    def probe(self, turn: Turn) -> None:
        """Nothing to try."""


def find_player() -> Player:
    """Return a player over every way out this machine has. Starts nothing: the first probe tells whether one works."""
    if sys.platform == "win32":
        import winsound

        outlets: list[Outlet] = [WinsoundOutlet(winsound, count_windows_devices)]
    else:
        # /dev/stdin, not "-": pw-play takes raw samples from a pipe only, and here it is a real (memory) file
        commands = (("pw-play", "/dev/stdin"), ("paplay", "/dev/stdin"), APLAY)
        outlets = [CommandOutlet(command) for command in commands if shutil.which(command[0])]
    return Loudspeaker(outlets, Bell())
