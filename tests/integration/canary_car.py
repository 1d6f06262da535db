"""A car in a process of its own that reads the canary of `test_redaction.py` and drives on until it is killed.

Its settings come as a line of JSON on standard input; it says "driving" once all is on the disk.
"""

import sys
from datetime import UTC, datetime

import pytest

from patrol_anpr.build import build_car
from patrol_anpr.commands.log import set_up_log
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.hit import Hit
from patrol_anpr.patrol.car import Car
from patrol_anpr.settings import Settings
from tests.integration.cars import KEY, blind, pictures, sign_on
from tests.made import a_read

VRM, NEAR, CORRECTED = "ZZ99ZZZ", "ZZ99ZZ2", "ZZ99QQQ"
OFFICER, NAME, PIN = "PCCANARY77", "Quentin Canary", "90377146"
REASON = "CANARYREASON"
LATITUDE, LONGITUDE = 51.987654, -1.876543
CANARIES = (VRM, NEAR, CORRECTED, OFFICER, NAME, PIN, REASON, "51.98765", "1.87654")


def read_canaries(car: Car, first: int = 0) -> list[Hit]:
    """Read the canary, what looks like it, and a mark on no list, at the canary's place."""
    now = car.patrol.clock.monotonic()
    car.patrol.fix_received(Fix(LATITUDE, LONGITUDE, now, datetime.now(UTC), speed=13.0))
    hits: list[Hit] = []
    for number, vrm in enumerate((VRM, NEAR, "XT24ZPA"), first):
        read = a_read(vrm, read_id=f"read-{number}", candidates=(VRM, NEAR))
        hits += car.patrol.read_made(read, pictures(number))
    return hits


def main() -> None:
    blind(pytest.MonkeyPatch())
    settings = Settings.model_validate_json(sys.stdin.readline())
    set_up_log(settings.log)
    car = build_car(settings, key=KEY, by_hand=True)
    car.open(cameras=False)
    assert car.patrol.start_sync().result(60)
    sign_on(car, OFFICER, PIN)
    assert len(read_canaries(car, 10)) == 2
    assert car.records.flush(20)
    print("driving", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
