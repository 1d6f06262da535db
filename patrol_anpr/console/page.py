"""What a route answers with: a page for whoever asks, or the way to the next one."""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import Field

from patrol_anpr.console.cookies import LOOKS, look_of
from patrol_anpr.console.rendering import environment
from patrol_anpr.console.state import Console
from patrol_anpr.depot.security_log import address_of
from patrol_anpr.depot.staff.sessions import Staff

CSRF_FIELD = "csrf"
RowNumber = Annotated[int, Field(ge=0, lt=2**63)]
"""The number of a row, in an address or a form: a larger one no database takes."""


class OpenPage:
    """A page that anybody may see. `token` is that of the browser's cookie, "" where it has none yet."""

    def __init__(self, request: Request, console: Console, token: str) -> None:
        self.request, self.console, self.token = request, console, token

    @property
    def address(self) -> str:
        """Where the browser is, as far as that is known."""
        return address_of(self.request.scope)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a template, which is given `values`, and `page`, `menu`, `csrf()`, `said`, `look`."""
        text = environment().get_template(template).render(**self._known(), **values)
        return HTMLResponse(text, status)

    def go(self, path: str) -> Response:
        """Answer a form that was taken: the browser goes on to a path of this console."""
        assert path.startswith("/"), "a way out of the console"
        assert not path.startswith("//"), "a way out of the console"
        return RedirectResponse(path, 303)

    def _known(self) -> Mapping[str, Any]:
        return {
            "page": self,
            "staff": None,
            "menu": (),
            "here": self.request.url.path,
            "csrf": self._csrf_field,
            "said": "",
            "look": look_of(self.request),
            "looks": LOOKS,
        }

    def _csrf_field(self) -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, csrf_of(self.token))


class NewcomerPage(OpenPage):
    """A page for somebody who has shown an invitation, and sets a password."""

    def __init__(self, request: Request, console: Console, token: str, newcomer: Staff) -> None:
        super().__init__(request, console, token)
        self.newcomer = newcomer


class Page(OpenPage):
    """A page for somebody who is signed on and has the duty that its route asks for."""

    def __init__(self, request: Request, console: Console, token: str, staff: Staff) -> None:
        super().__init__(request, console, token)
        self.staff = staff

    def go(self, path: str, said: str = "") -> Response:
        """Answer a form that was taken: on to a path of this console, which says the sentence `said` once."""
        if said:
            self.console.sessions.leave_word(self.token, said)
        return super().go(path)

    def _known(self) -> Mapping[str, Any]:
        from patrol_anpr.console.pages import MENU  # the pages import this module

        menu = [entry for entry in MENU if entry.duty in self.staff.duties]
        said = self.console.sessions.take_word(self.token)
        return {**super()._known(), "staff": self.staff, "menu": menu, "said": said}


def csrf_of(token: str) -> str:
    """Return what a form of the browser with this cookie must bring back: nobody can work it out without the cookie."""
    return hmac.digest(token.encode(), b"a form of this browser", "sha256").hex() if token else ""
