"""What is kept of one vehicle while it passes one camera: looks, crops of its plate and pictures, no whole frames."""

import math
import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from patrol_anpr.domain.plate import Box, Candidate, Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.vrm import edit_distance, fold
from patrol_anpr.reading.composite import MOST_CROPS, Crop, crop_of, lay_out
from patrol_anpr.reading.consensus import NOTHING, Consensus, Look, agree, certain, chance, count_agreeing
from patrol_anpr.reading.ocr import Effort, PlateOcr, is_cut
from patrol_anpr.reading.pictures import Glance, Photographer, Shot
from patrol_anpr.reading.prior import decode, format_flag

_MOST_LOOKS = 40
"""Looks of a pass; the weightiest are kept. Judged: twice what the consensus counts."""
_GROWN = 1.1
"""Factor in width by which a plate that has its looks must have grown to be looked at again (judged)."""
_MOST_SHOTS = 4
"""Texts of a pass that pictures are kept of, to bound its memory (judged)."""
_BETTER = 1.15
"""Factor in score from which on a new picture is taken: few encodings on an approach (judged)."""
_MOST_GLANCES, _APART = 3, 0.15
"""Patches kept of a pass whatever they read, and the seconds between them: neighbours show the same (judged)."""
_WORTH_A_SHOT = 0.25
"""Confidence (0 to 1): looks less sure than this become evidence only where the plate is near (judged)."""
_NEAR_SHOT = 16.0
"""px, how sure a look is times its plate's width: such a plate is near, a composite may be aligned to it (judged)."""
_MOST_CANDIDATES = 5
"""Texts kept with a Read (judged)."""
_CHECKED_EVERY = 0.2
"""Seconds between looks at a settled pass: two of them before another vehicle is past (judged)."""
_STRANGE = 3
"""Characters by which another vehicle's mark differs; fewer may be a misreading of the same (judged)."""
_STRANGE_SURE, _STRANGE_WIDTH, _STRANGE_LOOKS = 0.9, 40.0, 2
"""Confidence (0 to 1), width (px) and number of such looks in a row: as sure as the frames that settle a pass."""
_ANOTHER = 4
"""Characters by which a composite may not differ from its best frame: far plates' best frames have three errors."""
_SURE_ENOUGH = 90
"""Percent, from which on composites are not needed and shall not outvote sure frames (docs/adr/0008)."""
_LEAST_SHARE = 0.1
"""Of its size, that a crop counts in the composite even when nothing sure was read of it (judged)."""


