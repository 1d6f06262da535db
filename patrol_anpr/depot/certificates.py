"""Certificates of cars: issued for a short time, and read again when a car shows one."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from patrol_anpr.depot.authority import Authority

LASTS = timedelta(hours=72)
_EARLIER = timedelta(hours=1)
"""A certificate is valid from a little before it was made, for proxies whose clock is behind."""
_CAR = "urn:patrol-anpr:car:"


class NotACar(ValueError):
    """A certificate, or a request for one, that is none of a car of this depot."""


@dataclass(frozen=True, slots=True)
class CarCertificate:
    """What a certificate says. `key_sha256` (hex) stays the same when it is renewed, and changes by enrolling anew."""

    car_id: str
    begins: datetime
    ends: datetime
    key_sha256: str
    key: ec.EllipticCurvePublicKey = field(repr=False, compare=False)


def key_of(request_pem: str) -> ec.EllipticCurvePublicKey:
    """Return the key that a request for a certificate (PKCS#10, PEM) proves to have. Raises NotACar."""
    try:
        request = x509.load_pem_x509_csr(request_pem.encode())
        key = request.public_key()
        proven = request.is_signature_valid
    except Exception as error:
        raise NotACar("no request for a certificate") from error
    if not proven or not _is_p256(key):
        raise NotACar("no request of a P-256 key")
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def key_sha256_of(key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 (hex) by which the depot knows a car's key."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def issue(authority: Authority, car_id: str, key: ec.EllipticCurvePublicKey, now: datetime) -> str:
    """Issue a certificate of a car; PEM, with those between it and what cars trust behind it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, car_id)])
    known_as = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{_CAR}{car_id}")])
    made = authority.issued(subject, key, now - _EARLIER, now + LASTS, ExtendedKeyUsageOID.CLIENT_AUTH, known_as)
    return made.public_bytes(Encoding.PEM).decode()


class CarCertificates:
    """Reads what cars show. Any thread may call."""

    def __init__(self, authority: Authority) -> None:
        self._store = Store([authority.certificate])
        self.read = lru_cache(1024)(self._read)
        """Return what a certificate (DER) says, whatever the time. Raises NotACar: this depot's authority does not
        vouch for it, or not for a car. The same car asks again and again, so the answer is remembered."""

    def _read(self, der: bytes) -> CarCertificate:
        try:
            certificate = x509.load_der_x509_certificate(der)
            ends = certificate.not_valid_after_utc
            check = PolicyBuilder().store(self._store).time(ends).build_client_verifier()
            check.verify(certificate, [])
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            (name,) = names.get_values_for_type(x509.UniformResourceIdentifier)
            key = certificate.public_key()
        except (VerificationError, x509.ExtensionNotFound, ValueError, TypeError) as error:
            raise NotACar("no certificate of this depot") from error
        if not name.startswith(_CAR) or not _is_p256(key):
            raise NotACar("no certificate of a car")
        assert isinstance(key, ec.EllipticCurvePublicKey)
        begins = certificate.not_valid_before_utc
        return CarCertificate(name.removeprefix(_CAR), begins, ends, key_sha256_of(key), key)


def _is_p256(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
