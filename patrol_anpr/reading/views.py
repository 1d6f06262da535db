"""A view is the crop of a plate in the form an OCR takes. Here it is changed, to be looked at in another way.

Light letters on a dark plate are rare, dark and faded plates span few grey levels, and no box has the margin that an
OCR likes best: each way below reads some plates that cannot be read as they are (docs/adr/0010 and 0011).
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Views = NDArray[np.uint8]
"""N x height x width x channels."""
Widths = NDArray[np.float64]
"""How wide the N plates are in the frame, px."""
Chosen = NDArray[np.intp]
"""Which of the N."""
Way = Callable[[Views, Widths], tuple[Chosen, Views]]
"""A way to look: which of the views are worth it, and how these look then."""

_FARTHER, _NEARER = 1.15, 0.9
"""Share of the crop's width and height that is seen; tried out on the validation crops (docs/adr/0010)."""
_WIDE = 120.0
"""px in the frame: from here on a box leaves the margin it should; a nearer look brings hardly anything (measured)."""
_DARKEST, _LIGHTEST = 1, 99
"""Percentiles of grey that become black and white: a few odd pixels must not count."""
_LEAST_RANGE = 25.0
"""Grey levels: a crop with less in it is noise, and is not stretched further."""
_WIDE_RANGE = 160.0
"""Grey levels: a crop that spans as many has contrast, and stretching it brings nothing (measured)."""


def as_stretched(views: Views, widths: Widths) -> tuple[Chosen, Views]:
    """Look at the faint ones over the whole range of grey."""
    del widths
    return stretched_faint(views)


def as_negatives(views: Views, widths: Widths) -> tuple[Chosen, Views]:
    """Look at all with light and dark exchanged."""
    return np.arange(len(widths)), negatives(views)


def from_farther(views: Views, widths: Widths) -> tuple[Chosen, Views]:
    """Look at all with more around them."""
    return np.arange(len(widths)), zoomed(views, _FARTHER)


def from_nearer(views: Views, widths: Widths) -> tuple[Chosen, Views]:
    """Look at those that are not wide with less around them."""
    tight = np.flatnonzero(widths < _WIDE)
    return tight, zoomed(views[tight], _NEARER)


def negatives(views: Views) -> Views:
    """Return the views with light and dark exchanged, the contrast of faint ones stretched to the whole range."""
    faint, wide = stretched_faint(views)
    dark = 255 - views
    dark[faint] = 255 - wide
    return dark


def stretched_faint(views: Views) -> tuple[Chosen, Views]:
    """Return which views span few grey levels, as dark and faded plates do, and these over the whole range."""
    flat = views.reshape(len(views), math.prod(views.shape[1:]))
    least, most = np.percentile(flat, (_DARKEST, _LIGHTEST), axis=1).astype(np.float32)
    faint = np.flatnonzero(most - least < _WIDE_RANGE)
    low, room = (level[faint, None, None, None] for level in (least, np.maximum(most - least, _LEAST_RANGE)))
    wide: Views = np.clip((views[faint] - low) * (255 / room), 0, 255).astype(np.uint8)
    return faint, wide


def zoomed(views: Views, share: float) -> Views:
    """Return the views showing `share` of their width and height; what lies outside repeats the edge."""
    height, width = views.shape[1:3]
    matrix = np.array([[share, 0, width / 2 * (1 - share)], [0, share, height / 2 * (1 - share)]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shown = [
        cv2.warpAffine(view, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE) for view in views
    ]
    return np.asarray(np.array(shown).reshape(views.shape), np.uint8)
