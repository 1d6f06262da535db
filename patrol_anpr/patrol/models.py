"""Where the models lie that the depot signed, and what a crew is told of them."""

from collections.abc import Iterable

from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import joined, marked, sentence
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import Settings

KEY = "models"
STAY = marked("The models of before read on.")
NOT_TRIED = Lamp(KEY, LampState.WARN, "New models not tried", sentence(STAY))


def model_shelf_of(settings: Settings) -> ModelShelf:
    """Return the models of the depot of a car; they lie beside the folder of its records."""
    folder = settings.records.folder.absolute().parent / "models"
    return ModelShelf(folder, MODELS, reads=settings.reading.depot_models)


def models_lamp(problem: str, shown: Iterable[Lamp]) -> Lamp | None:
    """Return the lamp for what is wrong with new models; None where nothing is and nothing was."""
    if problem:
        return Lamp(KEY, LampState.WARN, "New models not used", joined(sentence(problem), sentence(STAY)))
    before = next((lamp for lamp in shown if lamp.key == KEY), None)
    return Lamp(KEY, LampState.GOOD, "Models") if before is not None else None
