"""A second opinion on the signature of an evidence PDF: pyHanko's, which shares nothing with the one-file verifier."""

import io
from dataclasses import dataclass

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import sha256_of


@dataclass(frozen=True, slots=True)
class Looked:
    """What the signature says: whether it is sound and over the whole file, and whose certificate (SHA-256) made it."""

    sound: bool
    fingerprint: str
    summary: str


def look_at(pdf: bytes) -> Looked:
    """Check the one signature of a PDF against the certificate in it.

    Raises:
        BadInput: it is no PDF with a signature.
    """
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if len(signatures) != 1:
            raise BadInput("This PDF does not have the one signature that a car makes.")
        signature = signatures[0]
        certificate: Certificate = signature.signer_cert
        trusted = ValidationContext(trust_roots=[certificate], allow_fetching=False)
        status = validate_pdf_signature(signature, signer_validation_context=trusted)
    except PdfReadError as error:
        raise BadInput("This file is no PDF, or its inside was changed so that it cannot be read as one.") from error
    except (SignatureValidationError, ValueError) as error:
        return Looked(False, "", f"the signature cannot be understood ({type(error).__name__})")
    sound = status.intact and status.valid and status.bottom_line
    return Looked(sound, sha256_of(certificate.dump()), status.summary())
