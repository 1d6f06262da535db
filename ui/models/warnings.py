"""What an officer is told before a patrol: what does not work, and what of the start is to be known."""

from collections.abc import Iterable

from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState
from ui import scale
from ui.text import Say, say, warning
from ui.widgets.status_bar import ordered

MOST_WARNINGS = 2


def is_news(lamp: Lamp) -> bool:
    """Whether it tells what of the last time or of the start is to be known: read before the patrol, then done with."""
    return lamp.key.startswith(OF_THE_START) and lamp.state is LampState.UNKNOWN


def warnings(lamps: Iterable[Lamp], fit: scale.Fit, pitch: float) -> list[str]:
    """The sentences, the first few; the rest is counted. The screen has `fit`, its pixels are `pitch` mm."""
    mm = scale.TOUCH * fit.factor * pitch
    sentences = [say(Say.TOO_SMALL, mm=mm, wanted=scale.TOUCH_MM)] if scale.is_too_small(fit, pitch) else []
    lamps = list(lamps)
    red = [lamp for lamp in lamps if lamp.state is LampState.BAD]
    sentences += [warning(lamp) for lamp in ordered([*red, *filter(is_news, lamps)])]
    if (more := len(sentences) - MOST_WARNINGS + 1) > 1:
        sentences[MOST_WARNINGS - 1 :] = [say(Say.MORE_RED, count=more)]
    return sentences
