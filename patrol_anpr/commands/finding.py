"""What `patrol-anpr doctor` says of one part."""

from dataclasses import dataclass

from patrol_anpr.domain.health import LampState


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part, and what to do about it ("" when nothing is to do)."""

    part: str
    state: LampState
    found: str
    advice: str = ""
