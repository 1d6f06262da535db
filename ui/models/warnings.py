"""What an officer is told before a patrol: what does not work, and what of the start is to be known."""

from collections.abc import Iterable

from patrol_anpr.domain.health import Lamp, LampState
from ui import scale
from ui.text import Say, say
from ui.widgets.status_bar import ordered

MOST_WARNINGS = 2


def warnings(lamps: Iterable[Lamp], fit: scale.Fit, pitch: float) -> list[str]:
    """The sentences, the first few; the rest is counted. The screen has `fit`, its pixels are `pitch` mm."""
    mm = scale.TOUCH * fit.factor * pitch
    sentences = [say(Say.TOO_SMALL, mm=mm, wanted=scale.TOUCH_MM)] if scale.is_too_small(fit, pitch) else []
    told = ordered(lamp for lamp in lamps if lamp.state is LampState.BAD or lamp.is_news)
    sentences += [lamp.sentence for lamp in told]
    if (more := len(sentences) - MOST_WARNINGS + 1) > 1:
        sentences[MOST_WARNINGS - 1 :] = [say(Say.MORE_TOLD, count=more)]
    return sentences
