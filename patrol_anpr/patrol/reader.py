"""The models that read: opened, tried on this machine, and what is used instead of one that is bad."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from patrol_anpr.domain.errors import BadInput, KnownError, ModelRefused
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.plate import Box, Candidate, Pixels, Plate
from patrol_anpr.reading.detector import PlateDetector, make_detector
from patrol_anpr.reading.models import FoundModels, ModelInUse, find_models
from patrol_anpr.reading.ocr import Effort, PlateOcr, make_ocr
from patrol_anpr.reading.trial import Trial, best_of, load_cards, try_out
from patrol_anpr.resources import ASSETS, MODELS
from patrol_anpr.settings import ReadingSettings
from patrol_anpr.vehicle.clock import SystemClock

log = logging.getLogger(__name__)

_SHIPPED = {"detector": "", "detector_form": "auto", "ocr": "", "ocr_config": "", "ocr_near": ""}


@dataclass(frozen=True, slots=True)
class Reader:
    """A detector and an OCR, with the line that names their models in every record, and what they did on this machine.

    `trials` has one entry for each form of the detector that was tried; `form` is the one in use. `faults` says what
    could not be used of what the settings ask for; with `reads` False there is nothing that reads at all. `models` are
    the files in use.
    """

    detector: PlateDetector
    ocr: PlateOcr
    names: str
    trials: tuple[Trial, ...] = ()
    form: str = ""
    faults: tuple[KnownError, ...] = ()
    reads: bool = True
    models: tuple[ModelInUse, ...] = ()

    @property
    def lamp(self) -> Lamp:
        """The lamp of reading while frames are read."""
        if not self.faults:
            return Lamp("reading", LampState.GOOD, "Reading")
        if self.reads:
            return Lamp("reading", LampState.WARN, "Reading, not with all models", self.faults[0].sentence)
        return Lamp("reading", LampState.BAD, "Plates are not read", self.faults[0].sentence)


class _Nothing:
    """A detector that finds nothing, and an OCR that is never asked."""

    def find(self, pixels: Pixels) -> list[Plate]:
        del pixels
        return []

    def look(
        self,
        pixels: Pixels,
        boxes: Sequence[Box],
        *,
        effort: Effort = Effort.PICTURE,
        seen_at: float | None = None,
    ) -> list[Candidate]:
        del pixels, effort, seen_at
        return [Candidate("", (), ()) for _ in boxes]


def build_reader(settings: ReadingSettings, folder: Path | None = None, *, must_read: bool = True) -> Reader:
    """Open the models the settings name: those of `folder` (None: the shipped ones), verified, unless others are named.

    Without `must_read` it is left to the caller what they make of the test card.

    Raises:
        BadInput: a setting that cannot be used here.
        ModelRefused: a model that is missing, changed, of a wrong shape, or, of the shipped ones, that does not read
            the test card on this machine.
    """
    faults: list[KnownError] = []
    reader = _open(settings, folder or MODELS, faults, must_read=must_read)
    for fault in faults:
        raise fault
    return reader


def open_reader(settings: ReadingSettings, folder: Path | None = None) -> Reader:
    """Open the models the settings name, and where they cannot be used the best there is instead; never raises.

    Those of `folder`, which the depot signed, give way to the shipped ones. A form of the detector, or the second OCR,
    does without the other; a user's own model gives way to the shipped one, an accelerator to the processor. The faults
    say which.
    """
    faults: list[KnownError] = []
    for tried, models in _ways(settings, folder or MODELS):
        try:
            reader = _open(tried, models, faults)
        except KnownError as error:
            faults.append(error)
        except Exception as error:  # a patrol without reading is told, and better than none
            log.exception("the models could not be opened")
            faults.append(ModelRefused("The models cannot be used ({kind}). Tell IT.", kind=type(error).__name__))
        else:
            return replace(reader, faults=_without_repeats(faults))
    return Reader(_detector_alone(settings), _Nothing(), "none", faults=_without_repeats(faults), reads=False)


def _detector_alone(settings: ReadingSettings) -> PlateDetector:
    """A detector, where there is one: plates are seen though they cannot be read, and it is known what fails."""
    for tried, models in _ways(settings, MODELS):
        try:
            return next(iter(_open_detectors(tried, find_models(models), []).values()))
        except Exception as error:  # noqa: BLE001  that nothing reads is told already
            log.info("no detector either: %s", type(error).__name__)
    return _Nothing()


def _ways(settings: ReadingSettings, folder: Path) -> Iterator[tuple[ReadingSettings, Path]]:
    """As the settings say, with the models of `folder`; then the shipped models; then those on the processor."""
    yield settings, folder
    shipped = settings.model_copy(update=_SHIPPED)
    if folder != MODELS:
        yield settings, MODELS
    if shipped != settings:
        yield shipped, MODELS
    if settings.provider != "cpu":
        yield shipped.model_copy(update={"provider": "cpu"}), MODELS


def _without_repeats(faults: Sequence[KnownError]) -> tuple[KnownError, ...]:
    return tuple({str(fault): fault for fault in faults}.values())


def _open(settings: ReadingSettings, folder: Path, faults: list[KnownError], *, must_read: bool = True) -> Reader:
    """Open one set of models; what it can do without goes to `faults`, the rest is raised."""
    models = find_models(folder)
    faults += models.faults.values()
    ocr, ocr_models = _open_ocr(settings, models, faults)
    detectors = _open_detectors(settings, models, faults)
    trials = _tried(detectors, ocr, faults)
    chosen = best_of(trials)
    own = settings.detector or settings.ocr or settings.ocr_near
    if must_read and not chosen.works and chosen.plates and not own:  # what a user's own model reads is their business
        raise ModelRefused(
            "The models do not work on this machine: {read} of {plates} plates of the test card "
            'were read. Choose another provider than "{provider}", or install Patrol ANPR again.',
            read=chosen.read,
            plates=chosen.plates,
            provider=settings.provider,
        )
    log.info("detector in the form %s", chosen)
    role = "detector_int8" if chosen.form == "int8" else "detector"
    used = (_in_use(role, settings.detector, models), *ocr_models)
    names = ", ".join(map(str, used))
    return Reader(detectors[chosen.form], ocr, names, tuple(trials), chosen.form, models=used)


def _in_use(role: str, own: str, models: FoundModels) -> ModelInUse:
    return ModelInUse.own(role, Path(own)) if own else models.models[role]


def _open_ocr(
    settings: ReadingSettings, models: FoundModels, faults: list[KnownError]
) -> tuple[PlateOcr, list[ModelInUse]]:
    """Open the OCR with its second one, or one of them alone; returns it with the files it is of.

    The shipped second one is measured beside the shipped first one, and with no other.
    """
    first = Path(settings.ocr) if settings.ocr else models.files.get("ocr")
    own_near = Path(settings.ocr_near) if settings.ocr_near else None
    near = own_near or (None if settings.ocr else models.files.get("ocr_near"))
    config = Path(settings.ocr_config) if settings.ocr_config else models.files.get("ocr_config")
    if config is None:
        raise models.faults["ocr_config"]
    whole = [(first, "ocr", settings.ocr)] if first else []
    whole += [(near, "ocr_near", settings.ocr_near)] if near else []
    if not whole:
        raise models.faults["ocr"]
    refused: list[KnownError] = []
    for used in (whole, whole[:1])[: len(whole)]:
        try:
            ocr = make_ocr(
                used[0][0],
                config,
                near=used[1][0] if len(used) > 1 else None,
                provider=settings.provider,
                threads=settings.threads,
            )
        except KnownError as error:
            refused.append(error)
            continue
        faults += refused
        return ocr, [_in_use(role, own, models) for _, role, own in used]
    raise refused[0]


def _open_detectors(
    settings: ReadingSettings, models: FoundModels, faults: list[KnownError]
) -> dict[str, PlateDetector]:
    """Open the forms of the detector that the settings let run; one that cannot be opened is left out."""
    opened: dict[str, PlateDetector] = {}
    refused: list[KnownError] = []
    for form, path in _forms(settings, models).items():
        try:
            opened[form] = make_detector(
                path,
                provider=settings.provider,
                threads=settings.threads,
                input_size=settings.input_size,
                threshold=settings.detector_threshold,
            )
        except KnownError as error:
            refused.append(error)
    if not opened:
        raise refused[0] if refused else models.faults["detector"]
    faults += refused
    return opened


def _forms(settings: ReadingSettings, models: FoundModels) -> dict[str, Path]:
    """Return the detectors to try, by form. Accelerators have their own arithmetic: they get the fp32 form alone."""
    if settings.detector:
        return {"own": Path(settings.detector)}
    roles = {"fp32": "detector"} | ({"int8": "detector_int8"} if settings.provider == "cpu" else {})
    forms = {form: models.files[role] for form, role in roles.items() if role in models.files}
    demanded = settings.detector_form
    if demanded == "auto":
        return forms
    if demanded not in forms:
        if roles.get(demanded) in models.faults:
            raise models.faults[roles[demanded]]
        raise BadInput(
            'The detector has no form "{demanded}" for the provider "{provider}". Set detector_form to "auto".',
            demanded=demanded,
            provider=settings.provider,
        )
    return {demanded: forms[demanded]}


def _tried(detectors: dict[str, PlateDetector], ocr: PlateOcr, faults: list[KnownError]) -> list[Trial]:
    """Let every form read the test card. Where that is gone itself the models are not to blame, and none is proven."""
    try:
        cards = load_cards(ASSETS / "test_card")
    except ModelRefused as error:
        faults.append(error)
        return [Trial(form, 0, 0, 0.0) for form in detectors]
    today = SystemClock().utc().date()
    return [try_out(form, detector, ocr, cards, today) for form, detector in detectors.items()]
