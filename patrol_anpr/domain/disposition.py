"""What was done about a hit: the table of the depot, or the one built in. What was said stays readable in any case."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from patrol_anpr.domain.sentences import marked

MOST_OF_A_PAGE = 5
"""The screen has room for so many that stopped a vehicle, and for so many that did not."""
LONGEST_WORD = 24
"""Characters that a button shows whole."""


class DispositionKind(StrEnum):
    """STOPPED needs a look at the picture and control's word, or an override; PASSED went to somebody else."""

    STOPPED = "stopped"
    NOT_STOPPED = "not_stopped"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Disposition:
    """One thing that may have been done: `value` is its id, `word` what the officer saw when they said so."""

    value: str
    word: str
    kind: DispositionKind

    ARREST: ClassVar["Disposition"]
    SEIZURE: ClassVar["Disposition"]
    REPORT: ClassVar["Disposition"]
    NO_FURTHER_ACTION: ClassVar["Disposition"]
    OUT_OF_DATE: ClassVar["Disposition"]
    NOT_STOPPED_LOST: ClassVar["Disposition"]
    NOT_STOPPED_UNSAFE: ClassVar["Disposition"]
    NOT_STOPPED_PRIORITY: ClassVar["Disposition"]
    NO_LONGER_WANTED: ClassVar["Disposition"]
    PASSED_TO_CONTROL: ClassVar["Disposition"]

    @property
    def is_stop(self) -> bool:
        """Whether the vehicle was stopped."""
        return self.kind is DispositionKind.STOPPED

    def is_as(self, other: "Disposition | None") -> bool:
        """Whether both are the same, whatever its word is now."""
        return other is not None and other.value == self.value


_STOPPED, _NOT, _PASSED = DispositionKind.STOPPED, DispositionKind.NOT_STOPPED, DispositionKind.PASSED
Disposition.ARREST = Disposition("stopped_arrest", marked("Arrest"), _STOPPED)
Disposition.SEIZURE = Disposition("stopped_seizure", marked("Vehicle seized"), _STOPPED)
Disposition.REPORT = Disposition("stopped_report", marked("Reported"), _STOPPED)
Disposition.NO_FURTHER_ACTION = Disposition("stopped_no_further_action", marked("No further action"), _STOPPED)
Disposition.OUT_OF_DATE = Disposition("stopped_entry_out_of_date", marked("Entry out of date"), _STOPPED)
Disposition.NOT_STOPPED_LOST = Disposition("not_stopped_lost", marked("Lost sight"), _NOT)
Disposition.NOT_STOPPED_UNSAFE = Disposition("not_stopped_unsafe", marked("Unsafe to stop"), _NOT)
Disposition.NOT_STOPPED_PRIORITY = Disposition("not_stopped_priority", marked("Other priority"), _NOT)
Disposition.NO_LONGER_WANTED = Disposition("not_stopped_entry_out_of_date", marked("Entry out of date"), _NOT)
Disposition.PASSED_TO_CONTROL = Disposition("passed_to_control", marked("Passed to control"), _PASSED)

BUILT_IN: Sequence[Disposition] = (
    Disposition.ARREST,
    Disposition.SEIZURE,
    Disposition.REPORT,
    Disposition.NO_FURTHER_ACTION,
    Disposition.OUT_OF_DATE,
    Disposition.NOT_STOPPED_LOST,
    Disposition.NOT_STOPPED_UNSAFE,
    Disposition.NOT_STOPPED_PRIORITY,
    Disposition.NO_LONGER_WANTED,
    Disposition.PASSED_TO_CONTROL,
)
"""In the order of the screen: used until a depot sends its own."""


def as_recorded(value: str | None, word: str | None, kind: str | None) -> Disposition | None:
    """Return what a record says was done. One without a word was made before depots had tables: the built-in has it."""
    if value is None:
        return None
    if word is None or kind is None:
        known = next((one for one in BUILT_IN if one.value == value), None)
        guess = _STOPPED if value.startswith("stopped_") else _NOT
        return known or Disposition(value, value.replace("_", " ").capitalize(), guess)
    return Disposition(value, word, DispositionKind(kind))
