"""Whoever looks for a recipe finds it: every command is in the README, and tells what it does when asked."""

import ast

import pytest
from write_manifest import MODELS

RECIPES = MODELS / "recipes"
COMMANDS = sorted(path for path in RECIPES.glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_each_command_is_in_the_readme_and_shows_how_it_is_run(command) -> None:
    assert command.name in (RECIPES / "README.md").read_text(encoding="utf-8")
    explained = ast.get_docstring(ast.parse(command.read_text(encoding="utf-8"))) or ""
    assert f"python models/recipes/{command.name}" in explained
