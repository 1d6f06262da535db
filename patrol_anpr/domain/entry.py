"""Which entry of which list a hit is about, whatever revision of the list is in force and whatever was read."""

from dataclasses import dataclass

from patrol_anpr.domain.hit import Match
from patrol_anpr.domain.hotlist import Tier

ENTRY_MUTED, ENTRY_UNMUTED = "entry_muted", "entry_unmuted"
"""The actions of the audit trail; the record they are about is a hit of the entry, so that no mark stands there."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list: `vrm` as the list has it."""

    list_id: str
    vrm: str


def entry_of(match: Match) -> ListEntry:
    """The entry that was matched."""
    return ListEntry(match.hotlist.list_id, match.voi.vrm)


def may_be_muted(match: Match) -> bool:
    """Whether an officer may mute this entry.

    Never one of the IMMEDIATE tier, also where this match, a CHECK, is told one step less urgent than its entry: the
    next look at the vehicle may be EXACT.
    """
    return Tier.IMMEDIATE not in (match.tier, match.voi.tier) and match.tier is not Tier.SILENT
