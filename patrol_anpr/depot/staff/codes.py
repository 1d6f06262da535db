"""One-time codes of a phone (TOTP, RFC 6238): six digits that change every half minute, each good once."""

from base64 import b64decode, b64encode
from datetime import datetime
from urllib.parse import quote

import pyotp
from nacl.exceptions import CryptoError
from nacl.secret import Aead

SECONDS = 30
_AROUND = (-1, 0, 1)
"""Half minutes by which a phone's clock may be off."""


class CodeSecrets:
    """Seals the secrets of the codes with a key that is not in the database (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._box = Aead(key)

    def seal(self, secret: str, staff_id: str) -> str:
        """Return a secret as it is kept; it opens for this account alone."""
        return b64encode(self._box.encrypt(secret.encode(), staff_id.encode())).decode()

    def open(self, kept: str, staff_id: str) -> str:
        """Return the secret; "" where there is none, or it is not this account's."""
        try:
            return self._box.decrypt(b64decode(kept), staff_id.encode()).decode() if kept else ""
        except (CryptoError, ValueError):
            return ""


def new_secret() -> str:
    """Make a secret of 160 bits, in letters and digits."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return which half minute (since 1970) a code is of, around `now`; None where it is none of them."""
    digits = "".join(code.split())
    at = int(now.timestamp()) // SECONDS
    right = None
    if secret and digits.isascii() and digits.isdigit():
        codes = pyotp.TOTP(secret)
        for step in (at + near for near in _AROUND):
            if pyotp.utils.strings_equal(codes.generate_otp(step), digits):
                right = step
    return right


def address_of(secret: str, staff_id: str, issuer: str) -> str:
    """Return what an app on a phone reads from the picture (otpauth://)."""
    return f"otpauth://totp/{quote(issuer)}:{quote(staff_id)}?secret={secret}&issuer={quote(issuer)}"
