"""The monthly dip sample: which searches of a month another person looks at. Pure, and anybody can draw it again.

Each searcher is in it. A search's place is the SHA-256 of the seed and its id; the first few of each are drawn.
The seed is the hash of the last row that the audit trail had in that month: nobody could know it when searching, and
cars have signed it since.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence

SHARE = 0.05
"""Of the searches of each person."""
LEAST = 2
"""Of each person, or all where there are fewer."""


def draw(seed: str, searches: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the ids that are drawn of each searcher's; whoever has the seed and the ids draws the same."""
    return {
        who: sorted(ids, key=lambda search_id: _place(seed, search_id))[: max(LEAST, math.ceil(SHARE * len(ids)))]
        for who, ids in sorted(searches.items())
    }


def hash_of_ids(searches: Mapping[str, Sequence[str]]) -> str:
    """Return the SHA-256 of all ids that were drawn from: the list that somebody else draws from is the same."""
    return hashlib.sha256("\n".join(sorted(one for ids in searches.values() for one in ids)).encode()).hexdigest()


def _place(seed: str, search_id: str) -> str:
    return hashlib.sha256(f"{seed}:{search_id}".encode()).hexdigest()
