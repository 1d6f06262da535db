"""Asking the depot: one HTTPS session, a deadline for each request, and patience with what passes."""

import hashlib
import http.client
import logging
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from pydantic import BaseModel, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from patrol_anpr.depot_link.credentials import Credentials
from patrol_anpr.depot_link.cutting import CuttableAdapter, Cutter
from patrol_anpr.depot_link.headers import moment_of, wait_of
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput, DepotFault, KnownError
from patrol_anpr.plumbing.authority import why_no_authority
from patrol_anpr.wire.enrolment import RenewReply, RenewRequest
from patrol_anpr.wire.signatures import CLOCK, REASON

log = logging.getLogger(__name__)

JSON = "application/json"
MAX_REPLY = 16 * 2**20
RENEW = "renew"
_WITH_CONTENT = ("POST", "PUT", "PATCH")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

NOT_REACHED = "The depot cannot be reached. Nothing is lost: check the depot Wi-Fi and try again."
NOT_PROVEN = "The depot's identity check failed, so nothing was sent. Tell IT."
NOT_NOW = (
    "The depot's identity check failed, so nothing was sent: its certificate is not valid at this computer's time. "
    "Check the computer's clock, then tell IT."
)
_OUT_OF_TIME = (9, 10)  # OpenSSL: not yet valid, expired
NOT_ALLOWED = "The depot does not allow this car. Nothing is lost: tell IT to check the car's registration."
NOT_KNOWN = (
    "The depot does not know this car. Nothing is lost: tell IT, who makes a new code at the depot and enrols the car "
    "again."
)
NOT_READABLE = (
    "What this car proves itself to the depot with cannot be read. Nothing is lost: tell IT to enrol the car again."
)
NOT_THE_DEPOT = "Something other than the depot answered. Check that the car is on the depot Wi-Fi, and the address."
LOGIN_WANTED = (
    "This Wi-Fi asks for a login before it lets anything through. Log in with a web browser, or go to the depot Wi-Fi."
)
BUSY = "The depot is out of order or too busy. Nothing is lost: try again later."
STOPPED = "The sync was stopped. Nothing is lost: it goes on from there next time."

_Model = TypeVar("_Model", bound=BaseModel)
_Result = TypeVar("_Result")


class TryAgain(Exception):
    """It may pass: a broken connection, a busy depot. `after` is the wait in seconds the depot asked for."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.after = sentence, after


class Broken(TryAgain):
    """The line was there, and broke: a new connection at once does, most often."""


class NoSuchRoute(DepotFault):
    """Whoever answered has nothing of that name: no depot, or one of an older version."""


class Denied(DepotFault):
    """The depot will not have this car."""


class TooLong(Exception):
    """An answer goes on longer than it may."""


class Refused(Exception):
    """The depot will not take this one content; another may be fine."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and tries for one request: the wait grows from `first_wait` to `longest_wait`, with jitter."""

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_asked: float = 120.0
    connect_seconds: float = 10.0
    silence_seconds: float = 20.0
    request_seconds: float = 60.0


