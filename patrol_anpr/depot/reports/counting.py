"""From facts to counts a day. Pure: the same facts give the same counts, in whatever order they came."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from patrol_anpr.depot.reports.facts import CoverageFact, HitFact, OutcomeFact, ShiftFact, outcomes_by_hit, standing
from patrol_anpr.domain.hit import MatchKind

UNKNOWN = "unknown"
LONGEST_SHIFT = timedelta(hours=24)
"""A shift that says it was longer had a wrong clock: its hours are not counted, its hits are."""
_DAY = timedelta(days=1)


class Breakdown(StrEnum):
    """What is counted, and by what. Those that begin with `hits.` add up to the same number, a hit being in each once.

    Amounts are counts, of PATROL, WATCHED, BLIND and COVERAGE seconds, and of PEAK_LIST the most in ten minutes.
    """

    HITS_LIST = "hits.list"
    HITS_TIER = "hits.tier"
    HITS_KIND = "hits.kind"
    HITS_VERIFICATION = "hits.verification"
    HITS_DISPOSITION = "hits.disposition"
    HITS_REASON = "hits.reason"
    HITS_UNIT = "hits.unit"
    HITS_HOUR = "hits.hour"
    ALARMS_LIST = "alarms.list"
    ALARMS_HOUR = "alarms.hour"
    VERIFIED_EXACT = "verified.exact"
    VERIFIED_CHECK = "verified.check"
    STOPS_REASON = "stops.reason"
    STOPS_DISPOSITION = "stops.disposition"
    STOPS_GROUND = "stops.ground"
    PATROL_UNIT = "patrol.unit"
    READS_CAR = "reads.car"
    READS_CAMERA = "reads.camera"
    CORRECTIONS_CAR = "corrections.car"
    COVERAGE = "coverage.sight"
    WATCHED_CAR = "coverage.watched"
    BLIND_CAR = "coverage.blind"
    UNREAD_CAR = "coverage.unread"
    PEAK_LIST = "peak.list"


RECOUNTED = frozenset(
    one for one in Breakdown if one.startswith(("hits.", "alarms.", "verified.", "stops.", "patrol."))
)
"""Counted anew for a day when something of it changes: a later outcome moves a hit to another class."""
USABLE = "usable"

Key = tuple[Breakdown, str]


def combined(breakdown: Breakdown, before: float, more: float) -> float:
    """Return an amount after some more of it: the sum, and of peaks the highest."""
    return max(before, more) if breakdown is Breakdown.PEAK_LIST else before + more


def count_day(
    day: date, hits: Iterable[HitFact], outcomes: Iterable[OutcomeFact], shifts: Iterable[ShiftFact]
) -> Mapping[Key, float]:
    """Count the hits of one day (UTC). `outcomes` and `shifts` may hold those of other hits and days, too."""
    counts: Counter[Key] = Counter()
    said = outcomes_by_hit(outcomes)
    shifts = list(shifts)
    units = {(shift.car_id, shift.shift_id): shift.unit for shift in shifts}
    for hit in hits:
        unit = units.get((hit.car_id, hit.shift_id), "") or UNKNOWN
        counts.update(_of_hit(hit, unit, said.get((hit.car_id, hit.hit_id), ())))
    seconds: dict[Key, float] = dict(counts)
    for shift in shifts:
        if there := _seconds_on(day, shift):
            key = Breakdown.PATROL_UNIT, shift.unit or UNKNOWN
            seconds[key] = seconds.get(key, 0.0) + there
    return seconds


def _of_hit(hit: HitFact, unit: str, outcomes: Iterable[OutcomeFact]) -> Iterator[Key]:
    stands = standing(outcomes)
    hour = f"{hit.at:%H}"
    yield Breakdown.HITS_LIST, hit.list_id
    yield Breakdown.HITS_TIER, str(int(hit.tier))
    yield Breakdown.HITS_KIND, hit.kind.value
    yield Breakdown.HITS_VERIFICATION, stands.verification
    yield Breakdown.HITS_DISPOSITION, stands.disposition
    yield Breakdown.HITS_REASON, hit.reason.value
    yield Breakdown.HITS_UNIT, unit
    yield Breakdown.HITS_HOUR, hour
    if hit.alarmed:
        yield Breakdown.ALARMS_LIST, hit.list_id
        yield Breakdown.ALARMS_HOUR, hour
    exact = hit.kind is MatchKind.EXACT
    yield Breakdown.VERIFIED_EXACT if exact else Breakdown.VERIFIED_CHECK, stands.verification
    if stands.stopped:
        yield Breakdown.STOPS_REASON, hit.reason.value
        yield Breakdown.STOPS_DISPOSITION, stands.disposition
        yield Breakdown.STOPS_GROUND, stands.ground


def days_of(shift: ShiftFact) -> list[date]:
    """Return the days (UTC) on which a shift has counted hours: none while it runs, or where its clock was wrong."""
    if shift.ended_at is None or not timedelta() <= shift.ended_at - shift.started_at <= LONGEST_SHIFT:
        return []
    first, last = shift.started_at.astimezone(UTC).date(), shift.ended_at.astimezone(UTC).date()
    return [first + _DAY * number for number in range((last - first).days + 1)]


def _seconds_on(day: date, shift: ShiftFact) -> float:
    if shift.ended_at is None or day not in days_of(shift):
        return 0.0
    begin = datetime.combine(day, time(), UTC)
    inside = min(shift.ended_at, begin + _DAY) - max(shift.started_at, begin)
    return max(0.0, inside.total_seconds())


def count_coverage(minutes: Iterable[CoverageFact]) -> Mapping[tuple[date, Breakdown, str], float]:
    """Add minutes up by day. Usable and blind seconds together are those watched."""
    counts: dict[tuple[date, Breakdown, str], float] = {}

    def add(day: date, breakdown: Breakdown, value: str, amount: float) -> None:
        if amount:
            counts[day, breakdown, value] = counts.get((day, breakdown, value), 0.0) + amount

    for one in minutes:
        day = one.at.astimezone(UTC).date()
        blind = min(sum(one.blind.values()), one.seconds)
        scale = blind / sum(one.blind.values()) if blind else 0.0
        add(day, Breakdown.WATCHED_CAR, one.car_id, one.seconds)
        add(day, Breakdown.BLIND_CAR, one.car_id, blind)
        add(day, Breakdown.UNREAD_CAR, one.car_id, one.unread)
        add(day, Breakdown.COVERAGE, USABLE, one.seconds - blind)
        for reason, seconds in one.blind.items():
            add(day, Breakdown.COVERAGE, reason.value, seconds * scale)
        add(day, Breakdown.READS_CAMERA, f"{one.car_id} {one.camera_id}", one.reads)
    return counts
