"""The first page: what somebody may do here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.staff.duties import Duty

router = APIRouter()


@router.get("/")
def start(page: Annotated[Page, Depends(duty(Duty.BE_SIGNED_ON))]) -> Response:
    """Say who is signed on, and what they may do."""
    return page.show("home.html", title="Start")
