"""A car's manifest: what it runs and which lists it has, in its own word. No mark, officer or place is in it."""

from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from patrol_anpr.domain.health import LampState
from patrol_anpr.wire.models import NewModels
from patrol_anpr.wire.payloads import Count, Id, Name, Sha256, Wire
from patrol_anpr.wire.statements import Signature, is_signed

MAX_MANIFEST = 200_000
"""Characters of a manifest; one of 500 lists whose ids are as long as may be has some 120,000."""
MOST_LISTS, MOST_MODELS = 500, 20


class RunModel(Wire):
    """One model file in use: what it does, its version ("" where it is not a shipped one), and its hash."""

    role: Id
    version: Name
    sha256: Sha256


class ListInForce(Wire):
    """One list in force. `sha256` is that of its target as its owner signed it; None: no sync brought it."""

    list_id: Id
    revision: Count
    issued_at: AwareDatetime
    sha256: Sha256 | None = None


class Running(Wire):
    """What runs in a car: the program, the machine's system, the form of the records, and the models in use.

    `reading` says whether they are those that should read (good), others in their place (warn), or none (bad).
    `new_models` is the newest set that the depot offered, with how far the car is with it; None: none was.
    """

    software: Name
    system: Name
    records_version: Count
    models: Annotated[tuple[RunModel, ...], Field(max_length=MOST_MODELS)] = ()
    reading: LampState = LampState.UNKNOWN
    new_models: NewModels | None = None


class CarManifest(Running):
    """What is signed. `at` is the car's time; `lists_root` is of the signatures that the car was enrolled to trust.

    `waiting` are records without a receipt at that moment; None: an older car, which does not say.
    """

    what: Literal["patrol-anpr car manifest"] = "patrol-anpr car manifest"
    depot_id: Name
    car_id: Id
    at: AwareDatetime
    waiting: Count | None = None
    lists_root: Sha256 | None = None
    lists: Annotated[tuple[ListInForce, ...], Field(max_length=MOST_LISTS)] = ()

    @property
    def lasting(self) -> dict[str, Any]:
        """What a car runs and holds, without what is new each time: the time, and what is counted."""
        return self.model_dump(mode="json", exclude={"at": True, "waiting": True, "new_models": {"shadow": True}})


class ManifestReport(Wire):
    """POST /v2/manifest. `manifest` is the very text that was signed; the signature (ECDSA P-256, SHA-256) is in hex.

    So a depot can check what a newer car says without knowing all of it.
    """

    manifest: Annotated[str, StringConstraints(max_length=MAX_MANIFEST)]
    signature: Signature

    def proven(self, key: ec.EllipticCurvePublicKey) -> CarManifest | None:
        """Return what the owner of `key` has signed; None where that is not so, or it is no manifest."""
        if not is_signed(key, self.manifest.encode(), self.signature):
            return None
        try:
            return CarManifest.model_validate_json(self.manifest)
        except ValidationError:
            return None
