"""A source whose pictures are made right before anybody sees them: mended, turned out of the mirror, upright."""

from collections.abc import Callable

from patrol_anpr.cameras.fields import FieldMender
from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.source import FrameSource, Granted
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Turn

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Upright:
    """Wraps an open source; satisfies FrameSource. Interlaced pictures are found out and mended by themselves.

    `turn` is asked for each picture: another turn acts at once.
    """

    def __init__(self, source: FrameSource, turn: Callable[[], Turn]) -> None:
        self._source, self._turn = source, turn
        self._fields = FieldMender()

    @property
    def granted(self) -> Granted:
        """What the source gives, before it is turned."""
        return self._source.granted

    @property
    def media_time(self) -> float:
        """See FrameSource."""
        return self._source.media_time

    def grab(self) -> Pixels:
        """Return the next picture as it should be; see FrameSource."""
        pixels = self._fields.mend(self._source.grab())
        turn = self._turn()
        if turn.mirror:
            pixels = cv2.flip(pixels, 1)  # type: ignore[assignment]  # of uint8 comes uint8
        if turn.rotate:
            pixels = cv2.rotate(pixels, _TURNS[turn.rotate])  # type: ignore[assignment]
        pixels.flags.writeable = False
        return pixels

    def close(self) -> None:
        """Close the source."""
        self._source.close()
