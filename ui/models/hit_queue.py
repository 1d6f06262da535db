"""Which hit is on the card and which is the driver's sign, of the hits the events tell of. Pure: no Qt, no clock."""

from dataclasses import dataclass

from patrol_anpr.domain.hit import Hit, urgency
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with the pictures of its Read."""

    hit: Hit
    evidence: Evidence

    @property
    def hit_id(self) -> str:
        """The hit's id."""
        return self.hit.hit_id


class HitQueue:
    """Every hit of this shift the crew may see. A hit of the SILENT tier never enters.

    One hit is on the card; it stays there after the decision, for its reason, until `leave`. The others that are open
    wait for it, but for those that were put off: they come back only when the officer opens them. A new hit frees the
    card when the hit there is decided or of a lower tier; the most urgent waiting hit then gets the card.
    The driver's sign is the most urgent open hit that was neither put off nor seen.
    """

    def __init__(self) -> None:
        self._all: dict[str, ShownHit] = {}
        self._put_off: set[str] = set()
        self._seen: set[str] = set()
        self._card: str | None = None
        self._sign: str | None = None

    @property
    def shown(self) -> ShownHit | None:
        """The hit on the card."""
        return self._all[self._card] if self._card is not None else None

    @property
    def sign(self) -> ShownHit | None:
        """The hit of the driver's view."""
        return self._all[self._sign] if self._sign is not None else None

    @property
    def behind_sign(self) -> int:
        """How many more hits want a look in the driver's view."""
        return max(0, len(self._wanted()) - 1)

    @property
    def open_hits(self) -> list[ShownHit]:
        """All hits without a decision, the most urgent first."""
        return sorted((e for e in self._all.values() if e.hit.is_open), key=lambda e: urgency(e.hit))

    @property
    def closed_hits(self) -> list[ShownHit]:
        """Hits with a decision, the newest first."""
        closed = (e for e in self._all.values() if not e.hit.is_open)
        return sorted(closed, key=lambda e: e.hit.raised_at, reverse=True)

    @property
    def waiting(self) -> list[ShownHit]:
        """Open hits that will take the card by themselves, the most urgent first."""
        return [e for e in self.open_hits if e.hit_id != self._card and e.hit_id not in self._put_off]

    def arrive(self, hit: Hit, evidence: Evidence) -> bool:
        """Take a new hit; True when the card changed."""
        if hit.tier is Tier.SILENT or hit.hit_id in self._all:
            return False
        self._all[hit.hit_id] = ShownHit(hit, evidence)
        return self._wants_card(hit)

    def change(self, hit: Hit) -> bool:
        """Take a hit as it is now; True when the card changed, because UNDO opened a hit again."""
        before = self._all.get(hit.hit_id)
        if before is None:
            return False
        self._all[hit.hit_id] = ShownHit(hit, before.evidence)
        if hit.is_open and not before.hit.is_open:
            self._put_off.discard(hit.hit_id)
            self._seen.discard(hit.hit_id)
            return self._wants_card(hit)
        self._settle_sign()
        return False

    def put_off(self, hit_id: str) -> None:
        """LATER: the hit stays open but comes back only when the officer opens it."""
        self._put_off.add(hit_id)
        if hit_id == self._card:
            self._give_card()
        self._settle_sign()

    def see(self, hit_id: str) -> None:
        """SEEN in the driver's view: no sign any more; for the card it waits like any other."""
        self._seen.add(hit_id)
        self._settle_sign()

    def stand(self) -> None:
        """The car stands: what was only seen is a sign again when it moves off."""
        self._seen.clear()
        self._settle_sign()

    def open(self, hit_id: str) -> None:
        """The officer opens a hit from a list; the one on the card goes back to waiting."""
        if hit_id in self._all:
            self._put_off.discard(hit_id)
            self._card = hit_id
            self._settle_sign()

    def leave(self, hit_id: str) -> None:
        """The card is done with this hit. One that is not on the card, or still open, changes nothing."""
        if self._card == hit_id and not self._all[hit_id].hit.is_open:
            self._give_card()

    def clear(self) -> None:
        """Forget everything: the shift is over."""
        self._all.clear()
        self._put_off.clear()
        self._seen.clear()
        self._card = self._sign = None

    def _wants_card(self, hit: Hit) -> bool:
        """Let an open hit at the card, where that is free, decided or of a lower tier; True when the card changed."""
        self._settle_sign()
        shown = self.shown
        if not hit.is_open or (shown is not None and shown.hit.is_open and hit.tier >= shown.hit.tier):
            return False
        self._give_card()
        return self.shown is not shown

    def _give_card(self) -> None:
        """Give the card to the most urgent hit that is open and was not put off, or to none."""
        self._card = None
        self._card = self.waiting[0].hit_id if self.waiting else None

    def _wanted(self) -> list[ShownHit]:
        return [e for e in self.open_hits if e.hit_id not in self._put_off and e.hit_id not in self._seen]

    def _settle_sign(self) -> None:
        """The sign changes when its hit is no longer wanted, and for a higher tier; not for one of its own."""
        wanted = self._wanted()
        stays = any(e.hit_id == self._sign and e.hit.tier == wanted[0].hit.tier for e in wanted)
        if not stays:
            self._sign = wanted[0].hit_id if wanted else None
