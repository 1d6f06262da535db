"""What a lamp says as a sentence."""

import pytest

from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState


@pytest.mark.parametrize(
    ("lamp", "said"),
    [
        (Lamp("gps", LampState.BAD, "No GPS", "Plug it in."), "No GPS. Plug it in."),
        (Lamp("gps", LampState.BAD, "No GPS."), "No GPS."),
        (Lamp(f"{OF_THE_START}0", LampState.UNKNOWN, "At the start", "Recovered: 7 reads."), "Recovered: 7 reads."),
        (Lamp(f"{OF_THE_START}GPS", LampState.BAD, "GPS not started", "Tell IT."), "GPS not started. Tell IT."),
    ],
)
def test_a_lamp_is_told_by_word_and_advice_and_news_by_the_advice_alone(lamp: Lamp, said: str) -> None:
    assert lamp.sentence == said


def test_only_what_needs_no_act_at_the_start_is_news() -> None:
    states = {state: Lamp(f"{OF_THE_START}0", state, "x").is_news for state in LampState}
    assert [state for state, news in states.items() if news] == [LampState.UNKNOWN]
    assert not Lamp("gps", LampState.UNKNOWN, "No GPS").is_news
