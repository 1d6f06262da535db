"""Where the identity of this car lies, what opens it, and what it changes of the settings."""

from pathlib import Path

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.identity.own import Identity
from patrol_anpr.records.keys import Key, find_key
from patrol_anpr.settings import DepotSettings, Settings

NOT_ENROLLED = (
    "This car is not enrolled at a depot, so it sends and fetches nothing. Ask for a code at the depot, then "
    "`patrol-anpr enrol`."
)


def identity_folder(settings: Settings) -> Path:
    """Where the identity lies: beside the folder of the records."""
    return settings.records.folder.absolute().parent / "identity"


def identity_secret(settings: Settings, key: Key | None = None) -> bytes:
    """Return what opens it: derived from the key to the records. Raises RecordsFault, KeyRefused among them."""
    return (key or find_key(settings.records.folder)).derived("identity")


def identity_of(settings: Settings, key: Key | None = None) -> Identity | None:
    """Return who this car is, None where it is not enrolled. Raises RecordsFault."""
    folder = identity_folder(settings)
    return Identity.read(folder, identity_secret(settings, key)) if folder.exists() else None


def as_enrolled(settings: Settings, identity: Identity | None) -> Settings:
    """Return the settings as they hold of an enrolled car: its id is that of its certificate.

    The depot is where the car enrolled, unless the settings name another address of it. Raises BadInput where the
    settings name another car: records would go out under its name.
    """
    if identity is None:
        return settings
    depot = settings.depot
    if depot.car not in (identity.car_id, DepotSettings().car):
        raise BadInput(
            "The settings say that this is {said}, but it is enrolled as {enrolled}. Take depot.car out of the "
            "settings, or enrol the car again.",
            said=depot.car,
            enrolled=identity.car_id,
        )
    known = {"car": identity.car_id, "url": depot.url or identity.trust.address}
    return settings.model_copy(update={"depot": depot.model_copy(update=known)})
