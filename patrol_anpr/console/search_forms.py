"""What is entered on the pages of searches, as a question and a reason."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Form
from pydantic import BaseModel

from patrol_anpr.depot.search.law import Purpose, Why
from patrol_anpr.depot.search.question import Area, Question
from patrol_anpr.domain.errors import BadInput

_MINUTE = "%Y-%m-%dT%H:%M"
"""As a browser writes the time of a field."""


class Entered(BaseModel):
    """The fields of a search, as they were typed."""

    mark: str = ""
    begin: str = ""
    end: str = ""
    car_id: str = ""
    latitude: str = ""
    longitude: str = ""
    metres: str = ""
    purpose: str = ""
    case_number: str = ""
    reason: str = ""

    def question(self) -> Question:
        """Make the question. Raises BadInput."""
        place = (self.latitude.strip(), self.longitude.strip(), self.metres.strip())
        area = None
        if any(place):
            try:
                area = Area.of(*map(float, place))
            except ValueError:
                raise BadInput("A place needs a latitude, a longitude and a radius, each a number.") from None
        return Question.of(
            _moment(self.begin, "from"), _moment(self.end, "until"), mark=self.mark, car_id=self.car_id, area=area
        )

    def why(self, purpose: str = "") -> Why:
        """Make the reason; with `purpose` that is what it is for. Raises BadInput."""
        return Why.of(purpose or self.purpose, self.case_number, self.reason)

    def shown(self) -> Mapping[str, str]:
        """Return what was typed, for the form."""
        return self.model_dump()


EnteredForm = Annotated[Entered, Form()]


def empty_form(now: datetime) -> Entered:
    """Return the form as it is offered: the last week."""
    end = now.astimezone(UTC) + timedelta(minutes=1)
    return Entered(begin=(end - timedelta(days=7)).strftime(_MINUTE), end=end.strftime(_MINUTE))


def choices(*, audit: bool = False) -> list[tuple[str, str]]:
    """Return the purposes that a form offers, with none chosen."""
    return [("", "Choose one"), *((one.value, one.word) for one in Purpose if (one is Purpose.AUDIT) is audit)]


def _moment(text: str, which: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset():  # of another zone: it would be searched for another hour
        raise BadInput(f"Give the time {which} as 2026-11-30T14:05, in UTC.")
    return moment.replace(tzinfo=UTC)
