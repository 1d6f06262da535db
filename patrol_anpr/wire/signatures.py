"""What a car signs of each request (RFC 9421), so that a depot without a proxy knows who asks and what.

The certificate travels as `Client-Cert` (RFC 9440), the SHA-256 of the content as `Content-Digest` (RFC 9530).
"""

import base64

CLIENT_CERT = "Client-Cert"
CONTENT_DIGEST = "Content-Digest"
SIGNED = ("@method", "@path", "@query", "client-cert")
"""Signed of every request; of one with content also its digest."""
DIGEST_SIGNED = "content-digest"
LABEL = "car"
WINDOW_SECONDS = 300
"""A signature is taken this long before and after the depot's own time, and only once."""
REASON = "Patrol-Anpr-Refused"
"""The header of a 401 or 403 that says why in a word, for the car: one of the following."""
CLOCK, EXPIRED, DENIED, UNKNOWN = "clock", "expired", "denied", "unknown"


def tag_of(depot_id: str) -> str:
    """Return the tag of a signature: what was signed for one depot is nothing to another."""
    return f"patrol-anpr {depot_id}"


def digest_field(sha256: bytes) -> str:
    """Spell a SHA-256 as the value of `Content-Digest`."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def certificate_field(der: bytes) -> str:
    """Spell a certificate (DER) as the value of `Client-Cert`."""
    return f":{base64.b64encode(der).decode()}:"


def certificate_of(field: str) -> bytes:
    """Return the certificate (DER) of a `Client-Cert`. Raises ValueError."""
    if len(field) < 3 or field[0] != ":" or field[-1] != ":":
        raise ValueError("no byte sequence")
    return base64.b64decode(field[1:-1], validate=True)
