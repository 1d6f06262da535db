"""Units at the command line: where a car belongs, and what is published for the cars of a unit."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol_anpr.commands.depot_cli import depot_app
from patrol_anpr.depot.cars import cars_of_units, revoke_car
from patrol_anpr.depot.lists.models import published_models
from patrol_anpr.depot.lists.publishing import published, repository_of
from patrol_anpr.domain.errors import BadInput
from tests.depot.test_depot_models import small_models
from tests.depot_link.attacker import NOW, ROW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "depot"
    run(folder, "init")
    for car, unit in (("TA14", "North"), ("TA15", "north"), ("TA16", "South")):
        run(folder, "enrol", car, "--unit", unit)
    run(folder, "enrol", "TA17")
    return folder


def run(folder: Path, *words: str) -> str:
    return CliRunner().invoke(depot_app, [*words, "--folder", str(folder)], catch_exceptions=False).output


def test_a_list_and_models_for_a_unit_are_for_its_cars(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(ROW)
    run(folder, "hotlist", str(tmp_path / "list.csv"), "--name", "Metro", "--valid-days", "7", "--unit", "NORTH")
    ((_, about),) = published(repository_of(folder))
    assert about.audience == ("TA14", "TA15")
    source = str(small_models(tmp_path / "models"))
    words = ("model", "publish", source, "--name", "UK 7", "--by", "DS Example", "--unit", "North", "--car", "TA17")
    assert "for TA14, TA15, TA17" in run(folder, *words)
    (one,) = published_models(repository_of(folder))
    assert one.head.audience == ("TA14", "TA15", "TA17")


def test_a_revoked_car_is_of_no_unit_and_a_unit_without_cars_is_a_mistake(folder: Path) -> None:
    assert cars_of_units(folder, ["North", "South"]) == ("TA14", "TA15", "TA16")
    revoke_car(folder, "TA16", NOW)
    with pytest.raises(BadInput, match="No car belongs to a unit South"):
        cars_of_units(folder, ["North", "South"])
    with pytest.raises(BadInput, match="No car belongs to a unit"):
        cars_of_units(folder, [" "])
