"""What the link needs of the car's identity: who it is, whom it believes, and its signature."""

import ssl
from datetime import datetime
from typing import Any, Protocol

from patrol_anpr.wire.receipts import Verifier


class Credentials(Protocol):
    """An enrolled car (identity/own.py)."""

    @property
    def car_id(self) -> str:
        """Which car it is."""

    @property
    def verifier(self) -> Verifier:
        """Whose receipts it believes, and as which car."""

    @property
    def certificate(self) -> bytes:
        """Its certificate (DER)."""

    @property
    def ends(self) -> datetime:
        """When its certificate ends."""

    def context(self, ca_file: str) -> ssl.SSLContext:
        """Return how to speak TLS to the depot; `ca_file` names an authority in the place of the depot's own."""

    def sign(self, message: Any, sha256: bytes | None, created: datetime) -> None:
        """Sign a request (method, url, headers); `sha256` is of its content, None where it can have none."""

    def signature_of(self, statement: bytes) -> bytes:
        """Sign a statement of the car's own (ECDSA P-256 with SHA-256); DER."""

    def is_own(self, statement: bytes, signature: str) -> bool:
        """Tell whether this car signed a statement; `signature` is in hex."""

    def renewal_due(self, now: datetime) -> bool:
        """Tell whether the certificate should be renewed."""

    def request(self) -> str:
        """Return the request for a new certificate (PKCS#10, PEM)."""

    def renewed(self, certificate: str) -> None:
        """Keep the new certificate (PEM). Raises KnownError, or ValueError for one of another key."""
