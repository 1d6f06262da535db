"""Every listener hears everything, in one order."""

import threading

import pytest

from patrol_anpr.domain.events import Event, Saved
from patrol_anpr.patrol.listeners import Listeners


def test_a_listener_that_fails_keeps_nothing_from_the_others() -> None:
    listeners, heard = Listeners(), list[Event]()

    def broken(_event: Event) -> None:
        raise BrokenPipeError

    listeners.add(broken, tuple)
    listeners.add(heard.append, tuple)
    with pytest.raises(BrokenPipeError):
        listeners.publish(Saved("read-1"))
    assert heard == [Saved("read-1")]


def test_all_listeners_see_the_events_of_many_threads_in_the_same_order() -> None:
    listeners, first, second = Listeners(), list[Event](), list[Event]()
    listeners.add(first.append, tuple)
    listeners.add(second.append, tuple)

    def tell(number: int) -> None:
        for event in range(50):
            listeners.publish(Saved(f"{number}-{event}"))

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert first == second
    assert len(first) == 200


def test_a_listener_may_tell_something_itself() -> None:
    listeners, heard = Listeners(), list[Event]()

    def answer(event: Event) -> None:
        if event == Saved("question"):
            listeners.publish(Saved("answer"))

    listeners.add(answer, tuple)
    listeners.add(heard.append, tuple)
    listeners.publish(Saved("question"))
    assert set(heard) == {Saved("question"), Saved("answer")}
