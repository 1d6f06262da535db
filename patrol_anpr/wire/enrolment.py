"""How a car comes to its certificate: the code that a person carries to it, and what car and depot then say.

A code is nine groups of four letters and digits: the number of the code, its secret (three groups, 60 bits), and the
fingerprint of the depot's certificate authority (five groups, 100 bits). By the fingerprint the car knows the depot
before it says the secret.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Self

from pydantic import Base64Bytes, StringConstraints

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import Wire

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: what is easily taken for something else is not in it, and is read as what it looks like."""
_LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
_GROUP = 4
_NUMBER, _SECRET, _FINGERPRINT = 1 * _GROUP, 3 * _GROUP, 5 * _GROUP

WRONG_CODE, SPENT_CODE, OLD_CODE, DAMAGED = "wrong-code", "spent-code", "old-code", "damaged"
"""Why an enrolment was refused, in the header `signatures.REASON`."""

Pem = Annotated[str, StringConstraints(max_length=20_000)]
CodePart = Annotated[str, StringConstraints(pattern=rf"^[{LETTERS}]{{1,32}}$")]


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code. `number` finds it at the depot, `secret` opens it, `fingerprint` is of the depot's authority."""

    number: str
    secret: str = field(repr=False)
    fingerprint: str

    @classmethod
    def new(cls, authority_der: bytes) -> Self:
        """Make a code of a depot whose authority has this certificate (DER)."""
        return cls(_random(_NUMBER), _random(_SECRET), fingerprint_of(authority_der))

    @classmethod
    def read(cls, typed: str) -> Self:
        """Read what a person typed. Raises BadInput."""
        plain = typed.upper().translate(_LOOKS_LIKE)
        if len(plain) != _NUMBER + _SECRET + _FINGERPRINT or not set(plain) <= set(LETTERS):
            raise BadInput(
                "This is no code of a depot: it has nine groups of four letters and digits. Type it again, as "
                "`patrol-anpr depot enrol` printed it."
            )
        return cls(plain[:_NUMBER], plain[_NUMBER : _NUMBER + _SECRET], plain[-_FINGERPRINT:])

    def __str__(self) -> str:
        """The groups, as a person types them."""
        plain = self.number + self.secret + self.fingerprint
        return "-".join(plain[begin : begin + _GROUP] for begin in range(0, len(plain), _GROUP))


def fingerprint_of(authority_der: bytes) -> str:
    """Return the first 100 bits of the SHA-256 of a certificate (DER), as they stand in a code."""
    number = int.from_bytes(hashlib.sha256(authority_der).digest(), "big") >> (256 - 5 * _FINGERPRINT)
    return "".join(LETTERS[number >> (5 * place) & 31] for place in reversed(range(_FINGERPRINT)))


def _random(letters: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(letters))


class AuthorityReply(Wire):
    """GET /v2/authority, which anybody may ask: who vouches for this depot. Believed only with its fingerprint."""

    ca: Pem


class EnrolRequest(Wire):
    """POST /v2/enrol: a code, and the request (PKCS#10, PEM) for a certificate of the car's new key."""

    number: CodePart
    secret: CodePart
    request: Pem


class EnrolReply(Wire):
    """Who the car is from now on, by its certificate (PEM), and whom it believes: see identity/trust.py."""

    car_id: str
    certificate: Pem
    depot_id: str
    ca: Pem
    receipt_key: Base64Bytes
    sealing_key: Base64Bytes
    lists_root: Base64Bytes = b""


class RenewRequest(Wire):
    """POST /v2/renew: the request for a new certificate of the same key. The old one may be out of date."""

    request: Pem


class RenewReply(Wire):
    """The new certificate (PEM)."""

    certificate: Pem
