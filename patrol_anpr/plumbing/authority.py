"""The certificate authority of a depot: a PEM file that may not be there, or be something else."""

import ssl
from pathlib import Path

from patrol_anpr.domain.sentences import sentence

_DER = b"\x30\x82"

NO_AUTHORITY = (
    "It is not said who may vouch for the depot. Copy the certificate of the depot's authority (a PEM file) to this "
    "computer, and name it in depot.ca_file."
)


def why_no_authority(address: str, ca_file: str) -> str:  # noqa: PLR0911 - a return for each reason
    """Say why the file cannot vouch for the depot at `address` and what to do; "" where it can.

    A depot under https:// needs one: the system's authorities are over a hundred, and any of them could vouch for
    somebody who poses as the depot.
    """
    if not ca_file:
        return NO_AUTHORITY if address.lower().startswith("https://") else ""
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
