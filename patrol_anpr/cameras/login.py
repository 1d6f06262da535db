"""Logging in at a camera that asks for it: Basic (RFC 7617) and Digest (RFC 7616), whatever else is on offer."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# name = "quoted" or name = bare; or a word alone, which begins the challenge of another scheme.
_ITEM = re.compile(r'([^\s,="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))|([^\s,="]+)')
_PROTECTIONS = ("auth", "auth-int")  # a list without quotes (qop=auth,auth-int) names no new scheme
_HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}  # the strongest first


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in that a camera offers; `scheme` and the names of `values` are lower case."""

    scheme: str
    values: Mapping[str, str]

    @property
    def algorithm(self) -> str:
        """The hash of a Digest challenge, upper case and without "-SESS"."""
        return self.values.get("algorithm", "MD5").upper().removesuffix("-SESS")

    @property
    def way(self) -> tuple[str, str]:
        """What tells this way to log in from the others on offer."""
        return self.scheme, self.algorithm if self.scheme == "digest" else ""

    @property
    def stale(self) -> bool:
        """Whether the login was right and only the camera's nonce is too old."""
        return self.values.get("stale", "").lower() == "true"


def challenges(heads: Sequence[str]) -> list[Challenge]:
    """Take apart the WWW-Authenticate heads of an answer: several in one head, several heads, any order."""
    found: list[tuple[str, dict[str, str]]] = []
    for head in heads:
        for name, quoted, bare, word in _ITEM.findall(head):
            if word and word.lower() not in _PROTECTIONS:
                found.append((word.lower(), {}))
            elif name and found:
                found[-1][1].setdefault(name.lower(), quoted or bare)
    return [Challenge(scheme, values) for scheme, values in found]


def usable(offered: Sequence[Challenge]) -> list[Challenge]:
    """The ways to log in that we know, the strongest first."""
    digests = [one for one in offered if one.scheme == "digest" and one.algorithm in _HASHES]
    digests.sort(key=lambda one: list(_HASHES).index(one.algorithm))
    return digests + [one for one in offered if one.scheme == "basic"]


class Login:
    """A user's answers to one challenge. A Digest counts them, so that one nonce serves several requests."""

    def __init__(self, user: str, password: str, challenge: Challenge) -> None:
        self._user, self._password = user, password
        self.challenge = challenge
        self._count = 0

    def answer(self, target: str, *, nonce_of_ours: str = "") -> str:
        """Return the Authorization head of a GET of `target` (path and query). `nonce_of_ours` is for tests."""
        if self.challenge.scheme == "basic":
            return "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode("ascii")
        self._count += 1
        return self._digest(target, nonce_of_ours or secrets.token_hex(16))

    def _digest(self, target: str, ours: str) -> str:
        given = self.challenge.values
        realm, nonce, count = given.get("realm", ""), given.get("nonce", ""), f"{self._count:08x}"
        secret = self._hash(f"{self._user}:{realm}:{self._password}")
        if of_session := given.get("algorithm", "").upper().endswith("-SESS"):
            secret = self._hash(f"{secret}:{nonce}:{ours}")
        offered = [one.strip().lower() for one in given.get("qop", "").split(",")]
        protection = next((one for one in _PROTECTIONS if one in offered), "")
        body = f":{self._hash('')}" if protection == "auth-int" else ""
        asked = self._hash(f"GET:{target}{body}")
        between = f"{nonce}:{count}:{ours}:{protection}" if protection else nonce
        hidden = given.get("userhash", "").lower() == "true"
        user = self._hash(f"{self._user}:{realm}") if hidden else re.sub(r'(["\\])', r"\\\1", self._user)
        parts = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{target}"']
        parts.append(f'response="{self._hash(f"{secret}:{between}:{asked}")}"')
        parts += [f"algorithm={given['algorithm']}"] if "algorithm" in given else []
        parts += [f'opaque="{given["opaque"]}"'] if "opaque" in given else []
        parts += [f"qop={protection}, nc={count}"] if protection else []
        parts += [f'cnonce="{ours}"'] if protection or of_session else []
        parts += ["userhash=true"] if hidden else []
        return "Digest " + ", ".join(parts)

    def _hash(self, text: str) -> str:
        return hashlib.new(_HASHES[self.challenge.algorithm], _octets(text), usedforsecurity=False).hexdigest()


def _octets(text: str) -> bytes:
    """UTF-8; what a camera sent in another form, as it sent it."""
    return text.encode("utf-8", "surrogateescape")
