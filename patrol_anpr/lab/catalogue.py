"""The catalogues of the screen's languages: `python -m patrol_anpr.lab.catalogue` brings them up to date with the code.

It collects the sentences, writes the template, puts new ones without a translation into each catalogue, drops those
that are gone, and compiles. Run it after a sentence was changed, fill in what is empty in the .po files, run it again.
"""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import patrol_anpr
from patrol_anpr.plumbing.language import DOMAIN, ENGLISH, LANGUAGES
from patrol_anpr.resources import ASSETS

CODE = Path(patrol_anpr.__file__).parents[1]
LOCALE = ASSETS / "locale"
TEMPLATE = LOCALE / f"{DOMAIN}.pot"

_ENGLISH = (
    "commands",
    "console",
    "lab",
    "depot",
    "wire",
    "settings.py",
    "alerting/phrases.py",
    "evidence/checking.py",
    "evidence/depot_pages.py",
    "evidence/pages.py",
)
_NOT_SHOWN = tuple(CODE / "patrol_anpr" / part for part in _ENGLISH)
"""Whose sentences are for the terminal, the depot and its console, the lab, the voice or a court."""
_OF_SCREEN = CODE / "ui" / "text.py"
_MARKS = {"sentence": (0,), "marked": (0,), "tr": (0,), "Lamp": (2, 3), "_lamp": (1, 2)}
"""Which arguments of a call are for the officer; of a KnownError it is the first. So is every literal that is whole."""
_WHOLE = re.compile(r"(?![A-Z]{4}|.*%[sd])[A-Z“{]\S* .*[.?…]", re.DOTALL)
"""A whole sentence."""
_MARKS_OF_MANY = ("counted", "tr_many")
_CATALOGUE = "Say"
_BEGUN = datetime(2026, 11, 30, tzinfo=UTC)  # a date of today would be all that changes in most runs

_HEAD = "# What the screen of Patrol ANPR says. Written by python -m patrol_anpr.lab.catalogue."

Message = str | tuple[str, str]
"""A sentence, or those of one and of many."""


def po_file(language: str) -> Path:
    """The catalogue that translators work on."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def collected() -> Catalog:
    """Every sentence of the code, with the files it stands in."""
    catalogue = Catalog(domain=DOMAIN, project="Patrol ANPR", version="", header_comment=_HEAD, creation_date=_BEGUN)
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in _sources()}
    errors = known_errors(trees.values())
    for file, tree in sorted(trees.items()):
        for message in messages(tree, errors, of_screen=file == _OF_SCREEN):
            catalogue.add(message, locations=[(file.relative_to(CODE).as_posix(), 0)])
    return catalogue


def _sources() -> Iterator[Path]:
    for folder in ("patrol_anpr", "ui"):
        for file in (CODE / folder).rglob("*.py"):
            if not any(file.is_relative_to(part) for part in _NOT_SHOWN):
                yield file


def known_errors(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The names of KnownError and of all that are derived from it."""
    names = {"KnownError"}
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while found := {one.name for one in classes if {_name(base) for base in one.bases} & names} - names:
        names |= found
    return frozenset(names)


def messages(tree: ast.Module, errors: frozenset[str], *, of_screen: bool = False) -> Iterator[Message]:
    """The sentences of one module, in their order; of the screen's own text also those of its tables."""
    texts = set(map(id, _no_sentences(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, errors)
        elif id(node) not in texts and _WHOLE.fullmatch(text := _literal(node)):
            yield text
        elif isinstance(node, ast.Dict) and of_screen:
            yield from filter(None, map(_literal, node.values))
        elif isinstance(node, ast.ClassDef) and node.name == _CATALOGUE:
            for line in node.body:
                if isinstance(line, ast.Assign):
                    yield ast.literal_eval(line.value)


def _no_sentences(tree: ast.Module) -> Iterator[ast.AST]:
    """Literals that are docstrings, or that stand in a pair of one and many."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.Tuple) or (isinstance(node, ast.Call) and _name(node.func) in _MARKS_OF_MANY):
            pair = node.elts if isinstance(node, ast.Tuple) else node.args[:2]
            if len(pair) == 2 and "{count" in _literal(pair[1]):
                yield from pair


def _of_call(call: ast.Call, errors: frozenset[str]) -> Iterator[Message]:
    name = _name(call.func)
    if name in _MARKS_OF_MANY:
        one, many = (_literal(argument) for argument in call.args[:2])
        if one and many:
            yield one, many
        return
    for place in (0,) if name in errors else _MARKS.get(name, ()):
        if place < len(call.args) and (text := _literal(call.args[place])):
            yield text


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _literal(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def read_catalogue(language: str) -> Catalog:
    """A language's catalogue as it is; an empty one where there is none."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=language, domain=DOMAIN, creation_date=_BEGUN, revision_date=_BEGUN, fuzzy=False)
    with file.open("rb") as opened:
        return read_po(opened, locale=language, domain=DOMAIN)


def update() -> None:
    """Bring the template and every catalogue up to date, and compile."""
    template = collected()
    LOCALE.mkdir(exist_ok=True)
    _write(TEMPLATE, template)
    for language in LANGUAGES:
        if language != ENGLISH:
            catalogue = read_catalogue(language)
            catalogue.update(template, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            for message in catalogue:
                if message.id and message.fuzzy:  # it counts now and did not before, or the other way round
                    message.flags.discard("fuzzy")
                    message.string = ("",) * catalogue.num_plurals if message.pluralizable else ""
            catalogue.revision_date = _BEGUN
            po_file(language).parent.mkdir(parents=True, exist_ok=True)
            _write(po_file(language), catalogue)
            po_file(language).with_suffix(".mo").write_bytes(compiled(catalogue))
            empty = [message for message in catalogue if message.id and not _is_translated(message.string)]
            print(f"{language}: {len(catalogue)} sentences, {len(empty)} without a translation")  # noqa: T201


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def _write(file: Path, catalogue: Catalog) -> None:
    with file.open("wb") as opened:
        write_po(opened, catalogue, width=120, sort_by_file=False, sort_output=True, include_lineno=False)


if __name__ == "__main__":
    update()
