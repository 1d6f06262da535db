"""USB sticks as a second road: what cars put on one is taken in as from the line, and what answers it is put there."""

from patrol_anpr.depot.sticks.trip import CarOnStick, Sticks

__all__ = ["CarOnStick", "Sticks"]
