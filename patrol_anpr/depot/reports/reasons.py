"""Why a vehicle was on a list, as one word of a closed set. The list's own words may name a person: never counted."""

import re
from enum import StrEnum


class ReasonClass(StrEnum):
    """The classes by which hits are counted. OTHER is what no word of ours says; NOT_GIVEN says nothing at all."""

    STOLEN = "stolen"
    VIOLENCE = "violence or firearms"
    DRUGS = "drugs"
    MISSING = "missing or vulnerable person"
    WANTED = "wanted person"
    FALSE_PLATES = "false or cloned plates"
    NO_INSURANCE = "no insurance"
    NO_TAX_OR_TEST = "no tax or test"
    DRIVER = "driver without a licence"
    OTHER = "other"
    NOT_GIVEN = "not given"


_WORDS: tuple[tuple[ReasonClass, str], ...] = (
    (ReasonClass.MISSING, r"missing|vulnerable|abducted|abduction|welfare"),
    (ReasonClass.VIOLENCE, r"firearms?|guns?|robbery|murder|violen\w*|assault|weapons?|terror\w*"),
    (ReasonClass.STOLEN, r"stolen|theft|burglary"),
    (ReasonClass.FALSE_PLATES, r"clone[ds]?|false plates?|false marks?|cloning"),
    (ReasonClass.DRUGS, r"drugs?|cannabis|class a"),
    (ReasonClass.WANTED, r"wanted|warrant|recall|suspect"),
    (ReasonClass.NO_INSURANCE, r"insurance|uninsured|no ins"),
    (ReasonClass.NO_TAX_OR_TEST, r"tax|untaxed|mot|sorn|vel|no test"),
    (ReasonClass.DRIVER, r"disqualified|licence|unlicensed|drink|disq"),
)
"""The first that fits counts: what is most serious stands first."""
_PATTERNS = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _WORDS)


def reason_class(reason: str) -> ReasonClass:
    """Return the class of a reason as a list gives it."""
    said = re.sub(r"[_\W]+", " ", reason.casefold()).strip()
    if not said:
        return ReasonClass.NOT_GIVEN
    return next((kind for kind, pattern in _PATTERNS if pattern.search(said)), ReasonClass.OTHER)
