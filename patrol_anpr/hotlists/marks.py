"""The first column of a hotlist: a mark, or the reason why not. Pure.

A spreadsheet that opens a list takes short marks for dates and numbers: 1 JAN becomes 01-Jan, 1 E 10 becomes 1.00E+10.
What was meant cannot be told any more, so such a line is refused: a wrong mark in force would stop the wrong car.
"""

import re

from patrol_anpr.domain.vrm import MAX_LENGTH, VrmFormat, format_of, normalise

SPREADSHEET = "the VRM was changed by a spreadsheet into a date or a number"

_MONTH = (
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEPT?(?:EMBER)?|OCT(?:OBER)?"
    r"|NOV(?:EMBER)?|DEC(?:EMBER)?)"
)
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AP]M)?"
_CHANGED = re.compile(
    rf"""
      \d{{1,2}}[-/.]{_MONTH}(?:[-/. ]\d{{2,4}})?                # 01-Jan, 01-Jan-26
    | \d{{1,2}}\ {_MONTH}\ \d{{2,4}} | {_MONTH}\ \d{{4}}          # 1 January 2026; 1 JAN alone is a mark
    | 0\d\ ?{_MONTH} | {_MONTH}\ ?0\d                          # 01 Jan: no number of a mark begins with 0
    | {_MONTH}[-/.]\d{{1,4}}                                    # Jan-01, Mar-2010
    | (?:\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}                  # 01/04/2026
        |\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?:[T ]{_TIME})?   # 2026-04-01 00:00:00
    | \d{{1,2}}/\d{{1,2}}                                       # 1/4
    | {_TIME}                                                   # 1:00 AM
    | [-+]?\d+[.,]\d*(?:E[-+]?\d+)?                             # 2.20E+02, 12345.0
    | [-+]?\d+E[-+]\d+                                          # 1E+05; 1E05 may be a mark
    | \#.*                                                      # #NAME?, ########
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_MAY_BE_A_NUMBER = re.compile(r"\d{1,3}E[0-3]\d")
_PART_OF_A_MARK = re.compile(r"[A-Za-z0-9 .-]*")
_FULL_LENGTH = {VrmFormat.CURRENT, VrmFormat.PREFIX, VrmFormat.SUFFIX}


def why_no_mark(text: str) -> str:
    """Say why the text of column 1 is no mark, or "" when it can be one."""
    vrm = normalise(text)
    if not vrm and not text.startswith("#"):
        return "it has no VRM"
    if changed_by_spreadsheet(text):
        return SPREADSHEET
    if not _PART_OF_A_MARK.fullmatch(text):
        return "the VRM has characters other than letters and digits"
    if len(vrm) == 1:
        return "a VRM of one character would match too much"
    if len(vrm) > MAX_LENGTH:
        return f"the VRM is longer than {MAX_LENGTH} characters"
    return ""


def changed_by_spreadsheet(text: str) -> bool:
    """Tell whether a text is a date, a time, an error or a number with a point, as spreadsheets write them."""
    return bool(_CHANGED.fullmatch(text))


def doubt_of(vrm: str) -> str:
    """Say what a person should look at in a mark that can be one, or "".

    A number alone is a mark in Guernsey, and what a spreadsheet makes of 1 JAN when it counts days. The two cannot be
    told apart, so it is taken and told.
    """
    if _MAY_BE_A_NUMBER.fullmatch(vrm):
        return "the VRM may be a number such as 1.00E+05. See that no spreadsheet changed it"
    if vrm.isdigit():
        return "the VRM is a number alone. See that no spreadsheet or record number put it there"
    if vrm.isalpha():
        return "the VRM has no digit. See that it is a mark"
    return ""


def surely_a_mark(text: str) -> bool:
    """Tell whether a text has the full length and form of a mark as most vehicles carry it, which few texts have."""
    return bool(_PART_OF_A_MARK.fullmatch(text)) and format_of(normalise(text)) in _FULL_LENGTH
