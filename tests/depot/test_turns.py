"""A depot with too many packs under way sends the next car away at once, and takes the others in."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot import DepotServer, turns
from patrol_anpr.depot.quotas import TooMuch
from patrol_anpr.depot.turns import LONGEST_WAIT, Turns
from patrol_anpr.depot_link.channel import Patience
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL
from tests.depot.conftest import Caller


class Ticking:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(depot: Turns, clock: Ticking, seconds: float) -> None:
    with depot.taking():
        clock.now += seconds


def test_whoever_is_answered_too_late_is_sent_away_before_he_gives_up() -> None:
    assert Patience().silence_seconds > LONGEST_WAIT


def test_a_car_that_comes_behind_too_many_is_told_when_to_come_back() -> None:
    clock = Ticking()
    depot = Turns(clock)
    for _ in range(40):
        taken(depot, clock, 4.0)
    depot.check()
    with depot.taking():
        depot.check()
        with depot.taking(), pytest.raises(TooMuch) as told:
            depot.check()
    assert (told.value.status, told.value.seconds) == (503, 12)


@given(st.lists(st.floats(0, 1e4), max_size=30))
def test_a_depot_that_has_nothing_to_do_takes_whoever_comes(before: list[float]) -> None:
    clock = Ticking()
    depot = Turns(clock)
    for seconds in before:
        taken(depot, clock, seconds)
    depot.check()


def test_packs_that_are_refused_do_not_make_the_depot_look_slow() -> None:
    clock = Ticking()
    depot = Turns(clock)
    for _ in range(40):
        with suppress(TimeoutError), depot.taking():
            clock.now += 60.0
            raise TimeoutError
    with depot.taking():
        depot.check()


def test_a_car_hears_it_before_it_has_sent_its_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = enrolled(tmp_path / "depot", tmp_path / "identity")
    server = DepotServer(tmp_path / "depot")
    server.start()
    try:
        call = Caller(server.url, identity)
        depot: Turns = server.app.state.depot.turns
        monkeypatch.setattr(turns, "LONGEST_WAIT", 0.0)
        with depot.taking():
            pass
        with depot.taking():
            answer = call("PATCH", f"packs/{'0' * 64}", b"x", PARTIAL, **{OFFSET: "0", LENGTH: "20"})
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
        assert call("PATCH", f"packs/{'0' * 64}", b"x", PARTIAL, **{OFFSET: "0", LENGTH: "20"}).status_code == 200
        call.session.close()
    finally:
        server.stop()
