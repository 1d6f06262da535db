"""What each hit sounds like: one row for each Tier and MatchKind, nothing decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier


@dataclass(frozen=True, slots=True)
class Sounding:
    """How one kind of hit sounds.

    `tone` None means no sound at all; `speaks`: a sentence follows the tone; `mutable`: mute silences it; `repeat`: how
    many times in a row the tone is played.
    """

    tone: Tone | None
    speaks: bool
    mutable: bool
    repeat: int


_NOTHING = Sounding(tone=None, speaks=False, mutable=True, repeat=0)

POLICY: Mapping[tuple[Tier, MatchKind], Sounding] = MappingProxyType(
    {
        (Tier.IMMEDIATE, MatchKind.EXACT): Sounding(Tone.IMMEDIATE, speaks=True, mutable=False, repeat=2),
        (Tier.IMMEDIATE, MatchKind.CHECK): Sounding(Tone.CHECK, speaks=True, mutable=False, repeat=2),
        (Tier.PRIORITY, MatchKind.EXACT): Sounding(Tone.PRIORITY, speaks=True, mutable=True, repeat=1),
        (Tier.PRIORITY, MatchKind.CHECK): Sounding(Tone.CHECK, speaks=True, mutable=True, repeat=1),
        (Tier.ROUTINE, MatchKind.EXACT): Sounding(Tone.ROUTINE, speaks=True, mutable=True, repeat=1),
        (Tier.ROUTINE, MatchKind.CHECK): Sounding(Tone.CHECK, speaks=True, mutable=True, repeat=1),
        (Tier.SILENT, MatchKind.EXACT): _NOTHING,
        (Tier.SILENT, MatchKind.CHECK): _NOTHING,
    }
)
"""A CHECK never has the tone of an EXACT hit, and the IMMEDIATE tier is never muted."""

_PAST_TONES = {Tone.IMMEDIATE: Tone.PRIORITY, Tone.PRIORITY: Tone.ROUTINE}
"""No hit of the past, or of a mark that was entered, sounds as if a camera had just seen its vehicle."""


def sounding_of(hit: Hit) -> Sounding:
    """How this hit sounds: its row. What no camera has just seen is one step calmer and sounds once.

    The IMMEDIATE tier is never muted in any case.
    """
    row = POLICY[hit.tier, hit.match.kind]
    if hit.is_here or row.tone is None:
        return row
    return replace(row, tone=_PAST_TONES.get(row.tone, row.tone), repeat=1)


UNSOUNDED_PARTS = frozenset({"additions", "depot", "voice"})
"""Lamps that make no sound when told: on patrol the depot is out of reach (what it adds is on the screen), and the
voice sounds its own lamp."""
