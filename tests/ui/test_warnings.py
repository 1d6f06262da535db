"""What an officer is told before a patrol."""

from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState
from ui import scale
from ui.models.warnings import MOST_WARNINGS, warnings

FIT, PITCH = scale.Fit(), 25.4 / 96
RED = Lamp("gps", LampState.BAD, "GPS lost", "Check its cable.")


def news(number: int) -> Lamp:
    return Lamp(f"{OF_THE_START}{number}", LampState.UNKNOWN, "At the start", f"Recovered: {number + 2} reads.")


def test_what_is_wrong_is_told_before_news_and_news_without_its_word() -> None:
    assert warnings([news(0), RED], FIT, PITCH) == ["GPS lost. Check its cable.", "Recovered: 2 reads."]


def test_what_there_is_no_room_for_is_counted_and_not_said_to_be_broken() -> None:
    """News is no part that does not work."""
    shown = warnings([RED, *map(news, range(3))], FIT, PITCH)
    assert shown == ["GPS lost. Check its cable.", "3 more messages. The start check shows them."]
    assert len(shown) == MOST_WARNINGS
