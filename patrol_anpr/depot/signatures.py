"""Signed requests (RFC 9421): who asked, when, for what, with which content, and that he did not ask before."""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from starlette.requests import Request

from patrol_anpr.depot.certificates import CarCertificate
from patrol_anpr.wire.signatures import CONTENT_DIGEST, DIGEST_SIGNED, SIGNED, WINDOW_SECONDS, tag_of

_WITH_CONTENT = ("POST", "PUT", "PATCH")
MOST_REMEMBERED = 1_000_000


class NotSigned(Exception):
    """The request is not signed as it must be."""


class AtAnotherTime(Exception):
    """It was signed outside of the time in which it is taken: the car's clock is wrong, or somebody replays it."""


class NoRoom(Exception):
    """Too many requests are remembered already: this one could not be told from one that comes a second time."""


class Signatures:
    """Checks the signatures of one depot's requests, and remembers what was signed within the window.

    What was signed before this object was made is refused, too: nobody remembers whether it came before. A car whose
    clock is behind learns the depot's time with the refusal. Any thread may call.
    """

    def __init__(self, depot_id: str, now: Callable[[], datetime]) -> None:
        self._tag = tag_of(depot_id)
        self._now = now
        self._began = int(now().timestamp())
        self._seen = _Seen()

    def check(self, request: Request, shown: str, certificate: CarCertificate) -> str:
        """Check that whoever has the key of `certificate` signed this request just now, and never sent it before.

        Returns the value of its Content-Digest, "" where it has no content. `shown` (hex) is the SHA-256 of the
        certificate.

        Raises NotSigned, AtAnotherTime, NoRoom.
        """
        verifier = _Verifier(shown, certificate, self._judge)
        wanted = (*SIGNED, DIGEST_SIGNED) if request.method in _WITH_CONTENT else SIGNED
        try:
            (result,) = verifier.verify(
                _Message(request), max_age=None, expect_tag=self._tag, require_components=wanted
            )
        except (InvalidSignature, ValueError) as error:
            raise NotSigned from error
        created, nonce = result.parameters["created"], result.nonce
        if not nonce or len(nonce) > 100:
            raise NotSigned
        if not self._seen.first_time(f"{shown} {nonce}", int(created), int(self._now().timestamp())):
            raise NotSigned("a second time")
        return request.headers.get(CONTENT_DIGEST, "") if request.method in _WITH_CONTENT else ""

    def _judge(self, created: int) -> None:
        now = self._now().timestamp()
        self._began = min(self._began, int(now))  # a clock that was ahead at the start was set right since
        if abs(now - created) > WINDOW_SECONDS or created < self._began:
            raise AtAnotherTime


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, with one key and the depot's own clock in the place of the computer's."""

    def __init__(self, key_id: str, certificate: CarCertificate, judge: Callable[[int], None]) -> None:
        super().__init__(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_OneKey(key_id, certificate))
        self._judge = judge

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise InvalidSignature("no time of signing")
        self._judge(created)


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(self, key_id: str, certificate: CarCertificate) -> None:
        self._key_id, self._certificate = key_id, certificate

    def resolve_public_key(self, key_id: str) -> Any:
        return self._certificate.key if key_id == self._key_id else None


class _Message:
    """A request as the library wants to see it. The path is the one that came, not one that was decoded."""

    def __init__(self, request: Request) -> None:
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        query: bytes = request.scope["query_string"]
        self.method = request.method
        self.url = f"https://depot{raw.decode('latin-1')}" + (f"?{query.decode('latin-1')}" if query else "")
        self.headers = request.headers


class _Seen:
    """What was signed within the window, in two halves: the older one is forgotten when it is of no use any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turned = 0
        self._newer: set[bytes] = set()
        self._older: set[bytes] = set()

    def first_time(self, signed: str, created: int, now: int) -> bool:
        """Remember it; False when it is remembered already. Raises NoRoom."""
        mark = hashlib.blake2b(f"{signed} {created}".encode(), digest_size=16).digest()
        with self._lock:
            self._turned = min(self._turned, now)
            if now - self._turned > 2 * WINDOW_SECONDS:  # all of the older half is outside of the window by now
                self._older, self._newer, self._turned = self._newer, set(), now
            if mark in self._newer or mark in self._older:
                return False
            if len(self._newer) >= MOST_REMEMBERED:
                raise NoRoom
            self._newer.add(mark)
            return True
