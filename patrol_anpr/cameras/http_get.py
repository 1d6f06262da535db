"""One GET of a camera's address: redirects are followed, logins answered, and what goes wrong has a sentence."""

import http.client
import socket
import ssl
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from patrol_anpr.cameras.login import Challenge, Login, challenges, usable
from patrol_anpr.cameras.source import SourceSpec, shown_path
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.sentences import marked, sentence

READ_TIMEOUT_S = 4.0
"""Without a byte: longer than the camera's patience (SILENT_AFTER_S), which tells first."""
_REQUESTS = 12
"""For one picture: a few redirects, and at each a few tries to log in (judged)."""
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADS = {
    "User-Agent": "patrol-anpr",
    "Accept": "multipart/x-mixed-replace, image/*, */*;q=0.5",
    "Accept-Encoding": "identity",
}
_REFUSALS = {
    400: marked("check whether its address begins with http:// or https://"),
    403: marked("its user may not see the picture, change the user's rights in the camera"),
    404: marked("it knows no such page, check the path in its address"),
    410: marked("it knows no such page, check the path in its address"),
    429: marked("it was asked too often"),
    503: marked("it is busy or still starting, close what else looks at its picture"),
}


class HttpGet:
    """The address of a camera, to be asked once or again and again; the login that worked is kept.

    User name and password go to the host that they were written for and to no other, and never from https:// to http://.
    """

    def __init__(self, spec: SourceSpec) -> None:
        parts = urlsplit(spec.where)
        self._shown = spec.label
        self._home = parts
        self._user = unquote(parts.username) if parts.username is not None else None
        self._password = unquote(parts.password or "")
        self._address = parts  # where a redirect led to
        self._login: Login | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._response: http.client.HTTPResponse | None = None

    def open(self) -> http.client.HTTPResponse:
        """Return an answer with status 200, its body unread; it stays open until the next call or `close`.

        Raises:
            DeviceLost: there is none; the sentence names what the camera did.
        """
        self._address = self._home
        refused = set[tuple[str, str]]()
        for _ in range(_REQUESTS):
            response = self._ask()
            if response.status in _REDIRECTS and (to := response.headers.get("Location")):
                self._follow(to)
            elif response.status == 401:
                self._log_in(response, refused)
            elif response.status in (200, 203):
                return response
            else:
                why = _REFUSALS.get(response.status, marked("check its address and its settings"))
                raise self._lost(
                    "The camera at {label} answers {status}: {why}.", status=response.status, why=sentence(why)
                )
        raise self._lost("The camera at {label} sends us from one address to the next without end: check its address.")

    def close(self) -> None:
        """Close the connection."""
        for one in (self._response, self._connection):
            if one is not None:
                one.close()
        self._response = self._connection = None

    def _ask(self) -> http.client.HTTPResponse:
        self.close()
        address = self._address
        target = quote(f"{address.path or '/'}{f'?{address.query}' if address.query else ''}", safe="/%?:@!$&'()*+,;=~")
        heads: dict[str, str | bytes] = {**_HEADS}
        if self._login is not None and self._may_log_in:
            heads["Authorization"] = self._login.answer(target).encode("utf-8", "surrogateescape")
        try:
            kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(address.hostname or "", address.port, timeout=READ_TIMEOUT_S)
            self._connection.request("GET", target, headers=heads)
            self._response = self._connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise self._lost(_unanswered(error)) from error
        return self._response

    @property
    def _may_log_in(self) -> bool:
        same_host = self._address.hostname == self._home.hostname
        return same_host and (self._address.scheme == "https" or self._home.scheme.lower() == "http")

    def _follow(self, to: str) -> None:
        address = urlsplit(urljoin(self._address.geturl(), to.strip()))
        try:
            there = bool(address.hostname) and address.port != 0
        except ValueError:
            there = False
        if address.scheme not in ("http", "https") or not there:
            raise self._lost(
                "The camera at {label} sends us on to {other}: give that address instead.", other=_label(address)
            )
        self._address = address

    def _log_in(self, response: http.client.HTTPResponse, refused: set[tuple[str, str]]) -> None:
        """Take up the strongest way to log in that was not refused yet."""
        if self._user is None:
            raise self._lost(
                "The camera at {label} wants a user name or password: write them into its address, "
                "http://user:password@..."
            )
        if not self._may_log_in:
            raise self._lost(
                "The camera at {label} sends us on to {other}, which wants a login: give that address instead.",
                other=_label(self._address),
            )
        offered = challenges([_as_sent(head) for head in response.headers.get_all("WWW-Authenticate", [])])
        if self._login is not None and not self._renewed(offered):
            refused.add(self._login.challenge.way)
        left = [one for one in usable(offered) if one.way not in refused]
        if not left and not refused:
            kinds = ", ".join(one.scheme.encode("ascii", "replace").decode() for one in offered) or "none"
            raise self._lost(
                "The camera at {label} wants a login of an unknown kind ({kinds}): choose Basic or "
                "Digest in its settings.",
                kinds=kinds,
            )
        if not left:
            raise self._lost("The camera at {label} wants another user name or password: check those in its address.")
        self._login = Login(self._user, self._password, left[0])

    def _renewed(self, offered: list[Challenge]) -> bool:
        """Whether the login was refused only because its nonce is too old, and a new one is offered."""
        used = self._login.challenge if self._login else None
        return any(one.stale and used and one.way == used.way and one.values != used.values for one in offered)

    def _lost(self, text: str, **places: object) -> DeviceLost:
        return DeviceLost(text, label=self._shown, **places)


def _label(address: SplitResult) -> str:
    """An address without user, password and query."""
    return f"{address.scheme}://{address.netloc.rpartition('@')[2]}{shown_path(address.path)}"


def _as_sent(head: str) -> str:
    """The text of a head that http.client took for Latin-1: a login is reckoned with the very bytes of a realm."""
    return head.encode("latin-1").decode("utf-8", "surrogateescape")


def _unanswered(error: Exception) -> str:
    """What a camera does that gives no answer to a request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "The camera at {label} shows a certificate that this computer does not trust: install it here, or use "
            "http://."
        )
    if isinstance(error, ssl.SSLError):
        return "The camera at {label} does not speak HTTPS on this port: use http://, or check the port."
    if isinstance(error, socket.gaierror):
        return "The camera at {label} has a name that is not known here: check its address."
    if isinstance(error, http.client.RemoteDisconnected):
        return (
            "The camera at {label} hangs up without an answer: check whether its address begins with http:// or "
            "https://."
        )
    if isinstance(error, http.client.HTTPException):
        return "The camera at {label} does not speak HTTP on this port: check its address and port."
    return "The camera at {label} does not answer: check its address, power and cable."
