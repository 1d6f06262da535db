"""Files and folders as frames, none skipped: the same file gives the same frames with the same intervals each time."""

from collections.abc import Callable, Generator
from datetime import timedelta

from patrol_anpr.cameras.opening import open_source
from patrol_anpr.cameras.pictures import BadFrame
from patrol_anpr.cameras.source import CaptureWish, SourceEnded, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Frame


def frames(
    spec: SourceSpec,
    camera_id: str,
    clock: Clock,
    on_loss: Callable[[str], None] = lambda _: None,
    wish: CaptureWish | None = None,
) -> Generator[Frame, None, None]:
    """Yield every frame of a file or folder.

    The times are media time: the clock is asked once, and each frame is as long after it as the file says, so they may
    lie ahead of the clock when the file is read faster than it plays. A picture that cannot be read keeps its number
    and its time. `on_loss` gets a sentence for each picture or clip that cannot be read, when it is its turn.

    Raises:
        BadInput: the source is a camera; the file cannot be played or breaks off; or, after all others were yielded,
            some pictures or clips could not be read (the sentence sums them up and names the first of them).
    """
    if spec.live:
        raise BadInput(f"{spec.label} is a camera: frame by frame only files and folders can be read.")
    source = open_source(spec, wish or CaptureWish())
    started_utc, started = clock.utc(), clock.monotonic()
    number = 0
    try:
        while True:
            try:
                pixels = source.grab()
            except BadFrame as error:
                on_loss(error.sentence)
            else:
                after = source.media_time
                yield Frame(camera_id, number, pixels, started_utc + timedelta(seconds=after), started + after)
            number += 1
    except SourceEnded as ended:
        if ended.losses:
            raise BadInput(ended.losses) from None
    finally:
        source.close()
