"""Sightings: the hits that are one line for the officer, and which of them one decision is about. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from patrol_anpr.domain.entry import ListEntry, entry_of
from patrol_anpr.domain.hit import Hit, HitState, MatchKind
from patrol_anpr.domain.vrm import fold


@dataclass(frozen=True, slots=True)
class Sighting:
    """What hits of one line have in common: the entry, what was matched with it (folded), EXACT or CHECK, here or not.

    Two CHECKs of one entry with different texts may be two cars, and a CHECK may be another car than an EXACT hit. A
    vehicle that is here now is not hidden in the line of one that was seen long ago or entered by hand, nor decided
    about with it.
    """

    entry: ListEntry
    read: str
    kind: MatchKind
    here: bool = True


def sighting_of(hit: Hit) -> Sighting:
    """The line a hit belongs to."""
    return Sighting(entry_of(hit.match), fold(hit.vrm), hit.match.kind, hit.is_here)


def decided_with(hit: Hit, decided: HitState, others: Iterable[Hit]) -> list[Hit]:
    """Return the other open hits that a decision about `hit` is about as well.

    Where the picture says what the list says, the vehicle has been found, and every open hit of its line is of that
    vehicle. A dismissal is about a picture: it closes the earlier ones of the line, which the officer was shown a newer
    one of, and never a later one, whose picture nobody has seen and which may be the better.
    """
    same = [one for one in others if one.is_open and one.hit_id != hit.hit_id and sighting_of(one) == sighting_of(hit)]
    if decided is HitState.ACTIONED:
        return same
    if decided is HitState.DISMISSED:
        return [one for one in same if one.read.captured_at < hit.read.captured_at]
    return []
