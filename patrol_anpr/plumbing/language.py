"""The language of the screen: English as written in the code, or a catalogue made of it (GNU gettext).

What the engine says is translated where it is shown, so that a language can be changed at any time. The voice, the
log, the records and the command line stay English.
"""

import gettext
import logging
import struct
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from patrol_anpr.domain.sentences import Sentence

log = logging.getLogger(__name__)

DOMAIN = "patrol_anpr"
ENGLISH = "en"
LANGUAGES: Mapping[str, str] = MappingProxyType({ENGLISH: "English", "cy": "Cymraeg"})
"""The languages of the screen, each by its own name."""

_chosen: list[tuple[str, gettext.NullTranslations]] = [(ENGLISH, gettext.NullTranslations())]


def use_language(language: str, catalogues: Path) -> None:
    """Put a language in force, from its catalogue in the folder `catalogues`; English where there is none."""
    found = gettext.NullTranslations()
    if language != ENGLISH:
        try:
            found = gettext.translation(DOMAIN, catalogues, [language])
        except (OSError, ValueError, struct.error) as error:  # ValueError, struct.error: a damaged catalogue
            log.error("the language %s cannot be used: %s", language, type(error).__name__)  # noqa: TRY400 - no path
            language = ENGLISH
    _chosen[0] = (language, found)


def language_in_force() -> str:
    """The code of the language in force."""
    return _chosen[0][0]


def translate(text: str) -> str:
    """Return a sentence in the language in force, its places filled; one that no catalogue knows stays as it is."""
    if not isinstance(text, Sentence):
        return _looked_up(text)
    places = {name: translate(value) if isinstance(value, Sentence) else value for name, value in text.places.items()}
    template = translate_many(text.template, text.many, text.number) if text.many else _looked_up(text.template)
    return template.format(**places) if places else template


def translate_many(one: str, many: str, count: int) -> str:
    """Return the template for so many, its places not filled: languages differ in how many forms they have."""
    return _chosen[0][1].ngettext(one, many, count)


def _looked_up(text: str) -> str:
    return _chosen[0][1].gettext(text) if text else ""  # "" is where a catalogue keeps its head
