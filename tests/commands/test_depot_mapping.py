"""`patrol-anpr depot hotlist --mapping`: by name for what is shipped, by path for what a force wrote."""

from pathlib import Path

from typer.testing import CliRunner

from patrol_anpr.commands.depot_cli import depot_app
from patrol_anpr.depot.lists.publishing import published, repository_of


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(depot_app, [*words], catch_exceptions=False)
    assert result.exit_code == code
    return result.output


def test_a_list_is_published_by_a_shipped_mapping_or_one_of_the_force(tmp_path: Path) -> None:
    folder = str(tmp_path / "depot")
    said("init", "--folder", folder)
    marks, own, mapping = tmp_path / "marks.txt", tmp_path / "own.csv", tmp_path / "metro.toml"
    marks.write_text("# marks\nAB12CDE\n")
    own.write_text("FORD;AB12CDE\nSEAT;#NAME?\n")
    mapping.write_text('name = "Metro"\ndelimiter = ";"\n[columns]\nvrm = 2\nmake = 1\n')
    out = said("hotlist", str(marks), "--name", "Plain", "--mapping", "plain", "--folder", folder)
    assert "1 line passed over" in out
    assert "Plain, revision 1: 1 entries" in out
    out = said("hotlist", str(own), "--name", "Own", "--mapping", str(mapping), "--folder", folder, code=1)
    assert "line 2: the VRM was changed by a spreadsheet" in out
    assert [head.list_id for head, _ in published(repository_of(Path(folder)))] == ["own", "plain"]
