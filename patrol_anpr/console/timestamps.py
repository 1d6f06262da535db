"""Asking a timestamp authority (RFC 3161) for its word that something was there at this time."""

from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decoded

from patrol_anpr.domain.errors import DepotFault

_SECONDS = 10.0
_MOST_BYTES = 100_000
_ASK = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}


def timestamp_of(content: bytes, url: str, roots: Path) -> bytes:
    """Return the authority's answer (DER), which was checked against its `roots` (PEM). Raises DepotFault."""
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    asked = request.cert_request(cert_request=True).build()
    try:
        trusted = x509.load_pem_x509_certificates(roots.read_bytes())
        with httpx.Client(trust_env=False, timeout=_SECONDS) as line:
            answer = line.post(url, content=asked.as_bytes(), headers=_ASK)
        answer.raise_for_status()
        if len(answer.content) > _MOST_BYTES:
            raise ValueError("too long")
        response = decoded(answer.content)
        verifier = VerifierBuilder.from_request(asked)
        for root in trusted:
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify_message(response, content)
    except (httpx.HTTPError, httpx.InvalidURL, VerificationError, ValueError, OSError) as error:
        raise DepotFault(
            "The timestamp authority gave no answer that can be believed, so nothing was handed out. Try again, or "
            "check [evidence] in depot.toml."
        ) from error
    return answer.content
