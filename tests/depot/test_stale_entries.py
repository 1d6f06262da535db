"""Which entries cars call out of date: what was undone, or decided, is none."""

from contextlib import closing
from datetime import timedelta

import pytest

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.stale import REACH, ReviewDecision, decide, last_stale, stale_entries
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import ControlAnswer
from patrol_anpr.domain.hotlist import Tier
from tests.depot.postgresql import on_both
from tests.depot.reports.records import DAY, NOW, done, hit, outcome, send

OUT, GONE, ARREST = (done(one) for one in (Disposition.OUT_OF_DATE, Disposition.NO_LONGER_WANTED, Disposition.ARREST))
MINUTE = timedelta(minutes=1)


def test_the_last_word_of_a_hit_counts():
    control = {"control": ControlAnswer.NO_LONGER_WANTED}
    for outcomes, said in (
        ([outcome(1, 0, **OUT)], "o1"),
        ([outcome(1, 0, **control)], "o1"),
        ([outcome(1, 0, **control), outcome(2, 0, **GONE)], "o2"),
        ([outcome(1, 0, **OUT), outcome(2, 0, undone=True)], None),
        ([outcome(1, 0, **OUT), outcome(2, 0, undone=True), outcome(3, 0, **OUT)], "o3"),
        ([outcome(1, 0, **control), outcome(2, 0, **ARREST)], None),
        ([outcome(1, 0, **ARREST)], None),
        ([], None),
    ):
        found = last_stale(outcomes)
        assert (found.outcome_id if found else None) == said


@on_both
def test_each_is_told_once_with_its_list_and_car_until_somebody_decides(folder):
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        send(database, *(hit(number, tier=Tier.IMMEDIATE) for number in range(3)), hit(3), car="TA14")
        send(database, outcome(1, 0, **OUT), outcome(2, 1, DAY + MINUTE, **GONE), outcome(3, 2, **ARREST), car="TA14")
        send(database, hit(0, list_id="other"), outcome(9, 0, control=ControlAnswer.NO_LONGER_WANTED), car="TA15")
    with closing(DepotDatabase(folder, Role.SEARCH)) as reads, closing(DepotDatabase(folder)) as lists:
        found = stale_entries(reads, lists, NOW)
        assert {(one.car_id, one.outcome_id, one.list_id, one.by_control) for one in found} == {
            ("TA14", "o1", "metro-pnc", False),
            ("TA14", "o2", "metro-pnc", False),
            ("TA15", "o9", "other", True),
        }
        assert found[0].outcome_id == "o2"
        assert found[0].tier is Tier.IMMEDIATE
        with pytest.raises(BadInput, match="Say why"):
            decide(lists, found[0], ReviewDecision.KEPT, "op1", " ", NOW)
        decide(lists, found[0], ReviewDecision.KEPT, "op1", "DS Example says it is right", NOW)
        with pytest.raises(BadInput, match="meanwhile"):
            decide(lists, found[0], ReviewDecision.TOLD, "op2", "again", NOW)
        assert found[0] not in stale_entries(reads, lists, NOW)
        assert stale_entries(reads, lists, DAY + REACH + MINUTE) == []
