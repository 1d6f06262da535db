"""How an uploaded file is going to be read: by the mapping that was chosen, or else by the one that fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from patrol_anpr.depot.lists.drafts import Draft
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.hotlists.importer import Entry, IgnoredLine, ListLine, WeededLine
from patrol_anpr.hotlists.mapped import FirstLines, first_lines, fitting, read_list
from patrol_anpr.hotlists.mapping import ListMapping, mapping_of, shipped_files

FOLDER = "mappings"
"""The folder of the depot in which a force lays mapping files of its own."""
OWN = "own"
"""Stands for a mapping that was written at the console."""
SHOWN = 12
"""Lines that are shown."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a file is read: the mapping's key and text ("" for the usual form), and its first lines so read."""

    key: str
    text: str
    first: FirstLines


def word_of(line: ListLine) -> tuple[str, str]:
    """Say what becomes of a line, and how good that is: good, note, warn or bad."""
    if isinstance(line, Entry):
        tier = f"taken, tier {int(line.voi.tier)}"
        return (f"{tier}, but {line.doubt}", "warn") if line.doubt else (tier, "good")
    if isinstance(line, WeededLine):
        return "its end is past", "note"
    if isinstance(line, IgnoredLine):
        return "passed over, as the mapping says", "note"
    return f"refused: {line.reason}", "bad"


def known_mappings(folder: Path) -> tuple[Mapping[str, ListMapping], list[str]]:
    """The mappings of the depot in `folder` and those that come with the program, and what is wrong with others."""
    found, wrong = {}, []
    for key, content in _files(folder).items():
        try:
            found[key] = mapping_of(content, f"{key}.toml")
        except BadInput as fault:
            wrong.append(str(fault))
    return found, wrong


def _files(folder: Path) -> dict[str, bytes]:
    own = sorted((folder / FOLDER).glob("*.toml"))
    return {path.stem: path.read_bytes() for path in own} | dict(shipped_files())


def mapping_text(folder: Path, key: str, written: str) -> tuple[str, str]:
    """Return the text of the mapping that was chosen, and its key. Raises BadInput where it cannot be used."""
    if not key:
        return "", ""
    content = written.encode() if key == OWN else _files(folder).get(key)
    if content is None:
        raise BadInput("There is no such mapping any more. Choose another one.")
    mapping_of(content, f"{key}.toml")
    return content.decode("utf-8", "replace"), key


def recognised(folder: Path, upload: Path, draft: Draft, today: date) -> Recognised:
    """Show how the file of a draft is read. Raises BadInput where no mapping fits, or the chosen one does not."""
    tier, usual = draft.wish.tier, mapping_of(shipped_files()["bof"], "bof.toml")
    if draft.mapping_chosen:
        mapping = mapping_of(draft.mapping.encode(), f"{draft.mapping_name}.toml") if draft.mapping else usual
        return Recognised(draft.mapping_name, draft.mapping, first_lines(upload, mapping, tier, today, SHOWN))
    known, _ = known_mappings(folder)
    fits = fitting(upload, [usual, *known.values()], today)
    if fits is None:
        next(iter(read_list(upload, None, tier, today)), None)  # why it is not of the usual form
        raise BadInput("No mapping fits this file. Choose one, or write one.")
    key = next((key for key, one in known.items() if one is fits), "")
    text = "" if fits is usual else _files(folder)[key].decode("utf-8", "replace")
    return Recognised(key, text, first_lines(upload, fits, tier, today, SHOWN))
