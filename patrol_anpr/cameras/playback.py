"""Files and folders as frames, none skipped: the same file gives the same frames with the same intervals each time."""

from collections.abc import Generator
from datetime import timedelta

from patrol_anpr.cameras.opening import open_source
from patrol_anpr.cameras.pictures import BadFrame
from patrol_anpr.cameras.source import CaptureWish, SourceEnded, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Frame

_NAMED = 3


def frames(spec: SourceSpec, camera_id: str, clock: Clock) -> Generator[Frame, None, None]:
    """Yield every frame of a file or folder.

    The times are media time: the clock is asked once, and frame n is n / fps seconds later, so they may lie ahead of
    the clock when the file is read faster than it plays. A picture that cannot be read keeps its number and its time.

    Raises:
        BadInput: the source is a camera; the file cannot be played or breaks off; or, after all others were yielded,
            some pictures could not be read (the sentence names the first of them).
    """
    if spec.live:
        raise BadInput(f"{spec.label} is a camera: frame by frame only files and folders can be read.")
    source = open_source(spec, CaptureWish())
    started_utc, started = clock.utc(), clock.monotonic()
    bad: list[str] = []
    number = 0
    try:
        while True:
            try:
                pixels = source.grab()
            except BadFrame as error:
                bad.append(str(error))
            else:
                after = number / source.granted.fps
                yield Frame(camera_id, number, pixels, started_utc + timedelta(seconds=after), started + after)
            number += 1
    except SourceEnded:
        pass
    finally:
        source.close()
    if bad:
        raise BadInput(unreadable(bad, number))


def unreadable(sentences: list[str], total: int) -> str:
    """Sum up what could not be read: the number and the first sentences."""
    more = " ..." if len(sentences) > _NAMED else ""
    return f"{len(sentences)} of {total} frames could not be read. {' '.join(sentences[:_NAMED])}{more}"
