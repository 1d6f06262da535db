"""A stick goes from the car to the depot and back: what the line would bring, no more and no less."""

from tests.depot_link.conftest import audit_item, outcome_item, read_item, shift_item
from tests.sticks.trips import Car, StickDepot


def test_records_go_to_the_depot_and_receipts_and_lists_come_back(car: Car, depot: StickDepot) -> None:
    items = [shift_item(1), outcome_item(1), audit_item(1), *map(read_item, range(20))]
    car.wants_sent(items)
    put = car.put()
    assert (put.records, put.left, put.problem) == (23, 0, "")
    assert car.outbox.waiting() == 23  # nothing leaves the car before the receipts are back
    (became,) = depot.take(car.stick)
    assert (became.car_id, became.records, became.lists, became.problems) == ("TA14", 23, 1, ())
    assert depot.held() == sorted(item.item_id for item in items)
    taken = car.take()
    assert (taken.settled, taken.shifts, taken.waiting, taken.up_to_date) == (23, 0, 0, True)
    assert set(car.outbox.held) == {item.item_id for item in items}
    assert list(car.stands.lists) == ["stolen"]
    assert car.problems == ""
