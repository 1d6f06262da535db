"""A process that drives whole cars to be killed at any moment: it is imported once and forks a car for each order.

An order is a line of JSON on standard input: `settings`, `first` (the number of the first Read, or of the first frame),
`video` (true: the real recogniser on the settings' camera; false: prepared Reads) and `fault`, which the tests must
find out ("": none; "hasty": it says "saved" before the commit; "normal": synchronous = NORMAL). What the car says:

    read ID VRM         a Read was made
    hit ID READ_ID      a hit was raised
    saved READ_ID       the Read is acknowledged: on the disk for good, with its hits and pictures
"""

import functools
import itertools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from patrol_anpr.build import build_car
from patrol_anpr.cameras.playback import frames
from patrol_anpr.domain.events import Event, HitRaised, ReadMade, Saved
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.patrol.car import Car
from patrol_anpr.records import store
from patrol_anpr.records.database import Database
from patrol_anpr.records.jobs import KeepRead
from patrol_anpr.settings import Settings
from tests.integration.cars import KEY, LISTED, blind, pictures, sign_on
from tests.made import a_read

UPLOAD_EVERY = 7
"""Reads between uploads while driving, so that some kills fall into one."""


def vrm_of(number: int) -> str:
    """The mark of a prepared Read; every third one is on the list."""
    return LISTED[number // 3 % len(LISTED)] if number % 3 == 0 else f"XT{number % 90 + 10}ZPA"


def prepared(first: int) -> Iterator[tuple[Read, Evidence]]:
    for number in itertools.count(first):
        yield a_read(vrm_of(number), read_id=f"read-{number}"), pictures(number)


def recognised(car: Car, first: int) -> Iterator[tuple[Read, Evidence]]:
    """The Reads of the camera's video from frame `first` on, then again from its start, for ever."""
    [plan] = car.plans
    while True:
        for frame in frames(plan.spec, plan.camera_id, car.patrol.clock):
            if frame.number >= first:
                yield from car.recogniser.process(frame).reads
        yield from car.recogniser.finish(plan.camera_id)
        first = 0


def drive(settings: Settings, first: int, *, video: bool) -> None:
    """Patrol until killed."""
    if not video:
        blind(pytest.MonkeyPatch())
    car = build_car(settings, key=KEY, by_hand=True)

    def listen(event: Event) -> None:
        if isinstance(event, ReadMade):
            say("read", event.read.read_id, event.read.vrm)
        elif isinstance(event, HitRaised):
            say("hit", event.hit.hit_id, event.hit.read.read_id)
        elif isinstance(event, Saved):
            say("saved", event.read_id)

    car.patrol.subscribe(listen)
    car.open(cameras=False)
    sync = car.patrol.start_sync()
    if not car.patrol.roster():
        assert sync.result(60)
    session = sign_on(car)
    upload: Future[int] | None = None
    for count, (read, evidence) in enumerate(recognised(car, first) if video else prepared(first), 1):
        for hit in car.patrol.read_made(read, evidence):
            if hit.tier is not Tier.SILENT:
                session.confirm(hit.hit_id)
        if count % UPLOAD_EVERY == 0:
            car.records.flush(60)  # prepared Reads must not run away from the disk
            if upload is None or upload.done():
                upload = car.patrol.start_upload()


def with_fault(fault: str) -> None:
    """Build cars with a fault from now on."""
    if fault == "normal":
        store.Database = functools.partial(Database, synchronous="NORMAL")  # type: ignore[misc,assignment]
    if fault == "hasty":
        prepare = KeepRead.prepare

        def hasty(job: KeepRead, to: store.Store) -> None:
            prepare(job, to)
            job.on_saved(job.read.read_id)

        KeepRead.prepare = hasty  # type: ignore[method-assign]


def say(*words: str) -> None:
    os.write(1, f"{' '.join(words)}\n".encode())  # one write: a kill cuts between lines, never within


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                with_fault(order["fault"])
                drive(Settings.model_validate(order["settings"]), order["first"], video=order["video"])
            finally:
                os._exit(3)  # it never ends by itself, and must not go on with the parent's orders
        say("car", str(child))
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
