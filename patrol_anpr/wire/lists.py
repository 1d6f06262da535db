"""What the signed description of a list says, and how its roles and paths are named. Depot and car both read it here.

Lists travel as targets of The Update Framework (TUF). A *role* signs the lists of one owner for one audience. The role
of lists that are for all cars is named by its owner; one that is for some cars has a name that says nothing.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from pydantic import AwareDatetime, Base64Bytes, Field, StringConstraints, ValidationError, model_validator

from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.wire.payloads import Id, Name, Sha256, Wire

OPEN_ROLE, CLOSED_ROLE = "owner-", "some-"
"""What the names of roles begin with: for all cars, and for some."""
ROLE = re.compile(r"(?:owner-[a-z0-9-]{1,40}|some-[0-9a-f]{32})\Z")
ABOUT = "about"
"""The field of a role's signed metadata that holds a RoleHead."""


LIST_KEY_BYTES = 32
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""By which the key that opens a list is known."""


class ListFile(Wire):
    """A file of a list."""

    sha256: Sha256
    bytes: Annotated[int, Field(ge=1, le=2**40)]


class HotlistHead(Wire):
    """A list in force at the depot. `entries` counts its entries, `bytes` and `sha256` are those of the file.

    The file is the `whole` list, or a `delta` that lies over `base`, an earlier whole one; `key_id` names the key that
    opens both.
    `in_file` counts the entries as the owner's last file had them, where entries were added or cancelled by hand since;
    0 for a list without a file. `contact` says how to reach the owner. `confirmed`: a named person at the depot
    confirmed that so unusual a size is meant.
    """

    list_id: Id
    name: Name
    owner: Name
    contact: Name = ""
    revision: Annotated[int, Field(ge=1, le=2**53)]
    tier: Tier
    issued_at: AwareDatetime
    valid_until: AwareDatetime
    entries: Annotated[int, Field(ge=1, le=2**53)]
    in_file: Annotated[int, Field(ge=0, le=2**53)] | None = None
    confirmed: bool = False
    form: Literal["whole", "delta"]
    base: ListFile | None = None
    key_id: KeyId
    sha256: Sha256
    bytes: Annotated[int, Field(ge=1, le=2**40)]

    @model_validator(mode="after")
    def _a_delta_has_a_base(self) -> "HotlistHead":
        if (self.form == "delta") != (self.base is not None):
            raise ValueError("a delta lies over a whole list, and nothing else does")
        return self

    @property
    def judged_entries(self) -> int:
        """The number by which it is told whether a list shrank or grew as a mistake would: people make single ones."""
        return self.entries if self.in_file is None else self.in_file

    @property
    def files(self) -> tuple[ListFile, ...]:
        """What a car without this list fetches."""
        own = ListFile(sha256=self.sha256, bytes=self.bytes)
        return (own,) if self.base is None else (self.base, own)

    def hotlist(self) -> Hotlist:
        """As the domain has it."""
        return Hotlist(self.list_id, self.name, self.owner, self.revision, self.tier, self.issued_at, self.valid_until)

    @property
    def custom(self) -> dict[str, Any]:
        """What is signed beside the file's hash and length, which TUF signs itself."""
        return self.model_dump(mode="json", exclude={"sha256", "bytes"})

    @classmethod
    def of(cls, custom: Mapping[str, Any], sha256: str, size: int) -> "HotlistHead":
        """Read it back. Raises ValueError where it is no such thing."""
        return cls.model_validate({**custom, "sha256": sha256, "bytes": size})


class WithdrawnList(Wire):
    """A list that its owner took back: no car may match by it, nor by any revision up to this one."""

    list_id: Id
    name: Name
    revision: Annotated[int, Field(ge=1, le=2**53)]
    withdrawn_at: AwareDatetime


class RoleHead(Wire):
    """What a role says of itself: whose lists it signs, for which cars (None: all), and what was taken back."""

    owner: Name
    audience: tuple[Id, ...] | None = None
    withdrawn: tuple[WithdrawnList, ...] = ()

    def is_for(self, car_id: str) -> bool:
        """Tell whether the lists of the role are for a car."""
        return self.audience is None or car_id in self.audience

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "RoleHead":
        """Read it from the fields of a role's signed metadata. Raises ValueError where it is not there."""
        try:
            return cls.model_validate(fields[ABOUT])
        except (KeyError, ValidationError):
            raise ValueError("no head of a role") from None


def path_of(role: str, head: HotlistHead) -> str:
    """The path of a list's target: a role may sign what lies below its own name, and nothing else."""
    return f"{role}/{head.list_id}.{head.form}"


class ListKeysAsk(Wire):
    """A car asks for the keys of its lists. `sealed_to` is an X25519 key (hex) that it made for this question alone."""

    sealed_to: Sha256


class SealedListKey(Wire):
    """The key of one list, sealed (NaCl SealedBox)."""

    key_id: KeyId
    sealed: Annotated[Base64Bytes, Field(max_length=200)]

    @classmethod
    def of(cls, key_id: str, secret: bytes, ask: ListKeysAsk) -> "SealedListKey":
        """Seal a key to who asked."""
        box = SealedBox(PublicKey(bytes.fromhex(ask.sealed_to)))
        return cls(key_id=key_id, sealed=b64encode(box.encrypt(secret)))


class ListKeysReply(Wire):
    """The keys of all lists that are for the car."""

    keys: tuple[SealedListKey, ...]

    def opened(self, by: PrivateKey) -> dict[str, bytes]:
        """Return the keys by their ids. Raises CryptoError where they were sealed to another or are no keys."""
        keys = {one.key_id: SealedBox(by).decrypt(one.sealed) for one in self.keys}
        if any(len(key) != LIST_KEY_BYTES for key in keys.values()):
            raise CryptoError("the key of a list has another length")
        return keys
