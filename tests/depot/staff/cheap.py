"""Passwords that cost little: the same construction with small numbers. The real ones are in test_passwords.py."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from patrol_anpr.depot.staff import passwords


@pytest.fixture(autouse=True, scope="module")
def cheap_passwords() -> Iterator[None]:
    """Each hash takes a millisecond."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()
