"""A cell of a CSV file that no spreadsheet runs as a formula. Pure."""

import unicodedata

_STARTS = frozenset("=+-@\t\r\n")
"""What a formula may begin with, after OWASP's page on CSV injection."""


def safe_cell(text: str) -> str:
    """Return a text that a spreadsheet shows and does not run: an apostrophe stands before what could be a formula.

    Wide forms of those signs (U+FF1D and its like) count, and so does what stands after blanks or invisible signs.
    """
    visible = text.lstrip(" \u00a0\ufeff\u200b\u200c\u200d\u2060\0")
    first = unicodedata.normalize("NFKC", visible[:1])[:1]
    return f"'{text}" if text[:1] in _STARTS or first in _STARTS else text
