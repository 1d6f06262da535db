"""How long the end may take: as long as something is saved, and not much longer."""

from patrol_anpr.records.closing import LONGEST, Closing


def test_nothing_is_given_up_before_the_end_begins() -> None:
    closing = Closing()
    closing.progress(5.0)
    closing.failed(5.0, full=True, hopeless=True)
    assert not closing.is_lean(10.0**9)
    assert closing.over_at == float("inf")


def test_what_is_still_being_saved_is_waited_for_but_not_for_ever() -> None:
    closing = Closing()
    closing.begin(2.0, now=0.0)
    now = 0.0
    while closing.over_at > now and now < 2 * LONGEST:
        now += 0.9
        assert now >= LONGEST or not closing.is_lean(now)
        closing.progress(now)
    assert LONGEST <= now < LONGEST + 1


def test_a_disk_that_hangs_gets_facts_only_after_half_of_the_patience() -> None:
    closing = Closing()
    closing.begin(2.0, now=0.0)
    assert not closing.is_lean(0.9)
    assert closing.is_lean(1.0)
    assert (closing.over_at, closing.hits_too) == (2.0, False)


def test_a_full_disk_gets_facts_only_at_once_then_without_pictures_of_hits_and_then_it_is_over() -> None:
    closing = Closing()
    closing.begin(2.0, now=0.0)
    closing.failed(0.1, full=True, hopeless=False)
    assert closing.is_lean(0.1)
    assert not closing.hits_too
    closing.failed(0.2, full=True, hopeless=False)
    assert closing.hits_too
    assert closing.over_at == 2.0
    closing.failed(0.3, full=True, hopeless=False)
    assert closing.over_at == 0.3


def test_records_that_do_not_open_are_not_waited_for() -> None:
    closing = Closing()
    closing.begin(2.0, now=0.0)
    closing.failed(0.1, full=False, hopeless=True)
    assert closing.over_at == 0.1
