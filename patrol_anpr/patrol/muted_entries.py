"""The entries muted for the shift: their hits are recorded, counted and listed, without sound or card."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from patrol_anpr.domain.entry import ENTRY_MUTED, ENTRY_UNMUTED, ListEntry, entry_of, may_be_muted
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import EntryMuted
from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.shift import Shift
from patrol_anpr.patrol.hits import Hits
from patrol_anpr.patrol.listeners import Listeners
from patrol_anpr.patrol.ports import Alerting, Recording


class MutedEntries:
    """Owns them. The audit trail keeps them over a restart; they end with the shift.

    Every method may be called from any thread; none waits for a disk.
    """

    def __init__(self, hits: Hits, alerting: Alerting, recording: Recording, listeners: Listeners) -> None:
        self._hits, self._alerting, self._recording, self._listeners = hits, alerting, recording, listeners
        self._lock = threading.Lock()
        self._entries: frozenset[ListEntry] = frozenset()

    def begin(self, hits: Sequence[Hit] = (), said: Iterable[tuple[str, bool]] = ()) -> None:
        """Begin a shift. One that goes on brings its `hits` and what was `said` of them: (hit id, muted), in order."""
        by_id: Mapping[str, Hit] = {hit.hit_id: hit for hit in hits}
        entries: set[ListEntry] = set()
        for hit_id, muted in said:
            if (hit := by_id.get(hit_id)) is not None:
                (entries.add if muted else entries.discard)(entry_of(hit.match))
        with self._lock:
            self._entries = frozenset(entries)

    def is_muted(self, hit: Hit) -> bool:
        """Whether this hit makes no sound and takes no card.

        A list may have raised its entry to the IMMEDIATE tier since: that one is not muted.
        """
        with self._lock:
            return entry_of(hit.match) in self._entries and may_be_muted(hit.match)

    def marked(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Mark those of new hits that are muted."""
        return [replace(hit, muted=True) if self.is_muted(hit) else hit for hit in hits]

    def mute(self, hit_id: str, shift: Shift) -> None:
        """Mute the entry of a hit for the rest of the shift, and stop what is being said about its hits. Audited.

        Raises:
            BadInput: the hit is not of this shift, or its entry is of the IMMEDIATE tier or not for the crew.
        """
        hit = self._hits.of(hit_id, shift)
        if not may_be_muted(hit.match):
            raise BadInput("An entry of the immediate tier cannot be muted. The mute button leaves it sounding, too.")
        self._change(hit, shift, muted=True)
        for one in self._hits.of_entry(entry_of(hit.match)):
            if may_be_muted(one.match):
                self._alerting.acknowledge(one.hit_id)

    def unmute(self, hit_id: str, shift: Shift) -> None:
        """Let the entry of a hit sound again. Audited.

        Raises:
            BadInput: the hit is not of this shift.
        """
        self._change(self._hits.of(hit_id, shift), shift, muted=False)

    def _change(self, hit: Hit, shift: Shift, *, muted: bool) -> None:
        entry = entry_of(hit.match)
        with self._listeners.order:
            with self._lock:
                if (entry in self._entries) is muted:
                    return
                self._entries = self._entries | {entry} if muted else self._entries - {entry}
            self._recording.audit(shift.officer_id, ENTRY_MUTED if muted else ENTRY_UNMUTED, hit.hit_id)
            self._listeners.publish(EntryMuted(entry, muted))
