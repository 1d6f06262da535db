"""What a list is going to bring: by hand where it can be counted, and against reads that are drawn and matched."""

import random
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.domain.parc import UK_PROPORTIONS, carried, carried_folded
from patrol_anpr.domain.vrm import ALPHABET, CONFUSABLES, VrmFormat, fold
from patrol_anpr.hotlists.confusions import FIRST, Confusions, confusions_of
from patrol_anpr.hotlists.false_hits import READS, expected_false_hits, of_entry
from patrol_anpr.hotlists.matcher import Matcher

TODAY = date(2026, 11, 30)
PERFECT = Confusions(100, 0, Counter({("A", "A"): 100}))


def test_a_perfect_reader_brings_no_false_exact_and_the_neighbours_as_check():
    mark = "AB02CDE"  # no mark that another vehicle has is this one clipped
    found = of_entry(mark, PERFECT, TODAY)
    neighbours = [
        mark[:place] + other + mark[place + 1 :]
        for place, char in enumerate(fold(mark))
        for other in CONFUSABLES.get(char, "")
    ]
    assert found.exact == 0
    assert found.check == pytest.approx(READS * sum(carried_folded(fold(one), TODAY) for one in neighbours))
    assert found.check > 0


def test_the_mark_of_another_vehicle_that_could_be_the_entry_clipped_is_a_check():
    whole, clipped = of_entry("AB12CDE", PERFECT, TODAY), carried("B12CDE", TODAY)
    assert clipped > 0
    assert whole.check > READS * clipped


def test_a_misread_that_makes_the_entry_is_a_false_exact():
    by = Confusions(100, 0, Counter({("F", "F"): 99, ("F", "E"): 1}))
    found = of_entry("AB12CDE", by, TODAY)
    assert found.exact == pytest.approx(READS * 0.01 * carried("AB12CDF", TODAY))


def test_two_legal_marks_that_fold_alike_are_a_check():
    assert of_entry("10AB", PERFECT, TODAY).check > of_entry("23AC", PERFECT, TODAY).check > 0


def test_a_mark_that_loses_an_end_is_counted_where_the_matcher_completes_it():
    by = Confusions(100, 0, Counter({("A", "A"): 90, (FIRST, ""): 10}))
    assert of_entry("AB12CDE", by, TODAY).check != of_entry("AB12CDE", PERFECT, TODAY).check


def test_a_list_brings_what_its_entries_bring_and_the_worst_come_first():
    vrms = ["AB12CDE", "BD68GGG", "A1", "10AB"]
    found = expected_false_hits(vrms, 4, PERFECT, TODAY)
    each = [of_entry(vrm, PERFECT, TODAY) for vrm in vrms]
    assert found.check == pytest.approx(sum(one.check for one in each))
    assert [one.all for one in found.worst] == sorted((one.all for one in each), reverse=True)
    assert expected_false_hits(vrms, 400, PERFECT, TODAY).check == pytest.approx(100 * found.check)
    assert expected_false_hits([], 0, PERFECT, TODAY).exact == 0


class _List:
    """A list in force with one mark."""

    head = Hotlist("x", "X", "", 1, Tier.PRIORITY, datetime(2026, 11, 1, tzinfo=UTC))

    def __init__(self, vrm: str) -> None:
        self._voi = Voi(vrm)

    def entries(self, folded: str):
        return [self._voi] if fold(self._voi.vrm) == folded else []

    def close(self) -> None:
        pass


def test_what_is_expected_is_what_the_matcher_makes_of_vehicles_that_are_drawn():
    """Every mark one character from an entry passes by, is read as the table says, and matched by the car's rules."""
    entry = "AB02CDE"
    by = Confusions(1000, 0, Counter({("F", "F"): 70, ("F", "E"): 20, ("F", "B"): 10, ("8", "B"): 5, ("8", "8"): 95}))
    matcher = Matcher()
    matcher.swap([_List(entry)])
    kinds = Counter()
    others = {entry[:place] + char + entry[place + 1 :] for place in range(7) for char in ALPHABET} - {entry}
    for other in others:
        reads = [(other, by.right)]
        for place, char in enumerate(other):
            taken = by.taken_for.get(char, {}).items()
            reads += [(other[:place] + read + other[place + 1 :], share) for read, share in taken]
        for number, (read, share) in enumerate(reads):
            for match in matcher.match(read, datetime(2026, 11, 30, tzinfo=UTC)):
                if number == 0 or match.kind is MatchKind.EXACT:  # two errors at once are left out
                    kinds[match.kind] += READS * share * carried(other, TODAY)
    found = of_entry(entry, by, TODAY)
    assert found.exact == pytest.approx(kinds[MatchKind.EXACT]) != 0
    assert found.check == pytest.approx(kinds[MatchKind.CHECK]) != 0


def test_vehicles_carry_every_legal_mark_of_a_format_alike():
    drawn = random.Random(19)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = 0.0
    for _ in range(20_000):
        mark = (
            "".join(drawn.choices(letters, k=2)) + f"{drawn.randrange(100):02}" + "".join(drawn.choices(letters, k=3))
        )
        total += carried(mark, TODAY)
    assert total / 20_000 * 26**5 * 100 == pytest.approx(UK_PROPORTIONS[VrmFormat.CURRENT], rel=0.1)


@given(st.dictionaries(st.tuples(st.sampled_from("AB12"), st.sampled_from("AB12")), st.integers(1, 50)))
def test_a_table_is_written_and_read_back(pairs):
    table = Confusions(500, 3, Counter(pairs) + Counter({("$", ""): 2}))
    assert confusions_of(table.text("a test")) == table
