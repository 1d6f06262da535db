"""The catalogues hold every sentence of the code, whole, and what is compiled is what is written."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from patrol_anpr.lab import catalogue
from patrol_anpr.lab.catalogue import CODE, TEMPLATE, collected, compiled, known_errors, messages, po_file
from patrol_anpr.plumbing.language import ENGLISH, LANGUAGES

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
AGAIN = "run `python -m patrol_anpr.lab.catalogue`, translate what is empty in assets/locale, run it again"


def sentences(of: Catalog) -> dict[object, Message]:
    return {tuple(one.id) if isinstance(one.id, list | tuple) else one.id: one for one in of if one.id}


def test_the_template_is_what_the_code_says() -> None:
    with TEMPLATE.open("rb") as file:
        written = set(sentences(catalogue.read_po(file)))
    assert written == set(sentences(collected())), AGAIN


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_its_translation(language: str) -> None:
    ours, theirs = sentences(collected()), sentences(catalogue.read_catalogue(language))
    assert set(theirs) == set(ours), AGAIN
    empty = [one.id for one in theirs.values() if not catalogue._is_translated(one.string)]
    assert empty == [], AGAIN
    assert [one.id for one in theirs.values() if one.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_has_the_places_of_its_sentence(language: str) -> None:
    wrong = []
    for one in sentences(catalogue.read_catalogue(language)).values():
        forms = one.string if isinstance(one.string, tuple | list) else (one.string,)
        for form in forms:
            allowed = [places(one.id)] if isinstance(one.id, str) else [places(text) for text in one.id]
            if places(form) not in allowed:
                wrong.append((one.id, form))
    assert wrong == []


def places(text: str) -> set[tuple[str, str, str]]:
    return {(name, spec or "", conversion or "") for _, name, spec, conversion in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    assert po_file(language).with_suffix(".mo").read_bytes() == compiled(catalogue.read_catalogue(language)), AGAIN


def test_what_the_collector_takes_for_a_sentence() -> None:
    code = """
class Say(Enum):
    'Not this one.'
    LIVE = "Live"
    LEFT = ("1 record waits", "{count} records wait")
TABLE = {Kind.A: "Word"}
NOTE = "A whole sentence, wherever it stands."
raise BadInput("There is no file {name}.", name=name)
lamp = Lamp("gps", state, "GPS lost", sentence("Check {what}.", what=what))
counted("1 picture", "{count} pictures", 3)
marked("Front")
execute("SELECT vrm FROM voi WHERE number = ?")
log.info("a line of the log, %s.", name)
"""
    found = list(messages(ast.parse(code), frozenset({"BadInput"}), of_screen=True))
    assert sorted(map(str, found)) == sorted(
        map(
            str,
            [
                "Live",
                ("1 record waits", "{count} records wait"),
                "Word",
                "A whole sentence, wherever it stands.",
                "There is no file {name}.",
                "There is no file {name}.",
                "GPS lost",
                "Check {what}.",
                "Check {what}.",
                ("1 picture", "{count} pictures"),
                "Front",
            ],
        )
    )


def officers_texts(file: Path, errors: frozenset[str]) -> Iterator[ast.expr]:
    """What a file gives to lamps and errors."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = catalogue._name(node.func)
            if name in errors:
                yield from node.args[:1]
            elif name == "Lamp":
                yield from node.args[2:]


FOR_IT = ("reading", "plumbing/lines.py", "plumbing/toml_file.py", "plumbing/sqlite.py", "hotlists/importer.py")
FOR_IT += ("hotlists/mapping.py", "hotlists/mapped.py")
FOR_IT += ("alerting/tones.py", "cameras/container.py", "cameras/playback.py", "evidence/checking.py")
"""What is wrong with the installation, the settings file or a list file is told in English, as IT reads it."""


def test_nothing_told_to_an_officer_was_filled_before_it_could_be_translated() -> None:
    files = [file for file in catalogue._sources() if file.is_relative_to(CODE / "patrol_anpr")]
    files = [file for file in files if not any(file.is_relative_to(CODE / "patrol_anpr" / part) for part in FOR_IT)]
    errors = known_errors(ast.parse(file.read_text(encoding="utf-8")) for file in files)
    filled = [
        f"{file.relative_to(CODE)}:{text.lineno}"
        for file in files
        for text in officers_texts(file, errors)
        if isinstance(text, ast.JoinedStr | ast.BinOp)
        or (isinstance(text, ast.Call) and catalogue._name(text.func) in ("format", "join", "str"))
    ]
    assert filled == [], "use sentence(), or the places of a KnownError"


def test_no_page_tells_an_error_in_the_words_of_the_log() -> None:
    """`told(error)` is in the officer's language; `str(error)` is English."""
    files = [file for file in (CODE / "ui").rglob("*.py") if "str(error)" in file.read_text(encoding="utf-8")]
    assert files == []
