"""What the use cases need of the rooms: small Protocols, satisfied by structure, wired together in build.py.

The rooms do not import this file and do not know each other; patrol.py knows the rooms only through it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, Match, Outcome
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Officer, Shift, ShiftSummary

Progress = Callable[[SyncProgress], None]


class Matching(Protocol):
    """hotlists.Matcher: the lists in force."""

    def match(self, vrm: str, at: datetime) -> Sequence[Match]:
        """Return the matches of a read VRM, the most urgent first; each VOI at most once."""
        ...

    @property
    def hotlists(self) -> Sequence[Hotlist]:
        """The heads of the lists in force."""
        ...


class Alerting(Protocol):
    """alerting.Announcer: tones and speech. No call blocks."""

    def hit(self, hit: Hit) -> None:
        """Sound the hit: tone of its tier, then its sentence. SILENT hits make no sound."""
        ...

    def acknowledge(self, hit_id: str) -> None:
        """Stop what is still being said about this hit."""
        ...

    def lamp(self, lamp: Lamp) -> None:
        """Sound a part that stopped or came back."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Mute speech and tones; the IMMEDIATE tier is never muted."""
        ...

    def heard(self, was_heard: bool) -> None:
        """Take the officer's answer whether they heard the voice. A yes makes nothing good that is known to be bad."""
        ...

    def self_test(self) -> bool:
        """Say a sentence that asks whether the voice can be heard; blocks, and tells whether it was played."""
        ...


class Recording(Protocol):
    """records.Records: what is kept. Writes go to the writer thread; `on_saved` comes after the commit."""

    def keep_read(self, read: Read, evidence: Evidence, hits: Sequence[Hit], shift_id: str | None) -> None:
        """Write a Read with its pictures, hits and outbox rows in one transaction, pictures first. Blocks when full."""
        ...

    def keep_outcome(self, outcome: Outcome) -> None:
        """Append an outcome and move its hit to the state it says."""
        ...

    def start_shift(self, shift: Shift) -> None:
        """Record a sign-on."""
        ...

    def end_shift(self, shift: Shift) -> None:
        """Record a sign-off."""
        ...

    def unfinished_shifts(self) -> Sequence[Shift]:
        """The shifts without an end, the newest first: the program was cut off in them."""
        ...

    def audit(self, actor: str, action: str, object_id: str, reason: str = "") -> None:
        """Append one audit row."""
        ...

    def roster(self) -> Sequence[Officer]:
        """The officers last synced."""
        ...

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        """Replace the roster."""
        ...

    def summary(self, shift_id: str) -> ShiftSummary:
        """Count a shift."""
        ...

    def open_hits(self, shift_id: str) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of a shift that are RAISED or ACKNOWLEDGED, the most urgent first."""
        ...

    def recent_reads(self, shift_id: str, limit: int) -> Sequence[Read]:
        """The newest Reads of a shift."""
        ...

    def evidence_of(self, read_id: str) -> Evidence | None:
        """The pictures of a stored Read; None when they are missing."""
        ...

    def waiting(self) -> int:
        """How many records the depot does not hold yet."""
        ...

    def purge(self, now: datetime, depot_now: datetime, *, keep_days: float) -> int:
        """Erase the Reads the depot has held for `keep_days`; nothing when the two clocks disagree."""
        ...

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is on the disk; False when that took longer than `timeout` seconds."""
        ...


class DepotLink(Protocol):
    """depot_link.Link: the wire to the depot. Calls block; they are made from a thread of their own.

    A DepotFault is told as the `problem` of the last progress before it is raised.
    """

    @property
    def depot_time(self) -> datetime | None:
        """The depot's clock as its last answer gave it; None before the first."""
        ...

    def download(self, progress: Progress) -> bool:
        """Fetch the roster and every list that changed, put the lists in force; True when all are up to date."""
        ...

    def upload(self, progress: Progress) -> int:
        """Send what the depot does not hold yet; return how many records still wait (0: safe to switch off)."""
        ...


class Service(Protocol):
    """Long-lived threads with a start and an end: cameras, recogniser, GPS, health."""

    def start(self) -> None:
        """Start; returns at once."""
        ...

    def stop(self) -> bool:
        """Stop and join; False when the thread hung and was left behind."""
        ...
