"""Models can read the cars' test card before anybody publishes them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands import depot_models
from patrol_anpr.commands.depot_cli import depot_app
from patrol_anpr.reading.card import draw_cards
from tests.reading.models_made import models_in, with_random_weights


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [(None, 0, "They pass the test card here."), (with_random_weights, 1, "Cars will refuse them. They read 0 of 4")],
)
def test_a_folder_is_tried_before_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change, code: int, said: str
) -> None:
    monkeypatch.setattr(depot_models, "draw_cards", lambda: draw_cards(1, 1))
    monkeypatch.setattr("patrol_anpr.reading.card.MOST_TIMES", 10.0)  # of one picture the time is a chance
    source = models_in(tmp_path / "models", change, "ocr", "ocr_near")
    result = CliRunner().invoke(depot_app, ["model", "try", str(source)], catch_exceptions=False)
    assert result.exit_code == code
    assert said in result.output
    assert "the models of the program: 4 of 4 plates read" in result.output
