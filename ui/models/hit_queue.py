"""Which hit is on the card and which is the driver's sign, of the hits the events tell of. Pure: no Qt, no clock."""

from collections.abc import Callable

from patrol_anpr.domain.entry import ListEntry, entry_of, may_be_muted
from patrol_anpr.domain.hit import Hit, HitState, urgency
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.sighting import decided_with, sighting_of
from ui.models.hit_lines import HitLine, ShownHit, lines_of

__all__ = ["HitQueue", "ShownHit"]


class HitQueue:
    """Every hit of this shift the crew may see. A hit of the SILENT tier never enters.

    One hit is on the card; it stays there after the decision, for its reason, until `leave`. The others that are open
    wait for it, but for those that were put off: they come back only when the officer opens them. A new hit frees the
    card when the hit there is of a lower tier or dealt with; the most urgent waiting hit then gets the card. A hit that
    was confirmed is dealt with once control's answer or what was done is known, or its time is over: until then it is
    being read to control.
    The driver's sign is the most urgent open hit that was neither put off nor seen.
    Hits of one vehicle are one line: of those that are open the newest waits for the card, and none beside the one that
    is there. What is put off or seen of a line is so of all its open hits.
    """

    def __init__(self) -> None:
        self._all: dict[str, ShownHit] = {}
        self._put_off: set[str] = set()
        self._hushed: set[str] = set()  # put off by a muted entry, and not by the officer's look at the hit
        self._seen: set[str] = set()
        self._card: str | None = None
        self._is_released = False
        self._came_meanwhile = False
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
        """How many more vehicles want a look in the driver's view."""
        return max(0, len({sighting_of(e.hit) for e in self._wanted()}) - 1)

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
        """Open hits that will take the card by themselves, one of each vehicle, the most urgent first."""
        shown = self.shown
        on_card = sighting_of(shown.hit) if shown is not None and shown.hit.is_open else None
        wait = [e for e in self.open_hits if e.hit_id not in self._put_off and sighting_of(e.hit) != on_card]
        return [line.shown for line in sorted(lines_of(wait), key=lambda line: line.urgency)]

    def open_lines(self, is_muted: Callable[[Hit], bool] = lambda _: False) -> list[HitLine]:
        """The lines with a hit without a decision, the most urgent first."""
        return sorted((line for line in self._lines(is_muted) if line.hit.is_open), key=lambda line: line.urgency)

    def closed_lines(self, is_muted: Callable[[Hit], bool] = lambda _: False) -> list[HitLine]:
        """The lines in which all is decided, the newest first."""
        closed = (line for line in self._lines(is_muted) if not line.hit.is_open)
        return sorted(closed, key=lambda line: line.last, reverse=True)

    def _lines(self, is_muted: Callable[[Hit], bool]) -> list[HitLine]:
        return lines_of(self._all.values(), is_muted)

    def shared(self, decided: HitState) -> int:
        """How many more open hits a decision about the one on the card closes."""
        shown = self.shown
        return len(decided_with(shown.hit, decided, [e.hit for e in self._all.values()])) if shown is not None else 0

    def arrive(
        self, hit: Hit, evidence: Evidence, *, muted: bool = False, again: bool = False, in_sight: bool = True
    ) -> bool:
        """Take a new hit; True when the card changed.

        `muted`: its entry is; it is put off. `again`: its vehicle was seen a moment ago. Then it takes no card where
        the officer has put that vehicle off or decided about it, but for an IMMEDIATE one that was dismissed, and one
        that its list has made more urgent since.
        `in_sight`: the card is on the glass; nobody reads from one that is not.
        """
        if hit.tier is Tier.SILENT or hit.hit_id in self._all:
            return False
        if muted:
            self._hush({hit.hit_id})
        elif again and self._is_dealt_with(hit):
            self._put_off.add(hit.hit_id)
        elif self._is_seen(hit):
            self._seen.add(hit.hit_id)
        self._all[hit.hit_id] = ShownHit(hit, evidence)
        return hit.hit_id not in self._put_off and self._wants_card(hit, in_sight=in_sight)

    def _line_of(self, hit: Hit) -> list[ShownHit]:
        """The hits of this hit's vehicle, the oldest first."""
        line = sighting_of(hit)
        return sorted(
            (e for e in self._all.values() if sighting_of(e.hit) == line), key=lambda e: e.hit.read.captured_at
        )

    def _is_dealt_with(self, hit: Hit) -> bool:
        line = [e for e in self._line_of(hit) if e.hit.tier <= hit.tier and e.hit_id not in self._hushed]
        if any(e.hit.is_open and e.hit_id not in self._put_off for e in line):
            return False
        decided = [e.hit for e in line if not e.hit.is_open]
        dismissed = bool(decided) and decided[-1].state is HitState.DISMISSED
        return bool(line) and not (dismissed and hit.tier is Tier.IMMEDIATE)

    def _is_seen(self, hit: Hit) -> bool:
        """Whether all that is open of its vehicle, and as urgent, was seen in the driver's view."""
        still_open = [e for e in self._line_of(hit) if e.hit.is_open and e.hit.tier <= hit.tier]
        return bool(still_open) and all(e.hit_id in self._seen for e in still_open)

    def change(self, hit: Hit, *, in_sight: bool = True) -> bool:
        """Take a hit as it is now; True when the card changed, because UNDO opened a hit again. `in_sight` as above."""
        before = self._all.get(hit.hit_id)
        if before is None:
            return False
        self._all[hit.hit_id] = ShownHit(hit, before.evidence)
        if self._card == hit.hit_id and hit.is_open is not before.hit.is_open:
            self._take_card(hit.hit_id)  # its time begins anew
        if hit.is_open and not before.hit.is_open:
            self._put_off.discard(hit.hit_id)
            self._seen.discard(hit.hit_id)
            return self._wants_card(hit, in_sight=in_sight)
        self._settle_sign()
        return False

    def illustrate(self, hit_id: str, evidence: Evidence) -> None:
        """Take the pictures of a hit that was here without them."""
        if (shown := self._all.get(hit_id)) is not None:
            self._all[hit_id] = ShownHit(shown.hit, evidence)

    def put_off(self, hit_id: str) -> None:
        """LATER: the hit stays open but comes back only when the officer opens it."""
        self._put_off |= self._open_beside(hit_id)
        if self._card in self._put_off:
            self._give_card()
        self._settle_sign()

    def mute(self, entry: ListEntry) -> None:
        """The entry is muted: what is open of it takes no card by itself, but for what may not be muted."""
        self._hush({e.hit_id for e in self.open_hits if entry_of(e.hit.match) == entry and may_be_muted(e.hit.match)})
        if self._card in self._put_off:
            self._give_card()
        self._settle_sign()

    def _hush(self, hit_ids: set[str]) -> None:
        self._hushed |= hit_ids - self._put_off
        self._put_off |= hit_ids

    def _open_beside(self, hit_id: str) -> set[str]:
        """The open hits of a hit's vehicle, itself among them."""
        if hit_id not in self._all:
            return {hit_id}
        return {e.hit_id for e in self._line_of(self._all[hit_id].hit) if e.hit.is_open} | {hit_id}

    def see(self, hit_id: str) -> None:
        """SEEN in the driver's view: no sign any more; for the card it waits like any other."""
        self._seen |= self._open_beside(hit_id)
        self._settle_sign()

    def stand(self) -> None:
        """The car stands: what was only seen is a sign again when it moves off."""
        self._seen.clear()
        self._settle_sign()

    def open(self, hit_id: str) -> None:
        """The officer opens a hit from a list; the one on the card goes back to waiting."""
        if hit_id in self._all:
            opened = self._open_beside(hit_id)
            self._put_off -= opened
            self._hushed -= opened
            self._take_card(hit_id)
            self._settle_sign()

    def leave(self, hit_id: str) -> bool:
        """The card is done with this hit; True when a hit that came meanwhile gets the card.

        One that is not on the card, or still open, changes nothing.
        """
        came = self._came_meanwhile
        if self._card != hit_id or self._all[hit_id].hit.is_open:
            return False
        self._give_card()
        return came

    def release(self, hit_id: str) -> bool:
        """The time for reading this hit to control is over; True when a hit that came meanwhile gets the card."""
        if self._card == hit_id and self._came_meanwhile:
            return self.leave(hit_id)
        self._is_released = self._is_released or self._card == hit_id
        return False

    def clear(self) -> None:
        """Forget everything: the shift is over."""
        self._all.clear()
        self._put_off.clear()
        self._hushed.clear()
        self._seen.clear()
        self._sign = None
        self._take_card(None)

    def _wants_card(self, hit: Hit, *, in_sight: bool) -> bool:
        """Let an open hit at the card where that is free or its hit of a lower tier or dealt with; True: it changed."""
        self._settle_sign()
        shown = self.shown
        if not hit.is_open:
            return False
        if shown is not None and hit.tier >= shown.hit.tier:
            if shown.hit.is_open:
                return False
            if shown.hit.awaits_control and in_sight and not self._is_released:
                self._came_meanwhile = True
                return False
        self._give_card()
        return self.shown is not shown

    def _give_card(self) -> None:
        """Give the card to the most urgent hit that is open and was not put off, or to none."""
        self._card = None
        self._take_card(self.waiting[0].hit_id if self.waiting else None)

    def _take_card(self, hit_id: str | None) -> None:
        self._card = hit_id
        self._is_released = self._came_meanwhile = False

    def _wanted(self) -> list[ShownHit]:
        return [e for e in self.open_hits if e.hit_id not in self._put_off and e.hit_id not in self._seen]

    def _settle_sign(self) -> None:
        """The sign changes when its hit is no longer wanted, and for a higher tier; not for one of its own."""
        wanted = self._wanted()
        stays = any(e.hit_id == self._sign and e.hit.tier == wanted[0].hit.tier for e in wanted)
        if not stays:
            self._sign = wanted[0].hit_id if wanted else None
