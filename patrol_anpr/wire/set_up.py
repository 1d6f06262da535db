"""What a car is set up with: who may sign on, and what may be done about a hit. The depot signs it for each question.

It is the depot's own word, not that of people with keys offline, as lists are: the roster changes with each transfer.
The signature keeps out whoever stands between, a proxy that ends TLS among them; the nonce of the question, whatever
was signed before.
"""

from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from patrol_anpr.domain.disposition import MOST_OF_A_PAGE
from patrol_anpr.wire.payloads import DispositionEntry, Id, Name, RosterOfficer, Wire, canonical_json
from patrol_anpr.wire.receipts import NotProven, Verifier
from patrol_anpr.wire.statements import Signature

WHAT: Literal["patrol-anpr set-up"] = "patrol-anpr set-up"
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""128 random bits that the car makes for this question alone."""


class CarSetUp(Wire):
    """What is signed: for which car, as the answer to which question, and when."""

    what: Literal["patrol-anpr set-up"]
    depot_id: Name
    car_id: Id
    nonce: Nonce
    at: AwareDatetime
    officers: tuple[RosterOfficer, ...]
    dispositions: Annotated[tuple[DispositionEntry, ...], Field(max_length=2 * MOST_OF_A_PAGE)]


class SetUpReply(Wire):
    """GET /v2/set-up. `set_up` is the very text that was signed; the signature (Ed25519) is in hex."""

    set_up: str
    signature: Signature

    @classmethod
    def of(cls, said: CarSetUp, key: Ed25519PrivateKey) -> "SetUpReply":
        """Sign it."""
        text = canonical_json(said)
        return cls(set_up=text.decode("ascii"), signature=key.sign(text).hex())

    def proven(self, by: Verifier, nonce: str) -> CarSetUp:
        """Return what a car's depot has signed as the answer to this question. Raises NotProven."""
        try:
            Ed25519PublicKey.from_public_bytes(by.key).verify(bytes.fromhex(self.signature), self.set_up.encode())
            said = CarSetUp.model_validate_json(self.set_up)
        except (InvalidSignature, ValueError, ValidationError):
            raise NotProven("the signature is not that of this car's depot") from None
        if (said.depot_id, said.car_id) != (by.depot_id, by.car_id):
            raise NotProven("it is of another depot, or for another car")
        if said.nonce != nonce:
            raise NotProven("it is the answer to another question")
        return said
