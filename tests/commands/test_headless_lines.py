"""What `run --headless` prints of what it is told."""

import pytest

from patrol_anpr.commands.headless import Printer, Tally
from patrol_anpr.domain.events import LampChanged
from patrol_anpr.domain.health import OF_THE_START, Lamp, LampState


@pytest.mark.parametrize(
    ("lamp", "said"),
    [
        (
            Lamp(f"{OF_THE_START}0", LampState.UNKNOWN, "At the start", "Not read of the folder event: list.txt."),
            "patrol-anpr: Not read of the folder event: list.txt.\n",
        ),
        (Lamp("gps", LampState.BAD, "GPS lost", "Check its cable."), "patrol-anpr: GPS lost. Check its cable.\n"),
        (Lamp("voice", LampState.BAD, "No voice"), "patrol-anpr: No voice.\n"),
        (Lamp("gps", LampState.WARN, "GPS weak", "Wait."), ""),
    ],
)
def test_what_is_told_of_a_lamp_is_a_whole_sentence(capsys: pytest.CaptureFixture[str], lamp: Lamp, said: str) -> None:
    Printer(Tally(), as_json=False)(LampChanged(lamp))
    assert capsys.readouterr() == ("", said)
