"""From frames to Reads: detect, track, look, agree; one Read a vehicle pass."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import Tally
from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Box, Frame, Plate
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.rig import Rig, hides
from patrol_anpr.reading.consensus import ACCEPTED
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.mirrored import MirrorWatch
from patrol_anpr.reading.ocr import Effort, PlateOcr
from patrol_anpr.reading.passes import Pass
from patrol_anpr.reading.pictures import Photographer
from patrol_anpr.reading.prior import decode
from patrol_anpr.reading.tally import CameraTally
from patrol_anpr.reading.tracker import Track, Tracker

LEAST_WIDTH, LEAST_HEIGHT = 28.0, 8.0
"""px of the frame: below, the OCR reads nothing (measured: 7 % at 32 px), so it is not asked."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What one frame brought: the Reads that became certain or ended with it, and the plates seen in it."""

    reads: list[tuple[Read, Evidence]]
    plates: list[PlateSeen]


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """Since the start: frames processed, Reads made, tracks ended without one, passes joined to an earlier Read."""

    frames: int = 0
    reads: int = 0
    junk: int = 0
    merged: int = 0


@dataclass(slots=True)
class _View:
    """One camera: its tracks, their passes, and when each text read lately (folded) was last in sight.

    `rig` is how the camera was set up while they were followed.
    """

    tracker: Tracker
    tally: CameraTally
    rig: Rig | None
    passes: dict[Track, Pass] = field(default_factory=dict)
    read_lately: dict[str, float] = field(default_factory=dict)
    seen_at: float = 0.0


