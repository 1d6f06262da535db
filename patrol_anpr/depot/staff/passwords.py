"""Which passwords somebody at the depot may have, and how they are kept: as Argon2id hashes alone."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

FEWEST, MOST = 12, 128
"""Letters. The second factor carries the rest; longer ones cost an asker's memory."""
_FEWEST_DIFFERENT = 6
_FEWEST_OWN = 6
"""Letters that must be left once common words and digits are taken out."""
_COMMON = (
    "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "qwertyuiop", "qwertzuiop", "qwerty", "asdfghjkl",
    "asdfgh", "zxcvbnm", "letmein", "welcome", "iloveyou", "football", "liverpool", "arsenal", "chelsea", "monkey",
    "dragon", "sunshine", "princess", "superman", "batman", "charlie", "trustno1", "changeme", "secret", "default",
    "admin", "administrator", "operator", "police", "constable", "sergeant", "patrol", "anpr", "depot", "console",
    "summer", "winter", "spring", "autumn", "monday", "friday", "january", "december", "november", "october",
    "london", "england", "scotland", "wales", "0123456789", "1234567890", "123456789", "12345678", "1234567",
    "123456", "12345", "1234", "abcdefghijkl", "abcdef", "abcd", "abc",
)  # fmt: skip
_HASHER = PasswordHasher(type=Type.ID)
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each costs 64 MB for a tenth of a second: who asks a thousand times at once must not have it all."""


def why_refused(password: str, staff_id: str, name: str) -> str:
    """Return why somebody may not have this password, as a sentence; "" where they may. It repeats nothing of it."""
    if not FEWEST <= len(password) <= MOST:
        return f"A password has {FEWEST} to {MOST} letters, digits or signs. Three or four words do well."
    plain = password.casefold()
    own = [word for word in (staff_id.casefold(), *name.casefold().split()) if len(word) > 2]
    if any(word in plain for word in own):
        return "A password may not hold your id or your name. Choose another."
    for word in _COMMON:
        plain = plain.replace(word, "")
    own_letters = [letter for letter in plain if not (letter.isdigit() or letter.isspace())]
    if len(own_letters) < _FEWEST_OWN or len(set(password.casefold())) < _FEWEST_DIFFERENT:
        return "This password is among those that are tried first. Choose one that has nothing to do with the work."
    return ""


def hash_of(password: str) -> str:
    """Return what is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return _HASHER.hash("what nobody has")


def is_right(password: str, kept: str) -> bool:
    """Tell whether a password is the one kept. It takes as long where none is (`kept` is "")."""
    with _AT_ONCE:
        try:
            right = _HASHER.verify(kept or _nobodys(), password[: MOST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and bool(kept)
