"""A real OpenID Connect provider on this machine, what it was asked, and ways in which it may lie."""

import io
import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

with warnings.catch_warnings():  # of the provider's own libraries
    warnings.simplefilter("ignore")
    import oidc_provider_mock

PEOPLE = {
    "1": {"name": "Anna Force", "preferred_username": "af1", "groups": ["ANPR analysts", "Canteen"]},
    "2": {"name": "Otto Force", "preferred_username": "of2", "groups": ["ANPR operators"]},
    "3": {"name": "Nora Force", "preferred_username": "nf3", "groups": ["Canteen"]},
    "4": {"name": "Both Force", "preferred_username": "bf4", "groups": ["ANPR analysts", "ANPR operators"]},
    "5": {"name": "No Groups", "preferred_username": "ng5"},
}


class Tampering:
    """Stands between the provider and who asks it. Records forms; changes claims, signed by a key of its own."""

    def __init__(self, app) -> None:
        self._app = app
        self.key = RSAKey.generate_key(2048, {"kid": "liar"})
        self.forms: dict[str, dict[str, str]] = {}
        self.change: Callable[[dict], str] | None = None
        self.keys: KeySet | None = None

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        kept = {}

        def starting(status, headers, *_):
            kept["head"] = (status, headers)

        if environ["REQUEST_METHOD"] == "POST":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(length)
            self.forms[path] = dict(parse_qsl(body.decode()))
            environ["wsgi.input"] = io.BytesIO(body)
        content = b"".join(self._app(environ, starting))
        status, headers = kept["head"]
        if path == "/jwks" and self.keys is not None:
            content = json.dumps(self.keys.as_dict(private=False)).encode()
        if path == "/oauth2/token" and self.change is not None:
            said = json.loads(content)
            middle = said["id_token"].split(".")[1]
            claims = json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
            content = json.dumps(said | {"id_token": self.change(claims)}).encode()
        start_response(
            status,
            [(n, v) for n, v in headers if n.lower() != "content-length"] + [("Content-Length", str(len(content)))],
        )
        return [content]

    def lie(self, **claims: object) -> None:
        """Say other claims (None: leave them out), signed by a key that the provider's own address vouches for."""
        self.keys = KeySet([self.key])
        changed = lambda real: {n: v for n, v in (real | claims).items() if v is not None}  # noqa: E731
        self.change = lambda real: jwt.encode({"alg": "RS256", "kid": "liar"}, changed(real), self.key)

    def rest(self) -> None:
        """Tell the truth again."""
        self.change = self.keys = None


@contextmanager
def provider() -> Iterator[tuple[str, Tampering]]:
    """A provider that runs: its issuer, and what stands before it."""
    users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with oidc_provider_mock.run_server_in_thread(user_claims=users, require_nonce=True) as server:
            server.app = Tampering(server.app)
            yield f"http://localhost:{server.server_port}", server.app


def let_in(url: str, sub: str) -> str:
    """Be somebody at the provider; returns the address that it sends the browser back to."""
    answer = httpx.post(url, data={"sub": sub}, trust_env=False)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"]
