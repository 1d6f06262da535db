"""Whether a record can come from the car that sent it. One that cannot is held all the same, and looked into."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from patrol_anpr.wire.payloads import (
    AuditPayload,
    CorrectionPayload,
    CoveragePayload,
    HitPayload,
    ListCountsPayload,
    OutcomePayload,
    Payload,
    ReadPayload,
    ShiftPayload,
    VoiPayload,
)

OTHER_SOURCE = "it names another car as its source"
OTHER_SHIFT = "it names a shift that is none of this car"
NOT_ON_ROSTER = "it names an officer who is not on the roster"
NOT_OF_SHIFT = "it names an officer who is not of that shift"


@dataclass(frozen=True, slots=True)
class Known:
    """What the depot knows: `shifts` of the car by id, each with its officer, and the `officers` of any of its shifts.

    `roster` are the ids of all officers; an empty one is none at all, and says nothing of an officer.
    """

    shifts: Mapping[str, str]
    officers: Collection[str]
    roster: Collection[str]


def strange(payload: Payload, car_id: str, known: Known) -> Iterator[str]:
    """Say what of a record does not fit the car that sent it."""
    if isinstance(payload, ReadPayload) and payload.source_id != car_id:
        yield OTHER_SOURCE
    named = shifts_of(payload)
    if named - known.shifts.keys():
        yield OTHER_SHIFT
    officer = _officer_of(payload)
    if officer is None:
        return
    if known.roster and officer not in known.roster:
        yield NOT_ON_ROSTER
    of_shift = {known.shifts[shift_id] for shift_id in named if shift_id in known.shifts}
    if not named and not isinstance(payload, ShiftPayload):  # an outcome, a correction: they name no shift
        of_shift = set(known.officers)
    if officer not in of_shift and (of_shift or not named) and not isinstance(payload, ShiftPayload):
        yield NOT_OF_SHIFT


def shifts_of(payload: Payload) -> set[str]:
    """Return the ids of the shifts that a record says it belongs to."""
    match payload:
        case ReadPayload() | HitPayload():
            return {payload.shift_id} if payload.shift_id else set()
        case VoiPayload() | ListCountsPayload():
            return {payload.shift_id}
        case CoveragePayload():
            return {row.shift_id for row in payload.minutes}
        case ShiftPayload() | OutcomePayload() | CorrectionPayload() | AuditPayload():
            return set()


def _officer_of(payload: Payload) -> str | None:
    match payload:
        case ReadPayload() | OutcomePayload() | CorrectionPayload() | VoiPayload() | ShiftPayload():
            return payload.officer_id
        case HitPayload() | ListCountsPayload() | CoveragePayload() | AuditPayload():
            return None
