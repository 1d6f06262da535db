"""The one page that anybody may read: what number plates are read for, who may look, for how long, and how often."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from patrol_anpr.console.guard import anybody
from patrol_anpr.console.page import OpenPage
from patrol_anpr.console.rendering import environment
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.reports.public import public_page
from patrol_anpr.depot.roles import Role

router = APIRouter()


@router.get("/public")
def tell(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Tell the public."""
    console = page.console
    return HTMLResponse(public_html(console.folder, console.database(Role.REPORTS), console.now(), alone=False))


def public_html(folder: Path, database: DepotDatabase, now: datetime, *, alone: bool) -> str:
    """Return the page; `alone` it is a file that needs nothing else, for another web site."""
    told = public_page(folder, database, now)
    return environment().get_template("public/page.html").render(told=told, alone=alone)
