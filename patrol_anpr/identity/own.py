"""Who this car is to its depot: a key made here, and the depot's certificate for it. It is depot_link's Credentials.

The key is P-256, because TPM 2.0 has it. It lies encrypted beside its certificate, in one file, so that the two always
belong together; what opens it is derived from the key to the records.
"""

import hashlib
import secrets
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.identity import trust as trusted
from patrol_anpr.identity.trust import Trust
from patrol_anpr.plumbing.authority import tls_of
from patrol_anpr.plumbing.files import made_folder, write_whole
from patrol_anpr.wire.receipts import Verifier
from patrol_anpr.wire.signatures import (
    CLIENT_CERT,
    CONTENT_DIGEST,
    DIGEST_SIGNED,
    LABEL,
    SIGNED,
    certificate_field,
    digest_field,
    tag_of,
)
from patrol_anpr.wire.statements import is_signed

FILE = "car.pem"
_RENEWED_BELOW = 2 / 3
"""Of its life that a certificate has left."""


class CarKey:
    """The key of a car that is about to enrol. It never leaves the car."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None) -> None:
        self.private = key or ec.generate_private_key(ec.SECP256R1())

    def request(self) -> str:
        """Return a request for a certificate (PKCS#10, PEM). Who the car is says the depot, so it names nobody."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "car")])
        made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.private, SHA256())
        return made.public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True, slots=True)
class _Shown:
    """A certificate, and what signs with its key."""

    pem: bytes
    der: bytes
    car_id: str
    begins: datetime
    ends: datetime
    key_id: str
    signer: HTTPMessageSigner

    @classmethod
    def of(cls, pem: bytes, key: CarKey) -> Self:
        """Read a certificate. Raises ValueError for one of another key."""
        certificate = x509.load_pem_x509_certificate(pem)
        if certificate.public_key() != key.private.public_key():
            raise ValueError("a certificate of another key")
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        der = certificate.public_bytes(Encoding.DER)
        key_id = hashlib.sha256(der).hexdigest()
        keys = MappingKeyResolver(public_keys={}, private_keys={key_id: key.private})
        return cls(
            pem=pem,
            der=der,
            car_id=str(name.value),
            begins=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
            key_id=key_id,
            signer=HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=keys),
        )


class Identity:
    """An enrolled car, as its folder has it. One thread at a time renews; any thread may sign."""

    def __init__(self, folder: Path, secret: bytes, key: CarKey, certificate: bytes, trust: Trust) -> None:
        self._folder, self._secret, self._key = folder, secret, key
        self.trust = trust
        self._take(certificate)

    @classmethod
    def read(cls, folder: Path, secret: bytes) -> Self | None:
        """Return who the car is, None before its enrolment. `secret` (32 bytes) opens the key.

        Raises RecordsFault when what is kept is damaged or of another secret.
        """
        trust = trusted.read(folder)
        if trust is None:
            return None
        try:
            pem = (folder / FILE).read_bytes()
            key = load_pem_private_key(pem, secret.hex().encode())
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise TypeError("no P-256 key")
            return cls(folder, secret, CarKey(key), pem[pem.index(b"-----BEGIN CERTIFICATE") :], trust)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise RecordsFault(
                "What this car proves itself to the depot with cannot be read from {folder}. Nothing is lost: ask for "
                "a new code at the depot, and enrol the car again.",
                folder=folder,
            ) from error

    @classmethod
    def enrolled(cls, folder: Path, secret: bytes, key: CarKey, certificate: str, trust: Trust) -> Self:
        """Keep a new identity, in the place of an earlier one. Raises RecordsFault."""
        identity = cls(folder, secret, key, certificate.encode(), trust)
        trusted.keep(folder, trust)
        identity._keep()
        return identity

    @property
    def car_id(self) -> str:
        """The car's id, as its certificate has it."""
        return self._shown.car_id

    @property
    def certificate(self) -> bytes:
        """Its certificate (DER)."""
        return self._shown.der

    @property
    def ends(self) -> datetime:
        """When its certificate ends."""
        return self._shown.ends

    @property
    def verifier(self) -> Verifier:
        """Whose receipts this car believes: those of the depot it enrolled at, for itself."""
        return Verifier(self.trust.depot_id, self.car_id, self.trust.receipt_key)

    def request(self) -> str:
        """Return the request for a new certificate of the same key (PEM)."""
        return self._key.request()

    def renewed(self, certificate: str) -> None:
        """Keep a new certificate (PEM) of the same key. Raises RecordsFault, or ValueError for one of another key."""
        self._take(certificate.encode())
        self._keep()

    def renewal_due(self, now: datetime) -> bool:
        """Tell whether the certificate should be renewed. Outside of its dates it is, too: the clock may be wrong."""
        shown = self._shown
        return now < shown.begins or shown.ends - now < _RENEWED_BELOW * (shown.ends - shown.begins)

    def context(self, ca_file: str) -> ssl.SSLContext:
        """Return how this car speaks TLS: it believes one authority, and shows its certificate to who asks for one.

        The authority is that in `ca_file` (PEM), or with "" its depot's own. Raises OSError, ssl.SSLError among them.
        """
        context = tls_of(ca_file, self.trust.ca)
        context.load_cert_chain(self._folder / FILE, password=self._secret.hex())
        return context

    def sign(self, message: Any, sha256: bytes | None, created: datetime) -> None:
        """Sign a request (RFC 9421), which has method, url and headers; `sha256` is of its content, if it has any."""
        shown = self._shown  # one and the same, also while it is renewed
        message.headers[CLIENT_CERT] = certificate_field(shown.der)
        covered: tuple[str, ...] = SIGNED
        if sha256 is not None:
            message.headers[CONTENT_DIGEST] = digest_field(sha256)
            covered = (*SIGNED, DIGEST_SIGNED)
        shown.signer.sign(
            message,
            key_id=shown.key_id,
            created=created,
            nonce=secrets.token_urlsafe(16),
            label=LABEL,
            tag=tag_of(self.trust.depot_id),
            covered_component_ids=covered,
            use_existing_digest=sha256 is not None,
        )

    def signature_of(self, statement: bytes) -> bytes:
        """Sign a statement of the car's own (ECDSA P-256 with SHA-256); DER."""
        return self._key.private.sign(statement, ec.ECDSA(SHA256()))

    def is_own(self, statement: bytes, signature: str) -> bool:
        """Tell whether this car signed a statement; `signature` is in hex."""
        return is_signed(self._key.private.public_key(), statement, signature)

    def _take(self, pem: bytes) -> None:
        self._shown = _Shown.of(pem, self._key)  # at once: another thread may be signing

    def _keep(self) -> None:
        locked = BestAvailableEncryption(self._secret.hex().encode())
        made_folder(self._folder, "records.folder")
        try:
            key = self._key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
            write_whole(self._folder / FILE, key + self._shown.pem)
        except OSError as error:
            raise RecordsFault(
                "The car's certificate cannot be kept in {folder} ({why}). Check the disk and its rights.",
                folder=self._folder,
                why=error.strerror or error,
            ) from error
