"""One car on patrol, its rooms played by fakes."""

from collections.abc import Iterator

import pytest

from tests.conftest import FakeClock
from tests.patrol.test_patrol import Car


@pytest.fixture
def car(clock: FakeClock) -> Iterator[Car]:
    car = Car(clock)
    car.sign_on()
    yield car
    car.patrol.close()
