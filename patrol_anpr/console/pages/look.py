"""How the pages look: the style sheet and the fonts, and day or night."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from fastapi.responses import FileResponse

from patrol_anpr.console.assets import FILES
from patrol_anpr.console.cookies import LOOKS, set_look
from patrol_anpr.console.guard import anybody
from patrol_anpr.console.page import OpenPage

router = APIRouter(prefix="/look")


@router.get("/{name}")
def file(name: str, _: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """One of the few files that belong to the look."""
    if name not in FILES:
        raise HTTPException(404)
    path, media = FILES[name]
    return FileResponse(path, media_type=media, headers={"cache-control": "public, max-age=86400"})


@router.post("")
def choose(page: Annotated[OpenPage, Depends(anybody)], look: Annotated[str, Form()]) -> Response:
    """Keep day, night, or what the browser says."""
    response = page.go("/")
    set_look(response, page.console, look if look in LOOKS else LOOKS[0])
    return response
