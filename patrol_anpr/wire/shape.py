"""How much a JSON text holds, found out before any model sees it: 8 MB of fields would cost a gigabyte as objects."""

import re
from dataclasses import dataclass

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Most:
    """What a JSON text may hold: members of objects, values in all, and how deep they may nest."""

    fields: int = 60_000
    values: int = 200_000
    depth: int = 16


def holds_too_much(content: bytes, most: Most) -> bool:
    """Tell whether `content` holds more than `most`. Whether it is JSON at all is for others to say."""
    if len(content) <= most.fields and content.count(b"{") + content.count(b"[") <= most.depth:
        return False  # a single record, most often: it cannot
    bare = _STRING.sub(b"", content)
    if bare.count(b":") > most.fields or bare.count(b",") >= most.values:
        return True
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > most.depth:
            return True
    return False
