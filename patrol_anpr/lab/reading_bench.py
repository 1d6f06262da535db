"""What reading a file costs on this machine, frame by frame, through the very engine that patrols."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from patrol_anpr.cameras.source import CaptureWish, parse_source
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Frame, Pixels, Plate
from patrol_anpr.patrol.engine import CameraPlan, Engine, EngineListeners
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.recogniser import Recogniser, Recognition

LOOK_SECONDS = 0.2


@dataclass(slots=True)
class Costs:
    """For each frame measured the seconds of the processor and of the clock: of the detector, and of all of reading."""

    size: tuple[int, int] = (0, 0)
    detector: list[tuple[float, float]] = field(default_factory=list)
    whole: list[tuple[float, float]] = field(default_factory=list)


class _TimedDetector:
    def __init__(self, detector: PlateDetector, costs: Costs) -> None:
        self._detector, self._costs = detector, costs

    def find(self, pixels: Pixels) -> list[Plate]:
        began = time.process_time(), time.perf_counter()
        found = self._detector.find(pixels)
        self._costs.detector.append((time.process_time() - began[0], time.perf_counter() - began[1]))
        return found


class _TimedRecogniser(Recogniser):
    """Measures itself; the first frame is left out: the first run of a model is not like the others."""

    def __init__(self, reader: Reader, clock: Clock, costs: Costs) -> None:
        super().__init__(_TimedDetector(reader.detector, costs), reader.ocr, clock, models=reader.names)
        self._costs = costs

    def process(self, frame: Frame) -> Recognition:
        began = time.process_time(), time.perf_counter()
        recognition = super().process(frame)
        if frame.number:
            self._costs.whole.append((time.process_time() - began[0], time.perf_counter() - began[1]))
        else:
            self._costs.size = frame.size
            self._costs.detector.clear()
        return recognition


def read_through(source: Path, reader: Reader, clock: Clock, most: int, progress: Callable[[int], object]) -> Costs:
    """Read the first `most` frames of a file or folder; `progress` gets the number of frames done so far.

    Raises:
        BadInput: it is a camera, or gives no frame to measure.
    """
    plan = CameraPlan("bench", parse_source(str(source)), CaptureWish())
    if plan.spec.live:
        raise BadInput(f"{plan.spec.label} is a camera: frame by frame only files and folders can be read.")
    costs, failures = Costs(), list[str]()
    tell = EngineListeners(
        on_read=lambda read, evidence: None,
        on_camera=lambda status: None,
        on_lamp=lambda lamp: failures.append(lamp.advice) if lamp.advice else None,
    )
    engine = Engine([plan], _TimedRecogniser(reader, clock, costs), clock, tell, every_frame=True)
    engine.start()
    while not engine.wait_ended(LOOK_SECONDS) and len(costs.whole) < most:
        progress(len(costs.whole))
    engine.stop()
    if not costs.whole:
        raise BadInput(next(iter((*failures, *engine.problems)), f"{source} holds too few frames to measure."))
    del costs.whole[most:], costs.detector[most:]
    return costs
