"""Enrolling at a depot: first find out whether it is the right one, then say the secret of the code."""

import http.client
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from patrol_anpr.depot_link.channel import NOT_REACHED, NOT_THE_DEPOT, check_address, identity_fault
from patrol_anpr.depot_link.cutting import CuttableAdapter, Cutter
from patrol_anpr.domain.errors import BadInput, DepotFault
from patrol_anpr.plumbing.authority import tls_of, why_no_authority
from patrol_anpr.wire.enrolment import (
    OLD_CODE,
    SPENT_CODE,
    WRONG_CODE,
    AuthorityReply,
    Code,
    EnrolReply,
    EnrolRequest,
    fingerprint_of,
)
from patrol_anpr.wire.signatures import REASON

log = logging.getLogger(__name__)

WRONG_DEPOT = (
    "This is not the depot that made the code, so the code was not sent. Check the address and the last five groups of "
    "the code; if both are right, somebody poses as the depot: tell IT."
)
_REFUSED = {
    WRONG_CODE: "The depot knows no such code. Type it again; after five wrong tries a new one is needed.",
    SPENT_CODE: "This code was used before. Ask for a new one, and tell IT if it was not you who used it.",
    OLD_CODE: "This code is out of date: it can be used for an hour. Ask for a new one.",
}
_SECONDS = 20.0
_MOST = 2**16


def enrol(address: str, code: Code, request: str, *, ca_file: str = "") -> EnrolReply:
    """Enrol at the depot at `address` with a code, and with the request for a certificate of the car's key (PEM).

    Nothing secret is sent before the depot's authority has shown to be the one of the code. `ca_file` names who vouches
    for a proxy before the depot. Blocks for a minute or so at most. Raises BadInput for an address that cannot be used,
    DepotFault when the depot cannot be reached, is another one, or refuses.
    """
    check_address(address)
    if reason := why_no_authority(ca_file):
        raise BadInput(reason)
    address = address.rstrip("/")
    ca = introduction(address, code.fingerprint, ca_file)
    asked = EnrolRequest(number=code.number, secret=code.secret, request=request)
    with requests.Session() as session:
        session.trust_env = False
        if address.startswith("https://"):
            session.mount("https://", CuttableAdapter(Cutter(), tls_of(ca_file, ca)))
        reply = _posted(session, f"{address}/v2/enrol", asked.model_dump_json().encode())
    if reply.ca.encode() != ca:
        raise DepotFault(WRONG_DEPOT)
    return reply


def introduction(address: str, fingerprint: str, ca_file: str) -> bytes:
    """Ask a depot for its authority (PEM), and believe it only when it has this fingerprint. Raises DepotFault.

    The one connection of the program that does not check who answers, since it is there to find that out: nothing is
    said on it, and of what is heard nothing counts but a certificate with the right SHA-256.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        line = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    elif ca_file:
        line = http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=tls_of(ca_file, b""))
    else:
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=unchecked)
    try:
        line.connect()
        with _deadline(line):
            line.request("GET", f"{parts.path}/v2/authority")
            ca = AuthorityReply.model_validate_json(line.getresponse().read(_MOST)).ca.encode()
        der = x509.load_pem_x509_certificate(ca).public_bytes(Encoding.DER)
    except ssl.SSLCertVerificationError as error:
        raise DepotFault(identity_fault(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise DepotFault(NOT_REACHED) from error
    except (ValidationError, ValueError):
        raise DepotFault(NOT_THE_DEPOT) from None
    finally:
        line.close()
    if fingerprint_of(der) != fingerprint:
        raise DepotFault(WRONG_DEPOT)
    return ca


@contextmanager
def _deadline(line: http.client.HTTPConnection) -> Iterator[None]:
    """Cut a connection that takes too long: its own timeout begins anew with each byte of whoever answers.

    Raises TimeoutError then.
    """
    cutter = Cutter()
    with socket.fromfd(line.sock.fileno(), line.sock.family, line.sock.type) as opened:  # TLS has no duplicate
        watched = cutter.watch(opened)
    try:
        with cutter.deadline(_SECONDS) as late:
            try:
                yield
            except Exception as error:  # half a head looks like somebody else's answer
                if late.is_set():
                    raise TimeoutError from error
                raise
    finally:
        cutter.forget(watched)


def _posted(session: requests.Session, url: str, body: bytes) -> EnrolReply:
    """A line that breaks is tried again with the same key: the depot gives its answer again."""
    again = Retrying(
        retry=retry_if_exception_type((requests.ConnectionError, requests.Timeout)),
        stop=stop_after_attempt(3),
        wait=wait_fixed(1),
        reraise=True,
    )
    try:
        response = again(
            session.post,
            url,
            data=body,
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise DepotFault(identity_fault(error) or NOT_REACHED) from error
    if reason := _REFUSED.get(response.headers.get(REASON, "")):
        raise DepotFault(reason)
    try:
        if response.status_code != 200:
            raise DepotFault(NOT_THE_DEPOT)
        return EnrolReply.model_validate_json(response.content)
    except ValidationError:
        raise DepotFault(NOT_THE_DEPOT) from None
