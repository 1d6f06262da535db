"""The keys to a car's records, as only its depot can read them: a SealedBox of NaCl to the depot's X25519 key."""

from typing import Annotated

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from pydantic import StringConstraints, ValidationError

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import Wire

_Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RecordKeys(Wire):
    """What opens the records of one shift: `database` (SQLCipher), `pictures` (AES-256-GCM), 32 bytes each, in hex."""

    database: _Hex
    pictures: _Hex

    def sealed_to(self, sealing_key: bytes) -> bytes:
        """Seal them to the depot with this public key (32 bytes)."""
        sealed: bytes = SealedBox(PublicKey(sealing_key)).encrypt(self.model_dump_json().encode("ascii"))
        return sealed

    @classmethod
    def opened(cls, sealed: bytes, key: PrivateKey) -> "RecordKeys":
        """Open them, at the depot. Raises BadInput where they are damaged or were sealed to another depot."""
        try:
            return cls.model_validate_json(SealedBox(key).decrypt(sealed))
        except (CryptoError, ValidationError, ValueError):
            raise BadInput(
                "The key to these records was sealed to another depot, or is damaged. Bring the laptop to the depot "
                "it was enrolled at."
            ) from None
