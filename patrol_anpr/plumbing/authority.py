"""The certificate authority of a depot, where it is not the depot's own: a PEM file that may be something else."""

import ssl
from pathlib import Path

from patrol_anpr.domain.sentences import sentence

_DER = b"\x30\x82"


def why_no_authority(ca_file: str) -> str:  # noqa: PLR0911 - a return for each reason
    """Say why the file cannot vouch for the depot and what to do; "" where it can, or where there is none."""
    if not ca_file:
        return ""
    try:
        if Path(ca_file).is_dir():
            return sentence("{file} is a folder. Set depot.ca_file to the PEM file in it.", file=ca_file)
        ssl.create_default_context(cafile=ca_file)
    except FileNotFoundError:
        return sentence(
            "There is no file {file}. Copy the depot's certificate to this computer, or change depot.ca_file.",
            file=ca_file,
        )
    except ssl.SSLError:
        if Path(ca_file).read_bytes().startswith(_DER):
            return sentence(
                "{file} is in DER form: save it as PEM (Base64). Set depot.ca_file to the PEM file of the depot's "
                "authority.",
                file=ca_file,
            )
        return sentence(
            "{file} holds no certificate. Set depot.ca_file to the PEM file of the depot's authority.", file=ca_file
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return sentence(
            "{file} cannot be read ({why}). Check its rights, or change depot.ca_file.", file=ca_file, why=reason
        )
    return ""


def tls_of(ca_file: str, ca: bytes) -> ssl.SSLContext:
    """Return TLS 1.3 that believes one authority, of a PEM file or else of `ca` (PEM), also one between. OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cafile=ca_file or None, cadata=None if ca_file else ca.decode())
    return context
