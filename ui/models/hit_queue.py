"""Which hit is on the card, and which wait behind it. Pure: no Qt, no clock."""

from dataclasses import dataclass, replace

from patrol_anpr.domain.hit import Hit, HitState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence

OPEN = (HitState.RAISED, HitState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with the pictures of its Read."""

    hit: Hit
    evidence: Evidence

    @property
    def urgency(self) -> tuple[int, float]:
        """Sorts the most urgent first: the higher tier, then the one that has waited longest."""
        return self.hit.tier, self.hit.raised_monotonic


class HitQueue:
    """Every hit of this shift the crew may see: one on the card, some waiting for it, the rest put off or closed.

    A hit of the SILENT tier never enters.
    """

    def __init__(self) -> None:
        self._all: dict[str, ShownHit] = {}
        self._put_off: set[str] = set()
        self.shown: ShownHit | None = None

    def arrive(self, hit: Hit, evidence: Evidence) -> bool:
        """Take a new hit; True when the card must change.

        It takes the card when that is free, when its tier is higher, or when the card's hit is already closed.
        """
        if hit.tier is Tier.SILENT or hit.hit_id in self._all:
            return False
        self._all[hit.hit_id] = ShownHit(hit, evidence)
        if hit.state not in OPEN:
            return False
        if self.shown is None or self.shown.hit.state not in OPEN or hit.tier < self.shown.hit.tier:
            self.shown = self._all[hit.hit_id]
            return True
        return False

    def change(self, hit_id: str, state: HitState) -> None:
        """Note what became of a hit. The card keeps it until `advance`."""
        if hit_id not in self._all:
            return
        entry = self._all[hit_id]
        self._all[hit_id] = ShownHit(replace(entry.hit, state=state), entry.evidence)
        if self.shown is not None and self.shown.hit.hit_id == hit_id:
            self.shown = self._all[hit_id]

    def put_off(self) -> None:
        """LATER: the hit on the card stays open but comes back only when the officer opens it."""
        if self.shown is not None:
            self._put_off.add(self.shown.hit.hit_id)
        self.advance()

    def advance(self) -> None:
        """Give the card to the most urgent waiting hit, or to none."""
        leaving, self.shown = self.shown, None
        waiting = [entry for entry in self.waiting if leaving is None or entry.hit.hit_id != leaving.hit.hit_id]
        self.shown = waiting[0] if waiting else None

    def open(self, hit_id: str) -> None:
        """The officer opens a hit from a list; the one on the card goes back to waiting."""
        if hit_id in self._all:
            self._put_off.discard(hit_id)
            self.shown = self._all[hit_id]

    def get(self, hit_id: str) -> ShownHit | None:
        """The hit with this id."""
        return self._all.get(hit_id)

    def clear(self) -> None:
        """Forget everything: the shift is over."""
        self._all.clear()
        self._put_off.clear()
        self.shown = None

    @property
    def waiting(self) -> list[ShownHit]:
        """Open hits that will take the card by themselves, the most urgent first."""
        on_card = self.shown.hit.hit_id if self.shown else None
        return [e for e in self.open_hits if e.hit.hit_id != on_card and e.hit.hit_id not in self._put_off]

    @property
    def open_hits(self) -> list[ShownHit]:
        """All hits without an outcome, the most urgent first."""
        return sorted((e for e in self._all.values() if e.hit.state in OPEN), key=lambda e: e.urgency)

    @property
    def closed_hits(self) -> list[ShownHit]:
        """Hits with an outcome, the newest first."""
        closed = [e for e in self._all.values() if e.hit.state not in OPEN]
        return sorted(closed, key=lambda e: -e.hit.raised_monotonic)
