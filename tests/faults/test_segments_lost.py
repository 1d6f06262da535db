"""Kills and power cuts while a depot keeps pictures: none that was answered is lost, and no row names one not there."""

import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.storage import files
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.storage.tending import delete_orphans
from patrol_anpr.depot.tables import picture_places
from tests.depot.test_depot_service import jpeg
from tests.faults.segment_writer import keep_packs, pictures_of
from tests.records.mounted import forgetful_disk

ONE = jpeg(60, 40)
KILLED = 1 if os.name == "nt" else -signal.SIGKILL


def lost(folder: Path, answered: Iterable[int]) -> int:
    """How many pictures a depot does not give out that it answered for, or that a row of it names."""
    wanted = {name: content for number in answered for name, content in pictures_of(ONE, number).items()}
    missing = 0
    with closing(DepotDatabase(folder)) as database:
        pictures = pictures_in(folder, database)
        with database.reading() as connection:
            named = set(connection.execute(select(picture_places.c.sha256)).scalars())
        for name in wanted.keys() | named:
            try:
                missing += name in wanted and pictures.content(name) != wanted[name]
                pictures.content(name)
            except Unreadable:
                missing += 1
    return missing


def kill_while_keeping(folder: Path, kills: int, rng: random.Random) -> list[int]:
    """Kill the writer so many times; return the packs that it answered for."""
    folder.mkdir(mode=0o700)
    (folder / "one.jpg").write_bytes(ONE)
    answered: list[int] = []
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
    if os.name != "nt":  # a program of its own for each kill takes seconds to load
        context.set_forkserver_preload(["tests.faults.segment_writer"])
    for kill in range(kills):
        heard, said = context.Pipe(duplex=False)
        writer = context.Process(target=keep_packs, args=(folder, kill * 1_000_000, said))
        writer.start()
        said.close()
        with heard, suppress(EOFError):
            assert heard.poll(60), "it kept nothing"
            answered.append(heard.recv())
            threading.Event().wait(rng.uniform(0, 0.3))
            writer.kill()
            while True:  # what is left in the pipe was said before the kill
                answered.append(heard.recv())
        writer.join()
        assert writer.exitcode == KILLED, "it ended by itself"
    return answered


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=[pytest.mark.campaign, pytest.mark.timeout(1200)])])
def test_no_kill_loses_an_answered_picture_and_what_it_leaves_is_cleaned(tmp_path: Path, kills: int):
    folder = tmp_path / "depot"
    answered = kill_while_keeping(folder, kills, random.Random(kills))
    assert len(answered) >= kills
    assert lost(folder, answered) == 0
    with closing(DepotDatabase(folder)) as database:
        segments = pictures_in(folder, database).segments
        later = datetime.now(UTC) + timedelta(hours=2)
        delete_orphans(database, segments, [""], later)
        segments.objects.delete_halves(later)
        with database.reading() as connection:
            named = set(connection.execute(select(picture_places.c.segment)).scalars())
        assert {one.name for one in segments.objects.list()} == named
    assert lost(folder, answered) == 0


def cut_while_keeping(folder: Path, left: Path, after: int) -> list[int]:
    """Cut the power once so many packs are answered for; return those that were answered for by then."""
    answered: list[int] = []
    enough = threading.Event()
    with forgetful_disk(folder) as disk:
        database = DepotDatabase(disk.folder / "depot")
        pictures = pictures_in(disk.folder / "depot", database)

        def keep() -> None:
            with suppress(OSError, DBAPIError):  # the power is cut
                for number in range(10_000):
                    kept = pictures.keep_all("TA14", pictures_of(ONE, number), datetime.now(UTC))
                    with database.writing() as connection:
                        kept.store(connection)
                    answered.append(number)
                    if len(answered) >= after:
                        enough.set()

        writer = threading.Thread(target=keep, name="writer")
        writer.start()
        assert enough.wait(60)
        by_then = list(answered)
        disk.cut(left)
        writer.join()
        with suppress(DBAPIError):
            database.close()
    return by_then


@pytest.mark.parametrize("cuts", [3, pytest.param(100, marks=[pytest.mark.campaign, pytest.mark.timeout(1200)])])
def test_no_power_cut_loses_an_answered_picture(tmp_path: Path, cuts: int):
    for cut in range(cuts):
        answered = cut_while_keeping(tmp_path / f"disk{cut}", tmp_path / f"left{cut}", 1 + cut % 7)
        assert lost(tmp_path / f"left{cut}" / "depot", answered) == 0


def test_the_power_cut_would_show_a_segment_whose_name_was_not_made_to_last(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(files, "sync_folder", lambda _: None)
    answered = cut_while_keeping(tmp_path / "disk", tmp_path / "left", 3)
    assert lost(tmp_path / "left" / "depot", answered) > 0
