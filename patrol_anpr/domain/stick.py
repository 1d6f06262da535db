"""A USB stick as a second road between car and depot: which there are, and how a trip of one ended."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stick:
    """One that is plugged in, with its free bytes."""

    folder: Path
    writable: bool
    free: int


@dataclass(frozen=True, slots=True)
class PutOnStick:
    """What lies on a stick for the depot. Nothing of it left the car: that waits for the depot's receipts.

    `records` and closed `shifts` are on it; `left` records are not, and `problem` says why.
    """

    records: int
    shifts: int
    left: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TakenFromStick:
    """What a stick brought: how many records and closed shifts more the depot holds, and whether all lists are new.

    `waiting` records still wait in the car. `proven_at` is when, by the depot's clock, it said in which epoch it is and
    what it holds of an earlier one; None where it did not.
    """

    settled: int
    shifts: int
    waiting: int
    up_to_date: bool
    proven_at: datetime | None = None
