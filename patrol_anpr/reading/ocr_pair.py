"""Two OCRs that read together: each is asked only about what is not sure yet (docs/adr/0009-two-ocrs.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.reading.consensus import ALONE
from patrol_anpr.reading.views import Views, Way, Widths

Slots = NDArray[np.float32]
"""N x slots x alphabet, probabilities."""

_CERTAIN = 0.99
"""What the least sure slot of the far OCR must say for the near one not to be asked."""
_SURE = 0.8
"""What the least sure slot of both must say for no other look to be taken."""
_LEAST_CHANCE = 1e-6
"""Added to each chance, so that the weights of looks that say nothing have a sum."""
_HOPELESS = 1e-3
"""Chance that a text is right: what neither says anything as it is nor as a negative is no plate."""
_PROMISING = 1e-2
"""Chance the far OCR must give a further look for the near one to be asked about it."""
_SMALL, _LARGE, _MOST_NEAR = 40.0, 100.0, 0.5
"""How much the near OCR counts: nothing up to the first width (px in the frame), evenly more up to the second.

On far plates it errs the same way in every frame, which misleads a pass: measured with `patrol-anpr bench passes`.
"""


@dataclass(frozen=True, slots=True)
class OcrPair:
    """`far` reads every view; `near`, which knows near plates better, is asked where `far` is not certain.

    Without `near`, `far` reads alone. Under ALONE px, where one look is never accepted, only `far` is asked, and once.
    """

    far: Callable[[Views], Slots]
    near: Callable[[Views], Slots] | None

    def read(self, views: Views, widths: Widths, ways: Sequence[Way]) -> Slots:
        """Return what stands on the views, of plates `widths` px wide in the frame.

        What is not sure is looked at in one of `ways` after the other, each look weighted by the chance that all of its
        slots are right, until it is sure or there is no hope.
        """
        slots = self._looked(views, widths, _is_uncertain)
        weights, is_open = _chances(slots), widths >= ALONE
        for way in ways:
            unsure = np.flatnonzero(_is_unsure(slots) & is_open)
            if not unsure.size:
                break
            which, seen = way(views[unsure], widths[unsure])
            if not which.size:
                continue
            asked = unsure[which]
            # A look in which `far` makes out nothing hardly weighs, whatever `near` would say: it is not asked.
            said = self._looked(seen, widths[asked], _is_promising)
            weight = _chances(said)
            weights[asked] += weight
            slots[asked] += (weight / weights[asked])[:, None, None] * (said - slots[asked])
            is_open &= weights >= _HOPELESS
        return slots

    def _looked(self, views: Views, widths: Widths, worth: Callable[[Slots], NDArray[np.bool_]]) -> Slots:
        """Look once: `near` is averaged in where `worth` says so of what `far` said, the more the wider the plate.

        Where the two differ neither is sure any more.
        """
        slots = self.far(views)
        if self.near is not None and (asked := np.flatnonzero(worth(slots) & (widths >= ALONE))).size:
            share = np.interp(widths[asked], (_SMALL, _LARGE), (0, _MOST_NEAR)).astype(np.float32)[:, None, None]
            slots[asked] += share * (self.near(views[asked]) - slots[asked])
        return slots


def _chances(slots: Slots) -> NDArray[np.float32]:
    """Return of each plate the chance that all of its slots are right."""
    chances: NDArray[np.float32] = slots.max(axis=-1).prod(axis=-1) + np.float32(_LEAST_CHANCE)
    return chances


def _least_sure(slots: Slots) -> NDArray[np.float32]:
    """Return of each plate what its least sure slot says."""
    least: NDArray[np.float32] = slots.max(axis=-1).min(axis=-1)
    return least


def _is_uncertain(slots: Slots) -> NDArray[np.bool_]:
    return _least_sure(slots) < _CERTAIN


def _is_unsure(slots: Slots) -> NDArray[np.bool_]:
    return _least_sure(slots) < _SURE


def _is_promising(slots: Slots) -> NDArray[np.bool_]:
    return _chances(slots) >= _PROMISING
