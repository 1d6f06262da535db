"""The law of searching as properties: whoever asks whatever, nothing is allowed that the table does not allow."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from patrol_anpr.depot.search.law import (
    LAW,
    LONGEST_AUDIT,
    LONGEST_OPEN_ENDED,
    LONGEST_WITHOUT_MARK,
    WARNED,
    Asker,
    Authorisation,
    Purpose,
    Reach,
    Refused,
    Why,
    checked_expiry,
    judge,
)
from patrol_anpr.depot.search.question import Area, Question
from patrol_anpr.domain.errors import BadInput

NOW = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MARKS, CARS = ("", "AB12CDE", "AB1*", "*12C*"), ("", "TA14")
AREAS = (None, Area(53.2, -2.9, 300.0))

days = some.integers(min_value=-3, max_value=900)
questions = some.builds(
    lambda age, length, mark, car, area: Question(NOW - age * DAY, NOW - age * DAY + length * DAY, mark, car, area),
    some.one_of(days, some.sampled_from([89, 90, 91, 364, 365, 366])),
    some.one_of(some.floats(0.01, 40), some.sampled_from([1, 31])),
    some.sampled_from(MARKS),
    some.sampled_from(CARS),
    some.sampled_from(AREAS),
)
reasons = some.builds(Why, some.sampled_from(Purpose), some.sampled_from("AB"), some.just("some reason"))
ends = some.one_of(some.none(), some.dates(date(2026, 10, 1), date(2027, 3, 1)))
askers = some.builds(Asker, some.sampled_from(["an1", "au1"]), some.booleans(), some.booleans(), ends, ends)
moments = some.one_of(some.none(), some.just(NOW - DAY), some.just(NOW + DAY))
authorisations = some.builds(
    Authorisation,
    some.just("x"),
    some.sampled_from(["an1", "au1"]),
    questions,
    reasons,
    some.booleans(),
    some.sampled_from([None, "se1", "an1", "au1"]),
    moments,
    moments,
    moments,
)


@some.composite
def searches(draw):
    """Who asks what, why, and with which authorisation; often one that was made for it."""
    asker, question, why, allowed = draw(askers), draw(questions), draw(reasons), draw(some.none() | authorisations)
    if allowed is not None and draw(some.booleans()):
        allowed = replace(allowed, question=question, why=why, asked_by=asker.staff_id)
    if draw(some.booleans()):
        asker = replace(
            asker, may_search=True, may_audit=True, training_ends=date(2027, 1, 1), policy_ends=date(2027, 1, 1)
        )
    return asker, question, why, allowed


@given(searches())
def test_nothing_is_answered_that_the_table_does_not_allow(search):
    asker, question, why, authorisation = search
    try:
        allowed = judge(asker, question, why, NOW, authorisation)
    except Refused:
        return
    age, audit = NOW - question.begin, why.purpose is Purpose.AUDIT
    assert allowed.reach is (Reach.RECENT if age < 90 * DAY else Reach.YEAR if age < 365 * DAY else Reach.BEYOND)
    assert asker.may_audit if audit else asker.may_search
    assert NOW.date() <= min(asker.training_ends, asker.policy_ends)
    assert why.purpose in LAW[allowed.reach].purposes
    if audit or age >= 90 * DAY:
        assert authorisation.granted_by not in (None, asker.staff_id)
        assert (authorisation.asked_by, authorisation.revoked_at) == (asker.staff_id, None)
        assert authorisation.expires_at > NOW
        assert not (authorisation.one_use and authorisation.used_at)
        assert (authorisation.why.purpose, authorisation.why.case_number) == (why.purpose, why.case_number)
        scope = authorisation.question
        assert (scope.mark, scope.car_id, scope.area) == (question.mark, question.car_id, question.area)
        assert scope.begin <= question.begin < question.end <= scope.end
    length = question.end - question.begin
    if audit:
        assert (bool(question.car_id), question.mark, question.area) == (True, "", None)
        assert length <= LONGEST_AUDIT
    elif question.mark.startswith("*") and question.mark.endswith("*"):
        assert length <= LONGEST_OPEN_ENDED
    elif not question.mark:
        assert (question.car_id, question.area is not None) == ("", True)
        assert length <= LONGEST_WITHOUT_MARK


@given(questions, reasons)
def test_a_sound_search_of_somebody_who_may_is_allowed(question: Question, why: Why):
    asker = Asker("an1", True, True, date(2027, 3, 1), date(2027, 3, 1))
    if why.purpose is Purpose.AUDIT:
        question = replace(
            question, mark="", area=None, car_id="TA14", end=min(question.end, question.begin + 31 * DAY)
        )
    elif not question.mark or question.is_open_ended:
        question = replace(question, mark="AB12CDE")
    allowed = Authorisation("x", "an1", question, why, False, "se1", NOW + DAY)
    reach = Reach.RECENT if NOW - question.begin < 90 * DAY else Reach.YEAR
    reach = Reach.BEYOND if NOW - question.begin >= 365 * DAY else reach
    if question.begin > NOW or why.purpose not in LAW[reach].purposes:
        with pytest.raises(Refused):
            judge(asker, question, why, NOW, allowed)
    else:
        assert judge(asker, question, why, NOW, allowed).reach is reach


def test_the_table_is_that_of_the_law():
    """Up to 90 days anybody trained; beyond that authorised, and graver; beyond 12 months the gravest alone."""
    assert {reach: (rule.authorised, sorted(rule.purposes)) for reach, rule in LAW.items()} == {
        Reach.RECENT: (False, sorted(Purpose)),
        Reach.YEAR: (True, ["audit", "counter_terrorism", "major", "serious"]),
        Reach.BEYOND: (True, ["counter_terrorism", "major"]),
    }


def test_training_and_policy_that_end_are_told_before_and_refuse_afterwards():
    asked, why = Question(NOW - DAY, NOW, "AB12CDE"), Why(Purpose.VOLUME, "C/1", "")
    for ends, said in ((WARNED + DAY, 0), (WARNED, 1), (timedelta(), 1)):
        asker = Asker("an1", True, False, (NOW + ends).date(), date(2028, 1, 1))
        assert len(judge(asker, asked, why, NOW).warnings) == said
    for gone in ((NOW - DAY).date(), None):
        with pytest.raises(Refused, match="training"):
            judge(Asker("an1", True, False, gone, date(2028, 1, 1)), asked, why, NOW)
        with pytest.raises(Refused, match="policy"):
            judge(Asker("an1", True, False, date(2028, 1, 1), gone), asked, why, NOW)


@pytest.mark.parametrize(
    ("purpose", "case", "reason", "said"),
    [
        ("curiosity", "C/1", "A good enough reason", "on the list"),
        ("", "C/1", "A good enough reason", "on the list"),
        ("volume", " / ", "A good enough reason", "number of the case"),
        ("volume", "C" * 41, "A good enough reason", "too long"),
        ("volume", "C/1", "... because", "at least"),
        ("volume", "C/1", "because " * 100, "too long"),
    ],
)
def test_a_search_without_purpose_case_or_reason_is_none(purpose: str, case: str, reason: str, said: str):
    with pytest.raises(BadInput, match=said):
        Why.of(purpose, case, reason)


@pytest.mark.parametrize(
    ("mark", "said"),
    [("*", "Too little"), ("A?", "Too little"), ("?*?AB*", "Too little"), ("-", "letters or digits"), ("A" * 13, "12")],
)
def test_a_mark_of_which_too_little_is_known_is_none(mark: str, said: str):
    with pytest.raises(BadInput, match=said):
        Question.of(NOW - DAY, NOW, mark=mark)


def test_an_area_and_a_time_must_be_such():
    for asked in ((91.0, 0.0, 100.0), (float("nan"), 0.0, 100.0), (53.0, -2.0, 9.0), (53.0, -2.0, 5001.0)):
        with pytest.raises(BadInput):
            Area.of(*asked)
    with pytest.raises(BadInput, match="ends before"):
        Question.of(NOW, NOW, mark="AB12CDE")
    for wrong in (0, 29):
        with pytest.raises(BadInput):
            checked_expiry(wrong, NOW)


@given(questions)
def test_a_question_is_the_same_after_it_was_written_down(question: Question):
    assert Question.said(question.says()) == question
