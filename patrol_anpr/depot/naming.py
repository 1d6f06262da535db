"""Which pictures a stored item names: its fields that end in `_sha256`, whatever its kind."""

import re

from pydantic_core import from_json

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PICTURE = "_sha256"


def pictures_named(payload: bytes) -> frozenset[str]:
    """Name the pictures of an item by its JSON, as the depot holds it. One that is damaged names none."""
    try:
        fields = from_json(payload)
    except ValueError:
        return frozenset()
    named = fields.items() if isinstance(fields, dict) else ()
    values = (value for name, value in named if name.endswith(_PICTURE) and isinstance(value, str))
    return frozenset(value for value in values if _SHA256.fullmatch(value))