@dataclass(slots=True, eq=False)
class Pass:
    """One track's looks: `frames` counts them; `started` is the monotonic time of its first frame in seconds."""

    camera_id: str
    first_utc: datetime
    last_utc: datetime
    started: float
    frames: int = 0
    looks: list[Look] = field(default_factory=list)
    crops: list[Crop] = field(default_factory=list)
    shots: dict[str, Shot] = field(default_factory=dict)
    glances: list[Glance] = field(default_factory=list)
    consensus: Consensus = NOTHING
    settled: bool = False
    checked_at: float = -math.inf
    strange_looks: int = 0

    def wants_look(self, box: Box) -> bool:
        """Tell whether one more look could change anything: not once settled, rarely after many of the same size."""
        if self.settled:
            return False
        return len(self.looks) < _MOST_LOOKS or box.width > _GROWN * max(look.width for look in self.looks)

    def wants_check(self, at: float) -> bool:
        """Tell whether a settled pass should be looked at again, to see that the track is still the same vehicle's."""
        return self.settled and at - self.checked_at >= _CHECKED_EVERY

    def check(self, at: float, box: Box, candidate: Candidate) -> None:
        """Count a look at a settled pass that is sure of quite another mark."""
        self.checked_at = at
        strange = edit_distance(fold(candidate.text), fold(self.consensus.text)) >= _STRANGE
        sure = candidate.confidence >= _STRANGE_SURE and box.width >= _STRANGE_WIDTH
        self.strange_looks = self.strange_looks + 1 if strange and sure else 0

    @property
    def is_taken_over(self) -> bool:
        """Whether another vehicle's plate goes on in this track: without a new pass it would never be read."""
        return self.strange_looks >= _STRANGE_LOOKS

    def look(self, frame: Frame, box: Box, candidate: Candidate, today: date, photographer: Photographer) -> None:
        """Count one Candidate (decoded with the prior) and photograph it where it is the best of its text so far."""
        self.frames += 1
        look = Look(candidate, box.width, frame.at_monotonic, is_cut(box, frame.size[0]))
        self.looks = sorted([*self.looks, look], key=lambda one: -one.weight)[:_MOST_LOOKS]
        self.consensus = agree(self.looks, today)
        self._keep_crop(frame, box, look)
        best = self.shots.get(candidate.text)
        score = candidate.confidence * box.width
        self._keep_glance(frame, box, score, photographer)
        worth = candidate.confidence >= _WORTH_A_SHOT or score >= _NEAR_SHOT
        if worth and (best is None or score > _BETTER * best.score):
            self.shots[candidate.text] = photographer.shoot(frame, box, score)
            if len(self.shots) > _MOST_SHOTS:
                del self.shots[min(self.shots, key=lambda text: (text == self.consensus.text, self.shots[text].score))]

    def _keep_glance(self, frame: Frame, box: Box, score: float, photographer: Photographer) -> None:
        """Keep the patch among the best of the pass; of two of the same moment the better one."""
        beside = [one for one in self.glances if abs(one.at_monotonic - frame.at_monotonic) < _APART]
        rivals = beside or (self.glances if len(self.glances) == _MOST_GLANCES else [])
        worst = min(rivals, key=lambda one: one.score, default=None)
        if worst is not None and score <= _BETTER * worst.score:
            return
        kept = [one for one in self.glances if one is not worst]
        self.glances = sorted([*kept, photographer.glance(frame, box, score)], key=lambda one: -one.score)

    def _keep_crop(self, frame: Frame, box: Box, look: Look) -> None:
        """Keep the plate's own pixels where they are among the best seen of it."""
        weight = look.width**2 * (_LEAST_SHARE + look.whole)
        if look.cut or (len(self.crops) == MOST_CROPS and weight <= self.crops[-1].weight):
            return
        crop = crop_of(frame, box, look.candidate.text, weight)
        self.crops = sorted([*self.crops, crop], key=lambda one: -one.weight)[:MOST_CROPS]

    def look_at_composites(self, ocr: PlateOcr, today: date) -> None:
        """Read the best frames laid over each other, as looks more; for a pass that ends without being certain.

        The picture of such a look is that of the frame to which the others were aligned. A composite that reads as
        quite another mark than the best frame is of two vehicles and counts nothing. They vote like frames, but are
        made of the same ones: for the confidence all of them are one look that agrees.

        Raises:
            ModelRefused: the OCR gave NaN or Inf; the pass is as it was.
        """
        sheet = lay_out(self.crops) if chance(self.consensus) < _SURE_ENOUGH else None
        if sheet is None:
            return
        best, frames = fold(self.crops[0].text), list(self.looks)
        read = ocr.look(sheet.pixels, sheet.plates, effort=Effort.COMPOSITE, seen_at=self.consensus.width)
        for seen, reference in zip(read, sheet.references, strict=True):
            candidate = decode(seen.guesses, today)
            if edit_distance(fold(candidate.text), best) < _ANOTHER:
                self.looks.append(Look(candidate, self.consensus.width, self.started))
                if reference.text in self.shots:
                    self.shots.setdefault(candidate.text, self.shots[reference.text])
        said = agree(self.looks, today)
        self.consensus = replace(said, agreeing=min(said.agreeing, count_agreeing(frames, said.text) + 1))

    def is_certain(self) -> bool:
        """Tell whether the text will not change any more, so that the Read need not wait for the end of the track."""
        return self.consensus.text in self.shots and certain(self.looks, self.consensus)

    def read(self, least_confidence: int, today: date, models: str) -> tuple[Read, Evidence] | None:
        """Return the Read of this pass and its pictures, or None where it is junk.

        The evidence is of a frame whose own Candidate is the text, or to which the composite that says so was aligned:
        a text that stands in neither is not read.
        """
        confidence = chance(self.consensus)
        shot = self.shots.get(self.consensus.text)
        if shot is None or confidence < least_confidence:
            return None
        return Read(
            read_id=str(uuid.uuid4()),
            vrm=self.consensus.text,
            confidence=confidence,
            chars=self.consensus.chars,
            camera_id=self.camera_id,
            captured_at=shot.at_utc,
            captured_monotonic=shot.at_monotonic,
            first_seen=self.first_utc,
            last_seen=self.last_utc,
            frames=self.frames,
            box=shot.box,
            colour=shot.colour,
            candidates=self.consensus.texts[:_MOST_CANDIDATES],
            format_flag=format_flag(self.consensus.text, today),
            models=models,
        ), replace(shot.evidence, patches=self._other_patches(shot))

    def _other_patches(self, shot: Shot) -> tuple[bytes, ...]:
        """The best looks of the pass but for the one that is its evidence, at most two."""
        others = [one.patch for one in self.glances if abs(one.at_monotonic - shot.at_monotonic) >= _APART]
        return tuple(others[: _MOST_GLANCES - 1])

    @property
    def folded(self) -> str:
        """The text so far, folded, to tell one vehicle from another."""
        return fold(self.consensus.text)
