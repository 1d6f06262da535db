"""How long a force takes to send what gathered while its depot was away: `python -m patrol_anpr.lab.outage [reads/s]`.

Cars wait by the real rule of the background upload, on a clock of the simulation. The depot takes one batch after
another at its rate, which is measured first where none is given, and by its real rule sends away whoever comes behind
too many. A car whose batch is not answered within the patience of a request gives up, and the depot has worked for
nothing.
"""

import heapq
import random
import sys
from dataclasses import dataclass

from patrol_anpr.depot.turns import LONGEST_WAIT
from patrol_anpr.depot_link.channel import Patience
from patrol_anpr.depot_link.link import QUIET_BATCH
from patrol_anpr.lab.ingest_bench import bench_ingest
from patrol_anpr.patrol.background_upload import FIRST_PAUSE, drawn, next_pause

CARS, READS_A_CAR = 500, 5_000
OUTAGE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Outage:
    """Seconds from when the depot is back until it holds all; tries and batches that were in vain, those sent away."""

    seconds: float
    tries_in_vain: int
    batches_in_vain: int
    sent_away: int


@dataclass(slots=True)
class _Car:
    left: int
    pause: float = FIRST_PAUSE
    got_further: bool = False  # in the try under way


def simulate(reads_a_second: float, cars: int = CARS, reads: int = READS_A_CAR, seed: int = 1) -> Outage:
    """Have `cars` cars send `reads` Reads each after an outage that all of them met with everything still to send."""
    chance, silence = random.Random(seed), Patience().silence_seconds  # noqa: S311  a simulation
    force = [_Car(reads) for _ in range(cars)]
    due = [(drawn(FIRST_PAUSE, chance.uniform), number, False) for number in range(cars)]  # moment, car, goes on
    heapq.heapify(due)
    free_at, last, tries_in_vain, batches_in_vain, sent_away = OUTAGE_SECONDS, OUTAGE_SECONDS, 0, 0, 0
    while due:
        now, number, goes_on = heapq.heappop(due)
        car = force[number]
        car.got_further = goes_on
        if now >= OUTAGE_SECONDS and max(now, free_at) + QUIET_BATCH / reads_a_second - now > LONGEST_WAIT:
            sent_away += 1
        elif now >= OUTAGE_SECONDS:
            batch = min(QUIET_BATCH, car.left)
            free_at = answered = max(now, free_at) + batch / reads_a_second
            if answered - now <= silence:
                car.left -= batch
                last = max(last, answered)
                if car.left:
                    heapq.heappush(due, (answered, number, True))
                continue
            batches_in_vain += 1
            now += silence
        tries_in_vain += not car.got_further
        car.pause = next_pause(car.pause, got_further=car.got_further)
        heapq.heappush(due, (now + drawn(car.pause, chance.uniform), number, False))
    return Outage(last - OUTAGE_SECONDS, tries_in_vain, batches_in_vain, sent_away)


def _main(rate: float | None) -> None:
    if rate is None:
        rate = bench_ingest(1_000, 4, QUIET_BATCH, pictures=True).reads_per_second
    found = simulate(rate)
    print(  # noqa: T201
        f"{CARS} cars with {READS_A_CAR:,} reads each, a depot that was away for {OUTAGE_SECONDS / 60:.0f} minutes and "
        f"takes {rate:,.0f} reads/s: all in {found.seconds / 60:.0f} minutes after it is back "
        f"({found.tries_in_vain:,} tries and {found.batches_in_vain:,} batches in vain, {found.sent_away:,} sent away)"
    )


if __name__ == "__main__":
    _main(float(sys.argv[1]) if len(sys.argv) > 1 else None)