def check_address(address: str, *, allow_plain: bool = False) -> None:
    """Raise BadInput for the address of a depot that is none, or would let others listen (see Channel)."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput("The depot's address must look like https://depot.example:8443")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_plain:
        raise BadInput("The depot's address must begin with https://, so that nobody can listen or pose as it.")


class Channel:
    """One car's line to its depot. One thread at a time, save `stop`, which any thread may call.

    Each request is signed with `credentials`, which also say who may vouch for the depot: nobody else may, save the
    authority in `ca_file` (PEM) in its place. Redirects are not followed, .netrc and proxy variables not looked at.
    Raises BadInput for an address that is not http(s), or plain http to another machine without `allow_plain`.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        ca_file: str,
        allow_plain: bool,
        patience: Patience,
        pause: Callable[[float], None] | None,
        on_depot_time: Callable[[datetime], None],
    ) -> None:
        check_address(base_url, allow_plain=allow_plain)
        self._base = base_url.rstrip("/") + "/v2/"
        self._credentials = credentials
        self._clock = clock
        self._patience = patience
        self._tries = patience.tries
        self._stopped = threading.Event()
        self._pause = pause or self._wait
        self._cutter = Cutter()
        self._on_depot_time = on_depot_time
        self.depot_time: datetime | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = self._signed
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.mount("http://", CuttableAdapter(self._cutter))
        self._ca_file = ca_file
        self._knows_authority = False
        self._ahead = timedelta()
        """How far the depot's clock is ahead of ours, once it did not take our time; a signature has its time."""

    def stop(self) -> None:
        """End what is under way with DepotFault, as soon as may be; the channel cannot be used afterwards."""
        self._stopped.set()
        self._cutter.cut()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    @contextmanager
    def once(self) -> Iterator[None]:
        """Within the block each request is tried once."""
        before, self._tries = self._tries, 1
        try:
            yield
        finally:
            self._tries = before

    def ask(
        self,
        method: str,
        path: str,
        reply: type[_Model],
        *,
        body: bytes | None = None,
        media: str = JSON,
        tag: str = "",
    ) -> tuple[_Model | None, str]:
        """Return the depot's reply and its ETag; None when what `tag` names is unchanged.

        Raises Refused for a content the depot does not take, DepotFault when it cannot be reached or will not have us.
        """
        return self.patiently(lambda: self.ask_once(method, path, reply, body=body, media=media, tag=tag))

    def ask_once(
        self,
        method: str,
        path: str,
        reply: type[_Model],
        *,
        body: bytes | None = None,
        media: str = JSON,
        tag: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[_Model | None, str]:
        """Ask as `ask` does, with more `headers`; raises TryAgain where it may pass."""
        sent = {"Accept": JSON, **headers}
        if body is not None:
            sent["Content-Type"] = media
        if tag:
            sent["If-None-Match"] = tag
        with self.open(method, path, body=body, headers=sent) as response:
            unchanged = response.status_code == 304
            if unchanged and not tag:
                raise TryAgain(NOT_THE_DEPOT)
            answer = None if unchanged else _parsed(reply, response)
            self._note_time(response)
            return answer, response.headers.get("etag", "")

    def read_once(self, path: str, most: int) -> bytes:
        """Return the content of an answer as it is; raises TooLong for one that goes on beyond `most` bytes."""
        content = bytearray()
        with self.open("GET", path) as response:
            if _media_of(response) == "text/html":  # a captive portal
                raise DepotFault(NOT_THE_DEPOT)
            for chunk in response.iter_content(1 << 14):
                content += chunk
                if len(content) > most:
                    raise TooLong
            self._note_time(response)
        return bytes(content)

    def _note_time(self, response: requests.Response) -> None:
        self.depot_time = moment_of(response.headers.get("date", ""))
        if self.depot_time is not None:
            self._on_depot_time(self.depot_time)

    def patiently(self, once: Callable[[], _Result]) -> _Result:
        """Return what `once` returns, tried again while it raises TryAgain; DepotFault after the last try.

        A try under which the line breaks is made once more at once, before it counts.
        """
        again = Retrying(
            retry=retry_if_exception_type(TryAgain),
            stop=stop_after_attempt(self._tries),
            wait=self._delay,
            sleep=self._pause,
            reraise=True,
        )
        try:
            result: _Result = again(_at_once_again, once)
        except TryAgain as last:
            raise DepotFault(last.sentence) from last
        return result

    @contextmanager
    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[requests.Response]:
        """Ask once; give the response, of a good status, with its content still to be read within the deadline.

        Raises TryAgain, Refused, DepotFault. Other errors of the block pass through.
        """
        patience = self._patience
        if self._stopped.is_set():
            raise DepotFault(STOPPED)
        self._speak_tls()
        late = threading.Event()
        try:
            with (
                self._cutter.deadline(patience.request_seconds) as late,
                self._known(method, path, body, headers) as response,
            ):
                try:
                    self._check(response)
                    yield response
                except TryAgain:
                    if late.is_set():  # half a head looks like somebody else's answer
                        raise TryAgain(NOT_REACHED) from None
                    raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            if self._stopped.is_set():
                raise DepotFault(STOPPED) from error
            if sentence := identity_fault(error):
                raise DepotFault(sentence) from error
            if _broke(error) and not late.is_set():
                raise Broken(NOT_REACHED) from error
            raise TryAgain(NOT_REACHED) from error

    def renew_in_time(self) -> None:
        """Renew the car's certificate when it should be; where that fails, it is tried again at the next sync.

        Raises DepotFault when the depot denies the car.
        """
        if not self._credentials.renewal_due(self._clock.utc() + self._ahead):
            return
        try:
            with self.once():
                self._renew()
        except Denied:
            raise
        except (KnownError, Refused) as fault:
            log.warning("the certificate was not renewed: %s", type(fault).__name__)

    def _renew(self) -> None:
        body = RenewRequest(request=self._credentials.request()).model_dump_json().encode()
        reply, _ = self.ask("POST", RENEW, RenewReply, body=body)
        if reply is not None:
            try:
                self._credentials.renewed(reply.certificate)
            except ValueError:
                raise DepotFault(NOT_THE_DEPOT) from None
            self._knows_authority = False  # a proxy wants to see the new one, too
            log.info("the car's certificate was renewed")

    def _known(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> requests.Response:
        """Ask, and once more where the depot says that the time of the signature is wrong, or the certificate old."""
        response = self._sent(method, path, body, headers)
        if response.status_code == 401 and response.headers.get(REASON) == CLOCK and self._take_time(response):
            response.close()
            response = self._sent(method, path, body, headers)
        if response.status_code == 401 and path != RENEW:
            response.close()
            self._renew()
            self._speak_tls()
            response = self._sent(method, path, body, headers)
        return response

    def _sent(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> requests.Response:
        return self._session.request(
            method,
            self._base + path,
            data=body,
            headers=headers,
            stream=True,
            timeout=(self._patience.connect_seconds, self._patience.silence_seconds),
            allow_redirects=False,
        )

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        content = request.body or b""
        assert isinstance(content, bytes)
        digest = hashlib.sha256(content).digest() if request.method in _WITH_CONTENT else None
        self._credentials.sign(request, digest, self._clock.utc() + self._ahead)
        return request

    def _take_time(self, response: requests.Response) -> bool:
        """Sign with the depot's time from now on; False when it says none."""
        moment = moment_of(response.headers.get("date", ""))
        if moment is None:
            return False
        self._ahead = moment - self._clock.utc()
        log.warning("the depot's time is used to sign: this computer's is %.0f s behind", self._ahead.total_seconds())
        return True

    def _speak_tls(self) -> None:
        """Make ready to prove both sides, with the certificate that the car has now."""
        if self._knows_authority or not self._base.startswith("https://"):
            return
        if reason := why_no_authority(self._ca_file):
            raise DepotFault(reason)
        try:
            context = self._credentials.context(self._ca_file)
        except OSError as error:
            raise DepotFault(NOT_READABLE) from error
        self._session.mount("https://", CuttableAdapter(self._cutter, context))
        self._knows_authority = True

    def _check(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (200, 201, 206, 304):
            return
        log.info("the depot answered with %d", status)
        if status == 401:
            raise Denied(NOT_KNOWN)
        if status == 403:
            raise Denied(NOT_ALLOWED)
        if status == 511:
            raise DepotFault(LOGIN_WANTED)
        if status in (400, 408, 425, 429) or status >= 500:  # 400: damaged on the way
            raise TryAgain(BUSY, wait_of(response.headers.get("retry-after", ""), self._clock.utc()))
        if status in (404, 405):
            raise NoSuchRoute(NOT_THE_DEPOT)
        if status < 400:
            raise DepotFault(NOT_THE_DEPOT)
        raise Refused(status)

    def _delay(self, state: RetryCallState) -> float:
        patience = self._patience
        jittered = wait_random_exponential(multiplier=patience.first_wait, max=patience.longest_wait)(state)
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, TryAgain) else None
        return jittered if asked is None else min(asked, patience.longest_asked) + min(jittered, 1.0)

    def _wait(self, seconds: float) -> None:
        self._stopped.wait(seconds)


def _at_once_again(once: Callable[[], _Result]) -> _Result:
    try:
        return once()
    except Broken:
        return once()


def _broke(error: BaseException) -> bool:
    """Tell a connection that was there and broke from one that could not be made, or was silent."""
    if isinstance(error, requests.ConnectionError) and error.args:
        return isinstance(error.args[0], urllib3.exceptions.ProtocolError)
    broken = (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError, http.client.HTTPException)
    return isinstance(error, broken)


def _media_of(response: requests.Response) -> str:
    return str(response.headers.get("content-type", "")).split(";")[0].strip().lower()


def _parsed(model: type[_Model], response: requests.Response) -> _Model:
    media = _media_of(response)
    if media == "text/html":  # a captive portal
        raise DepotFault(NOT_THE_DEPOT)
    if media != JSON:  # a head that was cut short looks like this, too
        raise TryAgain(NOT_THE_DEPOT)
    content = bytearray()
    for chunk in response.iter_content(1 << 16):
        content += chunk
        if len(content) > MAX_REPLY:
            raise DepotFault(NOT_THE_DEPOT)
    try:
        return model.model_validate_json(bytes(content))
    except ValidationError:
        # Not chained: the error would carry the content into a log.
        raise TryAgain(NOT_THE_DEPOT) from None


def identity_fault(error: BaseException) -> str:
    """Say what was wrong with the depot's certificate; "" when it was not (but a line broke during the handshake)."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        cause = left.pop()
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NOT_NOW if cause.verify_code in _OUT_OF_TIME else NOT_PROVEN
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            left += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
    return ""
