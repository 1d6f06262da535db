"""How much goes in one request, and what a line that breaks costs."""

import pytest

from patrol_anpr.depot_link import Patience
from patrol_anpr.depot_link.sending import LARGEST_PIECE, SMALLEST_PIECE, PieceSize
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.lab.chaos_proxy import Chaos, ChaosProxy
from tests.depot_link.conftest import QUICK, audit_item


def test_pieces_halve_when_the_line_breaks_and_grow_when_it_holds():
    size = PieceSize()
    size.broke(300_000)
    assert size.bytes == 150_000, "half of what was under way, not of what might have been"
    size.went(20_000)
    assert size.bytes == 150_000, "the small end of a pack shows nothing"
    size.went(150_000)
    assert size.bytes == 300_000
    for _ in range(20):
        size.broke(size.bytes)
    assert size.bytes == SMALLEST_PIECE
    for _ in range(20):
        size.went(size.bytes)
    assert size.bytes == LARGEST_PIECE


def test_a_line_that_breaks_once_costs_no_wait_and_no_try(car, depot, identity, make_link):
    """While nobody waits each request is tried once: a line that was kept too long must not end that."""
    car.outbox.items = {item.item_id: item for item in map(audit_item, range(3))}
    with ChaosProxy(int(depot.url.rsplit(":", 1)[1]), Chaos(lose_answers=1)) as proxy:
        assert make_link(proxy.url, identity).upload_quietly(lambda: False) == 0
    assert proxy.resets == 1
    assert car.waits == []


@pytest.mark.parametrize("patience", [QUICK, Patience(tries=2)])
def test_a_line_that_always_breaks_is_given_up(car, depot, identity, make_link, patience: Patience):
    car.outbox.items = {item.item_id: item for item in map(audit_item, range(3))}
    with (
        ChaosProxy(int(depot.url.rsplit(":", 1)[1]), Chaos(reset=1.0)) as proxy,
        pytest.raises(DepotFault, match="cannot be reached"),
    ):
        make_link(proxy.url, identity, patience=patience).upload(car.steps.append)
    assert len(car.waits) == patience.tries - 1
    assert proxy.connections == 2 * patience.tries
