"""What an officer has muted in the invented shift."""

from collections.abc import Callable
from dataclasses import dataclass, field

from patrol_anpr.domain.entry import ListEntry, entry_of, may_be_muted
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import EntryMuted, Event
from patrol_anpr.domain.hit import Hit


@dataclass
class SampleMuting:
    """Satisfies window_ports.Muting; tells a change as the real one does."""

    publish: Callable[[Event], None]
    entries: set[ListEntry] = field(default_factory=set)

    def is_muted(self, hit: Hit) -> bool:
        """As told."""
        return entry_of(hit.match) in self.entries

    def change(self, hit: Hit, *, muted: bool) -> None:
        """Mute an entry, or let it sound again."""
        if muted and not may_be_muted(hit.match):
            raise BadInput("An entry of the immediate tier cannot be muted.")
        entry = entry_of(hit.match)
        self.entries = self.entries | {entry} if muted else self.entries - {entry}
        self.publish(EntryMuted(entry, muted))
