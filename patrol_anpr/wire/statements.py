"""Statements that a car signs with its own key: ECDSA on P-256 with SHA-256, the signature as DER in hex."""

from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import StringConstraints

Signature = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,200}$")]


def is_signed(key: ec.EllipticCurvePublicKey, statement: bytes, signature: str) -> bool:
    """Tell whether the owner of `key` signed this statement."""
    try:
        key.verify(bytes.fromhex(signature), statement, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
