"""A list in memory matches as a list file does."""

from datetime import UTC, datetime

from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Voi
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.memory import MemoryList
from tests.made import a_hotlist

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_a_list_in_memory_matches_as_a_file_does() -> None:
    matcher = Matcher()
    matcher.put(MemoryList(a_hotlist(), [Voi("TX10KZW"), Voi("UX15ZDM")]))
    assert [(match.kind, match.voi.vrm) for match in matcher.match("TXIOKZW", NOW)] == [(MatchKind.EXACT, "TX10KZW")]
    assert [match.kind for match in matcher.match("UX1SZDM", NOW)] == [MatchKind.CHECK]
    assert matcher.match("K7PTL", NOW) == []
    matcher.close()
    assert matcher.match("TX10KZW", NOW) == []
