"""What the depot asks of whatever holds its objects: a folder, or a store that speaks S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class NoSuchObject(Exception):
    """There is no object of that name, or not as many bytes of it."""


class ObjectHeld(Exception):
    """The object is evidence that is held, and was not deleted."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing has it: its name, its size in bytes, and when it was put (aware UTC)."""

    name: str
    size: int
    at: datetime


class Objects(Protocol):
    """Names and their bytes. A name is given once and its content never changes. Any thread may call.

    Names are the depot's own, "2026-11-30/3f..."; nothing that a car sends is ever part of one. Every call raises
    OSError where the store does not do what it was asked.
    """

    def put(self, name: str, content: bytes) -> None:
        """Keep an object. When it returns, a power cut takes nothing of it; before, there is no such object."""
        ...

    def get(self, name: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`. Raises NoSuchObject."""
        ...

    def delete(self, name: str) -> None:
        """Delete an object for good; one that is not there is no fault. Raises ObjectHeld."""
        ...

    def hold(self, name: str, *, held: bool) -> None:
        """Let nobody delete an object until it is held no longer."""
        ...

    def list(self, group: str = "") -> Iterator[StoredObject]:
        """Give every object, or those whose names begin with "GROUP/", in no order."""
        ...

    def delete_halves(self, before: datetime) -> int:
        """Delete what a crash left unfinished before that moment; return how many."""
        ...
