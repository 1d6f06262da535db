"""Which role has which duty, and what never meets in one person: the table, once more, by hand."""

from itertools import combinations

import pytest

from patrol_anpr.depot.staff.accounts import checked_roles
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of, why_not_together
from patrol_anpr.domain.errors import BadInput

OPERATOR, ANALYST, SENIOR, AUDITOR, ADMINISTRATOR = StaffRole

WHO_MAY = {
    Duty.BE_SIGNED_ON: set(StaffRole),
    Duty.SEE_LISTS: {OPERATOR},
    Duty.PUBLISH_LISTS: {OPERATOR},
    Duty.SEE_FLEET: {OPERATOR},
    Duty.KEEP_CARS: {OPERATOR},
    Duty.KEEP_ROSTER: {OPERATOR},
    Duty.SEARCH: {ANALYST},
    Duty.EXPORT: {ANALYST},
    Duty.HOLD: {ANALYST},
    Duty.AUTHORISE: {SENIOR},
    Duty.AUDIT: {AUDITOR},
    Duty.DIP_SAMPLE: {AUDITOR},
    Duty.SEE_REPORTS: {OPERATOR, ANALYST, SENIOR, AUDITOR},
    Duty.KEEP_ACCOUNTS: {ADMINISTRATOR},
    Duty.SEE_RETENTION: {ANALYST, SENIOR, AUDITOR, ADMINISTRATOR},
}
TOGETHER = {frozenset({OPERATOR, SENIOR}), frozenset({OPERATOR, AUDITOR}), frozenset({OPERATOR, ADMINISTRATOR})}
TOGETHER |= {frozenset({ANALYST, SENIOR})}
"""The only two roles that one person may have at once. An analyst who is a senior still authorises no search of his
own: that rule is where searches are authorised."""


def test_each_duty_is_of_these_roles_and_no_others():
    assert set(WHO_MAY) == set(Duty), "a new duty needs a line here"
    for duty, roles in WHO_MAY.items():
        assert {role for role in StaffRole if duty in duties_of((role,))} == roles, duty
    assert duties_of(()) == frozenset(), "without a role nothing, not even the first page"


def test_what_never_meets_in_one_person_is_refused_in_every_order():
    for pair in combinations(StaffRole, 2):
        assert (why_not_together(pair) == "") is (frozenset(pair) in TOGETHER), pair
        assert why_not_together(pair) == why_not_together(pair[::-1])
    for size in (3, 4, 5):
        for roles in combinations(StaffRole, size):
            pairs = {frozenset(pair) for pair in combinations(roles, 2)}
            assert (why_not_together(roles) == "") is (pairs <= TOGETHER), roles


@pytest.mark.parametrize("roles", [(), (OPERATOR, ANALYST), (ADMINISTRATOR, ANALYST), (ADMINISTRATOR, AUDITOR)])
def test_an_account_gets_no_such_roles(roles):
    with pytest.raises(BadInput):
        checked_roles(roles)
