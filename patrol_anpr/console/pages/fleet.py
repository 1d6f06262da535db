"""The fleet: how well each car is, what it ran before, and who may be a car."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.cars import assign_unit, new_code, revoke_car
from patrol_anpr.depot.fleet.gathering import FleetCar, file_of, fleet_of
from patrol_anpr.depot.fleet.health import SILENT, Level
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

Sees = Annotated[Page, Depends(duty(Duty.SEE_FLEET))]
Keeps = Annotated[Page, Depends(duty(Duty.KEEP_CARS))]
Typed = Annotated[str, Form(max_length=400)]


@router.get("/fleet")
def fleet(page: Sees) -> Response:
    """Show every car, those first that were not heard."""
    return _fleet(page)


@router.post("/fleet")
def enrol(page: Keeps, car: Typed = "") -> Response:
    """Make the one-time code of a car, and show it this once."""
    try:
        code, has_key = new_code(page.console.folder, car.strip(), page.console.now(), page.staff.actor)
    except BadInput as wrong:
        return _fleet(page, car, str(wrong))
    return page.show("fleet/code.html", title=f"Code for {car.strip()}", car=car.strip(), code=code, has_key=has_key)


@router.get("/fleet/{car_id}")
def car(page: Sees, car_id: str) -> Response:
    """Show one car."""
    return _car(page, car_id)


@router.post("/fleet/{car_id}/unit")
def assigned(page: Keeps, car_id: str, unit: Typed = "") -> Response:
    """Say where a car belongs."""
    try:
        assign_unit(page.console.folder, car_id, unit, page.staff.actor)
    except BadInput as wrong:
        return _car(page, car_id, wrong={"unit": str(wrong)})
    return page.go(f"/fleet/{car_id}", "Where the car belongs is kept.")


@router.post("/fleet/{car_id}/deny")
def denied(page: Keeps, car_id: str, reason: Typed = "") -> Response:
    """Refuse a car from its next request on."""
    if not reason.strip():
        return _car(page, car_id, wrong={"reason": "Say why: it is kept in the audit."})
    revoke_car(page.console.folder, car_id, page.console.now(), page.staff.actor, reason.strip())
    return page.go(f"/fleet/{car_id}", f"{car_id} is refused from now on. What it sent is kept.")


def _fleet(page: Page, typed: str = "", wrong: str = "") -> Response:
    now = page.console.now()
    cars = fleet_of(page.console.folder, now)
    return page.show(
        "fleet/fleet.html",
        422 if wrong else 200,
        title="Fleet",
        cars=cars,
        counts=[(level, count) for level, count in sorted(Counter(car.health.level for car in cars).items())],
        silent=[car for car in cars if car.health.silent > SILENT],
        marks=_MARKS,
        list_ages={car.standing.car_id: _oldest_list(car, now) for car in cars},
        may_keep=Duty.KEEP_CARS in page.staff.duties,
        typed=typed,
        wrong=wrong,
    )


def _car(page: Page, car_id: str, wrong: dict[str, str] | None = None) -> Response:
    found = file_of(page.console.folder, car_id, page.console.now())
    if found is None:
        raise HTTPException(404)
    return page.show(
        "fleet/car.html",
        422 if wrong else 200,
        title=f"Car {car_id}",
        file=found,
        marks=_MARKS,
        may_keep=Duty.KEEP_CARS in page.staff.duties,
        wrong=wrong or {},
    )


_MARKS = {
    Level.ACT: ("bad", "✖"),
    Level.LOOK: ("warn", "▲"),
    Level.IN_ORDER: ("good", "●"),
    Level.NOT_IN_USE: ("note", "○"),
}
"""The kind of tag of each level, and its shape beside the word."""


def _oldest_list(car: FleetCar, now: datetime) -> str:
    issued = [one.issued_at for one in car.health.facts.lists if one.issued_at]
    return _span(now - min(issued)) if issued else "none"


def _span(span: timedelta) -> str:
    hours = max(0, int(span.total_seconds() // 3600))
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"