class Recogniser:
    """Owns the detector, the OCR and the tracks of all cameras. Used by one thread.

    Intervals are measured between frames (`Frame.at_monotonic`), so that a file read faster than real time gives the
    same Reads. The clock gives the day for the date rule and tells when a camera has stopped.
    """

    def __init__(
        self,
        detector: PlateDetector,
        ocr: PlateOcr,
        clock: Clock,
        *,
        models: str = "",
        track_gap: float = 1.0,
        same_pass: float = 10.0,
        least_confidence: int = ACCEPTED,
        mirrors: MirrorWatch | None = None,
    ) -> None:
        """Wire the parts.

        Args:
            detector: finds plates.
            ocr: reads them.
            clock: for the day and for `end_idle`.
            models: the names of the files used, as `Reader.names` has them, kept with each Read.
            track_gap: seconds without a sighting after which a track ends.
            same_pass: seconds within which the same text on the same camera is the same pass.
            least_confidence: percent below which a track makes no Read; it is counted as junk.
            mirrors: finds out whether a camera gives its picture as a mirror does; without, nobody does.
        """
        self._detector = detector
        self._ocr = ocr
        self._clock = clock
        self._models = models
        self._track_gap = track_gap
        self._same_pass = same_pass
        self._least_confidence = least_confidence
        self._mirrors = mirrors
        self._views: dict[str, _View] = {}
        self._rigs: Mapping[str, Rig] = {}
        self._tallies: defaultdict[str, CameraTally] = defaultdict(CameraTally)
        self._photographer = Photographer()
        self._counts = ReadingCounts()

    @property
    def counts(self) -> ReadingCounts:
        """What was done so far."""
        return self._counts

    def tally(self, camera_id: str) -> Tally:
        """What became of a camera's frames so far. Any thread may ask."""
        found = self._tallies.get(camera_id)
        return found.now if found is not None else Tally()

    def use_rigs(self, rigs: Mapping[str, Rig]) -> None:
        """Take how the cameras are set up, from the next frame on; any thread may call.

        A plate whose centre lies in a camera's mask is not read; the frame itself, and with it the evidence, stays as
        it is. Where the Rig of a camera is another object its tracks end: a plate is never followed from one picture
        into another that is turned, or is another camera's.
        """
        self._rigs = dict(rigs)

    def process(self, frame: Frame) -> Recognition:
        """Take in one frame.

        Raises:
            ModelRefused: a model gave NaN or Inf; the frame counts as not seen.
        """
        reads: list[tuple[Read, Evidence]] = []
        rig = self._rigs.get(frame.camera_id)
        view = self._views.get(frame.camera_id)
        if view is None or view.rig is not rig:
            reads += self.finish(frame.camera_id)
            view = _View(Tracker(self._track_gap), self._tallies[frame.camera_id], rig)
            view.tally.begin(rig)
            self._views[frame.camera_id] = view
        plates = _unmasked(self._detector.find(frame.pixels), rig, frame.size)
        view.seen_at = frame.at_monotonic
        tracks = view.tracker.follow(plates, frame.at_monotonic)
        for track in tracks:
            begun = Pass(frame.camera_id, frame.at_utc, frame.at_utc, frame.at_monotonic)
            view.passes.setdefault(track, begun).last_utc = frame.at_utc
        self._look(frame, view.tally, [(view.passes[track], track.box) for track in tracks])
        for track in tracks:
            passed = view.passes[track]
            if not passed.settled and passed.is_certain():
                passed.settled = True
                reads += self._conclude(view, passed, frame.at_monotonic)
            elif passed.is_taken_over:
                view.passes[track] = Pass(frame.camera_id, frame.at_utc, frame.at_utc, frame.at_monotonic)
            elif passed.settled:
                view.read_lately[passed.folded] = frame.at_monotonic
        reads += self._end(view, view.tracker.ended(frame.at_monotonic, frame.size))
        self._counts = replace(self._counts, frames=self._counts.frames + 1)
        view.tally.frame()
        return Recognition(reads, [_seen(view.passes[track], track.box) for track in tracks])

    def finish(self, camera_id: str) -> list[tuple[Read, Evidence]]:
        """End all tracks of a camera (end of its file, camera lost) and return their Reads."""
        view = self._views.pop(camera_id, None)
        return self._end(view, view.tracker.finish()) if view else []

    def end_idle(self) -> list[tuple[Read, Evidence]]:
        """End the tracks of live cameras that gave no frame for longer than the track gap, by the clock."""
        reads: list[tuple[Read, Evidence]] = []
        now = self._clock.monotonic()
        for view in self._views.values():
            if now - view.seen_at > self._track_gap:
                reads += self._end(view, view.tracker.finish())
        return reads

    def _look(self, frame: Frame, tally: CameraTally, plates: Sequence[tuple[Pass, Box]]) -> None:
        """Let the OCR read the plates that are worth it, in one batch."""
        chosen = [
            (passed, box)
            for passed, box in plates
            if box.width >= LEAST_WIDTH
            and box.height >= LEAST_HEIGHT
            and (passed.wants_look(box) or passed.wants_check(frame.at_monotonic))
        ]
        today = self._today()
        candidates = self._ocr.look(frame.pixels, [box for _, box in chosen], effort=Effort.FRAME)
        for (passed, box), candidate in zip(chosen, candidates, strict=True):
            tally.looked(frame.pixels, box)
            decoded = decode(candidate.guesses, today)
            if passed.settled:
                passed.check(frame.at_monotonic, box, decoded)
            else:
                passed.look(frame, box, decoded, today, self._photographer)

    def _end(self, view: _View, tracks: Sequence[Track]) -> list[tuple[Read, Evidence]]:
        reads: list[tuple[Read, Evidence]] = []
        for track in tracks:
            passed = view.passes.pop(track)
            if passed.settled:
                view.read_lately[passed.folded] = track.seen_at
                view.tally.ended(track, read=True)
            else:
                # A model that gives no numbers is told of by the next frame; what was read so far is not lost with it.
                with contextlib.suppress(ModelRefused):
                    passed.look_at_composites(self._ocr, self._today())
                junk = self._counts.junk
                reads += self._conclude(view, passed, track.seen_at)
                view.tally.ended(track, read=self._counts.junk == junk)
        return reads

    def _conclude(self, view: _View, passed: Pass, at: float) -> list[tuple[Read, Evidence]]:
        """Make the Read of a pass; none when it is junk or goes on with a pass that was read already."""
        view.read_lately = {
            text: seen for text, seen in view.read_lately.items() if passed.started - seen <= self._same_pass
        }
        if self._mirrors is not None:
            with contextlib.suppress(ModelRefused):  # told of by the next frame
                self._mirrors.concluded(passed, self._today())
        made = passed.read(self._least_confidence, self._today(), self._models)
        if made is None:
            self._counts = replace(self._counts, junk=self._counts.junk + 1)
            return []
        again = passed.folded in view.read_lately
        view.read_lately[passed.folded] = at
        if again:
            self._counts = replace(self._counts, merged=self._counts.merged + 1)
            return []
        self._counts = replace(self._counts, reads=self._counts.reads + 1)
        view.tally.made()
        return [made]

    def _today(self) -> date:
        return self._clock.utc().date()


def _unmasked(plates: Sequence[Plate], rig: Rig | None, size: tuple[int, int]) -> Sequence[Plate]:
    """The plates whose centre does not lie in the mask."""
    if rig is None or not rig.mask:
        return plates
    width, height = size
    centres = [(plate, *plate.box.centre) for plate in plates]
    return [plate for plate, x, y in centres if not hides(rig.mask, x / width, y / height)]


def _seen(passed: Pass, box: Box) -> PlateSeen:
    return PlateSeen(box, passed.consensus.text, passed.settled)
