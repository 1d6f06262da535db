"""What the depot hands to an adapter, and what it asks of it. Whoever writes one for another system satisfies this."""

from dataclasses import dataclass, field
from typing import Protocol

from patrol_anpr.depot.interchange.national import NationalRecord
from patrol_anpr.domain.errors import KnownError


class AdapterFault(KnownError):
    """A batch could not be handed over. The sentence says why and what to do; nothing of the batch is in it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records in the order they came. The same batch has the same name and content when it comes again."""

    name: str
    records: tuple[NationalRecord, ...] = field(repr=False)


class Adapter(Protocol):
    """Hands batches to one other system. One thread calls, one batch after another."""

    @property
    def name(self) -> str:
        """Its name: the depot keeps for each how far it has come."""
        ...

    def send(self, batch: Batch) -> None:
        """Hand a batch over; return when the other side has it for good, not before.

        The depot may have ended after the last `send` and before it could note it: then the same batch comes again,
        and must not arrive twice. Raises AdapterFault when it could not be handed over, in whole or in part: the same
        batch comes again later.
        """
        ...
