"""What the pictures of a camera say about the camera: pure, told the time with each frame."""

from collections import deque

import numpy as np

from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels

FROZEN_AFTER_S = 3.0
"""The same picture for so long is FROZEN: noise alone changes every picture of a real sensor (judged)."""
GARBAGE_WINDOW_S = 3.0
"""Over which bad frames are counted against good ones (judged)."""
SIZE_SETTLES_S = 1.0
"""So long may the size change after opening: some cameras send a few frames of another size first."""
_GARBAGE_OVER_S = 1.0
"""Without a bad frame, after which GARBAGE is over (judged)."""
_PAUSE_S = 1.0
"""Between two frames: after a longer one the program itself stood still, not the picture (judged)."""
_STEP = 4
"""Every fourth pixel in both directions is looked at: a sixteenth of the work, and noise shows in it as well."""
_FLAT = 2
"""Grey levels between the darkest and the brightest pixel of a picture that shows nothing (judged)."""
_UNDECODED = "The camera sends frames that cannot be decoded: check its cable and its settings."
_SIZES = "The camera changes the size of its frames: check its settings."
_ONE_COLOUR = "The camera shows nothing but one colour: is its lens covered?"
_REPEATS = "The camera shows the same picture again and again: unplug it and plug it in again."


class PictureJudge:
    """Tells SEEN, FROZEN and GARBAGE apart, and which frames are worth reading.

    FROZEN: every sampled pixel the same for 3 s; even at night and at a stand a real sensor's noise changes some.
    GARBAGE: over half the frames of the last 3 s (of at least 1.5 s) cannot be decoded, are of one colour, or have
    another size; it ends after one second without such a frame. A new size counts as right once it has stayed 1 s.
    """

    def __init__(self) -> None:
        self.state = CameraState.STARTING
        self.detail = ""
        self._verdicts: deque[tuple[float, bool]] = deque()
        self._sample: Pixels | None = None
        self._same_since, self._looked = 0.0, 0.0
        self._size: tuple[int, int] | None = None
        self._odd: tuple[tuple[int, int], float] | None = None
        self._last_bad, self._last_reason = 0.0, ""

    @property
    def why(self) -> Blind | None:
        """What is wrong with GARBAGE; None in the other states."""
        if self.state is not CameraState.GARBAGE:
            return None
        return Blind.BLOCKED if self.detail == _ONE_COLOUR else Blind.GARBLED

    def reopened(self) -> None:
        """Forget that all was well: a source that was opened again must show a good frame first."""
        if self.state is CameraState.SEEN:
            self.state = CameraState.STARTING

    def look(self, pixels: Pixels | None, now: float) -> bool:
        """Judge one frame, None for one that could not be decoded, at `now` (monotonic seconds).

        Returns:
            True when the frame is worth reading: usable, and not one more of a frozen camera.
        """
        reason = _UNDECODED if pixels is None else self._fault(pixels, now)
        self._verdicts.append((now, bool(reason)))
        while now - self._verdicts[0][0] > GARBAGE_WINDOW_S:
            self._verdicts.popleft()
        if reason:
            self._last_bad, self._last_reason = now, reason
        repeated = pixels is not None and not reason and self._repeats(pixels, now)
        if self._mostly_bad(now):
            self.state, self.detail = CameraState.GARBAGE, self._last_reason
        elif self.state is CameraState.GARBAGE and now - self._last_bad < _GARBAGE_OVER_S:
            pass
        elif repeated:
            self.state, self.detail = CameraState.FROZEN, _REPEATS
        elif not reason:
            self.state, self.detail = CameraState.SEEN, ""
        return not reason and not repeated

    def _fault(self, pixels: Pixels, now: float) -> str:
        height, width = pixels.shape[:2]
        size = (width, height)
        if self._size is None:
            self._size = size
        if size != self._size:
            if self._odd is None or self._odd[0] != size:
                self._odd = (size, now)
            if now - self._odd[1] < SIZE_SETTLES_S:
                return _SIZES
            self._size = size
        self._odd = None
        return _ONE_COLOUR if _flat(pixels) else ""

    def _mostly_bad(self, now: float) -> bool:
        bad = sum(verdict for _, verdict in self._verdicts)
        return 2 * bad > len(self._verdicts) and now - self._verdicts[0][0] >= GARBAGE_WINDOW_S / 2

    def _repeats(self, pixels: Pixels, now: float) -> bool:
        if now - self._looked > _PAUSE_S and self.state is not CameraState.FROZEN:
            self._same_since = now  # the program itself stood still (the laptop slept), not the picture
        self._looked = now
        sample = pixels[::_STEP, ::_STEP]
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample = sample.copy()
            self._same_since = now
            return False
        return now - self._same_since >= FROZEN_AFTER_S


def _flat(pixels: Pixels) -> bool:
    """Whether the picture is of one colour; the coarse look spares the fine one for nearly every frame."""
    for step in (16 * _STEP, _STEP):
        sample = pixels[::step, ::step]
        if int(np.ptp(sample.reshape(-1, 3), axis=0).max()) > _FLAT:
            return False
    return True
