"""The depot's audit trail, witnessed by cars: each signs the newest row that it saw, and the depot keeps that."""

from typing import Annotated, Literal

from pydantic import Field

from patrol_anpr.wire.payloads import Count, Name, Sha256, Wire, canonical_json
from patrol_anpr.wire.statements import Signature


class AuditHeadReply(Wire):
    """The newest row of the depot's audit trail, 0 for none, and the hash of the row that the car saw last, if any."""

    depot_id: Name
    epoch: Count
    seq: Count
    hash: Sha256
    since_hash: Sha256 | None = None


class SeenHead(Wire):
    """What a car signs: that it saw this row as the newest of this depot's trail."""

    what: Literal["patrol-anpr audit head"] = "patrol-anpr audit head"
    depot_id: Name
    epoch: Count
    seq: Annotated[int, Field(ge=1, le=2**53)]
    hash: Sha256

    def signed(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_json(self)


class WitnessReport(Wire):
    """A head and the car's signature of it (ECDSA P-256 with SHA-256, DER, hex)."""

    head: SeenHead
    signature: Signature
