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
from patrol_anpr.depot.reports.public import PublicPage, public_page
from patrol_anpr.depot.roles import Role

router = APIRouter()


@router.get("/public")
def tell(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Tell the public."""
    console = page.console
    told = public_page(console.folder, console.database(Role.REPORTS), console.now(), console.public_figures.of)
    return HTMLResponse(_written(told, alone=False))


def public_file(folder: Path, database: DepotDatabase, now: datetime) -> str:
    """Return the page as a file that needs nothing else, for another web site."""
    return _written(public_page(folder, database, now), alone=True)


def _written(told: PublicPage, *, alone: bool) -> str:
    return environment().get_template("public/page.html").render(told=told, alone=alone)
