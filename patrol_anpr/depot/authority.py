"""The depot's own certificate authority, for the demo and a trial: P-256, and what is issued names its purpose.

A force's own authority takes its place in real use (docs/depot.md).
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_BEGAN, _ENDS = datetime(1970, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
"""Of the authority and the depot's own certificate. A car trusts this one authority and no other, so that short dates
would protect nothing, and shut out a car whose clock's battery is dead."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: its certificate, and the key it issues with."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: bytes
    """Its certificate and those above it (PEM), as a proxy wants them that believes only what ends in a root."""

    @classmethod
    def of_pem(cls, pem: bytes) -> Self:
        """Read both from one PEM file. Raises ValueError, TypeError for a key with a passphrase."""
        key = load_pem_private_key(pem, None)
        certificates = x509.load_pem_x509_certificates(pem)
        certificate = certificates[0]
        if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
            raise ValueError("the authority's key and certificate do not belong together")
        if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise ValueError("the certificate is of no authority")
        return cls(certificate, key, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))

    @property
    def pem(self) -> bytes:
        """The certificate as a car keeps it."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate as its fingerprint is taken."""
        return self.certificate.public_bytes(Encoding.DER)

    def issued(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        begins: datetime,
        ends: datetime,
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        """Issue a certificate that is good for one purpose."""
        made = _certificate(subject, self.certificate.subject, key, self.key, begins, ends)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(signs=False), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if names is not None:
            made = made.add_extension(names, critical=False)
        return made.sign(self.key, SHA256())

    def server_pem(self, names: list[str]) -> bytes:
        """Make a key and a certificate for a server with these names (hosts and addresses); PEM, both in one."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Patrol ANPR depot")])
        known_as = x509.SubjectAlternativeName([_name_of(name) for name in names])
        certificate = self.issued(subject, key.public_key(), _BEGAN, _ENDS, ExtendedKeyUsageOID.SERVER_AUTH, known_as)
        return _private_pem(key) + certificate.public_bytes(Encoding.PEM)

    def names_in(self, pem: bytes) -> list[str]:
        """Return the names of a server's certificate; none where there is none, or another authority made it."""
        if not pem:
            return []
        certificate = x509.load_pem_x509_certificate(pem)
        if certificate.issuer != self.certificate.subject:
            return []
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value) for name in names]


def made_authority(depot_id: str) -> bytes:
    """Make the authority of a depot: its key and its certificate, PEM, both in one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Patrol ANPR depot {depot_id}")])
    made = _certificate(name, name, key.public_key(), key, _BEGAN, _ENDS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs=True), critical=True)
    return _private_pem(key) + made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    vouching = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return made.add_extension(vouching, critical=False)


def _usage(*, signs: bool) -> x509.KeyUsage:
    """An authority signs certificates, all others only their own messages."""
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name_of(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
