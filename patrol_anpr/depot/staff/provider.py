"""The force's own sign-on: OpenID Connect, by the code flow with PKCE. The console never sees a password.

What the provider says is believed only where it is signed by its key, for this console, and answers the very question
that this browser was sent away with.
"""

import json
import logging
import secrets
import ssl
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from patrol_anpr.depot.staff.settings import ProviderSetting
from patrol_anpr.domain.errors import BadInput, RecordsFault

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
AWAY_SECONDS = 600
"""So long may somebody take at the provider."""
_KNOWN_SECONDS = 3600
"""So long what the provider says of itself is believed without asking again."""
_TIMEOUT = httpx.Timeout(10.0)
_MOST_BYTES = 2**20
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key that only the provider has. `none`, and those by a shared secret, are not among them."""
_CLOCK_SECONDS = 60
_NOT_THERE = "The force's sign-on cannot be reached. Try again, or use the emergency account."
_NOT_BELIEVED = "What the force's sign-on answered cannot be believed, so you are not signed on. Begin again."
_BEGIN_AGAIN = "This sign-on was begun elsewhere or too long ago. Begin again."


class ProviderAway(RecordsFault):
    """The provider does not answer."""


@dataclass(frozen=True, slots=True)
class Away:
    """What somebody was sent to the provider with. Only this browser brings it back, sealed."""

    state: str
    nonce: str
    verifier: str
    since: float


@dataclass(frozen=True, slots=True)
class ProvedPerson:
    """Who somebody is, as the provider says. `subject` is unique for all time; `staff_id` is what people call them."""

    subject: str
    staff_id: str
    name: str
    groups: frozenset[str]


class Provider:
    """The provider of a setting; `address` is that of this console, `key` (32 bytes) seals what browsers keep.

    Any thread may call. What cannot be reached raises ProviderAway, what cannot be believed BadInput.
    """

    def __init__(self, setting: ProviderSetting, address: str, key: bytes, now: Callable[[], datetime]) -> None:
        self._setting, self._now = setting, now
        self._redirect = f"{address}/sign-on/back"
        self._box = Aead(key)
        self._said: tuple[float, Mapping[str, Any], KeySet] | None = None

    def begin(self) -> tuple[str, str]:
        """Return where to send a browser, and what it keeps meanwhile (sealed)."""
        said, _ = self._about()
        away = Away(_random(), _random(), _random(), self._now().timestamp())
        url = prepare_grant_uri(
            said["authorization_endpoint"],
            self._setting.client_id,
            "code",
            redirect_uri=self._redirect,
            scope="openid profile",
            state=away.state,
            nonce=away.nonce,
            code_challenge=create_s256_code_challenge(away.verifier),
            code_challenge_method="S256",
        )
        sealed = self._box.encrypt(json.dumps(asdict(away)).encode(), b"sign-on")
        return str(url), urlsafe_b64encode(sealed).decode()

    def finish(self, kept: str, answer: Mapping[str, str]) -> ProvedPerson:
        """Return who came back with `answer` (the query), given what the browser kept."""
        away = self._opened(kept)
        if self._now().timestamp() - away.since > AWAY_SECONDS or answer.get("state") != away.state:
            raise BadInput(_BEGIN_AGAIN)
        if answer.get("iss", self._setting.issuer) != self._setting.issuer:
            raise BadInput(_NOT_BELIEVED)
        if "code" not in answer:
            raise BadInput("The force's sign-on did not let you in. Begin again, or ask its help desk.")
        return self._person(self._claims(self._token(answer["code"], away.verifier), away.nonce))

    def _opened(self, kept: str) -> Away:
        try:
            return Away(**json.loads(self._box.decrypt(urlsafe_b64decode(kept), b"sign-on")))
        except (CryptoError, ValueError, TypeError):
            raise BadInput(_BEGIN_AGAIN) from None

    def _token(self, code: str, verifier: str) -> str:
        said, _ = self._about()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
            "client_id": self._setting.client_id,
        }
        secret = self._setting.client_secret
        answer = self._ask("POST", said["token_endpoint"], form, (self._setting.client_id, secret) if secret else None)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise BadInput(_NOT_BELIEVED)
        return token

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=_CLOCK_SECONDS,
            iss={"essential": True, "value": self._setting.issuer},
            aud={"essential": True, "value": self._setting.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        for again in (False, True):  # a provider changes its keys from time to time
            _, keys = self._about(afresh=again)
            try:
                claims = jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims
                wanted.validate(claims)
            except (JoseError, ValueError, KeyError) as error:
                if again:
                    log.warning("an answer of the provider was not believed: %s", type(error).__name__)
            else:
                if claims.get("azp", self._setting.client_id) == self._setting.client_id:
                    return claims
        raise BadInput(_NOT_BELIEVED)

    def _person(self, claims: Mapping[str, Any]) -> ProvedPerson:
        groups = claims.get(self._setting.groups_claim, [])
        staff_id = claims.get(self._setting.id_claim)
        if not isinstance(staff_id, str) or not isinstance(groups, list):
            raise BadInput(
                "The force's sign-on does not say your staff id or your groups. Whoever keeps this console must set "
                "id_claim and groups_claim in depot.toml."
            )
        return ProvedPerson(
            subject=f"{claims['iss']} {claims['sub']}",
            staff_id=staff_id,
            name=str(claims.get("name") or staff_id),
            groups=frozenset(str(group) for group in groups),
        )

    def _about(self, *, afresh: bool = False) -> tuple[Mapping[str, Any], KeySet]:
        """Return what the provider says of itself, and its keys."""
        known = self._said
        if known is None or afresh or time.monotonic() - known[0] > _KNOWN_SECONDS:
            said = self._ask("GET", f"{self._setting.issuer.rstrip('/')}{WELL_KNOWN}")
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if said.get("issuer") != self._setting.issuer or not all(isinstance(said.get(name), str) for name in names):
                log.warning("the provider names itself otherwise than depot.toml does")
                raise BadInput(_NOT_BELIEVED)
            try:
                keys = KeySet.import_key_set(self._ask("GET", said["jwks_uri"]))  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError):
                raise BadInput(_NOT_BELIEVED) from None
            known = self._said = (time.monotonic(), said, keys)
        return known[1], known[2]

    def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask the provider: no redirect is followed, and no proxy or password of the environment is used."""
        ca = self._setting.ca_file
        try:
            verify = ssl.create_default_context(cafile=ca)
            with (
                httpx.Client(verify=verify, trust_env=False, timeout=_TIMEOUT, follow_redirects=False) as client,
                client.stream(method, url, data=form, auth=auth, headers={"accept": "application/json"}) as answer,
            ):
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > _MOST_BYTES:
                        raise BadInput(_NOT_BELIEVED)
            said = json.loads(content) if answer.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.warning("the provider cannot be reached: %s", type(error).__name__)
            raise ProviderAway(_NOT_THERE) from None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            log.warning("the provider answered with %d, and not as it must", answer.status_code)
            raise BadInput(_NOT_BELIEVED)
        return said


def _random() -> str:
    return secrets.token_urlsafe(48)
