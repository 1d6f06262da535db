"""Sentences for an officer that remember what they were made of. Pure.

The engine writes English: the voice says it, logs and records hold it. A screen in another language tells the same
sentence anew (plumbing/language.py), for which it needs the words before their places were filled. So where values go
into a sentence, `sentence("Disk {percent} %", percent=93)` stands in place of an f-string; it is a str like any other.
A sentence without places may be a plain literal. lab/catalogue.py collects both for the translators.
"""

from collections.abc import Mapping


class Sentence(str):
    """An English sentence with the `template` it was made of, and what stands in its `places`.

    One that counts something has the template of many in `many`, and its `number`.
    """

    __slots__ = ("many", "number", "places", "template")

    template: str
    places: Mapping[str, object]
    many: str
    number: int


def marked(template: str) -> str:
    """Return `template` as it is: a catalogue holds it, and its places are filled where it is used."""
    return template


def sentence(template: str, /, **places: object) -> Sentence:
    """Return `template` with its named places filled, in English. A value may be a sentence of its own."""
    if isinstance(template, Sentence) and not places:
        return template
    return _made(template, places)


def counted(one: str, many: str, /, count: int, **places: object) -> Sentence:
    """Return the sentence for one, or that for many: `counted("1 picture", "{count} pictures", 3)`."""
    return _made(one, {"count": count, **places}, many, count)


def joined(*sentences: str) -> Sentence:
    """Return several sentences after each other; empty ones are left out."""
    parts = {f"part{number}": sentence(one) for number, one in enumerate(filter(None, sentences), 1)}
    return _made(" ".join(f"{{{name}}}" for name in parts), parts)


def _made(template: str, places: Mapping[str, object], many: str = "", count: int = 1) -> Sentence:
    text = template if count == 1 or not many else many
    made = Sentence(text.format(**places) if places else text)
    made.template, made.places, made.many, made.number = template, places, many, count
    return made
