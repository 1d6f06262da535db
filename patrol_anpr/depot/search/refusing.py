"""What the law refuses leaves a row in the audit: who looks for a way round is seen by it."""

from collections.abc import Iterator
from contextlib import contextmanager

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.search.law import Refused

SEARCH_REFUSED = "search refused"
"""The action of the audit's rows about searches, and requests for them, that the law did not allow."""
EXPORT_REFUSED = "export refused"
"""Beyond the quota of a day."""
LOOK_REFUSED = "answer refused"
"""Of an answer that is closed."""
DECISION_REFUSED = "decision refused"
"""On a request of one's own, or on one that the law allows nobody to grant."""


@contextmanager
def told(database: DepotDatabase, staff_id: str, action: str, about: str, what: str = "") -> Iterator[None]:
    """Let a refusal be in the audit before it is said: `about` an id, `what` without a mark, which the trail never has.

    It stands in a transaction of its own, since that of what was refused is rolled back. Raises what it is given.
    """
    try:
        yield
    except Refused as refusal:
        said = f"{what}, {type(refusal).__name__}" if what else type(refusal).__name__
        with database.writing() as connection:
            add_audit(connection, f"staff {staff_id}", action, about, said)
        raise
