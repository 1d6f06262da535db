"""The key a car signs its evidence with, and the signature (PAdES B-B) on a PDF."""

import io
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.payloads import sha256_of

KEY_FILE = "evidence.key"
"""In the folder of the records: the private key and its certificate, sealed with the key to the records."""
RSA_BITS = 3072
"""RSA, not a curve: what checks it needs Python's own whole numbers and nothing else."""
_YEARS = 30
_BEFORE = timedelta(days=2)
"""A car's clock may be set back a little after its key was made."""
_NONCE = 12
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key (PKCS 8) and the certificate that names the car it is of (both DER)."""

    private: bytes = field(repr=False)
    certificate: bytes

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, in hex: what another copy of it is compared by."""
        return sha256_of(self.certificate)


def find_signing_key(folder: Path, secret: bytes, owner: str, now: datetime) -> tuple[SigningKey, bool]:
    """Return the signing key kept in `folder` under `secret` (32 bytes), made on the first call; and whether it was.

    `owner` is who signs: "Car TA14", or the depot.

    Raises:
        RecordsFault: it cannot be read or made, or was sealed with another secret.
    """
    file, cipher = folder / KEY_FILE, AESGCM(secret)
    try:
        if file.exists():
            return _opened(file.read_bytes(), cipher), False
        made = make_signing_key(owner, now)
        nonce = os.urandom(_NONCE)
        plain = len(made.private).to_bytes(_LENGTH, "big") + made.private + made.certificate
        write_whole(file, nonce + cipher.encrypt(nonce, plain, KEY_FILE.encode()), replace=False)
        kept = _opened(file.read_bytes(), cipher)  # another program may have been first
    except OSError as error:
        raise RecordsFault(
            sentence(
                "The key that evidence is signed with cannot be read or made ({reason}). Check the folder {folder} and "
                "its rights.",
                reason=error.strerror or error,
                folder=folder,
            )
        ) from error
    return kept, kept == made


def _opened(sealed: bytes, cipher: AESGCM) -> SigningKey:
    try:
        plain = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], KEY_FILE.encode())
    except (InvalidTag, ValueError):
        raise RecordsFault(
            sentence(
                "The key that evidence is signed with ({file} in the folder of the records) is damaged or of another "
                "car. Put it back from a copy, or move it away: the next export makes a new one.",
                file=KEY_FILE,
            )
        ) from None
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    return SigningKey(plain[_LENGTH:end], plain[end:])


def make_signing_key(owner: str, now: datetime) -> SigningKey:
    """Make an RSA key and a certificate of "Car TA14" or the depot that it signs itself: nobody else vouches for it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Patrol ANPR"),
            x509.NameAttribute(NameOID.COMMON_NAME, owner),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _BEFORE)
        .not_valid_after(now.astimezone(UTC) + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    der = serialization.Encoding.DER
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SigningKey(private, certificate.public_bytes(der))


def signed(pdf: bytes, key: SigningKey, *, owner: str, reason: str) -> bytes:
    """Return the PDF with a signature over all of it; `reason` is kept with the signature, under it."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    signer = SimpleSigner(
        asn1_x509.Certificate.load(key.certificate),
        keys.PrivateKeyInfo.load(key.private),
        SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        prefer_pss=False,
    )
    about = PdfSignatureMetadata(
        field_name="Evidence", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=owner, reason=reason
    )
    out: io.BytesIO = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), about, signer=signer)
    return out.getvalue()
