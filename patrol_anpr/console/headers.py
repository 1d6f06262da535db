"""What every answer carries, and what no request may: around the whole app, before any route is asked."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patrol_anpr.console.assets import KEPT_LONG

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No script at all, no frame, nothing inline, nothing of another origin."""
_ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # not "no-referrer": with it browsers hide the origin of a form
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}
_ONLY_HTTPS = "max-age=31536000"


class SafeHeaders:
    """Wraps the app: its answers say what browsers may do with them, and are kept by nobody.

    `host` is the only name that the console answers to; "" where it is any.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, host: str) -> None:
        self._app, self._secure, self._host = app, secure, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                if scope["path"] not in KEPT_LONG:
                    headers["cache-control"] = "no-store"
                if self._secure:
                    headers["strict-transport-security"] = _ONLY_HTTPS
            await send(message)

        if scope["type"] == "http" and self._host and Headers(scope=scope).get("host", "").lower() != self._host:
            wrong = PlainTextResponse("This console has another name.", 421)
            await wrong(scope, receive, headed)
            return
        await self._app(scope, receive, headed)
