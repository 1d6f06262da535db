"""What runs in this car, for the manifest that goes to the depot."""

import platform
from collections.abc import Sequence

from patrol_anpr import __version__
from patrol_anpr.domain.health import LampState
from patrol_anpr.reading.models import ModelInUse
from patrol_anpr.records.migrations import MIGRATIONS
from patrol_anpr.wire.manifest import RunModel, Running
from patrol_anpr.wire.models import NewModels


def running_of(models: Sequence[ModelInUse], reading: LampState, new_models: NewModels | None = None) -> Running:
    """Return it, with the models in use, how reading stood at the start, and how far the car is with newer models.

    The name of a user's own model file is not told, its hash is.
    """
    return Running(
        software=f"patrol-anpr {__version__}",
        system=platform.platform()[:120],
        records_version=len(MIGRATIONS),
        models=tuple(RunModel(role=one.role, version=one.version, sha256=one.sha256) for one in models),
        reading=reading,
        new_models=new_models,
    )
