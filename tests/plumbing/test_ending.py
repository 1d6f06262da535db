import threading

from patrol_anpr.plumbing.ending import StillGoing, end_all

LONG = 10.0


def test_all_are_ended_and_nothing_is_wrong() -> None:
    ended: list[str] = []
    assert end_all({"a": lambda: ended.append("a"), "b": lambda: ended.append("b")}, LONG) == {}
    assert sorted(ended) == ["a", "b"]


def test_one_that_fails_or_hangs_keeps_no_other_from_its_end() -> None:
    gate, ended = threading.Event(), threading.Event()

    def fails() -> None:
        raise SystemExit

    wrong = end_all({"fails": fails, "hangs": lambda: gate.wait(LONG), "good": ended.set}, 0.2)
    assert {name: type(error) for name, error in wrong.items()} == {"fails": SystemExit, "hangs": StillGoing}
    assert ended.is_set()
    gate.set()


def test_a_part_that_left_something_behind_is_told() -> None:
    assert list(end_all({"left": lambda: False, "whole": lambda: True, "says nothing": lambda: None}, LONG)) == ["left"]


def test_the_parts_end_side_by_side() -> None:
    meeting = threading.Barrier(3)
    assert end_all({name: lambda: meeting.wait(LONG) for name in "abc"}, LONG) == {}
