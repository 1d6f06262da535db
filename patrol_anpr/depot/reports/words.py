"""The words for what is counted: those of the values of breakdowns, as reports show them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from patrol_anpr.depot.reports.counting import USABLE
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import BUILT_IN, Disposition
from patrol_anpr.domain.hit import MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier

TIERS: Mapping[str, str] = {str(int(tier)): f"{int(tier)} {tier.name.lower()}" for tier in Tier}
KINDS: Mapping[str, str] = {
    MatchKind.EXACT.value: "EXACT: the same mark",
    MatchKind.CHECK.value: "CHECK: could be the same mark",
}
VERIFICATIONS: Mapping[str, str] = {
    Verification.CORRECT.value: "read correctly",
    Verification.MISREAD.value: "misread",
    Verification.NOT_A_PLATE.value: "not a plate",
    Verification.COULD_NOT_VERIFY.value: "could not be verified",
}
OVERRIDES: Mapping[str, str] = {
    Override.NO_ANSWER.value: "override: control did not answer",
    Override.DANGER.value: "override: danger to life",
    Override.OTHER_OFFENCE.value: "override: stopped for another offence",
    Override.OWN_EYES.value: "override: the officer saw the plate",
}
SIGHTS: Mapping[str, str] = {
    USABLE: "usable",
    Blind.LOST.value: "blind: no picture",
    Blind.FROZEN.value: "blind: picture frozen",
    Blind.GARBLED.value: "blind: picture garbled",
    Blind.BLOCKED.value: "blind: lens covered",
    Blind.DARK.value: "blind: too dark",
    Blind.BRIGHT.value: "blind: too bright",
    Blind.BLURRED.value: "blind: blurred",
    Blind.SMALL.value: "blind: plates too small",
    Blind.MASKED.value: "blind: masked",
    Blind.SKIPPED.value: "blind: computer too slow",
    Blind.TOO_WIDE.value: "blind: lens too wide",
}


def disposition_words(table: Iterable[Disposition]) -> Mapping[str, str]:
    """Return the word of each disposition by its id: that of the depot's `table`, else the one built in.

    Two that have the same word are told apart by whether the vehicle was stopped.
    """
    known = {one.value: one for one in (*BUILT_IN, *table)}
    often = Counter(one.word for one in known.values())
    return {
        value: f"{one.word} ({one.kind.value.replace('_', ' ')})" if often[one.word] > 1 else one.word
        for value, one in known.items()
    }
