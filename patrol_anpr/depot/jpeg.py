"""Is this a JPEG picture of a sane size? Found out from its segments alone: nothing is decoded in the depot process."""

from patrol_anpr.plumbing.jpeg import END, FRAMES, SCAN, NotAJpeg, Segment, frame_size, segments

MAX_SIDE = 8192
MAX_PIXELS = 33_000_000
"""An 8K frame, 7680 x 4320: more than any camera of a car gives."""

_USUAL = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive


class NotAPicture(Exception):
    """The text says why; it holds nothing of the content."""


def check_jpeg(content: bytes) -> None:
    """Raise NotAPicture unless `content` is one JPEG picture of at most MAX_SIDE a side and MAX_PIXELS in all.

    It starts with SOI, declares one frame, has a scan, and ends with EOI with nothing behind it: a file that is two
    things at once is refused.
    """
    frames = scans = 0
    try:
        for segment in segments(content):
            if segment.marker in FRAMES:
                frames += 1
                _check_frame(segment)
            scans += segment.marker == SCAN
            if segment.marker == END and segment.end != len(content):
                raise NotAPicture("something behind the end of the JPEG picture")
    except NotAJpeg as fault:
        raise NotAPicture(str(fault)) from fault
    if frames != 1 or scans == 0:
        raise NotAPicture("JPEG file without a picture, or with several")


def _check_frame(frame: Segment) -> None:
    width, height = frame_size(frame)
    components = frame.body[5] if len(frame.body) > 5 else 0
    if frame.marker not in _USUAL or components not in (1, 3):
        raise NotAPicture("JPEG picture of an unusual kind")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise NotAPicture("JPEG picture of too many pixels")
