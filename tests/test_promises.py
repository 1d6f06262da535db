"""The documents that promise something name files, tests and commands that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import typer.main

from patrol_anpr.commands.cli import app
from patrol_anpr.depot.reports.public import SENTENCES

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "docs" / name for name in ("public-promises.md", "self-assessment.md")]
NAMING = [*DOCUMENTS, ROOT / "docs" / "open-form.md", ROOT / "docs" / "console.md", ROOT / "docs" / "depot.md"]
NOT_HELD = "not held"


def quoted(text: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", text)


@cache
def functions_of(file: Path) -> frozenset[str]:
    return frozenset(one.name for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.FunctionDef))


def rows_of(document: Path) -> list[list[str]]:
    """The rows of a document's tables, without their heads."""
    lines = [line for line in document.read_text().splitlines() if line.startswith("|")]
    heads = [number for number, line in enumerate(lines) if set(line) <= set("|-")]
    kept = [line for number, line in enumerate(lines) if number not in heads and number + 1 not in heads]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in kept]


def missing_from(text: str) -> list[str]:
    """The files, tests and commands that a text names and that are not there."""
    missing = []
    for name in quoted(text):
        path, _, test = name.partition("::")
        if path.startswith(("tests/", "patrol_anpr/", "ui/", "installer/", "docs/")):
            file = ROOT / path
            if not file.exists() or (test and test not in functions_of(file)):
                missing.append(name)
        elif name.startswith("patrol-anpr ") and not is_command(name.split()[1:]):
            missing.append(name)
    return missing


def is_command(words: list[str]) -> bool:
    command = typer.main.get_command(app)
    for word in words:
        if not hasattr(command, "commands") or word.startswith("-"):
            return True  # what follows are its own arguments
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


@pytest.mark.parametrize("document", NAMING, ids=lambda path: path.name)
def test_each_file_test_and_command_that_is_named_is_there(document: Path):
    assert missing_from(document.read_text()) == []


def test_what_is_not_there_is_found():
    text = (
        "`patrol_anpr/depot/none.py` `tests/test_promises.py::test_none` `patrol-anpr depot none` `patrol-anpr doctor`"
    )
    assert len(missing_from(text)) == 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_promise_names_its_test_or_says_that_nothing_holds_it(document: Path):
    for row in rows_of(document):
        held_by = [name for name in quoted(row[-1]) if name.startswith("tests/") and "::" in name]
        assert held_by or any(NOT_HELD in cell for cell in row), row[0]


def test_each_sentence_for_the_public_is_in_the_table_word_for_word():
    promised = {row[0] for row in rows_of(DOCUMENTS[0])}
    assert not [one for sentences in SENTENCES.values() for one in sentences if one not in promised]
